"""The web server: one application of everything that speaks HTTP."""
