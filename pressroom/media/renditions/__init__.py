"""One picture or clip for many placements: framed, scaled, encoded, checked."""
