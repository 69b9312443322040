"""What a vendor makes in a size or a format of its own becomes what the plan promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.services.conform import conformed
from tests.support.studio import Studio

WANTED = MediaInfo(Kind.IMAGE, mime_of("png"), 100, 80)


def made(path: Path, size: tuple[int, int], mime: str) -> Made:
    Image.new("RGB", size, "teal").save(path)
    return Made(path, mime, "")


def test_another_size_and_format_is_brought_to_the_promised_one_and_said(studio: Studio, tmp_path: Path) -> None:
    found = conformed(studio.context, made(tmp_path / "a.jpg", (96, 80), mime_of("jpg")), WANTED)

    with Image.open(found.path) as picture:
        assert (picture.size, picture.format) == ((100, 80), "PNG")
    assert found.details["made_as"] == {"size": [96, 80], "type": mime_of("jpg")}


@pytest.mark.parametrize("size", [(100, 80), (400, 80)])
def test_what_is_right_or_far_off_stays_as_it_is(studio: Studio, tmp_path: Path, size: tuple[int, int]) -> None:
    item = made(tmp_path / "a.png", size, mime_of("png"))

    assert conformed(studio.context, item, WANTED) is item


def test_what_is_damaged_is_left_for_the_check(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"<html>")
    item = Made(tmp_path / "a.png", mime_of("png"), "")

    assert conformed(studio.context, item, WANTED) is item
    assert conformed(studio.context, item, None) is item
