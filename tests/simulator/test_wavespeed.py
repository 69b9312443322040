"""WaveSpeed's adapter against WaveSpeed's simulated API: what only WaveSpeed does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from pressroom.providers.base import NoRecord, Order, Pending, VendorFile, VendorJob, VendorState
from tests.simulator.conftest import Open


def test_a_file_is_uploaded_and_the_result_is_of_it(market: Open, tmp_path: Path) -> None:
    shop, photo = market("wavespeed"), tmp_path / "shoe.png"
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste("navy", (100, 50, 200, 150))
    picture.save(photo)
    cut = Order("k", "remove_background", "image-background-remover", {"image": "image"}, inputs={"image": photo})

    answer = shop.vendor.submit(cut)
    assert isinstance(answer, Pending)
    job = VendorJob(answer.vendor_job_id, cut.model)

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    found: list[VendorFile] = []
    shop.vendor.fetch(job, found.append)
    assert [file.mime for file in found] == ["image/png"]
    assert shop.billed() == 10_000


def test_what_failed_was_paid_for_and_is_given_back(market: Open, tmp_path: Path) -> None:
    shop, photo = market("wavespeed", fail=1), tmp_path / "shoe.png"
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste("navy", (100, 50, 200, 150))
    picture.save(photo)
    cut = Order("k", "remove_background", "image-background-remover", {"image": "image"}, inputs={"image": photo})
    names = []
    for _ in range(2):
        answer = shop.vendor.submit(cut)
        assert isinstance(answer, Pending)
        names.append(answer.vendor_job_id)
    states = [shop.vendor.status(VendorJob(name, cut.model)).state for name in names]
    assert states == [VendorState.FAILED, VendorState.SUCCEEDED]

    now = datetime.now(UTC)
    charges = shop.vendor.charges(now - timedelta(days=1), now + timedelta(days=1), [])

    assert not isinstance(charges, NoRecord)
    amounts = {name: [each.billed.usd_micros for each in charges if each.name == name] for name in names}
    assert amounts == {names[0]: [10_000, -10_000], names[1]: [10_000]}
    assert shop.billed() == 10_000
