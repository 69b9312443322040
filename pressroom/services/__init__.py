"""The use cases: each takes a Principal first, calls the core, and knows no entry point."""
