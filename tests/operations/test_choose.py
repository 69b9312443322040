"""choose: the best take as it is, by an explained score; as a campaign gathers takes and as its contact sheet shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import skimage.data
from PIL import Image, ImageEnhance, ImageFilter
from pydantic import ValidationError

from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Permanent
from pressroom.domain.media import CHOICE, Kind, MediaInfo
from pressroom.domain.operation import Answer, Asks, Brand
from pressroom.operations import OPERATIONS
from pressroom.operations.choose import ChooseParams
from tests.support.campaigns import campaigned
from tests.support.workspaces import workspace

CHOOSE = OPERATIONS["choose"]


@pytest.fixture
def takes(tmp_path: Path) -> list[Path]:
    """A photo out of focus, as it was taken, and too dark."""
    photo = Image.fromarray(skimage.data.coffee())
    spoiled = (photo.filter(ImageFilter.GaussianBlur(4)), photo, ImageEnhance.Brightness(photo).enhance(0.3))
    paths = [tmp_path / f"take{number}.png" for number in range(3)]
    for picture, path in zip(spoiled, paths, strict=True):
        picture.save(path)
    return paths


def chosen(folder: Path, paths: list[Path], brand: Brand | None = None, **params: Any) -> tuple[Path, dict[str, Any]]:
    names = [f"images[{number}]" for number in range(len(paths))]
    work = workspace(folder, dict(zip(names, paths, strict=True)), brand=brand)
    (made,) = CHOOSE.run(ChooseParams(images=names, **params), work)  # type: ignore[misc]
    return made.path, made.details[CHOICE]


def test_the_best_take_is_kept_byte_for_byte_with_the_parts_of_every_score(tmp_path: Path, takes: list[Path]) -> None:
    path, choice = chosen(tmp_path, takes)

    assert path.read_bytes() == takes[1].read_bytes()
    assert choice["chosen"] == 1
    assert choice["why"].startswith("take 2 of 3 scores ")
    assert [take["sha256"] for take in choice["takes"]] == [file_digest(each) for each in takes]
    blurred, good, dark = (take["parts"] for take in choice["takes"])
    assert blurred["sharpness"] < good["sharpness"]
    assert dark["exposure"] < good["exposure"]
    assert "palette" not in good


def test_the_first_is_kept_without_a_look(tmp_path: Path, takes: list[Path]) -> None:
    path, choice = chosen(tmp_path, takes, by="first")

    assert path.read_bytes() == takes[0].read_bytes()
    assert [set(take) for take in choice["takes"]] == [{"sha256"}] * 3


def test_the_next_best_is_kept_where_the_best_is_another_nodes(tmp_path: Path, takes: list[Path]) -> None:
    ranks = [chosen(tmp_path, takes, place=place)[1] for place in (1, 2, 3)]

    assert ranks[0]["chosen"] == 1
    assert sorted(choice["chosen"] for choice in ranks) == [0, 1, 2]
    assert ranks[2]["why"].endswith(", place 3")
    assert chosen(tmp_path, takes, by="first", place=2)[1]["chosen"] == 1
    infos = dict.fromkeys(("a", "b"), MediaInfo(Kind.IMAGE, "image/png", 8, 8))
    expected = CHOOSE.expect(ChooseParams(images=["a", "b"], place=3), infos, {})
    assert expected.problems == ("the best 3 are to be kept, of 2",)


def test_a_persons_pick_is_kept_with_who_made_it_and_the_scores_that_were_shown(
    tmp_path: Path, takes: list[Path]
) -> None:
    names = [f"images[{number}]" for number in range(len(takes))]
    params = ChooseParams(images=names, by="person")
    work = workspace(tmp_path, dict(zip(names, takes, strict=True)))
    with pytest.raises(Permanent, match="nobody has chosen"):
        CHOOSE.run(params, work)  # type: ignore[misc]

    looks = CHOOSE.looks(params, work)  # type: ignore[misc]
    (made,) = CHOOSE.run(params, replace(work, answer=Answer(3, "ann", "the pages", "")))  # type: ignore[misc]

    assert made.path.read_bytes() == takes[2].read_bytes()
    choice = made.details[CHOICE]
    assert (choice["by"], choice["why"]) == ("person", "take 3 of 3, chosen by ann from the pages")
    assert [{"score": take["score"], "parts": take["parts"]} for take in choice["takes"]] == list(looks)
    assert CHOOSE.asks is not None
    assert [CHOOSE.asks(ChooseParams(images=names, by=by)) for by in ("person", "score", "first")] == [  # type: ignore[arg-type]
        Asks.CHOICE,
        None,
        None,
    ]


def test_the_brands_colours_decide_where_they_alone_weigh_enough(tmp_path: Path) -> None:
    paths = [tmp_path / f"{color}.png" for color in ("blue", "green")]
    for path, color in zip(paths, ("#2040ff", "#1f3b2d"), strict=True):
        Image.new("RGB", (80, 60), color).save(path)

    _, choice = chosen(tmp_path, paths, Brand(colors={"primary": "#1f3b2d"}), weights={"palette": 10})

    assert choice["chosen"] == 1
    assert [take["parts"]["palette"] for take in choice["takes"]] == [0.0, 1.0]


def test_the_palette_is_part_of_the_key_only_where_it_counts() -> None:
    narrowed = CHOOSE.brand_of
    assert narrowed is not None

    assert narrowed(ChooseParams(images=["a"])) == {"colors"}
    assert narrowed(ChooseParams(images=["a"], weights={"palette": 0})) == set()  # type: ignore[arg-type]
    assert narrowed(ChooseParams(images=["a"], by="first")) == set()


def test_takes_of_several_formats_are_refused_before_anything_is_made() -> None:
    infos = {name: MediaInfo(Kind.IMAGE, f"image/{name}", 8, 8) for name in ("png", "jpeg")}

    expected = CHOOSE.expect(ChooseParams(images=["png", "jpeg"]), infos, {})

    assert expected.problems == ("the takes are of several formats (image/jpeg, image/png): convert them to one",)


def test_one_picture_and_weights_of_nothing_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValidationError, match=r"gather: \[take\]"):
        ChooseParams(images="a.png")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="must be above 0"):
        ChooseParams(images=["a"], weights=dict.fromkeys(("sharpness", "contrast", "exposure", "subject"), 0))  # type: ignore[arg-type]


def test_a_campaign_goes_on_with_the_best_take_of_each_variant_and_shows_why(tmp_path: Path) -> None:
    made = campaigned(
        tmp_path,
        {
            "poster": {
                "uses": "generate_image",
                "for_each": {"season": ["autumn", "spring"]},
                "count": 3,
                "with": {"prompt": "{{ each.season }} leaves", "width": 320, "height": 240},
            },
            "best": {"uses": "choose", "gather": ["take"], "with": {"images": "{{ steps.poster }}"}},
            "post": {
                "uses": "resize",
                "with": {"image": "{{ steps.best }}", "width": 160, "height": 120, "format": "png"},
            },
        },
    )

    nodes = {node.id: node for node in made.report.nodes}
    assert [name for name in nodes if name.startswith(("best[", "post["))] == [
        *("best[season=autumn]", "best[season=spring]", "post[season=autumn]", "post[season=spring]")
    ]
    choice = nodes["best[season=spring]"].assets[0].details[CHOICE]
    of_takes = [nodes[f"poster[season=spring,take={take}]"].assets[0].sha256 for take in (1, 2, 3)]
    assert [take["sha256"] for take in choice["takes"]] == of_takes
    sheet = made.file("contact-sheet.html").read_text(encoding="utf-8")
    assert "What was chosen" in sheet
    assert choice["why"] in sheet.replace("&#43;", "+")
