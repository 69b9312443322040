"""watermark: it can be seen, it can be seen through, and it never passes the edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from pressroom.domain.errors import Permanent
from pressroom.domain.operation import Brand
from pressroom.operations.watermark import WatermarkParams, run
from tests.support.edits import edit, shaded, with_alpha
from tests.support.workspaces import picture, workspace

GREY = np.full((200, 300, 3), 120, np.uint8)


def _width(found: np.ndarray, source: np.ndarray) -> int:
    columns = np.flatnonzero((found != source).any(axis=(0, 2)))
    return int(columns[-1] - columns[0] + 1)


@pytest.mark.parametrize(
    "position", ["center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"]
)
@pytest.mark.parametrize("size", [0.2, 1.0])
def test_a_mark_stays_inside_its_margin(tmp_path: Path, position: str, size: float) -> None:
    found, details = edit("watermark", tmp_path, GREY, text="Varn & Vale", position=position, size=size, margin=0.1)

    (x, y), (width, height) = details["at"], details["size"]
    assert x >= 20
    assert y >= 20
    assert x + width <= 280
    assert y + height <= 180
    assert _width(found, GREY) >= width * 0.9


def test_it_is_as_wide_as_asked(tmp_path: Path) -> None:
    _, details = edit("watermark", tmp_path, GREY, text="Varn & Vale", size=0.3)

    assert details["size"][0] == 90


@pytest.mark.parametrize("ground", [0, 60, 128, 190, 255])
def test_it_shows_on_any_ground(tmp_path: Path, ground: int) -> None:
    found, _ = edit("watermark", tmp_path, np.full((200, 300, 3), ground, np.uint8), text="PROOF", size=0.6)

    assert np.abs(found.astype(int) - ground).max() > 55


def test_opacity_is_how_much_it_covers(tmp_path: Path) -> None:
    """White words at 0.5 on grey 120 are 188 where they cover a pixel whole."""
    found, _ = edit("watermark", tmp_path, GREY, text="IIII", size=0.5, opacity=0.5, color="#ffffff")

    assert found.max() == pytest.approx(188, abs=1)


def test_tiles_cover_all_parts_of_the_picture(tmp_path: Path) -> None:
    source = np.full((400, 600, 3), 120, np.uint8)

    found, details = edit("watermark", tmp_path, source, text="PROOF", position="tiled", size=0.12)

    touched = (found != source).any(axis=2)
    assert details["marks"] > 12
    assert all(touched[y : y + 200, x : x + 200].any() for y in (0, 200) for x in (0, 200, 400))


def test_a_logo_keeps_its_colours_unless_one_is_asked_for(tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    logo.write_text(f'{svg}<circle cx="20" cy="20" r="18" fill="#cc2200"/></svg>')
    params: dict[str, Any] = {"image": "image", "logo_image": "logo_image", "opacity": 1.0, "size": 0.3}
    inputs = {"image": picture(tmp_path, GREY), "logo_image": logo}

    (own,) = run(WatermarkParams(**params), workspace(tmp_path, inputs))
    (white,) = run(WatermarkParams(**params, color="#ffffff"), workspace(tmp_path, inputs))

    middle = [value + side // 2 for value, side in zip(own.details["at"], own.details["size"], strict=True)]
    assert _pixel(own.path, middle) == (0xCC, 0x22, 0x00)
    assert _pixel(white.path, middle) == (255, 255, 255)


def _pixel(path: Path, at: list[int]) -> tuple[int, ...]:
    from PIL import Image

    with Image.open(path) as image:
        return tuple(image.convert("RGB").getpixel((at[0], at[1])))  # type: ignore[arg-type]


def test_a_cut_out_is_marked_only_where_it_is_there(tmp_path: Path) -> None:
    source = with_alpha(shaded(200, 200))

    found, _ = edit("watermark", tmp_path, source, text="PROOF", position="center", size=0.9)

    assert (found[..., 3] == source[..., 3]).all()


def test_markup_in_the_words_is_words(tmp_path: Path) -> None:
    found, details = edit("watermark", tmp_path, GREY, text="<b>&amp; “x”", size=0.5)

    assert details["size"][0] == 150
    assert (found != GREY).any()


def test_no_mark_at_all_and_two_marks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="there is no mark"):
        edit("watermark", tmp_path, GREY, brand=Brand())
    with pytest.raises(ValidationError, match="exclude each other"):
        WatermarkParams(image="image", text="a", logo_image="logo_image")


def test_letters_that_no_font_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="no font has"):
        edit("watermark", tmp_path, GREY, text="\U0001f9ff\U000131a3")
