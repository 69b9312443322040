"""Vendors' keys, where a home keeps them, and how secrets of the database are sealed."""
