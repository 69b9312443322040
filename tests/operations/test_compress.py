"""compress: never a byte too many, and as good as the bytes allow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Refused
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.media.editing.presets import presets
from pressroom.operations.compress import CompressParams, expect, run
from tests.support.edits import shaded, with_alpha
from tests.support.workspaces import picture, workspace

PHOTO = np.clip(shaded(400, 300) + np.random.default_rng(3).normal(0, 8, (300, 400, 1)), 0, 255).astype(np.uint8)


def _compress(folder: Path, source: Any, reserved_bytes: int = 0, **params: Any) -> Made:
    work = workspace(folder, {"image": picture(folder, source)})
    (made,) = run(CompressParams(image="image", **params), replace(work, reserve=lambda: reserved_bytes))
    return made


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif", "png"])
def test_the_target_is_kept_and_nearly_used_up(tmp_path: Path, name: str) -> None:
    limit = 60 if name == "png" else 18

    made = _compress(tmp_path, PHOTO, format=name, max_kb=limit)

    size = made.path.stat().st_size
    assert limit * 1000 * (0.75 if name in ("png", "avif") else 0.93) < size <= limit * 1000
    assert 0.3 < made.details["ssim"] < 1
    assert made.details["max_bytes"] == limit * 1000


def test_what_is_added_afterwards_counts_against_the_target(tmp_path: Path) -> None:
    made = _compress(tmp_path, PHOTO, 9_000, max_kb=25)

    assert made.path.stat().st_size <= 16_000


def test_a_target_that_cannot_be_met_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="need at least"):
        _compress(tmp_path, np.random.default_rng(1).integers(0, 256, (300, 400, 3)).astype(np.uint8), max_kb=3)


@pytest.mark.parametrize("name", ["web", "email", "social", "high_quality", "maximum"])
def test_presets_do_what_their_data_say(tmp_path: Path, name: str) -> None:
    preset = presets()[name]

    made = _compress(tmp_path, PHOTO, preset=name)

    assert made.mime == f"image/{preset.format}"
    assert made.details.get("quality") == preset.quality
    assert made.path.stat().st_size <= (preset.max_bytes or 10**9)


def test_every_preset_has_a_source_and_a_parameter_value() -> None:
    rows = yaml.safe_load((Path(__file__).parents[2] / "pressroom/catalog/data/compression.yaml").read_text())[
        "compression"
    ]

    assert all(row["source"] and row["as_of"] for row in rows)
    assert {row["name"] for row in rows} == set(presets())
    assert all(CompressParams(image="image", preset=row["name"]) for row in rows)


def test_a_wide_picture_is_shrunk_first_and_a_narrow_one_is_not_enlarged(tmp_path: Path) -> None:
    wide, narrow = (_compress(tmp_path, PHOTO, max_kb=50, max_width=width) for width in (200, 4000))

    with Image.open(wide.path) as one, Image.open(narrow.path) as other:
        assert (one.size, other.size) == ((200, 150), (400, 300))


def test_transparent_pictures_become_webp_by_themselves(tmp_path: Path) -> None:
    made = _compress(tmp_path, with_alpha(shaded()), max_kb=20)
    planned = expect(
        CompressParams(image="image", max_kb=20), {"image": MediaInfo(Kind.IMAGE, "", 9, 9, has_alpha=True)}, {}
    )

    assert made.mime == "image/webp"
    assert planned.outputs[0][1].mime == ""


def test_no_aim_is_refused() -> None:
    with pytest.raises(ValidationError, match="give an aim"):
        CompressParams(image="image")


def test_a_limit_that_cannot_be_kept_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    """Part of the bytes is kept for provenance: the message says how much, and never another limit."""
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)

    with pytest.raises(Refused, match=r"the limit is 5,000 \(1,234 of them for its provenance\)"):
        _compress(tmp_path, noise, 1_234, max_kb=5, format="jpeg")
