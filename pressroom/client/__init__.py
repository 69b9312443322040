"""Pressroom from another program, over its HTTP API: `Client`, and `AsyncClient` with the same methods to be awaited."""

from pressroom.client.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]
