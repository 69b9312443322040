"""Prefect blocks: stored configuration. Each opens something of the core and holds no logic of its own."""
