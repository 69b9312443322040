"""Rules tag what can be measured and what was asked for, late and never against a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from pressroom.database.engine import Database
from pressroom.domain.library import TagOrigin
from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.library.assets import add_asset
from pressroom.library.auto_tags import catch_up, said_by_rules, without_auto_tags
from pressroom.library.tags import remove_tags, tags_of
from pressroom.media.subject.traits import traits_of
from pressroom.storage.local import LocalStore
from tests.support.accounts import ACME, RIVAL


def words(picture: Image.Image) -> list[str]:
    return [each.word for each in traits_of(picture)]


@pytest.mark.parametrize(
    ("color", "said"),
    [
        ((200, 20, 30), ["red"]),
        ((20, 60, 200), ["blue"]),
        ((250, 250, 250), ["white", "light"]),
        ((8, 8, 10), ["black", "dark"]),
    ],
)
def test_a_plain_picture_has_its_colour_by_name(color: tuple[int, int, int], said: list[str]) -> None:
    assert words(Image.new("RGB", (80, 60), color)) == said


def test_main_colours_are_those_that_take_a_part_the_largest_first() -> None:
    picture = Image.new("RGB", (100, 100), (245, 245, 245))
    ImageDraw.Draw(picture).rectangle((0, 0, 99, 29), fill=(20, 60, 200))
    ImageDraw.Draw(picture).rectangle((0, 95, 9, 99), fill=(200, 20, 30))

    found = {each.word: each.confidence for each in traits_of(picture)}

    assert list(found)[:2] == ["white", "blue"]
    assert "red" not in found
    assert found["white"] > found["blue"] > 0.5


def test_what_is_cut_out_is_transparent_and_its_ground_has_no_colour() -> None:
    picture = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((20, 20, 60, 60), fill=(20, 160, 60, 255))

    assert words(picture)[:2] == ["transparent", "green"]


def test_faces_are_told_from_one(astronaut: Any) -> None:
    one = Image.fromarray(astronaut)
    two = Image.new("RGB", (one.width * 2, one.height))
    two.paste(one, (0, 0))
    two.paste(one, (one.width, 0))

    assert words(one)[-1] == "face"
    assert words(two)[-1] == "faces"


@pytest.fixture(scope="module")
def astronaut() -> Any:
    from skimage import data

    return data.astronaut()


def test_a_record_says_its_orientation_placement_and_prompt() -> None:
    info = MediaInfo(Kind.VIDEO, "video/mp4", 1080, 1920)
    prompt = "A highly detailed photo of the black granite, with a RED kettle and granite"

    found = said_by_rules(None, info, MediaLimits(), prompt=prompt, placement="instagram.story")

    assert [each.tag for each in found] == ["portrait", "instagram.story", "black", "granite", "red", "kettle"]
    assert {each.origin for each in found} == {TagOrigin.RULE}
    assert [each.confidence for each in found] == [1.0, 1.0, 0.6, 0.6, 0.6, 0.6]


def test_what_was_filed_is_caught_up_with_once_and_what_was_taken_off_stays_off(
    database: Database, tmp_path: Path
) -> None:
    store, file = LocalStore(tmp_path / "media"), tmp_path / "red.png"
    Image.new("RGB", (80, 80), (200, 20, 30)).save(file)
    with database.write() as conn:
        for number, sha256 in enumerate((store.put(file), "0" * 64)):  # of the second the store has lost the bytes
            add_asset(conn, ACME, Asset(f"a{number}", sha256, Kind.IMAGE, "image/png", 1, 80, 80, prompt="a pot"))
    tools = database, ACME, store, MediaLimits()

    assert (catch_up(*tools, most=1), catch_up(*tools, most=9), catch_up(*tools, most=9)) == (1, 1, 0)
    with database.write() as conn:
        assert [each.tag for each in tags_of(conn, ACME, "a0")] == ["pot", "red", "square"]
        assert [each.tag for each in tags_of(conn, ACME, "a1")] == ["pot", "square"]
        remove_tags(conn, ACME, ["a0"], ["red"])
        conn.exec_driver_sql("UPDATE asset SET auto_tagged = 0")
    assert catch_up(*tools, most=9) == 2

    with database.read() as conn:
        assert [each.tag for each in tags_of(conn, ACME, "a0")] == ["pot", "square"]
        assert without_auto_tags(conn, RIVAL, 9) == []
