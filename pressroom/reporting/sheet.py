"""What the contact sheet's template shows: tiles grouped by platform and placement, chains, facts and checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pressroom.domain.errors import Problem
from pressroom.domain.media import TRIANGLES, Kind, doubt_of, label_of, type_named
from pressroom.domain.placement import Placement, Rule, rules_of, violations
from pressroom.reporting.format import bytes_text, count_text, platform_text, seconds_text, words_of
from pressroom.reporting.model import AssetReport, NodeReport, RunReport

# Tiles have equal areas, so that a banner and a story weigh the same to the eye. Pixels of a desktop page.
_TILE_AREA = 36_000
_TILE_WIDTHS = (128, 420)
_LONGEST_CHAIN = 12
_SIZELESS, _SOLID = (4, 3), (1, 1)


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the placement, held or not."""

    text: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One delivered file. `share` is its size in percent of the byte limit, None where there is no limit."""

    number: int
    asset: AssetReport
    node: NodeReport
    href: str | None
    facts: tuple[str, ...]
    checks: tuple[Check, ...]
    share: float | None
    chain: tuple[AssetReport, ...]
    box: tuple[int, int]
    doubts: tuple[tuple[str, str], ...] = ()  # (step, doubt): its own, and of all that it was made from

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def width(self) -> int:
        """Width on the page, in pixels."""
        least, most = _TILE_WIDTHS
        return round(min(most, max(least, math.sqrt(_TILE_AREA * self.box[0] / self.box[1]))))

    @property
    def name(self) -> str:
        label = "" if self.asset.label in ("", self.asset.placement) else self.asset.label
        return " · ".join(part for part in (self.node.variant_name, label) if part) or self.node.step

    @property
    def alt(self) -> str:
        place = f" for {self.asset.placement}" if self.asset.placement else ""
        return self.asset.alt_text or f"{words_of(self.node.step)}, {self.name}{place}"


@dataclass(frozen=True, slots=True)
class Slot:
    """One placement with its variants side by side. `placement` is None for files made for no platform."""

    name: str
    title: str
    limits: str
    placement: Placement | None
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Platform:
    name: str
    title: str
    slots: tuple[Slot, ...]

    @property
    def count(self) -> int:
        return sum(len(slot.tiles) for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Story:
    """One way from a source to a set of deliverables."""

    chain: tuple[AssetReport, ...]
    tiles: tuple[Tile, ...]


def tiles_of(report: RunReport) -> tuple[Tile, ...]:
    known = all_assets(report)
    steps = {asset.id: node.step for node in report.nodes for asset in node.assets}
    delivered = [(node, asset) for node in report.nodes for asset in node.assets if asset.delivered]
    return tuple(
        _tile(number, node, asset, report.placements.get(asset.placement or ""), known, steps)
        for number, (node, asset) in enumerate(delivered, 1)
    )


def all_assets(report: RunReport) -> dict[str, AssetReport]:
    made = (asset for node in report.nodes for asset in node.assets)
    return {asset.id: asset for asset in (*report.sources, *made)}


def platforms_of(tiles: Iterable[Tile], placements: Mapping[str, Placement]) -> tuple[Platform, ...]:
    """Tiles by platform and placement, in the order in which the run delivered them; files without one come last."""
    groups: dict[str, dict[str, list[Tile]]] = {}
    for tile in tiles:
        place = tile.asset.placement or ""
        group, slot = (place.partition(".")[0], place) if place else ("", tile.node.step)
        groups.setdefault(group, {}).setdefault(slot, []).append(tile)
    order = sorted(groups, key=lambda name: name == "")
    return tuple(
        Platform(
            name or "other",
            platform_text(name) if name else "Other files",
            tuple(_slot(slot, found, placements) for slot, found in groups[name].items()),
        )
        for name in order
    )


def stories_of(tiles: Iterable[Tile]) -> tuple[Story, ...]:
    """Deliverables that came the same way, together."""
    groups: dict[tuple[str, ...], list[Tile]] = {}
    for tile in tiles:
        groups.setdefault(tuple(asset.id for asset in tile.chain[:-1]), []).append(tile)
    return tuple(Story(found[0].chain[:-1], tuple(found)) for key, found in groups.items() if key)


def chain_of(asset: AssetReport, known: Mapping[str, AssetReport]) -> tuple[AssetReport, ...]:
    """The asset's ancestors, sources first, and itself at the end; at most `_LONGEST_CHAIN` of them."""
    depths: dict[str, int] = {asset.id: 0}
    waiting = [asset]
    while waiting and len(depths) <= _LONGEST_CHAIN:
        child = waiting.pop(0)
        for parent in child.parents:
            # A cycle can only come from damaged records; an id that was seen is not followed again.
            if parent in known and parent not in depths:
                depths[parent] = depths[child.id] + 1
                waiting.append(known[parent])
    ordered = sorted(depths, key=lambda id_: -depths[id_])
    return tuple(asset if id_ == asset.id else known[id_] for id_ in ordered)


def safe_href(path: str | None) -> str | None:
    """A relative link that no browser takes for a scheme, a host or markup."""
    if not path:
        return None
    return "./" + quote(path.replace("\\", "/").lstrip("/"), safe="/._-~")


