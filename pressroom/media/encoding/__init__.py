"""Pictures, frames and sound as bytes of one format: under a limit that is never exceeded, the same every time."""
