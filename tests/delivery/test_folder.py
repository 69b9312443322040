"""The out folder: readable names, replaced as a whole, and never at the cost of what is there."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from pressroom.delivery.folder import deliver
from pressroom.domain.errors import Corrupt
from pressroom.storage.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "launch"


def put(store: LocalStore, **files: bytes) -> dict[str, str]:
    """File name (with _ for the dot) -> SHA-256."""
    return {name.replace("_", "."): store.put(BytesIO(data)) for name, data in files.items()}


def seen(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if not path.name.startswith(".")}


def test_a_delivery_holds_exactly_the_named_files(store: LocalStore, out: Path) -> None:
    deliver(store, out, put(store, a_png=b"A", b_png=b"B"))

    assert seen(out) == {"a.png": b"A", "b.png": b"B"}
    assert [path.name for path in out.parent.iterdir()] == ["launch"]


def test_a_file_that_is_no_longer_made_is_removed(store: LocalStore, out: Path) -> None:
    deliver(store, out, put(store, a_png=b"A", b_png=b"B"))

    deliver(store, out, put(store, b_png=b"B2", c_png=b"C"))

    assert seen(out) == {"b.png": b"B2", "c.png": b"C"}


def test_an_unchanged_file_is_kept_not_written_again(store: LocalStore, out: Path) -> None:
    deliver(store, out, put(store, a_png=b"A", b_png=b"B"))
    before = {name: (out / name).stat().st_ino for name in ("a.png", "b.png")}

    deliver(store, out, put(store, a_png=b"A", b_png=b"changed"))

    assert (out / "a.png").stat().st_ino == before["a.png"]
    assert (out / "b.png").stat().st_ino != before["b.png"]


def test_a_delivered_file_that_was_edited_is_put_right_and_the_store_is_untouched(store: LocalStore, out: Path) -> None:
    files = put(store, a_png=b"A")
    deliver(store, out, files)
    (out / "a.png").chmod(0o644)
    (out / "a.png").write_bytes(b"scribbled")

    deliver(store, out, files)

    assert seen(out) == {"a.png": b"A"}
    store.get(files["a.png"], out / "again.png")


def test_what_others_put_there_is_carried_over(store: LocalStore, out: Path, tmp_path: Path) -> None:
    deliver(store, out, put(store, a_png=b"A"))
    (out / "notes.txt").write_text("mine")
    (out / "drafts" / "old").mkdir(parents=True)
    (out / "drafts" / "old" / "x.txt").write_text("mine too")
    (out / "link").symlink_to("nowhere")

    deliver(store, out, put(store, b_png=b"B"))

    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "drafts" / "old" / "x.txt").read_text() == "mine too"
    assert (out / "link").is_symlink()
    assert not (out / "a.png").exists()


def test_what_is_written_beside_the_files_belongs_to_the_delivery(store: LocalStore, out: Path) -> None:
    def sheet(folder: Path) -> Iterable[Path]:
        (folder / "sheet.html").write_text("all of it")
        return [folder / "sheet.html"]

    deliver(store, out, put(store, a_png=b"A"), sheet)
    assert seen(out) == {"a.png": b"A", "sheet.html": b"all of it"}

    deliver(store, out, put(store, a_png=b"A"))
    assert seen(out) == {"a.png": b"A"}


def test_a_folder_that_somebody_filled_before_keeps_its_files(store: LocalStore, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "notes.txt").write_text("mine")

    deliver(store, out, put(store, a_png=b"A"))

    assert seen(out) == {"a.png": b"A", "notes.txt": b"mine"}


def test_a_delivery_that_fails_half_way_leaves_the_old_one_whole_and_nothing_beside_it(
    store: LocalStore, out: Path
) -> None:
    deliver(store, out, put(store, a_png=b"A"))

    with pytest.raises(Corrupt, match="not in the store"):
        deliver(store, out, {**put(store, b_png=b"B"), "c.png": "0" * 64})

    assert seen(out) == {"a.png": b"A"}
    assert [path.name for path in out.parent.iterdir()] == ["launch"]


def test_a_contact_sheet_that_fails_leaves_the_old_delivery_whole(store: LocalStore, out: Path) -> None:
    deliver(store, out, put(store, a_png=b"A"))

    def broken(folder: Path) -> Iterable[Path]:
        raise RuntimeError("no sheet")

    with pytest.raises(RuntimeError, match="no sheet"):
        deliver(store, out, put(store, b_png=b"B"), broken)

    assert seen(out) == {"a.png": b"A"}


def test_a_crash_between_the_two_renames_is_mended_by_the_next_delivery(store: LocalStore, out: Path) -> None:
    """At that moment the old delivery is set aside and the new one not yet in place."""
    deliver(store, out, put(store, a_png=b"A"))
    (out / "notes.txt").write_text("mine")
    out.rename(out.with_name(".launch.old"))
    out.with_name(".launch.new").mkdir()
    (out.with_name(".launch.new") / "half.png").write_bytes(b"ha")

    deliver(store, out, put(store, b_png=b"B"))

    assert seen(out) == {"b.png": b"B", "notes.txt": b"mine"}
    assert [path.name for path in out.parent.iterdir()] == ["launch"]


def test_a_crash_after_the_renames_leaves_only_rubbish_that_the_next_delivery_removes(
    store: LocalStore, out: Path
) -> None:
    deliver(store, out, put(store, a_png=b"A"))
    out.with_name(".launch.old").mkdir()
    (out.with_name(".launch.old") / "z.png").write_bytes(b"Z")

    deliver(store, out, put(store, a_png=b"A"))

    assert [path.name for path in out.parent.iterdir()] == ["launch"]


def test_two_deliveries_at_once_come_one_after_the_other(store: LocalStore, out: Path) -> None:
    deliveries = [
        put(store, **{f"{letter}{number}_png": f"{letter}{number}".encode() for number in range(20)})
        for letter in "abcd"
    ]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda files: deliver(store, out, files), deliveries * 3))

    assert set(seen(out)) in [set(files) for files in deliveries]
    assert [path.name for path in out.parent.iterdir()] == ["launch"]
