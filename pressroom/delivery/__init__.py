"""Deliverables: readable names in one folder, replaced as a whole."""
