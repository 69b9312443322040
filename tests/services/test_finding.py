"""Finding as a use case: who asks sees their own, likeness goes together with filters, and searches are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.library.search import Filter, Query, Sort
from pressroom.services.add_media import add_file
from pressroom.services.finding import (
    delete_saved_search,
    read_libraries,
    rename_saved_search,
    save_search,
    saved_search,
    saved_searches,
    search_assets,
)
from tests.support.scenes import scene
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

ANN = Principal("default", "ann@acme.example")
BEN = Principal("default", "ben@acme.example")


@pytest.fixture
def shot(studio: Studio, tmp_path: Path) -> Studio:
    """Three photos: a cup, nearly the same one mirrored, and a shoe."""
    cup = Image.fromarray(scene("mug", "plain", 41, 256, 256).photo)
    cup.save(tmp_path / "cup.png")
    cup.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "mirrored.jpg", quality=90)
    Image.fromarray(scene("shoe", "busy", 47, 256, 256).photo).save(tmp_path / "shoe.png")
    for name in ("cup.png", "mirrored.jpg", "shoe.png"):
        add_file(Principal("default"), studio.context, tmp_path / name)
    return studio


def names(studio: Studio, query: Query, picture: Path | None = None) -> list[str]:
    return [each.title for each in search_assets(ANN, studio.context, query, picture).items]


def test_libraries_are_in_memory_before_anybody_searches(shot: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressroom.services.finding.WORTH_A_FILE", 4)
    read_libraries(shot.context)
    too_small = shot.context.mirror.rows
    monkeypatch.setattr("pressroom.services.finding.WORTH_A_FILE", 3)

    read_libraries(shot.context)

    assert (too_small, shot.context.mirror.rows) == (0, 3)
    assert len([*(shot.home / "cache").glob("*.sketches")]) == 1


def test_what_resembles_an_asset_or_a_picture_is_filtered_like_anything_else(shot: Studio, tmp_path: Path) -> None:
    (cup,) = search_assets(ANN, shot.context, Query(Filter(text="cup"))).items

    found = search_assets(ANN, shot.context, Query(like=cup.sha256[:8]))

    assert found.items[0].title == "mirrored.jpg"
    assert found.matches[found.items[0].id].variant == "mirrored"
    assert found.count_is_capped
    assert set(names(shot, Query(limit=2), tmp_path / "cup.png")) == {"cup.png", "mirrored.jpg"}
    assert names(shot, Query(Filter(format="jpeg")), tmp_path / "cup.png") == ["mirrored.jpg"]
    assert names(shot, Query(Filter(text="shoe"), Sort.SIMILARITY), tmp_path / "cup.png") == ["shoe.png"]


def test_a_file_that_shows_nothing_resembles_nothing(shot: Studio, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")

    with pytest.raises(Invalid, match="is no media file"):
        search_assets(ANN, shot.context, Query(), tmp_path / "notes.txt")


def test_a_tier_or_platform_that_is_none_is_said(shot: Studio) -> None:
    with pytest.raises(Invalid, match=r"'premum' is no tier.*premium"):
        search_assets(ANN, shot.context, Query(Filter(tier="premum")))
    with pytest.raises(Invalid, match=r"'wal' is no platform.*'wall'"):
        search_assets(ANN, shot.context, Query(Filter(platform="wal")))


def test_searches_are_kept_for_who_kept_them(shot: Studio) -> None:
    given = [("format", "png"), ("text", "shoe")]
    save_search(ANN, shot.context, "shoes", given)

    assert [each.name for each in saved_searches(ANN, shot.context)] == ["shoes"]
    assert saved_search(ANN, shot.context, "shoes").query == tuple(given)
    assert saved_searches(BEN, shot.context) == ()
    with pytest.raises(Invalid, match="did you mean 'shoes'"):
        saved_search(ANN, shot.context, "shoe")
    with pytest.raises(Invalid, match="already a saved search 'shoes'"):
        save_search(ANN, shot.context, "shoes", given)
    with pytest.raises(Invalid, match="no filter to keep"):
        save_search(ANN, shot.context, "nothing", [])
    with pytest.raises(Invalid, match="no filter 'txt'"):
        save_search(ANN, shot.context, "other", [("txt", "x")])
    rename_saved_search(ANN, shot.context, "shoes", " boots ")
    assert saved_search(ANN, shot.context, "boots").query == tuple(given)
    with pytest.raises(Invalid, match="there is no saved search"):
        rename_saved_search(BEN, shot.context, "boots", "mine")
    delete_saved_search(ANN, shot.context, "boots")
    assert saved_searches(ANN, shot.context) == ()


def test_who_may_not_read_assets_finds_none(shot: Studio) -> None:
    with pytest.raises(Refused, match="assets:read"):
        search_assets(replace(ANN, scopes=frozenset({Scope.RUNS_READ})), shot.context)
