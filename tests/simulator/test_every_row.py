"""Every row of the catalog that is sold over HTTP is bought, and its file and its bill are looked at."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from pressroom.catalog.models import Model
from pressroom.catalog.shapes import ordered_by
from pressroom.domain.errors import AnswerLost
from pressroom.domain.media import Kind, suffix_for
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.near_size import is_near
from pressroom.media.files.probe import inspect
from pressroom.operations import OPERATIONS
from pressroom.planning.offers import misfits
from pressroom.planning.plan import Quote
from pressroom.planning.quoting import quote
from pressroom.providers.base import (
    Delivered,
    Found,
    LostOrder,
    Pending,
    VendorFile,
    VendorJob,
    VendorState,
    name_at_vendor,
)
from pressroom.providers.translation import translated
from pressroom.simulator.workshop import Workshop
from pressroom.simulator.world import World
from tests.simulator.conftest import Market, Open
from tests.support.samples import CATALOG, COVERED, SIZE, TODAY, Sample, samples, sold_rows

ROWS = sold_rows()
rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
# A clip takes seconds of computing: one row of each vendor and operation always, the others with --thorough.
FILMS = {(row.provider, row.operation): row.name for row in ROWS if OPERATIONS[row.operation].makes is Kind.VIDEO}
LISTING = ("fal", "replicate")  # whose lists have what was ordered
# What is written in a mask where the picture changes, and where it stays, as the vendors' documents have it.
POLARITY = {
    "fal/bria-eraser": ("L", 255, 0),
    "fal/bria-genfill": ("L", 255, 0),
    "fal/flux-erase": ("L", 255, 0),
    "openai/gpt-image-2.6-flare-inpaint": ("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)),
    "replicate/ideogram-v3-turbo-inpaint": ("L", 0, 255),
    "stability/erase": ("L", 255, 0),
    "stability/inpaint": ("L", 255, 0),
    "wavespeed/image-eraser": ("L", 255, 0),
}


def delivered(shop: Market, sample: Sample) -> VendorFile:
    """The file of an order, however the vendor answers."""
    answer = shop.vendor.submit(sample.order)
    if isinstance(answer, Delivered):
        return answer.files[0]
    assert isinstance(answer, Pending)
    job = VendorJob(answer.vendor_job_id, sample.order.model)
    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    found: list[VendorFile] = []

    def sink(file: VendorFile) -> None:
        data = file.source.read_bytes() if isinstance(file.source, Path) else file.source.read()
        found.append(VendorFile(io.BytesIO(data), file.mime, file.label))

    shop.vendor.fetch(job, sink)
    return found[0]


def check_file(file: VendorFile, sample: Sample, folder: Path) -> None:
    """Whether the file is of the promised kind, and can be made into what was promised."""
    makes = sample.order.makes
    assert makes is not None
    assert not isinstance(file.source, Path)
    path = folder / f"made{suffix_for(file.mime)}"
    path.write_bytes(file.source.read())
    if makes.kind is Kind.TEXT:
        assert file.mime == makes.mime
        assert json.loads(path.read_text(encoding="utf-8"))
        return
    info = inspect(path, MediaLimits())
    assert info.kind is makes.kind
    if makes.width and makes.height:
        assert is_near((info.width or 0, info.height or 0), (makes.width, makes.height))
    if makes.duration_seconds:
        assert (info.duration_seconds or 0) >= makes.duration_seconds - 0.15


def test_every_row_with_a_mask_says_how_its_vendor_reads_it() -> None:
    assert {row.name for row in ROWS if "mask" in row.parameters} == POLARITY.keys()


@rows
def test_it_names_parameters_of_its_operation(row: Model) -> None:
    assert row.parameters.keys() | row.values.keys() <= OPERATIONS[row.operation].params.model_fields.keys()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row,
            id=row.name,
            marks=() if FILMS.get((row.provider, row.operation), row.name) == row.name else pytest.mark.thorough,
        )
        for row in ROWS
    ],
)
def test_what_it_sells_is_made_and_billed_as_quoted(market: Open, row: Model, tmp_path: Path) -> None:
    shop = market(row.provider)
    spent = 0
    for sample in samples(row, tmp_path):
        assert misfits(row, sample.wanted) == []
        price = _quoted(row, sample)

        file = delivered(shop, sample)

        check_file(file, sample, tmp_path)
        billed = shop.billed() - spent
        assert price.usd_bound is not None
        assert 0 < billed <= price.usd_bound
        if not row.usd_per_million_tokens:
            assert billed == price.usd_estimate
        spent += billed


@pytest.mark.parametrize("row", [row for row in ROWS if row.provider in LISTING], ids=lambda row: row.name)
def test_an_order_whose_answer_got_lost_is_found_where_its_vendor_lists_inputs(
    market: Open, row: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would pass for one that never arrived, and be bought twice."""
    # Neither its file, which takes seconds, nor its price, which is read off that, is looked at.
    monkeypatch.setattr(Workshop, "make", lambda shop, *_, **__: (shop.folder / "blank.png",))
    monkeypatch.setattr(World, "price", lambda *_: 0)
    for sample in samples(row, tmp_path):
        shop, order = market(row.provider, lost_answer=1), sample.order
        with pytest.raises(AnswerLost):
            shop.vendor.submit(order)
        digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in order.inputs.items()}
        sent = datetime.now(UTC) - timedelta(minutes=50)

        found = shop.vendor.look_up(
            LostOrder(order.order_key, order.operation, order.model, order.params, sent, inputs=digests)
        )

        assert isinstance(found, Found)
        assert name_at_vendor(found.vendor_job_id) == shop.world.books.of(row.provider)[0].id


