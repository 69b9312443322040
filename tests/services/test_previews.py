"""Previews are made once for the same bytes, in a few sizes, for who may see the asset."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import NotFound
from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from pressroom.services.previews import preview_of
from tests.support.studio import Studio


def test_a_preview_is_made_once_and_shows_the_picture(studio: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (1_000, 500), (200, 30, 30)).save(tmp_path / "red.png")
    asset = add_file(studio.principal, studio.context, tmp_path / "red.png")

    first = preview_of(studio.principal, studio.context, asset.sha256, 320)
    made = first.stat().st_mtime_ns
    again = preview_of(studio.principal, studio.context, asset.id, 320)

    with Image.open(first) as shown:
        assert (shown.format, shown.size) == ("WEBP", (320, 160))
        assert all(abs(a - b) < 8 for a, b in zip(shown.convert("RGB").getpixel((160, 80)), (200, 30, 30), strict=True))
    assert (again, again.stat().st_mtime_ns) == (first, made)


def test_there_is_none_of_anothers_picture_of_any_size_or_of_what_cannot_be_seen(
    studio: Studio, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "black.png")
    (tmp_path / "rows.csv").write_text("name\nkettle\n")
    picture, feed = (add_file(studio.principal, studio.context, tmp_path / name) for name in ("black.png", "rows.csv"))
    rival = Principal("rival")
    add_file(rival, studio.context, tmp_path / "rows.csv")
    preview_of(studio.principal, studio.context, picture.id, 320)

    for who, name, side in (
        (rival, picture.sha256, 320),
        (studio.principal, picture.id, 321),
        (rival, feed.sha256, 320),
    ):
        with pytest.raises(NotFound):
            preview_of(who, studio.context, name, side)


def test_a_file_that_is_gone_has_none(studio: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "gone.png")
    asset = add_file(studio.principal, studio.context, tmp_path / "gone.png")
    stored = studio.context.store.local_path(asset.sha256)
    assert stored is not None
    stored.unlink()

    with pytest.raises(NotFound, match="cannot be shown"):
        preview_of(studio.principal, studio.context, asset.id, 320)
