"""A clip from a picture: camera moves, parallax, titles, and the frames in order."""
