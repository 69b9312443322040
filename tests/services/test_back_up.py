"""A home that is gone comes back from its backup, on the same kind of database and on the other; what is no backup does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select

from pressroom.backup.manifest import MANIFEST, MEDIA, Manifest, TableFile, table_path
from pressroom.backup.manifest import OBJECTS as OBJECT_LIST
from pressroom.backup.objects import objects_in, objects_on_record
from pressroom.backup.rows import lines_of, write_lines
from pressroom.bootstrap import open_folder
from pressroom.database.engine import Database
from pressroom.database.migrations import HEAD
from pressroom.database.schema import metadata
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Corrupt, PressroomError, Refused
from pressroom.ledger.invariants import check_invariants
from pressroom.services.back_up import back_up
from pressroom.services.restore import Restored, restore
from tests.conftest import postgres_database
from tests.support.studio import Studio, open_studio

pytestmark = pytest.mark.both_databases

CAMPAIGN = """
name: kept
steps:
  scene:
    uses: draw
    model: simulated-direct/ink
    for_each: {place: [beach, forest]}
    with: {prompt: "{{ each.place }}"}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
  wrong: {uses: draw, model: simulated-direct/ink, with: {prompt: a pot, fault: size}}
"""
OBJECTS = (
    7  # four that were filed, and as its vendor delivered it what was bought: two that were, and one that was refused
)
OLDER = "0009"


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str) -> Iterator[Studio]:
    """A studio for what is the same on every database."""
    with Database.open(sqlite_url) as database:
        yield open_studio(tmp_path / "home", database, sqlite_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of another database, in which there is nothing."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'pressroom.db'}"
        return
    with postgres_database() as url:
        yield url


@pytest.fixture
def new_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new' / 'pressroom.db'}"


def backed_up(studio: Studio, folder: Path, *, media: bool = True) -> Manifest:
    studio.go(CAMPAIGN)
    return back_up(studio.context, folder, open_folder, media=media)


def restored(folder: Path, url: str, **options: Any) -> Restored:
    store = open_folder(folder.parent / "new media")
    return restore(url, store, folder, open_folder(folder / MEDIA), **options)


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as conn:
        return {each.name: sorted(map(repr, conn.execute(select(each)))) for each in metadata.sorted_tables}


def test_a_home_comes_back_whole_on_either_database(studio: Studio, elsewhere: str, tmp_path: Path) -> None:
    manifest = backed_up(studio, tmp_path / "kept")

    found = restored(tmp_path / "kept", elsewhere)

    assert (found.violations, found.missing, found.manifest) == ((), (), manifest)
    with Database.open(elsewhere) as database:
        assert rows(database) == rows(studio.context.database)
        with database.read() as conn:
            assert check_invariants(conn) == []
            objects = objects_on_record(conn)
    store = open_folder(tmp_path / "new media")
    assert [each.sha256 for each in objects if not store.has(each.sha256)] == []
    assert len(objects) == manifest.objects == OBJECTS


def test_a_restored_home_works_on_and_buys_nothing_again(studio: Studio, elsewhere: str, tmp_path: Path) -> None:
    backed_up(studio, tmp_path / "kept")
    restored(tmp_path / "kept", elsewhere)
    with Database.open(elsewhere) as database:
        home = tmp_path / "new home"
        again = open_studio(home, database, elsewhere, store=open_folder(tmp_path / "new media"))

        _, settled = again.go(CAMPAIGN.replace("[beach, forest]", "[beach, forest, lake]"))

        assert len(again.books("simulated-direct").purchases()) == 2  # the lake, and what was refused before
        assert settled.captured_micros == 1_000_000
        with database.read() as conn:
            assert check_invariants(conn) == []


def test_without_media_the_store_must_have_them(home: Studio, new_url: str, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "kept", media=False)

    with pytest.raises(Refused, match=f"{OBJECTS} of {OBJECTS} objects are neither in the store nor in the backup"):
        restored(tmp_path / "kept", new_url)
    found = restored(tmp_path / "kept", new_url, without_media=True)

    assert len(found.missing) == OBJECTS
    assert not (tmp_path / "kept" / MEDIA).exists()


def test_a_home_in_which_something_is_takes_no_backup(home: Studio, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "kept")
    before = rows(home.context.database)

    with pytest.raises(Refused, match="the database is not empty: there are rows in account"):
        restored(tmp_path / "kept", home.url)

    assert rows(home.context.database) == before


def test_a_backup_of_an_older_version_is_brought_up_to_date(home: Studio, elsewhere: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    manifest = backed_up(home, folder)
    with Database.open(f"sqlite:///{tmp_path / 'old.db'}", revision=OLDER) as old, old.read() as conn:
        columns = {
            name: [each["name"] for each in inspect(conn).get_columns(name)] for name in inspect(conn).get_table_names()
        }
    tables = [made_older(folder, each, columns[each.name]) for each in manifest.tables if each.name in columns]
    older = manifest.model_copy(update={"revision": OLDER, "tables": tuple(tables)})
    (folder / MANIFEST).write_text(older.model_dump_json())

    found = restored(folder, elsewhere)

    assert len(tables) < len(manifest.tables)
    assert found.violations == ()
    with Database.open(elsewhere, create=False) as database, database.read() as conn:
        assert database.revision() == HEAD
        assert [each.sha256 for each in objects_on_record(conn)] == [
            each.sha256 for each in objects_in(folder / OBJECT_LIST)
        ]


def made_older(folder: Path, kept: TableFile, columns: list[str]) -> TableFile:
    """The table with no more than these columns."""
    path = table_path(folder, kept.name)
    names, *lines = list(lines_of(path))
    left = [number for number, name in enumerate(names) if name in columns]
    path.unlink()
    write_lines(path, ([line[number] for number in left] for line in (names, *lines)))
    return kept.model_copy(update={"sha256": file_digest(path)})


def damage(folder: Path) -> None:
    path = table_path(folder, "entry")
    path.write_bytes(path.read_bytes()[:-1])


def loss(folder: Path) -> None:
    table_path(folder, "job").unlink()


def strange(folder: Path) -> None:
    (folder / MANIFEST).write_text(json.dumps({"format": "tar"}))


def newer(folder: Path) -> None:
    manifest = Manifest.read(folder)
    (folder / MANIFEST).write_text(manifest.model_copy(update={"revision": "9999"}).model_dump_json())


def none(folder: Path) -> None:
    (folder / MANIFEST).unlink()


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (damage, Corrupt, "entry.jsonl.gz is not what was written"),
        (loss, Corrupt, "job.jsonl.gz is not what was written"),
        (strange, Refused, "is no backup that this version of Pressroom knows"),
        (newer, Refused, f"the backup has schema 9999, this version of Pressroom knows {HEAD}"),
        (none, Refused, "is no backup: manifest.json cannot be read"),
    ],
)
def test_what_is_damaged_or_no_backup_of_ours_changes_nothing(
    harm: Any, error: type[PressroomError], words: str, home: Studio, new_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    back_up(home.context, folder, open_folder)
    harm(folder)

    with pytest.raises(error, match=words):
        restored(folder, new_url)

    assert not (tmp_path / "new").exists()


def test_objects_that_the_store_has_lost_are_told_and_do_not_stand_in_the_way(
    home: Studio, new_url: str, tmp_path: Path
) -> None:
    home.go(CAMPAIGN)
    with home.context.database.read() as conn:
        lost = objects_on_record(conn)[0]
    home.context.store.delete(lost.sha256)

    manifest = back_up(home.context, tmp_path / "kept", open_folder, media=True)
    found = restored(tmp_path / "kept", new_url)

    assert (manifest.objects, manifest.missing, found.missing) == (OBJECTS, 1, (lost.sha256,))


def test_a_folder_in_which_something_is_takes_no_backup(home: Studio, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter").touch()

    with pytest.raises(Refused, match="is there already"):
        back_up(home.context, tmp_path / "kept", open_folder)


def test_what_goes_wrong_half_way_leaves_no_half_backup(home: Studio, tmp_path: Path) -> None:
    home.go(CAMPAIGN)
    with home.context.database.read() as conn:
        harmed = objects_on_record(conn)[0]
    path = home.context.store.local_path(harmed.sha256)
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(bytes(harmed.size_bytes))

    with pytest.raises(Corrupt, match=f"{harmed.sha256} .* is damaged"):
        back_up(home.context, tmp_path / "kept", open_folder, media=True)

    assert [path.name for path in tmp_path.iterdir() if "kept" in path.name] == []
