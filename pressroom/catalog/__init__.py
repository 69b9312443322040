"""What can be bought and where it goes: models, prices, placements, plans and packs, as dated data files."""
