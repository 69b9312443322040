"""What the planner learns of a user's files: facts, or why a file cannot be used; never an exception."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.sources.local_files import LocalFiles


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    Image.new("RGB", (30, 20), "#ccddee").save(tmp_path / "photo.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "photo.png").read_bytes()[:60])
    (tmp_path / "fake.ttf").write_bytes(b"no font at all")
    (tmp_path / "folder").mkdir()
    return LocalFiles(tmp_path, MediaLimits(max_pixels=1_000))


def test_a_picture_is_measured_and_named_by_its_bytes(files: LocalFiles, tmp_path: Path) -> None:
    facts = files.media("photo.png")

    assert facts.info is not None
    assert (facts.info.width, facts.info.height) == (30, 20)
    assert facts.sha256 == hashlib.sha256((tmp_path / "photo.png").read_bytes()).hexdigest()


def test_a_file_is_looked_at_once(files: LocalFiles, tmp_path: Path) -> None:
    before = files.media("photo.png")

    (tmp_path / "photo.png").unlink()

    assert files.media("photo.png") == before


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nothing.png", "is not there"),
        ("folder", "is a folder, not a file"),
        ("cut.png", "cut.png: "),
        ("a\0b.png", "is no path of a file"),
        ("x" * 5_000 + ".png", "is no path of a file"),
        ("~nobody-of-this-name/a.png", "is no path of a file"),
        ("../photo.png", "leads out of the campaign's folder"),
    ],
)
def test_what_cannot_be_used_is_a_problem_in_words(files: LocalFiles, path: str, problem: str) -> None:
    facts = files.media(path)

    assert facts.info is None
    assert problem in facts.problem


def test_a_picture_beyond_the_limits_is_a_problem(files: LocalFiles, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "large.png")

    assert files.media("large.png").info is None


def test_a_bundled_font_is_known_by_name_and_a_wrong_one_refused(files: LocalFiles) -> None:
    assert files.font("inter").problem == ""
    assert "no bundled font 'intr'" in files.font("intr").problem
    assert files.font("fake.ttf").info is None
    assert "fake.ttf" in files.font("fake.ttf").problem
    assert "is not there" in files.font("nothing.otf").problem
