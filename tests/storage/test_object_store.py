"""The contract of every ObjectStore: one suite, run against a folder and against a real MinIO or S3 server."""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minio import Minio

from pressroom.domain.errors import Corrupt, Invalid
from pressroom.storage.base import ObjectStore
from pressroom.storage.local import INCOMING, LocalStore
from pressroom.storage.s3 import PART_BYTES, S3Store

ENDPOINT = os.environ.get("PRESSROOM_TEST_S3_ENDPOINT", "")
ACCESS_KEY = os.environ.get("PRESSROOM_TEST_S3_ACCESS_KEY", "")
SECRET_KEY = os.environ.get("PRESSROOM_TEST_S3_SECRET_KEY", "")
NO_SERVER = "NO S3 SERVER: PRESSROOM_TEST_S3_ENDPOINT is not set; run the tests under `python tests/servers.py`"

ABSENT = "0" * 64
MEGABYTE = 1024 * 1024
# A stream that makes its bytes up as it is read, so that only the store can be what fills the memory.
ENDLESS = '''
import hashlib, io, os, resource, sys, tempfile
from pathlib import Path

def peak_bytes():
    """The most memory this program had. Linux hands ru_maxrss down from the process that started us, so ask for VmHWM."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])

class Endless(io.RawIOBase):
    def __init__(self, size_bytes):
        self.left = size_bytes
        self.block = os.urandom(1 << 16)
    def readable(self):
        return True
    def read(self, size=-1):
        piece = self.block[: min(size, self.left, len(self.block))]
        self.left -= len(piece)
        return piece
'''


@dataclass(frozen=True)
class Bench:
    """A store under test, with the back doors that a test needs: other openers, and a way to damage an object."""

    store: ObjectStore
    reopen: Callable[[], ObjectStore]
    code: str  # Python source that opens the same store in another process as `store`
    names: Callable[[], list[str]]
    overwrite: Callable[[str, bytes], None]


