"""Make a campaign independent of its folder: every file that it names becomes an asset, its brand kit part of it.

Assets are named by the SHA-256 of their bytes, so a campaign whose files have not changed packs to the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pressroom.campaign.document import read_document
from pressroom.campaign.dump import dump_document
from pressroom.campaign.expressions import has_expression
from pressroom.campaign.models import Campaign, InputSpec
from pressroom.campaign.paths import ASSET, FONT_SUFFIXES, OUTSIDE_HINT, is_pattern, is_reference, outside
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Operation, asset_slots
from pressroom.planning.inputs import items_of, kind_of_input
from pressroom.sources.folder import FolderSource, read_text
from pressroom.sources.local_files import LocalFiles, is_inside


@dataclass(frozen=True, slots=True)
class Packed:
    """A campaign's text that needs no folder, and the files it needs in the library: by SHA-256, where they lie now."""

    text: str
    files: Mapping[str, Path]


def pack_campaign(file: Path, operations: Mapping[str, Operation[Any]], limits: MediaLimits, max_files: int) -> Packed:
    """The campaign of a file, packed. Raises Invalid for a bad campaign and for a file that is not there.

    What feeds and expressions name stays as it is: only a run finds out what that is.
    """
    campaign = FolderSource(file, limits).load(operations=operations).campaign
    packer = _Packer(campaign, LocalFiles(file.parent, limits), file, max_files)
    text = dump_document(packer.packed(read_document(read_text(file), str(file)).value, operations))
    return Packed(text, packer.files)


class _Packer:
    def __init__(self, campaign: Campaign, local: LocalFiles, file: Path, max_files: int) -> None:
        self._campaign = campaign
        self._local = local
        self._file = file
        self._max_files = max_files
        self.files: dict[str, Path] = {}

    def packed(self, values: Mapping[str, Any], operations: Mapping[str, Operation[Any]]) -> dict[str, Any]:
        parts: dict[str, Callable[[Any], Any]] = {
            "inputs": self._inputs,
            "brand": self._brand,
            "deploy": self._deploy,
            "steps": partial(self._steps, operations=operations),
        }
        return {key: parts[key](value) if key in parts else value for key, value in values.items()}

    def _inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The specifications; what was a folder becomes a list of its files."""
        found = {}
        for name, written in inputs.items():
            spec = self._campaign.inputs[name]
            default = {"default": self._input(spec, written["default"])} if "default" in written else {}
            listed = {"type": "list", "of": str(kind_of_input(spec))} if spec.type == "folder" else {}
            found[name] = {**written, **listed, **default}
        return found

    def _input(self, spec: InputSpec, value: Any) -> Any:
        kind = kind_of_input(spec)
        if kind is None or value is None:
            return value
        if spec.type not in ("list", "folder"):
            return self._asset(value)
        items = [value] if spec.type == "folder" else items_of(value, spec)
        several = [
            self._local.matching(item, kind, self._max_files) if spec.type == "folder" or is_pattern(item) else (item,)
            for item in items
        ]
        return [self._asset(path) for paths in several for path in paths]

    def _given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._input(self._campaign.inputs[name], value) for name, value in values.items()}

    def _deploy(self, deploy: Mapping[str, Any]) -> dict[str, Any]:
        found = {**deploy, **({"inputs": self._given(deploy["inputs"])} if deploy.get("inputs") else {})}
        if schedules := deploy.get("schedules"):
            found["schedules"] = [
                {**schedule, **({"inputs": self._given(schedule["inputs"])} if schedule.get("inputs") else {})}
                for schedule in schedules
            ]
        return found

    def _brand(self, _written: Any) -> dict[str, Any]:
        """The kit as it was loaded: it may come from a file of its own."""
        brand = self._campaign.brand.model_dump(exclude_defaults=True)
        fonts = {
            role: self._asset(font) if font.lower().endswith(FONT_SUFFIXES) else font
            for role, font in brand.get("fonts", {}).items()
        }
        logo = brand.get("logo")
        return {**brand, **({"fonts": fonts} if fonts else {}), **({"logo": self._asset(logo)} if logo else {})}

    def _steps(self, steps: Mapping[str, Any], operations: Mapping[str, Operation[Any]]) -> dict[str, Any]:
        found = {}
        for name, step in steps.items():
            slots = frozenset(asset_slots(operations[step["uses"]].params))
            own = {"with": self._parameters(step["with"], slots)} if step.get("with") else {}
            feed = {"feed": self._feed(step["feed"])} if step.get("feed") else {}
            found[name] = {**step, **own, **feed}
        return found

    def _feed(self, feed: Any) -> Any:
        return {name: self._asset(path) for name, path in feed.items()} if isinstance(feed, dict) else self._asset(feed)

    def _parameters(self, given: Any, slots: frozenset[str]) -> Any:
        if isinstance(given, dict):
            return {
                name: self._slot(value) if name in slots else self._parameters(value, slots)
                for name, value in given.items()
            }
        return [self._parameters(item, slots) for item in given] if isinstance(given, list) else given

    def _slot(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._slot(item) for item in value]
        return value if not isinstance(value, str) or has_expression(value) else self._asset(value)

    def _asset(self, name: str) -> str:
        if is_reference(name):
            return name
        path = Path(self._local.resolve(name))
        if not is_inside(path, self._file.parent):
            raise Invalid.of([Problem("outside", outside(name), OUTSIDE_HINT, str(self._file))])
        if not path.is_file():
            raise Invalid.of([Problem("file", f"there is no file {name}", "check the path", str(self._file))])
        sha256 = file_digest(path)
        self.files[sha256] = path
        return f"{ASSET}{sha256}"
