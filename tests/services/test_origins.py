"""Where the words of a picture stand is known to every step after the one that has set them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pressroom.catalog.load import load_catalog
from pressroom.database.engine import Database
from pressroom.library.assets import get_asset
from pressroom.operations import OPERATIONS
from pressroom.services.run_node import NodeResult
from tests.support.studio import Studio, open_studio

LETTERED = """\
pressroom: 1
name: lettered
inputs: {photo: {type: image, default: photo.png}}
steps:
  ad:
    uses: overlay
    with: {image: "{{ inputs.photo }}", headline: Fresh bread daily, price: PRICE, cta: Order now, position: bottom}
  BETWEEN
  out: {uses: resize, with: {image: "{{ steps.LAST }}", placements: [facebook.feed, instagram.feed_square], mode: MODE}}
"""
BETWEEN = {
    "ad": "",
    "warm": 'warm: {uses: adjust, with: {image: "{{ steps.ad }}", temperature: 0.2}}',
    "small": 'small: {uses: compress, with: {image: "{{ steps.ad }}", max_kb: 90}}',
    "again": 'again: {uses: overlay, with: {image: "{{ steps.ad }}", text: Since 1920, position: top}}',
    "mirrored": 'mirrored: {uses: flip, with: {image: "{{ steps.ad }}"}}',
    "turned": 'turned: {uses: rotate, with: {image: "{{ steps.ad }}", angle: 3}}',
    "part": 'part: {uses: crop, with: {image: "{{ steps.ad }}", ratio: "1:1"}}',
    "shown": 'shown: {uses: resize, with: {image: "{{ steps.ad }}", width: 540, height: 700, mode: fit}}',
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """How words are laid out is no matter of the database."""
    return sqlite_url


@pytest.fixture
def studio(tmp_path: Path, database: Database, database_url: str) -> Studio:
    """With the real operations, and a picture with a ball in its middle."""
    studio = open_studio(tmp_path / "home", database, database_url, operations=OPERATIONS, catalog=load_catalog())
    shade = np.linspace(40, 150, 675).astype(np.uint8)[:, None, None]
    photo = Image.fromarray(np.broadcast_to(shade, (675, 540, 3)).copy())
    ImageDraw.Draw(photo).ellipse((190, 240, 350, 410), fill=(200, 60, 40))
    photo.save(studio.home / "photo.png")
    return studio


def _out(studio: Studio, *, last: str = "ad", price: str = "$4.50", mode: str = "auto") -> Any:
    """The details of each rendition, by its label."""
    text = LETTERED.replace("BETWEEN", BETWEEN[last]).replace("LAST", last).replace("MODE", mode)
    results, _ = studio.go(text.replace("PRICE", f'"{price}"'))
    made = results["out"]
    assert isinstance(made, NodeResult), made
    with studio.context.database.read() as conn:
        assets = [get_asset(conn, studio.account_id, name) for name in made.asset_ids]
    return {asset.label: asset.details for asset in assets}


@pytest.mark.parametrize(("last", "words"), [("ad", 3), ("warm", 3), ("small", 3), ("again", 4), ("mirrored", 3),
                                           ("turned", 3), ("part", 3), ("shown", 3)])  # fmt: skip
def test_words_are_known_through_every_step_that_keeps_or_moves_them(studio: Studio, last: str, words: int) -> None:
    found = _out(studio, last=last)["facebook.feed"]

    assert len(found["focal_point"].get("words", ())) == words


def test_another_price_gives_the_same_layout(studio: Studio) -> None:
    found = [_out(studio, price=price) for price in ("$4.50", "$1.11", "$7.99", "$0.06")]

    modes = [{label: details["mode"] for label, details in each.items()} for each in found]
    assert modes == [{"facebook.feed": "fit", "instagram.feed_square": "crop"}] * 4


def test_a_crop_that_is_asked_for_says_what_it_cuts(studio: Studio) -> None:
    together, apart = (_out(studio, mode="crop", last=last) for last in ("ad", "again"))

    assert "words of the picture are cut" in apart["facebook.feed"]["warning"]
    assert "words" not in together["instagram.feed_square"].get("warning", "")


STAGED = """\
pressroom: 1
name: staged
inputs: {photo: {type: image, default: photo.png}}
steps:
  scene: {uses: replace_background, with: {image: "{{ inputs.photo }}", scene: podium, width: 600, height: 600, scale: 0.4}}
  ad: {uses: overlay, with: {image: "{{ steps.scene }}", headline: Fresh bread daily, position: top}}
  warm: {uses: adjust, with: {image: "{{ steps.ad }}", temperature: 0.2}}
  out: {uses: resize, with: {image: "{{ steps.warm }}", placements: [instagram.feed_square]}}
  own: {uses: resize, with: {image: "{{ steps.warm }}", placements: [instagram.feed_square], subject: SUBJECT}}
  cut: {uses: crop, with: {image: "{{ steps.warm }}", ratio: "4:5"}}
  turned: {uses: rotate, with: {image: "{{ steps.cut }}", angle: 90}}
  mirrored: {uses: flip, with: {image: "{{ steps.turned }}"}}
  last: {uses: resize, with: {image: "{{ steps.mirrored }}", placements: [instagram.feed_square]}}
  film: {uses: image_to_video, with: {image: "{{ steps.warm }}", duration: 1, resolution: 480p}}
"""


def test_where_a_subject_was_placed_is_known_to_every_step_after(studio: Studio) -> None:
    """It is not looked for: the round of the podium's wall stands out more than what stands before it."""
    subject = "{left: 0.1, top: 0.2, right: 0.3, bottom: 0.4}"
    results, _ = studio.go(STAGED.replace("SUBJECT", subject))
    assert all(isinstance(made, NodeResult) for made in results.values()), results
    with studio.context.database.read() as conn:
        found = {name: get_asset(conn, studio.account_id, made.asset_ids[0]).details for name, made in results.items()}
    left, top, right, bottom = placed = found["scene"]["subject_box"]

    out, own = found["out"]["focal_point"], found["own"]["focal_point"]

    assert out["source"] == "subject"
    assert out["boxes"] == [dict(zip(("left", "top", "right", "bottom"), placed, strict=True))]
    assert own["boxes"] == [{"left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.4}]
    assert found["film"]["pictures"][0]["focal_point"]["source"] == "subject"
    assert found["cut"]["focal_point"]["source"] == "subject"
    across, down = (found["cut"]["subject_box"][edge] for edge in (0, 2)), (top, bottom)
    # Turned clockwise what was at the left is above and what was above is at the right; mirrored it is at the left.
    assert found["last"]["focal_point"]["boxes"] == [
        {
            name: pytest.approx(edge, abs=1e-3)
            for name, edge in zip(("left", "right", "top", "bottom"), (*down, *across), strict=True)
        }
    ]
    boxes = [row["box"] for row in found["ad"]["boxes"]]
    assert all(y + height <= top * 600 or x + width <= left * 600 or x >= right * 600 for x, y, width, height in boxes)
    assert bottom > top
