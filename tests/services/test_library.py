"""The library's use cases: what a principal finds is its account's, and what is not to be had is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.library.search import Filter, Query
from pressroom.services.add_media import add_file
from pressroom.services.finding import search_assets
from pressroom.services.library import find_similar, links_to, opened_media, run_page_of, show_asset, trace_asset
from tests.support.studio import Studio

CAMPAIGN = """
name: two
steps:
  scene: {uses: draw, with: {prompt: a kettle, width: 64, height: 48}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""
DEFAULT = Principal("default")
BOB = Principal("bob")


@pytest.fixture
def filled(studio: Studio) -> Studio:
    """A library of two assets, and an account beside it that has made something else."""
    studio.go(CAMPAIGN)
    run = studio.begin(studio.plan("name: other\nsteps: {b: {uses: draw, with: {prompt: of bob}}}"), account="bob")
    studio.walk(run)
    return studio


def test_a_page_holds_the_accounts_own(filled: Studio) -> None:
    mine = search_assets(DEFAULT, filled.context, Query())
    theirs = search_assets(BOB, filled.context, Query())

    assert {asset.campaign for asset in mine.items} == {"two"}
    assert {asset.campaign for asset in theirs.items} == {"other"}


def test_a_kind_that_is_none_is_named_with_those_there_are(filled: Studio) -> None:
    with pytest.raises(Invalid, match=r"'pictures' is no kind.*image"):
        search_assets(DEFAULT, filled.context, Query(Filter(kind="pictures")))


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (Filter(campaign="tow"), r"no asset is of a campaign 'tow'.*did you mean 'two'"),
        (Filter(kind="imgae"), r"'imgae' is no kind.*did you mean 'image'"),
        (Filter(tag="hero"), r"no asset has the tag 'hero'.*there are none"),
    ],
)
def test_a_filter_that_is_misspelt_gets_the_nearest_name(filled: Studio, which: Filter, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        search_assets(DEFAULT, filled.context, Query(which))


def test_names_of_another_accounts_campaigns_are_not_told(filled: Studio) -> None:
    with pytest.raises(Invalid) as caught:
        search_assets(DEFAULT, filled.context, Query(Filter(campaign="othr")))

    assert "other" not in str(caught.value)


def test_a_filter_whose_names_are_right_may_find_nothing(filled: Studio) -> None:
    assert search_assets(DEFAULT, filled.context, Query(Filter(campaign="two", kind="video"))).items == ()


def test_another_accounts_asset_is_as_missing_as_one_that_never_was(filled: Studio) -> None:
    (theirs,) = search_assets(BOB, filled.context, Query()).items

    with pytest.raises(Invalid) as hidden:
        show_asset(DEFAULT, filled.context, theirs.id)
    with pytest.raises(Invalid) as missing:
        show_asset(DEFAULT, filled.context, "a" * 21)

    assert str(hidden.value).replace(theirs.id, "X") == str(missing.value).replace("a" * 21, "X")


def test_an_asset_is_traced_to_what_it_was_made_from(filled: Studio) -> None:
    dusk = next(asset for asset in search_assets(DEFAULT, filled.context, Query()).items if asset.step == "dusk")

    asset, found = trace_asset(DEFAULT, filled.context, dusk.id[:8])

    assert asset.id == dusk.id
    assert [each.step for each in found.ancestors] == ["scene"]


def test_a_picture_on_disk_is_compared_with_the_library(filled: Studio, tmp_path: Path) -> None:
    scene = next(asset for asset in search_assets(DEFAULT, filled.context, Query()).items if asset.step == "scene")
    copy = tmp_path / "copy.png"
    with opened_media(DEFAULT, filled.context, scene.id) as media:
        copy.write_bytes(media.path.read_bytes())

    found = find_similar(DEFAULT, filled.context, str(copy))

    assert scene.id in {each.asset.id for each in found.answer.duplicates}
    assert found.waiting == 0


def test_a_file_that_is_no_media_is_named(filled: Studio, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")

    with (
        pytest.raises(Invalid, match=r"notes.txt is no media file"),
        opened_media(DEFAULT, filled.context, str(tmp_path / "notes.txt")),
    ):
        pass


def test_media_that_is_gone_from_the_store_is_told(filled: Studio) -> None:
    (asset,) = search_assets(BOB, filled.context, Query()).items
    filled.context.store.delete(asset.sha256)

    with pytest.raises(Invalid, match="no longer in the store"), opened_media(BOB, filled.context, asset.id):
        pass


def test_files_link_to_their_pages_where_somebody_says_where_those_are(studio: Studio) -> None:
    summary = {"nodes": [{"assets": [{"id": "a1", "sha256": "0" * 64}]}]}
    known = studio.context.settings.model_copy(update={"public_url": "https://press.example"})
    public = replace(studio.context, settings=known)

    assert links_to(public, summary) == {"a1": "https://press.example/assets/a1"}
    assert run_page_of(public, "r1") == "https://press.example/runs/r1"
    assert (links_to(studio.context, summary), run_page_of(studio.context, "r1")) == ({}, "")


def test_a_file_from_the_store_goes_by_the_name_its_owner_knows(filled: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), "teal").save(tmp_path / "my scan.png")
    asset = add_file(DEFAULT, filled.context, tmp_path / "my scan.png")

    with opened_media(DEFAULT, filled.context, asset.id) as media:
        assert media.path.name == "my scan.png"
        assert media.path.read_bytes() == (tmp_path / "my scan.png").read_bytes()
