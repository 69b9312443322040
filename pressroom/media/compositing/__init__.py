"""A cut-out in a scene: placed, lit, with its shadow."""
