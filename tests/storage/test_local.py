"""What is particular to the store in a folder: its layout, its file modes, kills, full disks and missing rights."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from pressroom.domain.errors import Refused
from pressroom.storage.local import INCOMING, LEFTOVER_SECONDS, LocalStore

OPEN = """
import sys
from pathlib import Path
from pressroom.storage.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
"""


def objects_in(root: Path) -> list[Path]:
    return [file for file in root.rglob("*") if file.is_file() and file.parent.name != INCOMING]


def started(code: str, root: Path, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", f"{OPEN}\n{code}", str(root)], **options)  # type: ignore[call-overload]


def test_an_object_lies_in_two_levels_of_folders_and_is_read_only(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)

    name = store.put(BytesIO(b"pixels"))

    path = tmp_path / name[:2] / name[2:4] / name
    assert store.local_path(name) == path
    assert path.stat().st_mode & 0o222 == 0
    assert store.local_path("0" * 64) is None


def test_opening_and_asking_write_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")

    assert not store.has("0" * 64)
    store.delete("0" * 64)

    assert list(tmp_path.iterdir()) == []


def test_storing_again_mends_a_damaged_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    name = store.put(BytesIO(b"pixels"))
    path = store.local_path(name)
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(b"pixelz")

    store.put(BytesIO(b"pixels"))

    store.get(name, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"pixels"


def test_a_relative_folder_stays_where_it_was_when_the_process_moves(tmp_path: Path) -> None:
    code = "import os, io; os.chdir('/'); store.put(io.BytesIO(b'x'))"
    subprocess.run([sys.executable, "-c", f"{OPEN}\n{code}", "media"], cwd=tmp_path, check=True, env=_environment())

    assert len(objects_in(tmp_path / "media")) == 1


def test_a_writer_killed_in_the_middle_leaves_no_object(tmp_path: Path) -> None:
    writer = started("store.put(sys.stdin.buffer)", tmp_path, stdin=subprocess.PIPE)
    assert writer.stdin is not None
    writer.stdin.write(bytes(8_000_000))
    writer.stdin.flush()
    leftover = _wait_for_bytes(tmp_path / INCOMING)

    writer.kill()
    writer.wait()

    assert objects_in(tmp_path) == []
    assert leftover.exists()


def test_leftovers_of_killed_writers_go_after_a_day_and_not_before(tmp_path: Path) -> None:
    incoming = tmp_path / INCOMING
    incoming.mkdir()
    old, fresh = incoming / "old", incoming / "fresh"
    for file in (old, fresh):
        file.write_bytes(b"half")
    long_ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(old, (long_ago, long_ago))

    LocalStore(tmp_path).put(BytesIO(b"x"))

    assert not old.exists()
    assert fresh.exists()


def test_no_room_refuses_says_what_to_do_and_leaves_nothing(tmp_path: Path) -> None:
    code = """
import io, resource
from pressroom.domain.errors import Refused
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    store.put(io.BytesIO(bytes(3_000_000)))
except Refused as exc:
    print(exc)
"""
    printed = started(code, tmp_path, stdout=subprocess.PIPE).communicate()[0].decode()

    assert "File too large" in printed
    assert "smaller files" in printed
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_folder_without_the_right_to_write_refuses(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    code = """
import io, os
from pressroom.domain.errors import Refused
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere: become nobody
try:
    store.put(io.BytesIO(b"x"))
except Refused as exc:
    print(exc)
"""
    printed = started(code, tmp_path / "media", stdout=subprocess.PIPE).communicate()[0].decode()
    tmp_path.chmod(0o755)

    assert "Permission denied" in printed
    assert "right to write" in printed


def test_a_file_where_the_store_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("not a folder")
    store = LocalStore(tmp_path / "media")

    with pytest.raises(Refused, match="a file stands where a folder is needed"):
        store.put(BytesIO(b"x"))
    with pytest.raises(Refused, match="a file stands where a folder is needed"):
        store.check()


def test_a_target_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    name = store.put(BytesIO(b"x"))
    (tmp_path / "target" / "inside").mkdir(parents=True)

    with pytest.raises(Refused, match="target"):
        store.get(name, tmp_path / "target")

    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def _wait_for_bytes(folder: Path) -> Path:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in folder.glob("*"):
            if file.stat().st_size:
                return file
        time.sleep(0.01)
    raise AssertionError("the writer has not begun")


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root}


YESTERDAY = LEFTOVER_SECONDS + 60


def put_yesterday(store: LocalStore, data: bytes) -> str:
    name = store.put(BytesIO(data))
    path = store.local_path(name)
    assert path is not None
    os.utime(path, (time.time() - YESTERDAY,) * 2)
    return name


def test_a_sweep_removes_what_is_old_and_not_used(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    used, unused, young = put_yesterday(store, b"used"), put_yesterday(store, b"unused"), store.put(BytesIO(b"young"))
    (tmp_path / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (tmp_path / "ab" / "cd" / "notes.txt").write_text("of a person")

    removed = store.sweep(lambda names: {used}.intersection(names), time.time())

    assert removed == (1, len(b"unused"))
    assert [store.has(name) for name in (used, unused, young)] == [True, False, True]
    assert (tmp_path / "ab" / "cd" / "notes.txt").exists()
    assert store.sweep(lambda names: {used}, time.time()) == (0, 0)


def test_an_object_that_is_put_again_while_a_sweep_looks_for_its_use_stays(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    name = put_yesterday(store, b"pixels")

    def put_again(names: Sequence[str]) -> list[str]:
        assert list(names) == [name]
        store.put(BytesIO(b"pixels"))
        return []

    assert store.sweep(put_again, time.time()) == (0, 0)
    assert store.has(name)
    assert list((tmp_path / INCOMING).iterdir()) == []
