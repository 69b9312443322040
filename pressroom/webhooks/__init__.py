"""Outgoing webhooks: an account's endpoints, what they are told of, and every delivery with its attempts."""
