"""A name that no file has gets the nearest one that a file beside it has, in every place where a campaign names files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.media_limits import MediaLimits
from pressroom.sources.folder import FolderSource
from pressroom.sources.local_files import LocalFiles
from pressroom.sources.near_files import did_you_mean_file

CAMPAIGN = "name: c\nsteps: {a: {uses: upscale, feed: price.csv, with: {image: cup.png}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("spring.yaml", "prices.csv", ".cut.png", "photos/cup.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CAMPAIGN)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("photos/cup.jpg", "did you mean 'photos/cup.png'?"),
        ("photos/Cup.png", "did you mean 'photos/cup.png'?"),
        ("price.csv", "did you mean 'prices.csv'?"),
        ("cut.png", ""),  # the hidden one is none of a campaign's
        ("else/cup.png", ""),
        ("photos/cup.png", ""),
        ("vase.tiff", ""),
    ],
)
def test_the_nearest_name_is_written_as_the_wrong_one_was(folder: Path, name: str, meant: str) -> None:
    assert did_you_mean_file(name, folder / name) == meant


def test_campaigns_feeds_and_media_are_named(folder: Path) -> None:
    source = FolderSource(folder / "spring.yaml")
    (feed,) = source.feeds(source.load(), {}, 100)["row"].problems
    with pytest.raises(Invalid) as wrong:
        FolderSource(folder / "sprin.yaml").load()

    assert feed.hint == "did you mean 'prices.csv'?"
    assert (
        LocalFiles(folder, MediaLimits()).media("photos/cap.png").problem.endswith(": did you mean 'photos/cup.png'?")
    )
    assert wrong.value.fields["problems"][0].hint == "did you mean 'spring.yaml'?"
