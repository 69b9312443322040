"""crop: a box, a shape, or all but the border."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.crop import OPERATION, CropParams, expect
from tests.support.edits import edit, shaded, with_alpha
from tests.support.workspaces import picture, workspace


def _planned(width: int, height: int, **params: Any) -> Any:
    return expect(CropParams(image="image", **params), {"image": MediaInfo(Kind.IMAGE, "", width, height)}, {})


def test_a_box_in_pixels_keeps_exactly_these_pixels(tmp_path: Path) -> None:
    source = shaded()

    found, details = edit("crop", tmp_path, source, box={"x": 10, "y": 5, "width": 40, "height": 30})

    assert (found == source[5:35, 10:50]).all()
    assert details["box"] == [10, 5, 50, 35]


def test_a_box_in_percent_is_of_the_pictures_own_sides(tmp_path: Path) -> None:
    found, _ = edit("crop", tmp_path, shaded(200, 100), box={"x": "10%", "y": "50%", "width": "25%"})

    assert found.shape == (50, 50, 3)


@pytest.mark.parametrize("anchor", ["top_left", "center", "bottom_right"])
def test_a_ratio_keeps_the_part_at_the_anchor(tmp_path: Path, anchor: str) -> None:
    source = shaded(120, 80)
    left = {"top_left": 0, "center": 20, "bottom_right": 40}[anchor]

    found, _ = edit("crop", tmp_path, source, ratio="1:1", anchor=anchor)

    assert (found == source[:, left : left + 80]).all()


def test_a_ratio_keeps_the_focal_point_inside(tmp_path: Path) -> None:
    source = np.zeros((80, 240, 3), np.uint8)
    source[30:34, 200:204] = 255

    found, details = edit("crop", tmp_path, source, ratio="1:1", focal_point={"x": 0.84, "y": 0.4})

    assert (found.max(axis=2) > 0).sum() == 16
    assert details["focal_point"]["source"] == "given"


@pytest.mark.parametrize("left", [0.0, 0.1, 0.3, 0.52, 0.7])
def test_a_ratio_keeps_the_subject_whole_wherever_it_is(tmp_path: Path, left: float) -> None:
    box = {"left": left, "top": 0.2, "right": left + 0.3, "bottom": 0.9}

    _, details = edit("crop", tmp_path, shaded(300, 100), ratio="1:1", subject=box)

    assert details["box"][0] <= left * 300 + 1
    assert details["box"][2] >= (left + 0.3) * 300 - 1
    assert details["focal_point"]["boxes"] == [box | {"right": round(left + 0.3, 4)}]


def test_the_subject_wins_over_a_focal_point_that_would_cut_it(tmp_path: Path) -> None:
    box = {"left": 0.6, "top": 0.1, "right": 0.9, "bottom": 0.9}

    _, details = edit("crop", tmp_path, shaded(300, 100), ratio="1:1", focal_point={"x": 0.5, "y": 0.5}, subject=box)

    assert details["box"][0] <= 181
    assert details["box"][2] >= 269


def test_it_crops_where_resize_would(tmp_path: Path) -> None:
    source = np.full((120, 400, 3), 128, np.uint8)
    source[20:100, 230:330] = np.random.default_rng(4).integers(0, 256, (80, 100, 3))

    found, _ = edit("crop", tmp_path, source, ratio="1:1")
    resized, _ = edit("resize", tmp_path, source, width=120, height=120, mode="crop", format="png")

    assert found.shape == resized.shape
    assert np.abs(found.astype(int) - resized).mean() < 12  # resize may begin between two pixels


def test_auto_finds_what_stands_out(tmp_path: Path) -> None:
    source = np.full((80, 300, 3), 128, np.uint8)
    source[20:60, 230:270] = np.random.default_rng(1).integers(0, 256, (40, 40, 3))

    found, _ = edit("crop", tmp_path, source, ratio="1:1")

    assert (found != 128).any(axis=2).sum() > 1500


def test_trim_removes_an_even_border_in_spite_of_noise(tmp_path: Path) -> None:
    source = np.random.default_rng(2).integers(250, 256, (100, 140, 3)).astype(np.uint8)
    source[20:70, 30:90] = shaded(60, 50)
    source[2, 3] = 0  # a dead pixel

    found, details = edit("crop", tmp_path, source, trim=True)

    assert details["box"] == [30, 20, 90, 70]
    assert (found == shaded(60, 50)).all()


def test_trim_of_a_cut_out_goes_by_its_transparency(tmp_path: Path) -> None:
    found, _ = edit("crop", tmp_path, with_alpha(shaded(100, 100)), trim=True, trim_margin=0.1)

    assert found.shape[2] == 4
    assert 82 < found.shape[0] < 100


def test_an_even_picture_cannot_be_trimmed(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="nothing is left"):
        edit("crop", tmp_path, np.full((20, 20, 3), 9, np.uint8), trim=True)


def test_trim_box_and_ratio_follow_each_other(tmp_path: Path) -> None:
    source = np.full((100, 140, 3), 255, np.uint8)
    source[10:90, 20:120] = shaded(100, 80) // 2

    found, details = edit("crop", tmp_path, source, trim=True, box={"width": "50%"}, ratio="1:2", anchor="left")

    assert details["box"] == [20, 10, 60, 90]
    assert found.shape == (80, 40, 3)


def test_a_plan_knows_the_size_and_refuses_a_box_beyond_the_picture() -> None:
    planned = _planned(100, 80, box={"x": 90, "width": 20})

    assert _planned(3000, 2000, ratio="4:5").outputs[0][1].width == 1600
    assert planned.problems == ("box: it reaches to 110 x 80 pixels, the picture has 100 x 80",)
    assert _planned(100, 80, trim=True).outputs[0][1].width is None


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"anchor": "top"},
        {"subject": {"left": 0, "top": 0, "right": 1, "bottom": 1}},
        {"ratio": "1:1", "anchor": "top", "subject": {"left": 0, "top": 0, "right": 1, "bottom": 1}},
        {"ratio": "1:1", "anchor": "top", "focal_point": {"x": 0, "y": 0}},
        {"ratio": "0:1"},
    ],
)
def test_parameters_that_say_nothing_or_two_things_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CropParams(image="image", **params)


class TestWords:
    """Of a picture of 200 x 100: in its left third, and in its right one."""

    def _cropped(self, folder: Path, *words: tuple[float, float, float, float], **params: Any) -> dict[str, Any]:
        work = workspace(folder, {"image": picture(folder, shaded(200, 100))})
        assert OPERATION.run is not None
        (made,) = OPERATION.run(CropParams(image="image", **params), replace(work, words={"image": words}))
        return made.details

    @pytest.mark.parametrize("left", [0.0, 0.1, 0.4, 0.7])
    def test_a_ratio_keeps_them_whole(self, tmp_path: Path, left: float) -> None:
        details = self._cropped(tmp_path, (left, 0.3, left + 0.3, 0.6), ratio="1:1")

        assert details["box"][0] <= left * 200
        assert details["box"][2] >= (left + 0.3) * 200
        assert "warning" not in details

    def test_a_ratio_in_a_box_does_too(self, tmp_path: Path) -> None:
        box = {"x": 80, "y": 0, "width": 120, "height": 60}
        details = self._cropped(tmp_path, (0.8, 0.3, 0.98, 0.6), ratio="1:1", box=box)

        assert details["box"][2] >= 196
        assert "warning" not in details

    def test_what_is_cut_is_said(self, tmp_path: Path) -> None:
        words = ((0.02, 0.3, 0.3, 0.6), (0.7, 0.3, 0.98, 0.6))

        assert self._cropped(tmp_path, *words, ratio="1:1")["warning"] == "words of the picture are cut"
        box = {"x": 100, "y": 0, "width": 60, "height": 50}
        assert self._cropped(tmp_path, *words, box=box)["warning"] == "words of the picture are cut"

    def test_what_a_box_leaves_out_is_not_cut(self, tmp_path: Path) -> None:
        assert "warning" not in self._cropped(tmp_path, (0.02, 0.3, 0.3, 0.6), box={"x": 100, "y": 0, "width": 60})


class TestSubjects:
    """Of a picture of 300 x 100 in which a step before has placed one: it is not looked for."""

    def _cropped(self, folder: Path, placed: tuple[float, float, float, float], **params: Any) -> dict[str, Any]:
        pixels = np.full((100, 300, 3), 128, np.uint8)
        pixels[30:70, 10:50] = np.random.default_rng(1).integers(0, 256, (40, 40, 3))  # what stands out
        work = workspace(folder, {"image": picture(folder, pixels)})
        assert OPERATION.run is not None
        (made,) = OPERATION.run(CropParams(image="image", **params), replace(work, subjects={"image": (placed,)}))
        return made.details

    def test_a_ratio_keeps_what_was_placed_whole_and_says_where_it_is(self, tmp_path: Path) -> None:
        details = self._cropped(tmp_path, (0.6, 0.2, 0.8, 0.9), ratio="1:1")

        left, _, right, _ = details["box"]
        assert left <= 180
        assert right >= 240
        assert details["focal_point"]["source"] == "subject"
        assert details["subject_box"] == pytest.approx(((180 - left) / 100, 0.2, (240 - left) / 100, 0.9), abs=1e-3)

    def test_a_box_in_the_campaign_goes_before_it(self, tmp_path: Path) -> None:
        own = {"left": 0.0, "top": 0.1, "right": 0.2, "bottom": 0.9}

        assert self._cropped(tmp_path, (0.7, 0.2, 0.9, 0.9), ratio="1:1", subject=own)["box"][0] == 0

    def test_it_is_counted_in_what_trim_and_box_leave(self, tmp_path: Path) -> None:
        box = {"x": 100, "y": 0, "width": 200, "height": 80}

        details = self._cropped(tmp_path, (0.8, 0.2, 0.95, 0.7), ratio="1:1", box=box)

        assert details["box"][0] <= 240
        assert details["box"][2] >= 285

    def test_of_one_that_is_cut_away_nothing_is_said(self, tmp_path: Path) -> None:
        assert "subject_box" not in self._cropped(tmp_path, (0.8, 0.2, 0.95, 0.7), box={"width": 100})
