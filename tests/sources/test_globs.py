"""Folders and patterns as inputs: in one order, without what is hidden, never outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Invalid
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.sources.local_files import LocalFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "campaign"
    for name in ("photos/b.jpg", "photos/B.jpg", "photos/a.jpg", "photos/é.jpg", "photos/deep/er/c.jpg", "photos/.hidden.jpg",
                 "photos/.cache/d.jpg", "photos/[1].jpg"):  # fmt: skip
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(inside / name)
    (inside / "photos" / "notes.txt").write_text("no picture")
    (inside / "empty").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.jpg")
    return inside


def found(folder: Path, pattern: str, most: int = 100, given: tuple[str, ...] = ()) -> list[str]:
    return list(LocalFiles(folder, MediaLimits(), given=given).matching(pattern, Kind.IMAGE, most))


def test_a_folder_gives_its_pictures_in_byte_order_and_nothing_hidden(folder: Path) -> None:
    names = ["B.jpg", "[1].jpg", "a.jpg", "b.jpg", "é.jpg"]

    assert found(folder, "photos") == found(folder, "photos/") == [f"photos/{name}" for name in names]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("photos/[ab].jpg", ["a.jpg", "b.jpg"]),
        ("photos/?.jpg", ["B.jpg", "a.jpg", "b.jpg", "é.jpg"]),
        ("photos/**/*.jpg", ["B.jpg", "[1].jpg", "a.jpg", "b.jpg", "deep/er/c.jpg", "é.jpg"]),
        ("photos/**/c.*", ["deep/er/c.jpg"]),
        ("photos/*/*/c.jpg", ["deep/er/c.jpg"]),
        ("**/a.jpg", ["a.jpg"]),
    ],
)
def test_a_pattern_gives_what_fits(folder: Path, pattern: str, names: list[str]) -> None:
    assert found(folder, pattern) == [f"photos/{name}" for name in names]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("nothing", "there is no folder nothing"),
        ("empty", "empty finds no file"),
        ("photos/*.png", "finds no file"),
        ("photos/.*", "finds no file"),
        ("photos/.cache/*", "photos/.cache is hidden"),
        ("photos/.cache", "photos/.cache is hidden"),
        ("../*.jpg", "leads out"),
        ("/etc/*", "leads out"),
        ("photos/../../*.jpg", "leads out"),
    ],
)
def test_what_finds_nothing_or_leads_out_is_refused(folder: Path, pattern: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        found(folder, pattern)


def test_too_many_files_are_refused(folder: Path) -> None:
    with pytest.raises(Invalid, match="more than 4 files"):
        found(folder, "photos/*.jpg", most=4)


def test_links_are_followed_inside_alone(folder: Path) -> None:
    (folder / "photos" / "own.jpg").symlink_to(folder / "photos" / "a.jpg")
    (folder / "photos" / "loop").symlink_to(folder / "photos")
    assert "photos/own.jpg" in found(folder, "photos/**/*.jpg")

    (folder / "photos" / "z.jpg").symlink_to(folder.parent / "secret.jpg")
    with pytest.raises(Invalid, match=r"photos/z\.jpg leads out"):
        found(folder, "photos/*.jpg")


def test_the_callers_folder_may_lie_anywhere(folder: Path) -> None:
    pattern = f"{folder.parent}/*.jpg"
    files = LocalFiles(folder, MediaLimits(), given=[pattern])

    (path,) = files.matching(pattern, Kind.IMAGE, 10)

    assert files.media(path).problem == ""
