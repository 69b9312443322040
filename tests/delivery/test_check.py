"""A folder that cannot take the delivery is told before anything is bought, and nothing is written to find out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.delivery.check import check

NAMES = ["scene.png", "posts-a.x.post.jpg"]


def told(folder: Path, names: list[str] = NAMES) -> list[str]:
    return [problem.message for problem in check(folder, names)]


def test_a_folder_that_can_be_made_is_no_problem_and_is_not_made(tmp_path: Path) -> None:
    assert told(tmp_path / "out" / "launch") == []
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_delivery_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "launch").mkdir()

    assert told(tmp_path / "launch") == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "launch").write_text("not a folder")

    assert told(tmp_path / "launch") == [f"{tmp_path / 'launch'} is a file, not a folder"]


def test_a_file_in_the_place_of_a_folder_above_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")

    (message,) = told(tmp_path / "out" / "launch")

    assert message.startswith(f"{tmp_path / 'out'} is a file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_above_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)

    (message,) = told(tmp_path / "out" / "launch")

    assert "cannot be written" in message


def test_names_that_the_file_system_does_not_take_are_told(tmp_path: Path) -> None:
    (message,) = told(tmp_path / "launch", [*NAMES, "x" * 256 + ".png"])

    assert "takes names of 255 bytes" in message
    assert "xxx" in message


def test_a_folder_whose_own_name_leaves_no_room_beside_it_is_told(tmp_path: Path) -> None:
    (message,) = told(tmp_path / ("c" * 250))

    assert "too long: ccc" in message


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    room = 4_080 - len(str(tmp_path))
    deep = tmp_path.joinpath(*["d" * 200] * (room // 201), "d" * (room % 201 or 1))

    assert any("the limit is 4,096" in message for message in told(deep))


CHECK = """
import sys
from pathlib import Path
from pressroom.delivery.check import check
print(*[problem.message for problem in check(Path(sys.argv[1]) / "launch", ["a.png"])], sep="\\n")
"""


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root on Linux")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("size=32k", "32,768 bytes free, the files and the contact sheet need 1,004,096 or more"),
        ("size=8m,nr_inodes=1", "has room for 0 more files, the delivery has 1"),
        ("ro", "cannot be written"),
    ],
)
def test_a_full_or_read_only_file_system_is_told(tmp_path: Path, options: str, message: str) -> None:
    mount = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o {options} tmpfs "$1" && exec "$2" -c "$3" "$1"', "sh"]

    done = subprocess.run([*mount, str(tmp_path), sys.executable, CHECK], capture_output=True, text=True, timeout=60)

    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert message in done.stdout, done.stderr
