"""Shrinking by way of halves looks like shrinking directly, and every part comes out in exactly the size asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.renditions.levels import Levels, Part, Size
from tests.support.media import gradient, noise, psnr


def detailed(side: int) -> Image.Image:
    picture = Image.blend(
        noise(side // 8, side // 8).resize((side, side), Image.Resampling.BICUBIC), noise(side, side), 0.1
    )
    picture.paste((250, 250, 250), (side // 3, side // 4, side // 2, side // 2))
    return picture


MASTER = detailed(1400)
LEVELS = Levels(MASTER)
BOXES = st.tuples(st.floats(0, 1300), st.floats(0, 1300), st.floats(20, 1400), st.floats(20, 1400))


def one(levels: Levels, box: Part, size: Size) -> Image.Image:
    [shown] = levels.shown([(box, size)])
    return shown


@pytest.mark.parametrize("size", [(560, 560), (480, 480), (300, 300), (700, 350), (1200, 1200), (97, 97)])
def test_a_rendition_looks_as_if_it_came_straight_from_the_master(size: tuple[int, int]) -> None:
    height = 1400 * size[1] / size[0]
    box = (0.0, (1400 - height) / 2, 1400.0, (1400 + height) / 2)

    shown = one(LEVELS, box, size)

    assert psnr(shown, MASTER.resize(size, Image.Resampling.LANCZOS, box=box)) > 43


def test_enlarging_is_done_from_the_master() -> None:
    box = (200.0, 300.0, 400.0, 400.0)

    shown = one(LEVELS, box, (600, 300))

    assert psnr(shown, MASTER.resize((600, 300), Image.Resampling.LANCZOS, box=box)) > 60


def test_colours_under_transparency_do_not_bleed_into_what_shows() -> None:
    image = Image.new("RGBA", (400, 400), (0, 255, 0, 0))
    image.paste((200, 0, 0, 255), (100, 100, 300, 300))

    shown = one(Levels(image), (0, 0, 400, 400), (67, 67))

    assert all(pixel[1] <= 2 for pixel in shown.get_flattened_data() if pixel[3] > 0)


@settings(max_examples=40, deadline=None)
@given(
    left=st.floats(0, 1300), top=st.floats(0, 1300), width=st.floats(1, 1400), height=st.floats(1, 1400),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)  # fmt: skip
def test_any_part_has_the_size_asked_for(
    left: float, top: float, width: float, height: float, size: tuple[int, int]
) -> None:
    box = (left, top, min(1400.0, left + width), min(1400.0, top + height))

    assert one(LEVELS, box, size).size == size


def test_grey_masters_are_shown_in_colour() -> None:
    assert one(Levels(gradient().convert("L")), (0, 0, 60, 40), (30, 20)).mode == "RGB"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("width", [350, 700, 2100])
def test_parts_of_one_scale_look_as_if_each_were_shown_alone(width: int, mode: str) -> None:
    levels, scale = Levels(MASTER.convert(mode)), width / 1400
    shares = ((0.0, 0.0, 1.0, 1.0), (0.0, 0.2, 1.0, 0.7), (0.1, 0.12, 0.9, 0.52))
    boxes = [(left * 1400, top * 1400, right * 1400, bottom * 1400) for left, top, right, bottom in shares]
    parts = [(box, (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))) for box in boxes]

    together = levels.shown(parts)

    assert [part.size for part in together] == [size for _, size in parts]
    # On the same whole pixels of the result, so that the pixels are the same ones but for the edges.
    assert all(psnr(part, one(levels, *alone)) > 40 for part, alone in zip(together, parts, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(BOXES, min_size=1, max_size=4),
    scale=st.floats(0.05, 0.4),
)
def test_parts_have_the_sizes_asked_for_wherever_they_lie(
    boxes: list[tuple[float, float, float, float]], scale: float
) -> None:
    inside = [(x, y, min(1400.0, x + width), min(1400.0, y + height)) for x, y, width, height in boxes]
    parts = [
        (box, (max(1, round((box[2] - box[0]) * scale)), max(1, round((box[3] - box[1]) * scale)))) for box in inside
    ]

    assert [part.size for part in LEVELS.shown(parts)] == [size for _, size in parts]
