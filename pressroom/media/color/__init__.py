"""Colour spaces, contrast, ranges of colour and palettes."""
