"""Changing finished pictures without a model: geometry, tone, effects, marks and print sheets."""
