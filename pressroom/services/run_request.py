"""What a run is asked to do: the parameters of the campaign flow, the same from the command line, the API or a schedule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pressroom.domain.identity import Principal


class RunRequest(BaseModel):
    """One run of one campaign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(min_length=1, description="The campaign's YAML file, as the machine that runs it sees it.")
    inputs: dict[str, Any] = Field(default_factory=dict, description="Values for the campaign's inputs.")
    inputs_from: str = Field("", description="Folder where relative paths in `inputs` start; empty: the campaign's.")
    feeds: dict[str, str] = Field(
        default_factory=dict, description="Feed files by dimension, in place of the campaign's."
    )
    refresh: list[str] = Field(default_factory=list, description='Steps to make again; "*" means all.')
    out: str = Field(
        "", description="Folder in which <campaign>/ with the deliverables is put; empty: out/ beside the campaign."
    )
    plan_hash: str = Field("", description="Run only what was shown under this hash, and no dearer.")
    run_id: str = Field(
        "", pattern=r"^(r[0-9a-f]{16})?$", description="The account's own name for the run; empty means a new one."
    )
    label: str = Field(
        "",
        max_length=100,
        description="What the run is called in Prefect; empty means the file's name, or its folder's for a campaign.yaml.",
    )
    account: str = Field(
        "", max_length=64, description="Account that pays and owns; empty means the worker's settings."
    )
    user: str = Field("", max_length=200, description="Who started it, where somebody is logged in.")
    home: str = Field("", description="Folder of Pressroom's state; empty means the worker's settings.")
    home_block: str = Field("", description="Name of a Pressroom home block: database, store, keys and defaults.")

    @property
    def name(self) -> str:
        """What the run is called: its label, else the file's name, or the folder's of a campaign.yaml."""
        path = Path(self.file)
        return self.label or (Path(os.path.realpath(path)).parent.name if path.stem == "campaign" else path.stem)

    def principal(self, default_account: str) -> Principal:
        """Whom the run is for: its account, or the settings' one where it names none."""
        return Principal(self.account or default_account, self.user)

    @property
    def folder(self) -> Path:
        """The campaign's folder: its settings and relative paths start there."""
        return Path(os.path.realpath(self.file)).parent

    def out_folder(self, campaign: str) -> Path:
        """Where the campaign's deliverables go."""
        return (Path(self.out) if self.out else self.folder / "out") / campaign
