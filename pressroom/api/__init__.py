"""The HTTP API under /api/v1: routes that parse, call one service, and present."""
