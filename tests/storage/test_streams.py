"""The pieces the stores are made of: checked names, honest errors, files that appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import pickle
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from imageio_ffmpeg import get_ffmpeg_exe

from pressroom.domain.errors import Corrupt, Invalid, Refused, Retryable
from pressroom.media.encoding.frame_encoder import feed
from pressroom.storage.streams import (
    copy_hashed,
    disk_error,
    make_folder,
    object_name,
    opened,
    require_same,
    room_in,
    written_whole,
)

NAME = "ab" * 32


def _by_libvips(folder: Path) -> None:
    target = folder / "full.png"
    target.symlink_to("/dev/full")
    pyvips.Image.black(400, 400).pngsave(str(target))


def _by_ffmpeg(folder: Path) -> None:
    target = folder / "full.mp4"
    target.symlink_to("/dev/full")
    options = ("-f", "rawvideo", "-s", "16x16", "-pix_fmt", "rgb24", "-i", "-", "-y", str(target))
    feed([get_ffmpeg_exe(), "-v", "error", *options], [np.zeros((16, 16, 3), np.uint8)] * 9, 60)


def _by_the_system(folder: Path) -> None:
    Path("/dev/full").write_bytes(b"x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="NEEDS /dev/full")
@pytest.mark.parametrize("write", [_by_libvips, _by_ffmpeg, _by_the_system])
def test_a_full_disk_is_told_alike_whoever_meets_it(tmp_path: Path, write: Callable[[Path], None]) -> None:
    with pytest.raises(Refused) as caught, room_in(Path("work")):
        write(tmp_path)

    assert caught.value.message == "work: No space left on device"
    assert caught.value.hint == "free some disk space"


@pytest.mark.parametrize("error", [Corrupt("the file is damaged"), Retryable("busy"), ValueError("x"), Refused("no")])
def test_other_errors_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, room_in(Path("work")):
        raise error

    assert caught.value is error


@given(st.text())
def test_only_sixty_four_lower_case_hex_digits_are_a_name(text: str) -> None:
    with pytest.raises(Invalid, match="64 lower-case hex digits"):
        object_name(text)


@pytest.mark.parametrize(
    "name",
    ["", "../" + NAME[3:], "/etc/passwd", NAME + "\n", NAME.upper(), NAME[:-1], NAME + "a", "ab/" * 21 + "a", "é" * 64],
)
def test_names_that_could_leave_the_store_are_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        object_name(name)


def test_a_good_name_is_returned_unchanged() -> None:
    assert object_name(NAME) == NAME


@given(st.binary(max_size=5_000))
def test_a_copy_is_equal_and_knows_its_hash_and_size(content: bytes) -> None:
    sink = BytesIO()

    name, size_bytes = copy_hashed(BytesIO(content), sink)

    assert sink.getvalue() == content
    assert (name, size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_source_that_breaks_off_may_be_tried_again(tmp_path: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(Retryable, match="could not be read to its end"):
        copy_hashed(Broken(), BytesIO())


def test_a_path_that_cannot_be_read_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nothing\.png: No such file"), opened(tmp_path / "nothing.png"):
        pass


def test_a_stream_given_by_the_caller_stays_open() -> None:
    stream = BytesIO(b"mine")

    with opened(stream) as same:
        assert same is stream

    assert not stream.closed


def test_different_hashes_mean_damage_and_say_what_to_do() -> None:
    require_same(NAME, NAME, "here")

    with pytest.raises(Corrupt, match="delete it") as caught:
        require_same(NAME, "cd" * 32, "here")

    assert caught.value.fields == {"sha256": NAME}


def test_a_written_file_replaces_the_old_one_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    target.parent.mkdir()
    target.write_bytes(b"old")

    with written_whole(target) as sink:
        sink.write(b"new")
        sink.flush()
        assert target.read_bytes() == b"old"

    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_an_interrupted_write_leaves_the_old_file_and_no_trace(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def interrupted() -> None:
        with written_whole(target) as sink:
            sink.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()

    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (errno.ENOSPC, Refused, "free some disk space"),
        (errno.EDQUOT, Refused, "quota"),
        (errno.EFBIG, Refused, "smaller files"),
        (errno.EACCES, Refused, "right to write"),
        (errno.EROFS, Refused, "read-only"),
        (errno.EIO, Retryable, "did not answer"),
        (errno.ESTALE, Retryable, "did not answer"),
    ],
)
def test_disk_trouble_says_who_must_act(code: int, kind: type[Exception], advice: str) -> None:
    error = disk_error(OSError(code, "what the system says"), Path("/media"))

    assert type(error) is kind
    assert "/media: what the system says" in str(error)
    assert advice in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_folders_are_made_with_their_parents_and_again_without_harm(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"

    make_folder(folder)
    make_folder(folder)

    assert folder.is_dir()
