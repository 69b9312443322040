"""Thin Prefect tasks: each opens what it needs, calls one function of the core and logs one line."""
