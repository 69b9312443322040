"""flip: a mirror, nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pressroom.domain.errors import Corrupt
from tests.support.edits import edit, shaded, with_alpha
from tests.support.media import clip


@pytest.mark.parametrize(("direction", "axes"), [("horizontal", 1), ("vertical", 0), ("both", (0, 1))])
def test_pixels_change_sides(tmp_path: Path, direction: str, axes: int | tuple[int, int]) -> None:
    source = with_alpha(shaded(61, 40))

    found, _ = edit("flip", tmp_path, source, direction=direction)

    assert (found == np.flip(source, axes)).all()


@pytest.mark.parametrize("direction", ["horizontal", "vertical", "both"])
def test_twice_is_not_at_all(tmp_path: Path, direction: str) -> None:
    source = shaded()

    once, _ = edit("flip", tmp_path, source, direction=direction)
    twice, _ = edit("flip", tmp_path, once, direction=direction)

    assert (once != source).any()
    assert (twice == source).all()


def test_a_video_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="a picture is needed"):
        edit("flip", tmp_path, clip(tmp_path / "a.mp4", seconds=0.2))
