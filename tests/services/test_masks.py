"""Masks: as large as their picture, black and white, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pressroom.domain.errors import Corrupt, Invalid, NotFound, Refused
from pressroom.domain.identity import READING, Principal
from pressroom.services.add_media import add_file
from pressroom.services.library import opened_media
from pressroom.services.masks import FOLDER, add_mask
from tests.support.studio import Studio

ME = Principal("default")


@pytest.fixture
def picture(studio: Studio, tmp_path: Path) -> str:
    Image.new("RGB", (300, 200), "#888").save(tmp_path / "kettle.png")
    return add_file(ME, studio.context, tmp_path / "kettle.png").id


def painted(path: Path, size: tuple[int, int], mode: str = "RGBA", ground: object = (0, 0, 0, 0)) -> Path:
    """White in the left half, with a soft edge."""
    mask = Image.new(mode, size, ground)  # type: ignore[arg-type]
    ImageDraw.Draw(mask).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="#ffffff")
    mask.save(path)
    return path


@pytest.mark.parametrize(("mode", "ground"), [("RGBA", (0, 0, 0, 0)), ("L", 0), ("RGBA", (255, 255, 255, 0))])
def test_a_mask_is_filed_as_large_as_its_picture(
    studio: Studio, tmp_path: Path, picture: str, mode: str, ground: object
) -> None:
    found = add_mask(ME, studio.context, painted(tmp_path / "m.png", (150, 100), mode, ground), picture)

    assert (found.width, found.height, found.folder, found.title) == (300, 200, FOLDER, "Mask of kettle.png")
    with opened_media(ME, studio.context, found.id) as media, Image.open(media.path) as mask:
        assert mask.convert("L").getcolors() == [(30_000, 0), (30_000, 255)]


def test_what_is_no_mask_of_the_picture_is_refused(studio: Studio, tmp_path: Path, picture: str) -> None:
    context = studio.context
    black = tmp_path / "black.png"
    Image.new("L", (300, 200), 0).save(black)
    words = tmp_path / "words.png"
    words.write_text("no picture")

    with pytest.raises(Invalid, match="another shape: 200 x 200, the picture 300 x 200"):
        add_mask(ME, context, painted(tmp_path / "m.png", (200, 200)), picture)
    with pytest.raises(Invalid, match="nothing in the mask is white"):
        add_mask(ME, context, black, picture)
    with pytest.raises(Corrupt):
        add_mask(ME, context, words, picture)
    for name in ("", "nothing"):
        with pytest.raises(NotFound):
            add_mask(ME, context, black, name)
    with pytest.raises(Refused, match="assets:write"):
        add_mask(replace(ME, user="a@b.example", scopes=READING), context, black, picture)
