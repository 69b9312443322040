"""The contact sheet: one HTML file that shows a whole run, opens by itself and asks the network for nothing but its files."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup

from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.reporting.choices import choices_of
from pressroom.reporting.excerpts import excerpts_of
from pressroom.reporting.format import cost_text
from pressroom.reporting.house import PLAIN, House
from pressroom.reporting.html_templates import html_templates
from pressroom.reporting.model import AssetReport, RunReport
from pressroom.reporting.sheet import Tile, all_assets, notes_of, number_of, platforms_of, stories_of, tiles_of
from pressroom.reporting.steps import COST, steps_of
from pressroom.reporting.thumbnails import Thumbnail, make_thumbnails

TEMPLATES = Path(__file__).parent / "templates"
_COLOR = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$")
_MOST_STORIES = 24


def render_contact_sheet(
    report: RunReport,
    *,
    ffmpeg: str,
    limits: MediaLimits,
    cache: Path | None = None,
    pictures: Mapping[str, Path] | None = None,
    house: House = PLAIN,
) -> Iterator[str]:
    """The run as one self-contained HTML page, in pieces: with a thousand pictures it is large.

    Links to deliverables are relative to where the page is saved, or addresses where they lie in a bucket.

    `pictures` are local copies of files (by SHA-256) that the store keeps elsewhere; `house` is who shows it.
    """
    tiles = tiles_of(report)
    assets = all_assets(report)
    # Deliverables first: where the budget of pictures ends, steps in between go without.
    shown = [*(tile.asset for tile in tiles), *assets.values()]
    shown = list(_with_copies(shown, pictures or {}))
    thumbnails = make_thumbnails(shown, ffmpeg=ffmpeg, limits=limits, cache=cache)
    style = Markup(_read("contact_sheet.css") + _tile_styles(tiles) + _brand_styles(report) + house.rules)  # noqa: S704 (ours)
    script = Markup(_read("contact_sheet.js"))  # noqa: S704 (ours)
    stories = stories_of(tiles)
    notes = notes_of(report.notes, tiles)
    return (
        _environment()
        .get_template("contact_sheet.html.j2")
        .generate(
            report=report,
            house=house,
            tiles=tiles,
            notes=notes,
            number_of=lambda doubt: number_of(doubt, notes),
            platforms=platforms_of(tiles, report.placements),
            stories=stories[:_MOST_STORIES],
            more_stories=max(0, len(stories) - _MOST_STORIES),
            choices=choices_of(report),
            steps=steps_of(report),
            makers={asset.id: node for node in report.nodes for asset in node.assets},
            thumbs=thumbnails,
            chips=_chip_names(thumbnails),
            excerpts=excerpts_of(shown),
            kinds=sorted({tile.asset.kind for tile in tiles}),
            variants=_variants(tiles),
            swatches=[(role, color) for role, color in report.brand.colors.items() if _COLOR.match(color)],
            style=style,
            script=script,
            policy=_policy(style, script, report.delivery.links),
        )
    )


def _with_copies(assets: Iterable[AssetReport], pictures: Mapping[str, Path]) -> Iterator[AssetReport]:
    for asset in assets:
        yield asset if asset.path is not None else replace(asset, path=pictures.get(asset.sha256))


@functools.cache
def _environment() -> Environment:
    environment = html_templates(TEMPLATES)
    environment.filters.update(cost=cost_text)
    environment.globals.update(
        COST=COST,
        VIDEO=Kind.VIDEO,
        AUDIO=Kind.AUDIO,
        MODEL=Kind.MODEL,
        pretty=_pretty,
        compact=_compact,
    )
    return environment


def _pretty(details: Mapping[str, object]) -> str:
    lines = (f"{name}: {json.dumps(value, ensure_ascii=False, default=str)}" for name, value in sorted(details.items()))
    return "\n".join(lines)


def _compact(variant: Mapping[str, str]) -> str:
    return json.dumps(dict(variant), ensure_ascii=True)


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _tile_styles(tiles: tuple[Tile, ...]) -> str:
    """Widths as classes: the policy forbids style attributes, which is where injected styles would go."""
    return "".join(f".w{width}{{width:{width}px}}" for width in sorted({tile.width for tile in tiles}))


def _brand_styles(report: RunReport) -> str:
    colors = [color for color in report.brand.colors.values() if _COLOR.match(color)]
    return "".join(f".brand-{index}{{background:{color}}}" for index, color in enumerate(colors))


def _chip_names(thumbnails: Mapping[str, Thumbnail]) -> dict[str, str]:
    return {sha256: f"c{index}" for index, sha256 in enumerate(thumbnails)}


def _variants(tiles: tuple[Tile, ...]) -> dict[str, list[str]]:
    """Dimension -> its values, for those that open more than one."""
    found: dict[str, dict[str, None]] = {}
    for tile in tiles:
        for dimension, value in tile.node.variant.items():
            found.setdefault(dimension, {})[value] = None
    return {dimension: list(values) for dimension, values in found.items() if 1 < len(values) <= _MOST_STORIES}


def _policy(style: str, script: str, links: Mapping[str, str]) -> str:
    """Nothing may load but this page's own style and script (by hash), its data URIs and the files of the delivery."""
    parts = map(urlsplit, links.values())
    files = " ".join(["'self'", "file:", *sorted({f"{part.scheme}://{part.netloc}" for part in parts})])
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data: {files}; "
        f"media-src {files}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
