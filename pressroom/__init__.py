"""Pressroom: terraform plan for AI media campaigns."""

__version__ = "0.1.0"
