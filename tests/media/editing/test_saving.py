"""A saved edit is the picture, exactly, in a file without metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.media.editing.saving import saved
from tests.support.edits import shaded, with_alpha

PICTURES = [Image.fromarray(shaded(31, 22)), Image.fromarray(with_alpha(shaded(31, 22))), Image.new("RGB", (1, 1))]


@pytest.mark.parametrize("image", PICTURES)
def test_every_pixel_comes_back(tmp_path: Path, image: Image.Image) -> None:
    made = saved(image, tmp_path / "edit.png", angle=3, at=[1, 2])

    with Image.open(made.path) as found:
        assert (found.format, found.mode) == ("PNG", image.mode)
        assert (np.asarray(found) == np.asarray(image)).all()
        assert found.info == {}
    assert made.path == tmp_path / "edit.png"
    assert made.mime == "image/png"
    assert made.details == {"angle": 3, "at": [1, 2]}


def test_the_same_pixels_give_the_same_bytes_whatever_came_with_them(tmp_path: Path) -> None:
    plain, told = PICTURES[0], PICTURES[0].copy()
    told.info = {"icc_profile": b"no profile", "comment": "home"}

    one, other = (saved(image, tmp_path / f"{number}.png").path for number, image in enumerate((plain, told)))

    assert one.read_bytes() == other.read_bytes()


def test_a_fully_opaque_cut_out_is_what_was_written(tmp_path: Path) -> None:
    """It is opened as RGB again, as nothing of it is transparent: still the same picture."""
    opaque = PICTURES[0].convert("RGBA")

    made = saved(opaque, tmp_path / "edit.png")

    with Image.open(made.path) as found:
        assert found.convert("RGBA").tobytes() == opaque.tobytes()
