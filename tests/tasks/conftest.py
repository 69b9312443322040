"""Flows whose tasks are looked at run as those of tests/flows do."""

from tests.flows.conftest import client, run_flow

__all__ = ["client", "run_flow"]
