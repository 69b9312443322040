"""WaveSpeed's adapter against WaveSpeed's simulated API: what only WaveSpeed does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pressroom.providers.base import Order, Pending, VendorFile, VendorJob, VendorState
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
