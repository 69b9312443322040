"""What `plan` and `run` are asked: a campaign file with its inputs, or a plan file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.campaign.paths import is_reference
from pressroom.cli.console import usage
from pressroom.delivery.place import place_of
from pressroom.domain.bucket import SCHEME
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.printable import is_utf8
from pressroom.settings import Settings, settings_for
from pressroom.sources.base import DOCUMENT

if TYPE_CHECKING:
    from pressroom.services.run_request import RunRequest

Inputs = Annotated[
    list[str] | None,
    typer.Option("-i", "--input", metavar="NAME=VALUE", help="Value of an input; repeat for several."),
]
Feed = Annotated[
    list[str] | None,
    typer.Option("--feed", metavar="[NAME=]FILE", help="CSV or JSON rows in place of the campaign's feed."),
]
Refresh = Annotated[
    list[str] | None, typer.Option("--refresh", metavar="STEP", help='Make this step again; "*" means all.')
]

Out = Annotated[
    str | None,
    typer.Option("--out", metavar="FOLDER", help="Put CAMPAIGN/ with the deliverables here; s3://BUCKET/FOLDER too."),
]


def campaign_request(
    file: Path, inputs: list[str] | None, feed: list[str] | None, refresh: list[str] | None
) -> RunRequest:
    from pressroom.services.run_request import RunRequest

    if file.is_symlink() and not file.exists():
        raise usage(f"{file} is a link to what is not there", "check where it leads")
    for name in (os.path.realpath(file), str(Path.cwd()), *(inputs or ()), *(feed or ())):
        require_utf8(name)
    feeds = {name: _path(path) for name, path in _feeds(feed or []).items()}
    given = {"inputs": _pairs(inputs or [], "-i"), "inputs_from": str(Path.cwd()), "feeds": feeds}
    return RunRequest(**_named(file), **given, refresh=refresh or [])


def _named(file: Path) -> dict[str, str]:
    """What a request calls the campaign: its file, or the document that `document:NAME` stands for."""
    name = str(file)
    if not name.startswith(DOCUMENT):
        return {"file": os.path.realpath(file)}
    if name == DOCUMENT:
        raise usage("document: names no stored campaign", "give document:NAME, see `pressroom documents list`")
    return {"document": name.removeprefix(DOCUMENT)}


def _path(feed: str) -> str:
    return feed if is_reference(feed) else os.path.realpath(feed)


def asked(
    file: Path, inputs: list[str] | None, feed: list[str] | None, refresh: list[str] | None, account: str | None
) -> tuple[RunRequest, Settings, Any]:
    """The request of a campaign file, or the one that a plan file was made for, with that plan's contract."""
    if file.suffix != ".json":
        return campaign_request(file, inputs, feed, refresh), settings_for(file.parent, account=account), None
    if inputs or feed or refresh:
        raise usage("a plan file holds its own inputs", "make a new plan to change them")
    return _asked_by_plan(file, account)


def _asked_by_plan(file: Path, account: str | None) -> tuple[RunRequest, Settings, Any]:
    from pressroom.planning.plan_file import read_contract
    from pressroom.services.run_request import RunRequest

    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise Invalid.of([Problem("plan_file", f"cannot be read: {exc}", file=str(file))]) from exc
    contract = read_contract(data, str(file))
    settings = settings_for(Path(contract.file).parent, account=account or contract.account)
    request = RunRequest(
        **_named(Path(contract.file)),
        inputs=contract.inputs,
        feeds=contract.feeds,
        refresh=contract.refresh,
        label=contract.campaign,
    )
    return request, settings, contract


def out_of(out: str | None) -> str:
    """Where --out puts deliverables, seen from where the user stands. Raises Invalid for what names no place."""
    if not out:
        return ""
    if out.startswith(SCHEME):
        return str(place_of(out))
    require_utf8(os.path.realpath(out))
    return os.path.realpath(out)


def require_utf8(name: str) -> None:
    """Raises Invalid for a name with bytes that are no UTF-8: plans, records and Prefect keep names as text."""
    if is_utf8(name):
        return
    if sys.getfilesystemencoding() != "utf-8":
        raise usage(f"this locale cannot read {name}", "set LC_ALL=C.UTF-8")
    raise usage(f"{name} is a name that is not UTF-8", "rename it, e.g. with convmv or mv")


def _pairs(texts: list[str], option: str) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise usage(f"{option} {text!r} is not NAME=VALUE", f"e.g. {option} product=photo.jpg")
        pairs[name.strip()] = value
    return pairs


def _feeds(texts: list[str]) -> dict[str, str]:
    return {name or "row": path for name, _, path in (text.rpartition("=") for text in texts)}
