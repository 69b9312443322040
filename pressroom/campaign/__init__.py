"""What a user writes: the campaign's models, its YAML with line numbers, and its expressions."""
