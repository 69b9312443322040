"""The vector gallery of the free tier: one file per style, each turning a brief into shapes and placed texts on a canvas."""
