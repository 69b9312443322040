"""Uses are counted once each, statistics equal a recount, and versions say what changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.library import Use
from pressroom.library.editing import Edit
from pressroom.services import uses
from pressroom.services.add_media import add_file
from pressroom.services.edit_assets import edit_assets, trash_assets
from pressroom.services.finding import search_assets
from pressroom.services.library import show_asset
from pressroom.services.selection import Selection
from tests.support.studio import Studio

ME = Principal("default")
ANN = Principal("default", "ann@acme.example")
CAMPAIGN = """
name: two
steps:
  scene: {{uses: draw, model: simulated-direct/ink, with: {{prompt: {prompt}, files: 2, width: 64, height: 48}}}}
  dusk: {{uses: tint, with: {{image: photo.png}}}}
"""


@pytest.fixture
def filled(studio: Studio) -> Studio:
    """Two runs of one campaign, of which the first step was changed in between."""
    from PIL import Image

    Image.new("RGB", (64, 48), (200, 30, 30)).save(studio.home / "photo.png")
    studio.go(CAMPAIGN.format(prompt="a kettle"))
    studio.go(CAMPAIGN.format(prompt="a teapot"))
    return studio


def photo_of(studio: Studio) -> str:
    return add_file(ME, studio.context, studio.home / "photo.png").id


def test_ten_openings_in_a_minute_are_one_view_of_each_person(filled: Studio) -> None:
    photo, start = photo_of(filled), filled.context.now()

    def view(who: Principal, seconds: int) -> bool:
        at = replace(filled.context, now=lambda: start + timedelta(seconds=seconds))
        return uses.record_use(who, at, photo, "view")

    assert [view(ME, seconds) for seconds in range(0, 60, 6)] == [True] + [False] * 9
    assert [view(ANN, 50), view(ME, 61), view(ME, 90)] == [True, True, False]
    assert uses.count_uses(ME, filled.context, photo)[Use.VIEW] == 3


def test_the_same_key_is_the_same_use(filled: Studio) -> None:
    photo = photo_of(filled)

    told = [uses.record_use(ME, filled.context, photo, "post", key="x:77", details={"platform": "x"}) for _ in range(3)]

    assert told == [True, False, False]
    assert uses.record_use(ANN, filled.context, photo, "post", key="x:77")
    newest = uses.list_uses(ME, filled.context, photo, 2)
    assert [(each.kind, each.member, each.details) for each in newest] == [
        (Use.POST, ANN.user, {}),
        (Use.POST, "", {"platform": "x"}),
    ]
    assert uses.list_uses(ME, filled.context, photo, 9, newest[-1].id)[0].kind is Use.CAMPAIGN
    with pytest.raises(Invalid, match="no use 'steal'"):
        uses.record_use(ME, filled.context, photo, "steal")


def test_a_file_is_used_once_by_each_run_that_takes_it(filled: Studio) -> None:
    found = uses.list_uses(ME, filled.context, photo_of(filled))

    assert [(each.kind, each.details["campaign"]) for each in found] == [(Use.CAMPAIGN, "two")] * 2
    assert len({each.details["run"] for each in found}) == 2


def test_statistics_equal_a_recount(filled: Studio) -> None:
    photo, items = photo_of(filled), search_assets(ME, filled.context).items
    edit_assets(ME, filled.context, Selection((items[0].id,)), Edit(category="social"))
    trash_assets(ME, filled.context, Selection((items[1].id,)))
    uses.record_use(ME, filled.context, photo, "download")

    found = uses.library_statistics(ME, filled.context)

    left = [show_asset(ME, filled.context, each.id) for each in items if each.id != items[1].id]
    assert (found.count, found.trashed) == (len(left), 1)
    assert found.by["kind"] == Counter(each.kind for each in left)
    assert found.by["category"] == Counter(each.category for each in left)
    assert found.by["module"] == Counter(each.source_module for each in left)
    assert found.by["model"] == Counter(f"{each.provider}/{each.model}" if each.model else "none" for each in left)
    assert sum(found.by["tier"].values()) == len(left)
    assert found.cost_usd_micros == sum(each.cost_usd_micros for each in left)
    assert found.cost_credits_micros == sum(each.cost_credits_micros for each in left) > 0
    assert found.size_bytes == sum(each.size_bytes for each in left)
    assert found.storage_bytes == sum({each.sha256: each.size_bytes for each in left}.values())
    assert (found.uses, found.used, found.views) == (3, 1, 0)
    assert [each.id for each in found.newest] == [each.id for each in left[:5]]
    assert [each.id for each in found.most_used] == [photo]
    assert found.reuse_rate == 0.25  # of four nodes one was there already
    assert found.as_dict("default")["cost_usd"] > 0


def test_versions_stand_in_the_order_of_runs_with_what_changed(filled: Studio) -> None:
    newest = next(
        each for each in search_assets(ME, filled.context).items if each.step == "scene" and each.ordinal == 0
    )

    first, second = uses.list_versions(ME, filled.context, newest.id)

    assert (first.number, second.number, second.asset.id) == (1, 2, newest.id)
    assert first.changes == ()
    changed = {each.what: (each.before, each.after) for each in second.changes}
    assert changed["prompt"] == ("a kettle", "a teapot")
    assert "sha256" in changed
    assert uses.list_versions(ME, filled.context, photo_of(filled))[0].changes == ()
