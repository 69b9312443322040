"""Vector art: one file per style, each turning a brief into shapes and placed texts on a canvas."""
