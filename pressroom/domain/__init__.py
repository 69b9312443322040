"""Words that everything speaks: errors, money, media, placements, operations, states."""
