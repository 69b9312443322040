"""The catalog: every shipped row is sound, wrong rows are named, an extra file adds and replaces."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import metered_family
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Kind

ROW: dict[str, Any] = {
    "provider": "simulated",
    "model": "extra",
    "operation": "upscale",
    "tier": "budget",
    "quality": 50,
    "unit": "image",
    "credits": 3,
    "usd": 0.03,
    "latency_seconds": 1,
    "source": "a price list",
    "as_of": "2026-11-21",
}


def extra(folder: Path, **tables: Any) -> Path:
    path = folder / "extra.yaml"
    path.write_text(yaml.safe_dump(tables), encoding="utf-8")
    return path


def problems_of(folder: Path, **tables: Any) -> list[str]:
    with pytest.raises(Invalid) as raised:
        load_catalog(extra(folder, **tables))
    return [problem.message for problem in raised.value.problems]


def shipped() -> Catalog:
    return load_catalog()


# what ships


def test_all_87_placements_are_there() -> None:
    placements = shipped().placements

    assert len(placements) == 87
    assert {"instagram.reel", "x.post_image_landscape", "youtube.thumbnail"} <= placements.keys()


def test_every_row_says_where_it_is_from_and_when_that_was_read() -> None:
    catalog = shipped()
    rows = [*catalog.models.values(), *catalog.placements.values(), *catalog.plans.values(), *catalog.packs.values()]

    for row in rows:
        assert row.source
        assert date.fromisoformat(row.as_of) >= date(2026, 1, 1)


def test_what_this_machine_computes_costs_nothing() -> None:
    local = [model for model in shipped().models.values() if model.provider == "local"]

    assert len(local) >= 5
    prices = {(price.credits, price.usd) for model in local for price in model.prices}
    assert (prices, {model.tier for model in local}) == ({(0, 0)}, {"free"})


def test_the_simulated_vendor_has_prices_and_one_that_is_not_known() -> None:
    vendor = {name: model for name, model in shipped().models.items() if model.provider == "simulated"}

    credits = {name: price.credits for name, model in vendor.items() for price in model.prices}
    assert [name for name, price in credits.items() if price is None] == ["simulated/preview"]
    assert all(price for name, price in credits.items() if name != "simulated/preview")


@pytest.mark.parametrize(("seconds", "usd"), [(2, 100_000), (5, 250_000), (10, 500_000)])
def test_a_clip_of_runways_costs_ten_credits_and_its_seconds_in_dollars(seconds: int, usd: int) -> None:
    meter = shipped().models["runway/gen4_turbo"].meter({"duration": seconds}, date(2026, 11, 29))

    assert (meter.credits, meter.usd) == (10_000_000, usd)


def test_what_is_unlimited_is_null_and_what_is_none_is_zero() -> None:
    plans = shipped().plans

    assert list(plans) == ["free", "basic", "pro", "enterprise"]
    assert plans["enterprise"].monthly_limit("video") is None
    assert plans["enterprise"].max_video_height is None
    assert plans["free"].monthly_limit("video") == 2
    assert plans["free"].max_video_height == 480


def test_credit_packs_are_cheaper_by_the_credit_the_larger_they_are() -> None:
    by_credit = [(pack.usd or 0) / pack.credits for pack in shipped().packs.values()]

    assert len(by_credit) == 4
    assert by_credit == sorted(by_credit, reverse=True)


@pytest.mark.parametrize(
    ("operation", "makes", "family"),
    [
        ("generate_image", Kind.IMAGE, "image"),
        ("upscale", Kind.IMAGE, "edit"),
        ("image_to_video", Kind.VIDEO, "video"),
        ("speak", Kind.AUDIO, "audio"),
    ],
)
def test_what_a_purchase_counts_against(operation: str, makes: Kind, family: str) -> None:
    assert metered_family(operation, makes) == family


# wrong rows


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"credits": -1}, "credits"),
        ({"usd": "cheap"}, "usd"),
        ({"credits": True}, "credits"),
        ({"tier": "luxury"}, "tier"),
        ({"unit": "hour"}, "unit"),
        ({"quality": 101}, "quality"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"source": ""}, "source"),
        ({"billing_step": 0}, "billing_step"),
        ({"bound_credits": 1}, "bound_credits is below credits"),
        ({"limits": {"ratios": ["wide"]}}, "limits.ratios.0"),
        ({"limits": {"max_widht": 5}}, "limits.max_widht"),
    ],
)
def test_a_wrong_row_is_named_with_its_column(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (message,) = problems_of(tmp_path, models=[{**ROW, **change}])

    assert message.startswith("models row 1 (extra): ")
    assert named in message


def test_every_wrong_row_is_named_at_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        models=[{**ROW, "credits": -1}, ROW, {**ROW, "model": "b", "usd": -1}, "text"],
        placements=[{"name": "x.y"}],
    )

    assert [message.partition(":")[0] for message in found] == [
        "models row 1 (extra)",
        "models row 3 (b)",
        "models row 4 (text)",
        "placements row 1 (x.y)",
    ]


def test_one_row_twice_in_a_file_is_an_error(tmp_path: Path) -> None:
    assert problems_of(tmp_path, models=[ROW, ROW]) == ["models row 2: simulated/extra is there twice"]


def test_a_model_of_an_unknown_provider_is_an_error(tmp_path: Path) -> None:
    assert problems_of(tmp_path, models=[{**ROW, "provider": "nobody"}]) == [
        "model nobody/extra names an unknown provider 'nobody'"
    ]


def test_a_misspelt_successor_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as raised:
        load_catalog(extra(tmp_path, models=[{**ROW, "replaced_by": "simulated/enlarg"}]))

    (problem,) = raised.value.problems
    assert "replaced_by names 'simulated/enlarg', which is no model of upscale" in problem.message
    assert problem.hint == "did you mean simulated/enlarge?"


def test_in_a_file_of_one_vendor_models_need_not_name_it(tmp_path: Path) -> None:
    vendor = {"name": "acme", "title": "Acme", "sells": True, "keys": ["ACME_KEY"]}
    nameless = {name: value for name, value in ROW.items() if name != "provider"}

    catalog = load_catalog(extra(tmp_path, providers=[vendor], models=[nameless]))

    assert catalog.models["acme/extra"].provider == "acme"


def test_a_tier_is_looked_in_before_those_below_it_and_auto_has_its_own_order() -> None:
    walks = shipped().walks

    assert walks["premium"] == ("premium", "budget", "free")
    assert walks["budget"] == ("budget", "free")
    assert walks["free"] == ("free",)
    assert walks["auto"] == ("budget", "premium", "free")


def test_an_unknown_table_is_an_error(tmp_path: Path) -> None:
    assert problems_of(tmp_path, prices=[ROW]) == ["unknown table 'prices'"]


@pytest.mark.parametrize("text", ["- a list", "models: 5", "models: [", "just text"])
def test_a_file_that_is_no_catalog_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "extra.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Invalid, match=r"extra\.yaml"):
        load_catalog(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        load_catalog(tmp_path / "nothing.yaml")


def test_a_safe_zone_must_leave_room(tmp_path: Path) -> None:
    reel = shipped().placements["instagram.reel"].model_dump(mode="json")
    zone = {"top": 1000, "bottom": 1000, "left": 0, "right": 0}

    (message,) = problems_of(tmp_path, placements=[{**reel, "safe_zone": zone}])

    assert "leaves no room" in message


# the extra file


def test_an_extra_file_adds_rows_and_replaces_those_of_the_same_name(tmp_path: Path) -> None:
    changed = {**ROW, "model": "enlarge", "credits": 7}

    catalog = load_catalog(extra(tmp_path, models=[ROW, changed]))

    assert catalog.models["simulated/extra"].prices[0].credits == 3_000_000
    assert catalog.models["simulated/enlarge"].prices[0].credits == 7_000_000
    assert len(catalog.models) == len(shipped().models) + 1
    assert catalog.models["local/matting"] == shipped().models["local/matting"]


def test_the_version_names_the_content(tmp_path: Path) -> None:
    same = shipped().models["simulated/enlarge"].model_dump(mode="json", exclude={"prices"})
    same |= {"unit": "image", "credits": 2, "usd": 0.02}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    unchanged = load_catalog(extra(tmp_path / "a", models=[same]))
    dearer = load_catalog(extra(tmp_path / "b", models=[{**same, "usd": 0.021}]))

    assert unchanged.version == shipped().version
    assert dearer.version != shipped().version
