"""What a file says of itself: XMP, Exif and C2PA, read without trusting any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pressroom.provenance import xmp
from pressroom.provenance.layout import holds_any, mapped
from pressroom.provenance.legacy_rights import rights_told_before_xmp
from pressroom.provenance.source_types import GENERATIVE, TRAINED, WITH_TRAINED, term_of

# The description box of every manifest store, and how SVG writes one down.
_MARKS: Final = (b"jumdc2pa\x00\x11\x00\x10", b"<c2pa:manifest")


@dataclass(frozen=True, slots=True)
class Link:
    """One manifest of the chain, newest first: what was done, by what, resulting in what kind of source."""

    manifest: str
    actions: tuple[str, ...]
    agent: str = ""
    source_type: str | None = None
    ingredients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """The provenance of one file. `state` is none, valid, trusted or invalid; `problems` are C2PA's codes."""

    source_type: str | None
    xmp: bool
    state: str
    signer: str = ""
    chain: tuple[Link, ...] = ()
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def describe(path: Path, mime: str) -> Described:
    """Everything a file says of where it comes from, and whether that holds."""
    packet = xmp.packet_in(path)
    said = xmp.read(packet)
    stored = _store_of(path, mime)
    if stored is None:
        return Described(said.source_type, packet is not None, "none", rights=rights_of(path))
    active = stored["manifests"][stored["active_manifest"]]
    chain = tuple(_links(stored))
    return Described(
        said.source_type or source_type_of(stored),
        packet is not None,
        str(stored.get("validation_state", "invalid")).lower(),
        str(active.get("signature_info", {}).get("common_name", "")),
        chain,
        rights_of(path),
        tuple(status["code"] for status in stored.get("validation_status", ())),
    )


def carries_manifest(path: Path) -> bool:
    """Whether there is a C2PA manifest store, looked for by its mark: quick, and without parsing anything."""
    return holds_any(mapped(path), _MARKS)


def source_type_in(path: Path, mime: str) -> str | None:
    """The IPTC term that the file's XMP or its manifests name."""
    said = xmp.read(xmp.packet_in(path)).source_type
    if said is not None:
        return said
    stored = _store_of(path, mime)
    return None if stored is None else source_type_of(stored)


def source_type_of(stored: Mapping[str, Any]) -> str | None:
    """What a manifest store says: generative if any step was, else what its newest step says."""
    terms = [link.source_type for link in _links(stored) if link.source_type]
    if any(term in GENERATIVE for term in terms):
        return TRAINED if all(term == TRAINED for term in terms) else WITH_TRAINED
    return terms[0] if terms else None


def rights_of(path: Path) -> dict[str, tuple[str, ...]]:
    """Creator, owner and terms of use, from XMP, else from where they were told before there was XMP."""
    return rights_told_before_xmp(path) | dict(xmp.read(xmp.packet_in(path)).rights)


def _store_of(path: Path, mime: str) -> dict[str, Any] | None:
    """The manifest store as JSON; None when there is none, or none that can be read."""
    import c2pa

    if not carries_manifest(path):
        return None
    offline = {"verify": {"verify_trust": True, "ocsp_fetch": False, "remote_manifest_fetch": False}}
    context = c2pa.Context(c2pa.Settings.from_dict(offline))
    try:
        with path.open("rb") as file, c2pa.Reader(mime, file, context=context) as reader:
            stored: dict[str, Any] = json.loads(reader.json())
    except (c2pa.C2paError, ValueError):
        return None
    return stored


def _links(stored: Mapping[str, Any]) -> Iterator[Link]:
    """Manifests from the active one down to the oldest, each once."""
    manifests: Mapping[str, Any] = stored.get("manifests", {})
    waiting, seen = [str(stored.get("active_manifest"))], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in manifests:
            continue
        seen.add(name)
        found = manifests[name]
        ingredients = found.get("ingredients", ())
        waiting += [str(item.get("active_manifest")) for item in ingredients]
        yield _link(name, found, tuple(str(item.get("title", "")) for item in ingredients))


def _link(name: str, found: Mapping[str, Any], ingredients: tuple[str, ...]) -> Link:
    actions = [
        action
        for assertion in found.get("assertions", ())
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", ())
    ]
    terms = [term for action in actions if (term := term_of(str(action.get("digitalSourceType", ""))))]
    agents = [agent["name"] for action in actions if isinstance(agent := action.get("softwareAgent"), dict)]
    generators = [str(info.get("name", "")) for info in found.get("claim_generator_info", ())]
    agent = (agents or generators or [""])[-1]
    done = tuple(str(action.get("action", "")) for action in actions)
    return Link(name, done, agent, terms[-1] if terms else None, ingredients)
