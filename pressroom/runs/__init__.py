"""The records of runs and their nodes."""
