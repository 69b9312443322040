"""Backups of a home: its tables and its list of objects in one folder, the same for every database."""
