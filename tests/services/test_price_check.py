"""Prices are checked against the day they were read, and against what simulated vendors say over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.bootstrap import open_providers
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media_limits import MediaLimits
from pressroom.keys.vendor_keys import Keys
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.operations import OPERATIONS
from pressroom.services.price_check import Asked, Change, ask_vendors, old_rows, weak_rows
from pressroom.services.providers import ProvidersContext
from pressroom.settings import settings_for
from pressroom.simulator.faults import Faults
from pressroom.simulator.serve import serving
from pressroom.simulator.workshop import Workshop
from pressroom.simulator.world import World

OPERATOR = Principal("default")
TELLING = {"elevenlabs", "fal", "gemini", "openai", "replicate", "wavespeed"}


@contextmanager
def vendors(
    folder: Path,
    change: Callable[[World], None] = lambda world: None,
    keys: dict[str, str] | None = None,
    catalog: Catalog | None = None,
) -> Iterator[ProvidersContext]:
    """A home whose vendors are simulated ones, with the keys that these take, and their models, unless others are given."""

    def world(files: Path) -> World:
        made = World(
            Workshop(files, catalog or load_catalog(), OPERATIONS, MediaLimits(), ffmpeg_program("")), Faults()
        )
        change(made)
        return made

    with serving(world) as (address, _):
        environ = {**address.environment(), **(keys or {})}
        urls = {name: value for name, value in environ.items() if name.startswith("PRESSROOM_")}
        context = open_providers(settings_for(folder, urls))
        yield replace(context, keys=Keys(environ, folder))


def asked(context: ProvidersContext) -> dict[str, Asked]:
    return {each.provider: each for each in ask_vendors(OPERATOR, context)}


def test_vendors_that_say_what_the_catalog_says_differ_in_nothing(tmp_path: Path) -> None:
    with vendors(tmp_path) as context:
        found = asked(context)

    assert found.keys() == TELLING
    assert {name: (each.error, each.differences) for name, each in found.items()} == dict.fromkeys(TELLING, ("", ()))
    assert all(each.models for each in found.values())


def test_a_price_that_changed_is_told_with_both(tmp_path: Path) -> None:
    def change(world: World) -> None:
        world.price_factors |= {"fal/flux-schnell": 2.0, "wavespeed/wan-2.5-i2v": 0.5, "elevenlabs/eleven-v4": 1.5}

    with vendors(tmp_path, change) as context:
        found = asked(context)

    (dearer,) = found["fal"].differences
    assert (dearer.model, dearer.change) == ("fal/flux-schnell", Change.DEARER)
    assert (dearer.catalog, dearer.vendor) == ("$0.003 / image", "$0.006 / images")
    (spoken,) = found["elevenlabs"].differences
    assert (spoken.catalog, spoken.vendor) == ("$0.08 / 1k_characters", "$0.12 / 1k_characters")
    cheaper = found["wavespeed"].differences
    assert {each.change for each in cheaper} == {Change.CHEAPER}
    assert [each.catalog for each in cheaper] == [
        "$0.25 / 5 second, resolution 480p",
        "$0.50 / 5 second, resolution 720p",
        "$0.75 / 5 second, resolution 1080p",
    ]


def test_a_last_day_that_a_vendor_sets_is_told(tmp_path: Path) -> None:
    day = date.today() + timedelta(days=60)
    flare = [row for row in load_catalog().models.values() if row.id == "gpt-image-2.6-flare"]

    with vendors(
        tmp_path, lambda world: world.last_days.update(dict.fromkeys((row.name for row in flare), day))
    ) as context:
        found = asked(context)["openai"].differences

    assert {each.model for each in found} == {row.name for row in flare}
    assert {(each.change, each.catalog, each.vendor) for each in found} == {(Change.ENDS, "none", day.isoformat())}


def test_a_model_that_is_no_longer_there_is_told(tmp_path: Path) -> None:
    gone = {"fal/seedvr", "wavespeed/qwen-image-2.0", "replicate/gfpgan"}
    catalog = load_catalog()
    theirs = replace(catalog, models={name: row for name, row in catalog.models.items() if name not in gone})

    with vendors(tmp_path, catalog=theirs) as context:
        found = [each for vendor in asked(context).values() for each in vendor.differences]

    assert {(each.model, each.change) for each in found} == {(name, Change.NOT_SOLD) for name in gone}


def test_a_vendor_that_refuses_the_key_is_named_and_the_others_are_asked_all_the_same(tmp_path: Path) -> None:
    with vendors(tmp_path, keys={"FAL_KEY": "wrong"}) as context:
        found = asked(context)

    assert "key refused" in found["fal"].error
    assert "wrong" not in found["fal"].error
    assert found["openai"].error == ""


def test_vendors_without_a_key_are_not_asked(tmp_path: Path) -> None:
    assert ask_vendors(OPERATOR, replace(open_providers(settings_for(tmp_path, {})), keys=Keys({}, tmp_path))) == []


def test_a_customer_of_this_installation_asks_no_vendor(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        ask_vendors(Principal("acme", "someone@example.com"), open_providers(settings_for(tmp_path, {})))


def test_rows_are_old_after_thirty_days_the_oldest_first(tmp_path: Path) -> None:
    context = open_providers(settings_for(tmp_path, {}))
    newest = max(date.fromisoformat(row.as_of) for row in context.catalog.models.values())
    later = replace(context, now=lambda: datetime.combine(newest, datetime.min.time(), UTC) + timedelta(days=31))

    rows = old_rows(later)

    sold = [row for row in context.catalog.models.values() if context.catalog.providers[row.provider].sells]
    assert {row.name for row in rows} >= {row.name for row in sold}
    assert [row.days for row in rows] == sorted((row.days for row in rows), reverse=True)
    assert not any(row.name.startswith("local/") for row in rows)
    assert old_rows(later, days=3_000) == []


def test_what_is_weak_is_listed_with_its_reason(tmp_path: Path) -> None:
    found = {row.name: row for row in weak_rows(open_providers(settings_for(tmp_path, {})))}

    assert all(row.why and row.source for row in found.values())
    assert "reseller" in found["runway/magnific-precision"].why
    assert "no document names" in found["wavespeed refund_list"].why
    assert "fal/flux-schnell" not in found
