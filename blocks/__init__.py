"""The Prefect block of this project: stored configuration that holds no logic of its own."""
