"""Every example campaign is sound, explained, and stands on files that ship with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image
from pressroom.sources.folder import FolderSource

FOLDER = Path(__file__).parents[1] / "deployments" / "campaigns"
EXAMPLES = sorted(FOLDER.glob("*/campaign.yaml"))
MOST_PHOTO_BYTES = 500_000


def test_the_promised_examples_are_there() -> None:
    assert {"social-post", "product-launch", "blog-visuals"} <= {path.parent.name for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_loads_without_a_problem(path: Path) -> None:
    loaded = FolderSource(path).load()

    assert loaded.campaign.name == path.parent.name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_says_what_it_makes_what_it_costs_and_how_to_run_it(path: Path) -> None:
    header = re.match(r"(?:#.*\n)+", path.read_text(encoding="utf-8"))

    assert header is not None
    for word in ("# Makes", "# Costs", "# Run", "# Then"):
        assert word in header[0]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_files_an_example_names_ship_with_it(path: Path) -> None:
    campaign = FolderSource(path).load().campaign

    media = [
        spec.default for spec in campaign.inputs.values() if spec.type in ("image", "video", "audio") and spec.default
    ]
    feeds = [name for step in campaign.steps.values() for name in step.feed.values()]
    for name in [*media, *feeds, *filter(None, [campaign.brand.logo])]:
        assert (path.parent / name).is_file(), name


def test_the_sample_photo_is_a_portrait_that_is_quick_to_fetch() -> None:
    photo = FOLDER / "product-launch" / "product.jpg"

    info = inspect_image(photo, MediaLimits(), thorough=True)

    assert (info.mime, info.width, info.height) == ("image/jpeg", 1600, 2000)
    assert photo.stat().st_size < MOST_PHOTO_BYTES