@rows
def test_nothing_that_costs_money_is_left_to_the_vendor(row: Model, tmp_path: Path) -> None:
    sample = next(samples(row, tmp_path))

    sent = translated(sample.order, OPERATIONS[row.operation], row, tmp_path, MediaLimits()).fields

    conditions = {name for price in row.prices for name in price.when}
    said = {
        "audio": row.parameters.get("generate_audio"),
        "resolution": row.sizing.resolution,
        "duration": row.sizing.duration,
    }
    said["resolution"] = said["resolution"] or row.parameters.get("resolution")
    assert {said[name] for name in conditions} <= sent.keys()
    assert row.fixed.keys() <= sent.keys()
    asked = {*(name for name in (row.sizing.duration, row.sizing.resolution, row.sizing.ratio) if name)}
    assert asked <= sent.keys()
    if "generate_audio" in row.parameters:
        assert sent[row.parameters["generate_audio"]] is False


@pytest.mark.parametrize("name", POLARITY)
def test_a_mask_is_sent_as_its_vendor_reads_it_and_as_large_as_the_picture(name: str, tmp_path: Path) -> None:
    row = CATALOG.models[name]
    sample = next(samples(row, tmp_path))
    with Image.open(sample.order.inputs["mask"]) as drawn:
        drawn.resize((SIZE[0] // 2, SIZE[1] // 2)).save(sample.order.inputs["mask"])

    sent = translated(sample.order, OPERATIONS[row.operation], row, tmp_path, MediaLimits())

    mode, changes, stays = POLARITY[name]
    upload = sent.files[row.parameters["mask"]]
    assert not isinstance(upload, tuple)
    with Image.open(upload.path) as mask:
        assert (mask.format, mask.mode, mask.size) == ("PNG", mode, SIZE)
        assert mask.getpixel((COVERED[0] + 40, COVERED[1] + 40)) == changes
        assert mask.getpixel((5, 5)) == stays


@pytest.mark.parametrize("name", POLARITY)
def test_what_the_mask_covers_changes_and_nothing_else(market: Open, name: str, tmp_path: Path) -> None:
    row = CATALOG.models[name]
    sample = next(samples(row, tmp_path))

    file = delivered(market(row.provider), sample)

    with Image.open(file.source) as made, Image.open(sample.order.inputs["image"]) as source:
        after = made.convert("RGB").resize(SIZE)
        inside, outside = (COVERED[0] + 80, COVERED[1] + 90), (600, 440)
        assert _distance(after.getpixel(inside), source.getpixel(inside)) > 40
        assert _distance(after.getpixel(outside), source.getpixel(outside)) < 12


def _quoted(row: Model, sample: Sample) -> Quote:
    expected = sample.wanted.expected
    ordered = ordered_by(row, expected.outputs, expected.units, sample.wanted.facts)
    return quote(row, ordered.units, row.meter(ordered.facts, TODAY))


def _distance(one: object, other: object) -> int:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))
