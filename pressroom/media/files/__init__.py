"""What a file is: recognised by its bytes, opened with guards, measured, whole or damaged."""
