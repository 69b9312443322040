"""Type: bundled fonts and users' own, shaping of every script, line breaking, fitting."""
