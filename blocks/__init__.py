"""Part of the Prefect project."""
