"""Each job has a face: the brand's where it names one, a bundled one else, in the weight of the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.operation import Brand
from pressroom.media.typography.fonts import find_font
from pressroom.media.typography.typefaces import HEADING_WEIGHT, STRONG_WEIGHT, fonts_for


def test_without_a_brand_all_are_bundled() -> None:
    found = fonts_for(None, {})

    assert found.all() == (
        find_font("inter", HEADING_WEIGHT), find_font("inter", 400), find_font("inter", STRONG_WEIGHT), find_font("mono", 400),
    )  # fmt: skip
    assert all(font.path.is_file() for font in found.all())
    assert found.heading.weight >= found.strong.weight > found.body.weight


def test_a_style_may_name_the_heading_and_a_brand_overrules_it() -> None:
    serif = find_font("serif", HEADING_WEIGHT)

    assert fonts_for(None, {}, "serif").heading == serif
    assert fonts_for(Brand(), {}, "serif").heading == serif
    assert fonts_for(Brand(fonts={"heading": "inter"}), {}, "serif").heading == find_font("inter", HEADING_WEIGHT)
    assert fonts_for(None, {}, "serif").body == find_font("inter", 400)


def test_a_brands_body_face_is_also_its_strong_one() -> None:
    found = fonts_for(Brand(fonts={"body": "serif"}), {})

    assert found.body == find_font("serif", 400)
    assert found.strong == find_font("serif", STRONG_WEIGHT)


def test_a_brands_own_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "house.ttf"
    path.write_bytes(find_font("mono", 400).path.read_bytes())

    found = fonts_for(Brand(fonts={"heading": "house"}), {"house": path})

    assert found.heading.path == path
    assert found.body == find_font("inter", 400)


def test_a_damaged_file_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "house.ttf").write_bytes(b"no font")

    with pytest.raises(Corrupt, match=r"house\.ttf"):
        fonts_for(Brand(fonts={"body": "house"}), {"house": tmp_path / "house.ttf"})
