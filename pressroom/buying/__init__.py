"""Buying from vendors: the job journal, one door to purchase, what was really billed."""