@pytest.fixture(params=["local", "s3"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "local":
        yield local_bench(tmp_path / "media")
    elif not ENDPOINT:
        pytest.skip(NO_SERVER)
    else:
        yield from s3_bench(f"pressroom-{secrets.token_hex(8)}")


def local_bench(root: Path) -> Bench:
    def overwrite(name: str, content: bytes) -> None:
        path = root / name[:2] / name[2:4] / name
        path.chmod(0o600)
        path.write_bytes(content)

    return Bench(
        LocalStore(root),
        lambda: LocalStore(root),
        f"import pathlib, pressroom.storage.local as local; store = local.LocalStore(pathlib.Path({str(root)!r}))",
        lambda: sorted(file.name for file in root.rglob("*") if file.is_file()),
        overwrite,
    )


def s3_bench(bucket: str) -> Iterator[Bench]:
    client = Minio(ENDPOINT.split("//")[1], ACCESS_KEY, SECRET_KEY, secure=ENDPOINT.startswith("https"))

    def keys() -> list[str]:
        return sorted(str(item.object_name) for item in client.list_objects(bucket, recursive=True))

    def overwrite(name: str, content: bytes) -> None:
        client.put_object(bucket, f"objects/{name[:2]}/{name}", BytesIO(content), len(content))

    def opened() -> S3Store:
        return S3Store(bucket, ENDPOINT, access_key=ACCESS_KEY, secret_key=SECRET_KEY)

    arguments = f"{bucket!r}, {ENDPOINT!r}, access_key={ACCESS_KEY!r}, secret_key={SECRET_KEY!r}"
    code = f"from pressroom.storage.s3 import S3Store; store = S3Store({arguments})"
    yield Bench(opened(), opened, code, lambda: [key.split("/")[-1] for key in keys()], overwrite)
    if client.bucket_exists(bucket):
        for key in keys():
            client.remove_object(bucket, key)
        client.remove_bucket(bucket)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


@given(content=st.binary(max_size=3_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_what_is_put_comes_back_under_its_hash(bench: Bench, tmp_path: Path, content: bytes) -> None:
    name = bench.store.put(BytesIO(content))
    bench.store.get(name, tmp_path / "back")

    assert name == sha256_of(content)
    assert (tmp_path / "back").read_bytes() == content
    assert bench.store.has(name)
    assert bench.store.size_bytes(name) == len(content)


def test_a_path_is_stored_like_a_stream(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    source.write_bytes(b"pixels")

    assert bench.store.put(source, "image/png") == bench.store.put(BytesIO(b"pixels")) == sha256_of(b"pixels")
    assert source.read_bytes() == b"pixels"


def test_a_stream_is_stored_from_where_it_stands(bench: Bench) -> None:
    stream = BytesIO(b"headerbody")
    stream.seek(6)

    assert bench.store.put(stream) == sha256_of(b"body")


def test_the_empty_file_is_an_object_like_any_other(bench: Bench, tmp_path: Path) -> None:
    name = bench.store.put(BytesIO(b""))
    bench.store.get(name, tmp_path / "empty")

    assert bench.store.size_bytes(name) == 0
    assert (tmp_path / "empty").read_bytes() == b""


@pytest.mark.parametrize("extra", [-1, 0, 1, PART_BYTES], ids=["short", "exact", "one more", "two parts"])
def test_large_objects_come_back_whole_around_the_part_size(bench: Bench, tmp_path: Path, extra: int) -> None:
    content = random.Random(extra).randbytes(PART_BYTES + extra)
    source = tmp_path / "video.mp4"
    source.write_bytes(content)

    name = bench.store.put(source, "video/mp4")
    bench.store.get(name, tmp_path / "back")

    assert name == sha256_of(content)
    assert (tmp_path / "back").read_bytes() == content


def test_what_is_not_there_is_a_key_error(bench: Bench, tmp_path: Path) -> None:
    for _ in ("before the first put", "after it"):
        assert not bench.store.has(ABSENT)
        with pytest.raises(KeyError, match=ABSENT):
            bench.store.get(ABSENT, tmp_path / "never")
        with pytest.raises(KeyError, match=ABSENT):
            bench.store.size_bytes(ABSENT)
        bench.store.put(BytesIO(b"something else"))

    assert not (tmp_path / "never").exists()


def test_a_failed_get_leaves_the_old_target_alone(bench: Bench, tmp_path: Path) -> None:
    target = tmp_path / "out" / "hero.png"
    target.parent.mkdir()
    target.write_bytes(b"yesterday's")

    with pytest.raises(KeyError):
        bench.store.get(ABSENT, target)

    assert target.read_bytes() == b"yesterday's"
    assert list(target.parent.iterdir()) == [target]


def test_get_makes_the_folder_of_its_target(bench: Bench, tmp_path: Path) -> None:
    name = bench.store.put(BytesIO(b"x"))

    bench.store.get(name, tmp_path / "new" / "folder" / "x")

    assert (tmp_path / "new" / "folder" / "x").read_bytes() == b"x"


def test_what_get_writes_belongs_to_the_caller(bench: Bench, tmp_path: Path) -> None:
    name = bench.store.put(BytesIO(b"x"))

    bench.store.get(name, tmp_path / "mine")

    assert (tmp_path / "mine").stat().st_mode & stat.S_IWUSR


@pytest.mark.parametrize("damage", [b"", b"pixelz", b"pixels and more"], ids=["emptied", "changed", "grown"])
def test_damage_is_found_when_reading_and_mended_by_storing_again(bench: Bench, tmp_path: Path, damage: bytes) -> None:
    name = bench.store.put(BytesIO(b"pixels"))
    bench.overwrite(name, damage)

    with pytest.raises(Corrupt, match=name):
        bench.store.get(name, tmp_path / "back")
    assert not (tmp_path / "back").exists()

    bench.store.delete(name)
    bench.store.put(BytesIO(b"pixels"))
    bench.store.get(name, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"pixels"


def test_deleting_is_final_and_harmless_when_repeated(bench: Bench) -> None:
    bench.store.delete(ABSENT)
    name = bench.store.put(BytesIO(b"x"))

    bench.store.delete(name)
    bench.store.delete(name)

    assert not bench.store.has(name)
    assert bench.names() == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", ABSENT.upper().replace("0", "A"), ABSENT[:-1], ABSENT + "/x"])
def test_wrong_names_are_refused_by_every_method(bench: Bench, tmp_path: Path, name: str) -> None:
    for call in (bench.store.has, bench.store.size_bytes, bench.store.local_path, bench.store.delete):
        with pytest.raises(Invalid, match="not the name of an object"):
            call(name)
    with pytest.raises(Invalid, match="not the name of an object"):
        bench.store.get(name, tmp_path / "x")


def test_a_source_that_fails_half_way_leaves_nothing(bench: Bench) -> None:
    class Torn(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(1_000)
            if not piece:
                raise ZeroDivisionError
            return piece

    bench.store.put(BytesIO(b"an object that stays"))

    with pytest.raises(ZeroDivisionError):
        bench.store.put(Torn(bytes(10_000)))

    assert bench.names() == [sha256_of(b"an object that stays")]


def test_a_missing_source_is_named(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"missing\.png"):
        bench.store.put(tmp_path / "missing.png")


def test_threads_may_share_a_store(bench: Bench, tmp_path: Path) -> None:
    same = random.Random(7).randbytes(300_000)

    def work(number: int) -> str:
        own = bench.store.put(BytesIO(f"object {number}".encode()))
        bench.store.get(own, tmp_path / f"own-{number}")
        return bench.store.put(BytesIO(same))

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(work, range(24)))

    assert set(names) == {sha256_of(same)}
    assert len(bench.names()) == 25
    assert all((tmp_path / f"own-{number}").read_bytes() == f"object {number}".encode() for number in range(24))


def test_processes_that_put_the_same_bytes_do_not_disturb_each_other(bench: Bench, tmp_path: Path) -> None:
    work = f"""
{bench.code}
from io import BytesIO
import random
content = random.Random(5).randbytes(2_000_000)
for _ in range(5):
    print(store.put(BytesIO(content)))
"""
    workers = [python(work) for _ in range(3)]
    printed = [worker.communicate(timeout=120)[0] for worker in workers]
    bench.store.get(sha256_of(random.Random(5).randbytes(2_000_000)), tmp_path / "back")

    assert all(worker.returncode == 0 for worker in workers)
    assert set("".join(printed).split()) == {sha256_of((tmp_path / "back").read_bytes())}
    assert len(bench.names()) == 1


def test_every_visible_object_is_whole_whenever_writers_are_killed(bench: Bench, tmp_path: Path) -> None:
    work = f"""
{bench.code}
import io, os
while True:
    print(store.put(io.BytesIO(os.urandom({PART_BYTES + 1_000}))), flush=True)
"""
    pause = random.Random(11)
    printed = []

    for _ in range(5):
        writer = python(work)
        assert writer.stdout is not None
        printed.append(writer.stdout.readline().strip())
        time.sleep(pause.uniform(0, 0.3))
        writer.kill()
        printed += writer.stdout.read().split()  # `communicate` skips what is buffered
        writer.communicate()

    # A killed process may have stored one object more than it could print, and leaves unnamed pieces in `.incoming`.
    names = [name for name in bench.names() if len(name) == len(ABSENT)]
    assert set(printed) <= set(names)
    assert len(names) <= len(printed) + 5
    for name in names:
        bench.store.get(name, tmp_path / "whole")


def test_another_opener_sees_the_same_objects(bench: Bench, tmp_path: Path) -> None:
    name = bench.store.put(BytesIO(b"shared"))

    bench.reopen().get(name, tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == b"shared"


def test_memory_stays_bounded_however_large_the_object(bench: Bench, tmp_path: Path) -> None:
    """96 MB from a stream, from a path and back again: less than half of it may ever be in memory."""
    work = f"""{ENDLESS}
{bench.code}
folder = Path(sys.argv[1])
store.put(io.BytesIO(b"imports and connections are made"))
before = peak_bytes()
name = store.put(Endless(96 << 20))
store.get(name, folder / "back")
assert store.put(folder / "back") == name
store.delete(name)
assert store.put(folder / "back") == name
print(store.size_bytes(name), peak_bytes() - before)
"""
    worker = python(work, str(tmp_path))
    size_bytes, growth = map(int, worker.communicate(timeout=200)[0].split())

    assert worker.returncode == 0
    assert size_bytes == 96 * MEGABYTE
    assert growth < 48 * MEGABYTE


def test_check_tries_the_store_and_leaves_nothing_behind(bench: Bench) -> None:
    line = bench.store.check()

    assert "written and read back" in line
    assert "\n" not in line
    assert [name for name in bench.names() if name != INCOMING] == []


def test_only_a_folder_offers_its_files(bench: Bench) -> None:
    name = bench.store.put(BytesIO(b"x"))

    path = bench.store.local_path(name)

    if isinstance(bench.store, LocalStore):
        assert path is not None
        assert path.read_bytes() == b"x"
    else:
        assert path is None
