"""Flows only chain tasks."""
