"""Drawings as SVG: shapes, a canvas for templates, the check that a drawing is plain, and its pixels."""
