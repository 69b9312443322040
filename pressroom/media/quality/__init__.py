"""How good a picture is, measured: what the best of several takes is chosen by."""
