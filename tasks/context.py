"""What a task opens: the adapters of the home that its run belongs to."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pressroom.bootstrap import open_context
from pressroom.services.context import Context
from pressroom.services.run_node import RunningRun
from pressroom.services.start_run import resume_run
from pressroom.settings import Settings, settings_for


class HomeRef(BaseModel):
    """Names the settings to open: a campaign's folder, and the home folder where it is not that folder's own."""

    model_config = ConfigDict(frozen=True)

    folder: str
    home: str = ""

    def settings(self) -> Settings:
        return settings_for(Path(self.folder), home=self.home or None)

    def open(self) -> Context:
        return _open(self.folder, self.home)


@lru_cache(maxsize=8)
def _open(folder: str, home: str) -> Context:
    # A process asks for the same home once a node; reading its settings again would cost more than the node's own records.
    return open_context(HomeRef(folder=folder, home=home).settings())


@lru_cache(maxsize=4)
def open_run(context: Context, run_id: str) -> RunningRun:
    """The run's plan, read once in a process: tasks of the same run share it."""
    return resume_run(context, run_id)
