"""What a run is asked to do: the parameters of the campaign flow, the same from the command line, the API or a schedule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.campaign.deployment import MOST_WORKERS, Hours, Moment
from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.delivery.place import Place, delivery_place, folder_name, place_of
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH, Principal
from pressroom.domain.opening import Opening
from pressroom.domain.printable import printable
from pressroom.planning.plan import Plan


class RunRequest(BaseModel):
    """One run of one campaign: of a stored document, of YAML text, or of a file. What people set first comes first."""

    # Said to the API as well, in a word that forms pass over: not without all of them.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"not": {"properties": {name: {"maxLength": 0} for name in ("document", "file", "yaml")}}},
    )

    document: str = Field(
        "",
        max_length=63,
        description="The campaign: one that the account has stored, by its name (the newest of it) or its id.",
    )
    inputs: dict[str, Any] = Field(
        default_factory=dict, description="Values for the campaign's inputs; media as asset:ID or as an https address."
    )
    yaml: str = Field("", max_length=MAX_DOCUMENT_BYTES, description="In place of a stored campaign: its YAML text.")
    file: str = Field(
        "", description="In place of a stored campaign: its YAML file, where the machine that runs it sees it."
    )
    window: Hours = Field("", description='Nodes start only in these hours, e.g. "22:00-06:00 Europe/Berlin".')
    not_before: Moment = Field("", description='No node starts before, e.g. "2026-12-24 06:00 Europe/Berlin".')
    workers: int = Field(
        1,
        ge=1,
        le=MOST_WORKERS,
        description="How many workers may share its nodes; each but the first is a flow run of its own.",
    )
    inputs_from: str = Field("", description="Folder where relative paths in `inputs` start; empty: the campaign's.")
    feeds: dict[str, str] = Field(
        default_factory=dict, description="Feed files by dimension, in place of the campaign's."
    )
    refresh: list[str] = Field(default_factory=list, description='Steps to make again; "*" means all.')
    out: str = Field(
        "",
        description="Where the folder with the deliverables is put: a folder, or s3://BUCKET/FOLDER; empty: out/ beside the "
        "campaign, or in the home. It is called as the campaign is, and where inputs are given by these too.",
    )
    plan_hash: str = Field("", description="Run only what was shown under this hash, and no dearer.")
    accept_uncertain: bool = Field(
        False, description="Take results that an operation is not sure of, where `policy.uncertain` is ask."
    )
    run_id: str = Field(
        "", pattern=r"^(r[0-9a-f]{16})?$", description="The account's own name for the run; empty means a new one."
    )
    label: str = Field(
        "",
        max_length=100,
        description="What the run is called in Prefect; empty means the file's name, or its folder's for a campaign.yaml.",
    )
    account: str = Field(
        "", max_length=ACCOUNT_NAME_LENGTH, description="Account that pays and owns; empty means the worker's settings."
    )
    user: str = Field("", max_length=200, description="Who started it, where somebody is logged in.")
    home: str = Field("", description="Folder of Pressroom's state; empty means the worker's settings.")
    home_block: str = Field("", description="Name of a Pressroom home block: database, store, keys and defaults.")

    generation: bool = Field(False, description="It was asked for as one generation, and is listed among these.")
    any_seed: bool = Field(False, description="Its seeds were drawn: models that take none make it as well.")
    begun: bool = Field(
        False, description="A server has begun the run of this run_id: it is gone on with, and nothing is planned anew."
    )

    @property
    def name(self) -> str:
        """What the run is called: its label, else the document's or the file's name, or the folder's of a campaign.yaml."""
        path = Path(self.file)
        stem = Path(os.path.realpath(path)).parent.name if path.stem == "campaign" else path.stem
        return printable(self.label or self.document or stem or "campaign")

    @model_validator(mode="after")
    def _one_campaign(self) -> Self:
        if sum(map(bool, (self.document, self.yaml, self.file))) != 1:
            raise ValueError("a run is of one campaign: give one of document, yaml and file")
        return self

    @property
    def opening(self) -> Opening:
        """When its nodes may start."""
        return Opening.parse(self.window, self.not_before)

    def principal(self, default_account: str) -> Principal:
        """Whom the run is for: its account, or the settings' one where it names none."""
        return Principal(self.account or default_account, self.user)

    def uncertain(self, plan: Plan) -> str:
        """The plan's policy for results in doubt, as this run may be asked: warn, fail or ask."""
        return "warn" if plan.uncertain == "ask" and self.accept_uncertain else plan.uncertain

    @property
    def folder(self) -> Path:
        """The campaign's folder: its settings and relative paths start there. Any other has none: the current one."""
        return Path(os.path.realpath(self.file)).parent if self.file else Path.cwd()

    def out_folder(self, account: str, campaign: str, home: Path) -> Place:
        """Where the deliverables go, for the account that the run is of: runs with other inputs or feeds each have their own."""
        beside = self.folder if self.file else home
        given = {**self.inputs, **{f"feed {name}": file for name, file in self.feeds.items()}}
        return delivery_place(place_of(self.out) if self.out else beside / "out", account, folder_name(campaign, given))
