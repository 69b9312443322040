"""What a run is asked to do: the parameters of the campaign flow, the same from the command line, the API or a schedule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.delivery.place import delivery_folder
from pressroom.domain.identity import Principal
from pressroom.domain.printable import printable
from pressroom.planning.plan import Plan


class RunRequest(BaseModel):
    """One run of one campaign: of a file, or of a document that the account has stored."""

    # Said to the API as well, in a word that forms pass over: not without both of them.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"not": {"properties": {"file": {"maxLength": 0}, "document": {"maxLength": 0}}}},
    )

    file: str = Field("", description="The campaign's YAML file, as the machine that runs it sees it.")
    document: str = Field(
        "",
        max_length=63,
        description="In place of a file: a campaign that the account has stored, by its id or its name (the newest of it).",
    )
    inputs: dict[str, Any] = Field(default_factory=dict, description="Values for the campaign's inputs.")
    inputs_from: str = Field("", description="Folder where relative paths in `inputs` start; empty: the campaign's.")
    feeds: dict[str, str] = Field(
        default_factory=dict, description="Feed files by dimension, in place of the campaign's."
    )
    refresh: list[str] = Field(default_factory=list, description='Steps to make again; "*" means all.')
    out: str = Field(
        "",
        description="Folder in which <campaign>/ with the deliverables is put (@<account>/<campaign>/ where the account is not "
        "`default`); empty: out/ beside the campaign, or in the home.",
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
        "", max_length=64, description="Account that pays and owns; empty means the worker's settings."
    )
    user: str = Field("", max_length=200, description="Who started it, where somebody is logged in.")
    home: str = Field("", description="Folder of Pressroom's state; empty means the worker's settings.")
    home_block: str = Field("", description="Name of a Pressroom home block: database, store, keys and defaults.")

    @property
    def name(self) -> str:
        """What the run is called: its label, else the document's or the file's name, or the folder's of a campaign.yaml."""
        path = Path(self.file)
        stem = Path(os.path.realpath(path)).parent.name if path.stem == "campaign" else path.stem
        return printable(self.label or self.document or stem)

    @model_validator(mode="after")
    def _one_campaign(self) -> Self:
        if bool(self.file) == bool(self.document):
            raise ValueError("a run is of one campaign: give either file or document")
        return self

    def principal(self, default_account: str) -> Principal:
        """Whom the run is for: its account, or the settings' one where it names none."""
        return Principal(self.account or default_account, self.user)

    def uncertain(self, plan: Plan) -> str:
        """The plan's policy for results in doubt, as this run may be asked: warn, fail or ask."""
        return "warn" if plan.uncertain == "ask" and self.accept_uncertain else plan.uncertain

    @property
    def folder(self) -> Path:
        """The campaign's folder: its settings and relative paths start there. A document has none: the current one."""
        return Path(os.path.realpath(self.file)).parent if self.file else Path.cwd()

    def out_folder(self, account: str, campaign: str, home: Path) -> Path:
        """Where the campaign's deliverables go, for the account that the run is of."""
        beside = self.folder if self.file else home
        return delivery_folder(Path(self.out) if self.out else beside / "out", account, campaign)