def _tile(
    number: int,
    node: NodeReport,
    asset: AssetReport,
    placement: Placement | None,
    known: Mapping[str, AssetReport],
    steps: Mapping[str, str],
) -> Tile:
    limit = placement.byte_limit if placement else None
    chain = chain_of(asset, known)
    return Tile(
        number=number,
        asset=asset,
        node=node,
        href=asset.link or safe_href(asset.href),
        facts=facts_of(asset),
        checks=checks_of(asset, placement) if placement else (),
        share=min(100.0, 100 * asset.bytes / limit) if limit else None,
        chain=chain,
        doubts=_doubts(chain, steps),
        box=_box(asset),
    )


def _box(asset: AssetReport) -> tuple[int, int]:
    """Its shape on the page."""
    if asset.width and asset.height:
        return asset.width, asset.height
    return _SOLID if asset.kind is Kind.MODEL else _SIZELESS


def _doubts(chain: tuple[AssetReport, ...], steps: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Each doubt once, with the step that was first in it."""
    found: dict[str, str] = {}
    for asset in chain:
        found.setdefault(doubt_of(asset.details), steps.get(asset.id, ""))
    return tuple((step, doubt) for doubt, step in found.items() if doubt)


def notes_of(notes: Iterable[Problem], tiles: Iterable[Tile]) -> tuple[Problem, ...]:
    """What is worth a look: the run's notes, and a note for each doubt of a card that none of them tells."""
    told = list(notes)
    for doubt in dict.fromkeys(doubt for tile in tiles for doubt in tile.doubts):
        if not number_of(doubt, told):
            told.append(Problem("uncertain", doubt[1], step=doubt[0], fatal=False))
    return tuple(told)


def number_of(doubt: tuple[str, str], notes: Sequence[Problem]) -> int:
    """Which of the notes, from 1, tells a step's doubt; 0 for none."""
    step, text = doubt
    told = (number for number, note in enumerate(notes, 1) if note.step == step and note.message.endswith(text))
    return next(told, 0)


def facts_of(asset: AssetReport) -> tuple[str, ...]:
    size = f"{asset.width} × {asset.height}" if asset.width and asset.height else ""
    size = count_text(int(asset.details.get(TRIANGLES) or 0), "triangle") if asset.kind is Kind.MODEL else size
    length = seconds_text(asset.duration_seconds) if asset.duration_seconds else ""
    return tuple(part for part in (size, label_of(asset.mime), length, bytes_text(asset.bytes)) if part)


def checks_of(asset: AssetReport, placement: Placement) -> tuple[Check, ...]:
    """Every rule of the placement, and whether the file keeps it."""
    broken = {each.rule for each in violations(placement, asset.info)}
    # The kind is part of the format: it is named where it is wrong.
    shown = [rule for rule in rules_of(placement) if rule is not Rule.KIND or rule in broken]
    return tuple(Check(_promise(rule, placement), rule not in broken) for rule in shown)


def _promise(rule: Rule, placement: Placement) -> str:
    texts: dict[Rule, Callable[[], str]] = {
        Rule.KIND: lambda: f"{placement.kind}",
        Rule.SIZE: lambda: f"{placement.width} × {placement.height} pixels",
        Rule.FORMAT: lambda: " or ".join(_labels(placement)),
        Rule.MOST_BYTES: lambda: f"at most {bytes_text(placement.byte_limit or 0)}",
        Rule.LEAST_BYTES: lambda: f"at least {bytes_text(placement.min_bytes or 0)}",
        Rule.LONGEST: lambda: f"at most {seconds_text(placement.duration_limit_seconds or 0)}",
        Rule.SHORTEST: lambda: f"at least {seconds_text(placement.min_duration_seconds or 0)}",
        Rule.FASTEST: lambda: f"at most {placement.max_fps:g} frames a second",
        Rule.SLOWEST: lambda: f"at least {placement.min_fps:g} frames a second",
        Rule.BITRATE: lambda: f"at least {placement.min_bitrate_kbps:,} kbit/s",
        Rule.CODEC: lambda: " or ".join(placement.video_codecs),
    }
    return texts[rule]()


def _labels(placement: Placement) -> list[str]:
    """`JPEG`, `MP4`: each format once, whatever names the row has for it."""
    return list(dict.fromkeys(type_named(name).label for name in placement.formats))


def _slot(name: str, tiles: list[Tile], placements: Mapping[str, Placement]) -> Slot:
    placement = placements.get(name)
    title = words_of(name.partition(".")[2] or name)
    return Slot(name, title, _limits_text(placement) if placement else "", placement, tuple(tiles))


def _limits_text(placement: Placement) -> str:
    parts = [f"{placement.width} × {placement.height}", "/".join(_labels(placement))]
    if (limit := placement.byte_limit) is not None:
        parts.append(f"≤ {bytes_text(limit)}")
    if (seconds := placement.duration_limit_seconds) is not None:
        parts.append(f"≤ {seconds_text(seconds)}")
    return " · ".join(parts)
