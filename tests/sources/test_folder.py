"""A campaign on disk reads what lies in its folder, and nothing else; what the caller passes may lie anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.domain.errors import Invalid, Problem
from pressroom.sources.folder import FolderSource, read_text

HEAD = "name: c\nsteps:\n  a:\n    uses: upscale\n"
STEP = HEAD + "    feed: {feed}\n    with: {{image: photo.png}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The campaign's folder; beside it there are files that are none of its business."""
    inside = tmp_path / "campaign"
    inside.mkdir()
    for place in (inside, tmp_path):
        Image.new("RGB", (30, 20), "#ccddee").save(place / "photo.png")
        (place / "rows.csv").write_text("name\nx\n")
        (place / "brand.yaml").write_text("name: Acme\n")
    for name in ("photo.png", "rows.csv", "brand.yaml"):
        (inside / f"link-{name}").symlink_to(tmp_path / name)
        (inside / f"own-{name}").symlink_to(inside / name)
    return inside


def source(folder: Path, text: str = HEAD + "    with: {image: photo.png}\n") -> FolderSource:
    (folder / "c.yaml").write_text(text)
    return FolderSource(folder / "c.yaml")


def feed_problem(folder: Path, feed: str, given: dict[str, str] | None = None) -> Problem:
    found = source(folder, STEP.format(feed=feed))
    (problem,) = found.feeds(found.load(), given or {}, 100)["row"].problems
    return problem


@pytest.mark.parametrize(
    ("feed", "says"),
    [
        ("link-rows.csv", "leads out of the campaign's folder"),
        ("none.csv", "cannot be read"),
        (".", "is no file"),
        ("pipe.csv", "is no file"),
    ],
)
def test_a_mistake_in_a_feeds_name_is_told_where_it_is_written(folder: Path, feed: str, says: str) -> None:
    os.mkfifo(folder / "pipe.csv")

    problem = feed_problem(folder, feed)

    assert says in problem.message
    assert (problem.file, problem.line, problem.column) == (str(folder / "c.yaml"), 5, 11)


def test_a_mistake_in_the_callers_feed_names_that_file(folder: Path) -> None:
    problem = feed_problem(folder, "rows.csv", {"row": "/nothing/here.csv"})

    assert (problem.file, problem.line) == ("/nothing/here.csv", None)


def test_a_mistake_in_a_row_is_told_in_the_row(folder: Path) -> None:
    (folder / "rows.csv").write_text("name\nx,y\n")

    assert feed_problem(folder, "rows.csv").line == 2
    assert feed_problem(folder, "rows.csv").file == str(folder / "rows.csv")


@pytest.mark.parametrize("feed", ["rows.csv", "own-rows.csv"])
def test_feeds_of_the_folder_are_read(folder: Path, feed: str) -> None:
    found = source(folder, STEP.format(feed=feed))

    assert [row.values for row in found.feeds(found.load(), {}, 100)["row"].rows] == [{"name": "x"}]


def test_the_callers_feed_may_lie_anywhere(folder: Path) -> None:
    found = source(folder, STEP.format(feed="rows.csv"))

    assert found.feeds(found.load(), {"row": str(folder.parent / "rows.csv")}, 100)["row"].problems == ()


def test_a_feed_for_no_dimension_has_a_suggestion(folder: Path) -> None:
    found = source(folder, STEP.format(feed="rows.csv"))

    with pytest.raises(Invalid, match=r"no step has a feed 'rows' \(did you mean 'row'\?\)"):
        found.feeds(found.load(), {"rows": "x.csv"}, 100)


@pytest.mark.parametrize(
    "path",
    ["../photo.png", "link-photo.png", "a/../../photo.png", "/etc/hostname", "~/photo.png", "{folder}/photo.png"],
)
def test_media_out_of_the_folder_are_refused_unless_the_caller_names_them(folder: Path, path: str) -> None:
    path = path.format(folder=folder)

    assert source(folder).files().media(path).problem.startswith(f"{path} leads out of the campaign's folder")
    assert "leads out" not in source(folder).files(given=[path]).media(path).problem


@pytest.mark.parametrize("path", ["photo.png", "own-photo.png", "./photo.png"])
def test_media_of_the_folder_are_looked_at(folder: Path, path: str) -> None:
    assert source(folder).files().media(path).problem == ""


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)

    assert source(link).files().media("photo.png").problem == ""


def test_fonts_out_of_the_folder_are_refused(folder: Path) -> None:
    assert "leads out" in source(folder).files().font("/usr/share/fonts/x.ttf").problem


@pytest.mark.parametrize(
    ("brand", "says"), [("link-brand.yaml", "leads out"), ("none.yaml", "cannot be read"), ("own-brand.yaml", "")]
)
def test_a_brand_file_is_read_from_the_folder_alone(folder: Path, brand: str, says: str) -> None:
    found = source(folder, f"brand: {brand}\n" + HEAD + "    with: {image: photo.png}\n")

    if not says:
        assert found.load().campaign.brand.name == "Acme"
        return
    with pytest.raises(Invalid) as caught:
        found.load()
    (problem,) = caught.value.problems
    assert says in problem.message
    assert (problem.line, problem.column) == (1, 8)


@pytest.mark.parametrize("name", ["none.yaml", ".", "a\0b"])
def test_a_campaign_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_text(tmp_path / name)


def test_a_campaign_that_is_too_large_is_refused_before_all_of_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("é" * MAX_DOCUMENT_BYTES)

    with pytest.raises(Invalid, match="larger than"):
        read_text(path)
