"""Assets are changed by ids or by a filter, in one transaction, after a look at what would be; and they end without dangling."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from pressroom.database.schema import asset, object_removal
from pressroom.domain.errors import Invalid, NotFound, Refused, Retryable
from pressroom.domain.identity import READING, Principal
from pressroom.domain.library import AssetState
from pressroom.library.editing import Edit
from pressroom.library.retention import RetentionRule
from pressroom.library.search import Filter, Query
from pressroom.services import edit_assets as change
from pressroom.services.add_media import add_file
from pressroom.services.finding import search_assets
from pressroom.services.library import show_asset, trace_asset
from pressroom.services.purge_assets import IN_USE, NOT_TRASHED, empty_trash, purge_assets, remove_unused_objects
from pressroom.services.retention import add_retention_rule, apply_retention
from pressroom.services.selection import Selection
from pressroom.services.settle_run import settle_run
from pressroom.services.sweep_store import sweep_store
from pressroom.storage.local import LocalStore
from tests.support.studio import Studio

TRASH = Selection(which=Filter(state="trashed"))
ME = Principal("default")
VIEWER = Principal("default", "vera@acme.example", READING)
RIVAL = Principal("bob")
CAMPAIGN = """
name: two
steps:
  scene: {uses: draw, model: simulated-direct/ink, with: {prompt: a kettle, width: 64, height: 48}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""


@pytest.fixture
def filled(studio: Studio) -> Studio:
    """A library of a bought picture and what was made of it."""
    studio.go(CAMPAIGN)
    return studio


def ids(studio: Studio) -> dict[str, str]:
    with studio.context.database.read() as conn:
        return {row.step or row.id: row.id for row in conn.execute(select(asset))}


def objects(studio: Studio) -> set[str]:
    return {path.name for path in (studio.home / "media").rglob("*") if path.is_file() and len(path.name) == 64}


def test_what_would_be_done_changes_nothing_until_it_is_meant(filled: Studio) -> None:
    which = Selection(which=Filter(campaign="two"))

    planned = change.tag_assets(ME, filled.context, which, ["spring", 2027], dry_run=True)
    assert (planned.done, len(planned.assets)) == (False, 2)
    assert search_assets(ME, filled.context).items[0].tags == ()

    done = change.tag_assets(ME, filled.context, which, ["spring", 2027])
    assert done.as_dict() == {**planned.as_dict(), "done": True}
    assert {each.tags for each in search_assets(ME, filled.context).items} == {("2027", "spring")}


def test_one_that_is_not_there_leaves_all_as_they_are(filled: Studio) -> None:
    scene = ids(filled)["scene"]

    with pytest.raises(NotFound, match="no asset 'none'"):
        change.edit_assets(ME, filled.context, Selection((scene, "none")), Edit(name="Kettle"))
    with pytest.raises(NotFound):
        change.edit_assets(RIVAL, filled.context, Selection((scene,)), Edit(name="Mine"))
    with pytest.raises(Invalid, match="name assets, or give a filter"):
        change.trash_assets(ME, filled.context, Selection())

    assert show_asset(ME, filled.context, scene).name == "scene"


def test_a_viewer_has_opinions_and_changes_nothing(filled: Studio) -> None:
    which = Selection((ids(filled)["scene"],))

    change.rate_assets(VIEWER, filled.context, which, 5)
    change.favour_assets(VIEWER, filled.context, which)
    with pytest.raises(Refused, match="assets:write"):
        change.trash_assets(VIEWER, filled.context, which)

    mine, theirs = (search_assets(who, filled.context, Query(Filter(favourite=True))).items for who in (ME, VIEWER))
    assert (len(mine), len(theirs)) == (0, 1)


def test_the_trash_is_emptied_after_its_days_and_lineage_stays(filled: Studio) -> None:
    scene, dusk = (ids(filled)[step] for step in ("scene", "dusk"))
    before = objects(filled)
    change.trash_assets(ME, filled.context, Selection((scene,)))
    assert purge_assets(ME, filled.context, Selection((dusk,))).kept == {dusk: NOT_TRASHED}

    assert empty_trash(filled.context) == {}
    later = replace(filled.context, now=lambda: filled.context.now() + timedelta(days=30, hours=1))
    found = empty_trash(later)

    assert [each.assets for each in found.values()] == [(scene,)]
    with pytest.raises(Refused, match="was purged"):
        show_asset(ME, filled.context, scene)
    assert trace_asset(ME, filled.context, dusk)[1].deleted == (scene,)
    # The picture and what the vendor had delivered for it are gone, what was made of it is not.
    kept = show_asset(ME, filled.context, dusk).sha256
    assert kept in objects(filled)
    assert len(objects(filled)) < len(before)
    assert sweep_store(filled.context) is not None
    filled.go(CAMPAIGN)  # it is made again


def test_what_an_unended_run_uses_cannot_be_purged(studio: Studio) -> None:
    scene = "scene: {uses: draw, model: simulated-direct/ink, with: {prompt: a kettle}}"
    Image.new("RGB", (64, 48), (200, 30, 30)).save(studio.home / "photo.png")
    photo = add_file(ME, studio.context, studio.home / "photo.png")
    studio.go(f"name: first\nsteps: {{{scene}}}")
    run = studio.begin(
        studio.plan(f"name: second\nsteps: {{{scene}, dusk: {{uses: tint, with: {{image: photo.png}}}}}}")
    )
    made = ids(studio)["scene"]
    change.trash_assets(ME, studio.context, Selection((photo.id, made)))

    assert purge_assets(ME, studio.context, TRASH).kept == {photo.id: IN_USE, made: IN_USE}

    studio.walk(run)
    settle_run(studio.context, run.id)
    change.trash_assets(ME, studio.context, Selection((photo.id, made)))
    assert set(purge_assets(ME, studio.context, TRASH).assets) == {photo.id, made}


class Cut(BaseException):
    """The power fails."""


class CutStore(LocalStore):
    """A store whose machine fails before or after it removes an object."""

    def __init__(self, root: Path, *, after: bool) -> None:
        super().__init__(root)
        self._after = after

    def delete(self, sha256: str) -> None:
        if self._after:
            super().delete(sha256)
        raise Cut


def test_retention_rules_say_what_they_would_do_and_do_it(filled: Studio) -> None:
    later = replace(filled.context, now=lambda: filled.context.now() + timedelta(days=91))
    add_retention_rule(ME, filled.context, RetentionRule("old films", "purge", 30, kind="video"))
    add_retention_rule(ME, filled.context, RetentionRule("old pictures", "archive", 90, campaign="two"))
    with pytest.raises(Invalid, match="2 problems"):
        add_retention_rule(ME, filled.context, RetentionRule("bad", "burn", 0))

    planned = apply_retention(ME, later, dry_run=True)
    assert {name: len(each.assets) for name, each in planned.items()} == {"old films": 0, "old pictures": 2}
    assert show_asset(ME, later, ids(filled)["scene"]).state is AssetState.READY

    assert apply_retention(ME, later)["old pictures"].done
    assert {show_asset(ME, later, each).state for each in ids(filled).values()} == {AssetState.ARCHIVED}
    assert apply_retention(ME, later)["old pictures"].assets == ()


def test_what_a_store_out_of_reach_keeps_goes_with_the_next_sweep(filled: Studio) -> None:
    class Away(LocalStore):
        def delete(self, sha256: str) -> None:
            raise Retryable("the store does not answer")

    change.trash_assets(ME, filled.context, Selection(which=Filter()))

    purged = purge_assets(ME, replace(filled.context, store=Away(filled.home / "media")), TRASH)

    assert (purged.done, len(purged.assets)) == (True, 2)
    sweep_store(filled.context)
    assert objects(filled) == set()


@pytest.mark.parametrize("after", [False, True])
def test_a_purge_that_is_killed_leaves_nothing_dangling(filled: Studio, after: bool) -> None:
    root = filled.home / "media"
    change.trash_assets(ME, filled.context, Selection(which=Filter()))
    cut = replace(filled.context, store=CutStore(root, after=after))

    with pytest.raises(Cut):
        purge_assets(ME, cut, TRASH)

    assert search_assets(ME, filled.context).items == ()
    assert remove_unused_objects(filled.context) > 0
    assert objects(filled) == set()
    with filled.context.database.read() as conn:
        assert conn.execute(select(object_removal)).all() == []
