"""rotate: quarter turns without loss, other angles without jagged edges or dark corners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.media import Kind, MediaInfo
from pressroom.media.editing.sizes import Edges, rotated_size
from pressroom.operations.rotate import RotateParams, expect
from tests.support.edits import edit, shaded, with_alpha
from tests.support.media import psnr
from tests.support.workspaces import picture


@pytest.mark.parametrize("transparent", [False, True])
def test_four_quarter_turns_are_none(tmp_path: Path, transparent: bool) -> None:
    source = with_alpha(shaded()) if transparent else shaded()

    found = source
    for _ in range(4):
        found, _ = edit("rotate", tmp_path, found, angle=90)

    assert (found == source).all()


def test_a_quarter_turn_is_clockwise(tmp_path: Path) -> None:
    source = shaded()

    found, _ = edit("rotate", tmp_path, source, angle=90)

    assert (found == np.rot90(source, -1)).all()
    assert (edit("rotate", tmp_path, source, angle=-270)[0] == found).all()


def test_turning_there_and_back_gives_nearly_the_same(tmp_path: Path) -> None:
    y, x = np.mgrid[0:160, 0:200]
    source = np.dstack([128 + 90 * np.sin(x / 9), 128 + 90 * np.cos(y / 7), 128 + 60 * np.sin((x + y) / 11)])

    there, _ = edit("rotate", tmp_path, source.astype(np.uint8), angle=17)
    back, _ = edit("rotate", tmp_path, there, angle=-17)
    left, top = (back.shape[1] - 200) // 2, (back.shape[0] - 160) // 2
    middle = back[top + 10 : top + 150, left + 10 : left + 190, :3]

    assert psnr(Image.fromarray(middle), Image.fromarray(source.astype(np.uint8)[10:150, 10:190])) > 36


def test_straightening_shows_no_corner_of_background(tmp_path: Path) -> None:
    """White turned on a background that would show black: every pixel is white."""
    found, _ = edit(
        "rotate", tmp_path, np.full((90, 140, 3), 255, np.uint8), angle=4, edges="crop", background="#000000"
    )

    assert found.min() == 255
    assert found.shape[0] > 75


def test_straightening_cuts_as_little_as_possible(tmp_path: Path) -> None:
    """No larger upright rectangle of the same shape fits: one 3 % larger has a corner outside."""
    width, height = rotated_size((1200, 800), 6, "crop")
    grown = np.array([[width, height], [width, -height]]) / 2 * 1.03
    angle = np.radians(6)
    turned = grown @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    assert (np.abs(turned) > (600, 400)).any()


def test_corners_are_transparent_and_edges_smooth(tmp_path: Path) -> None:
    found, _ = edit("rotate", tmp_path, np.full((60, 90, 3), 200, np.uint8), angle=30)

    alpha = found[..., 3]
    assert alpha[0, 0] == alpha[-1, -1] == 0
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255
    assert ((alpha > 20) & (alpha < 235)).sum() > 60
    assert (found[alpha > 0][:, :3] == 200).all()
    assert abs(alpha.sum() / 255 - 60 * 90) < 20


def test_a_background_fills_the_corners_of_the_same_canvas(tmp_path: Path) -> None:
    found, _ = edit(
        "rotate", tmp_path, np.full((60, 90, 3), 200, np.uint8), angle=30, edges="keep", background="brand.primary"
    )

    assert found.shape == (60, 90, 3)
    assert tuple(found[0, 0]) == (0x1F, 0x3B, 0x2D)
    assert found.max() == 200


def test_a_cut_out_keeps_the_colour_of_its_edge(tmp_path: Path) -> None:
    """What hides under transparent pixels does not leak out."""
    source = with_alpha(np.full((80, 80, 3), (220, 30, 30), np.uint8))
    source[source[..., 3] == 0] = (0, 255, 0, 0)

    found, _ = edit("rotate", tmp_path, source, angle=20)

    assert found[found[..., 3] > 24][:, 1].max() < 60


def test_the_picture_is_upright_before_it_is_turned(tmp_path: Path) -> None:
    image = Image.fromarray(shaded())
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "sideways.png", exif=exif)

    found, _ = edit("rotate", tmp_path, tmp_path / "sideways.png", angle=-90)

    assert (found == shaded()).all()


@given(st.integers(4, 400), st.integers(4, 400), st.floats(-360, 360), st.sampled_from(["expand", "crop", "keep"]))
def test_the_planned_size_holds_or_lies_inside_the_turned_rectangle(
    width: int, height: int, angle: float, edges: Edges
) -> None:
    found = rotated_size((width, height), angle, edges)
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[width, height], [width, -height]]) / 2 @ matrix
    inner = np.array([found, (found[0], -found[1])]) / 2 @ matrix.T

    if edges == "expand":
        assert (np.abs(corners) <= np.array(found) / 2 + 1e-3).all()
    elif edges == "crop" and min(found) > 1:
        assert (np.abs(inner) <= np.array([width, height]) / 2 + 1e-6).all()
    elif edges == "keep" and angle % 90:
        assert found == (width, height)


def test_what_is_planned_is_what_is_made(tmp_path: Path) -> None:
    source = picture(tmp_path, shaded(133, 71))
    for edges in ("expand", "crop", "keep"):
        planned = expect(
            RotateParams(image="image", angle=11.3, edges=edges), {"image": MediaInfo(Kind.IMAGE, "", 133, 71)}, {}
        )
        found, _ = edit("rotate", tmp_path, source, angle=11.3, edges=edges)

        assert (planned.outputs[0][1].height, planned.outputs[0][1].width) == found.shape[:2]
        assert planned.outputs[0][1].has_alpha == (found.shape[2] == 4)
