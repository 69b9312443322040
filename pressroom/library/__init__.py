"""Assets: add, find, lineage, collections."""
