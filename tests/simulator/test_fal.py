"""fal's adapter against fal's simulated queue: what only fal does."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from PIL import Image

from pressroom.providers.base import Order, Pending, VendorFile, VendorJob, VendorState
from pressroom.simulator.serve import SPOKEN
from tests.simulator.conftest import Market, Open


def bought(shop: Market, wanted: Order) -> tuple[int, int]:
    answer = shop.vendor.submit(wanted)
    assert isinstance(answer, Pending)
    job = VendorJob(answer.vendor_job_id, wanted.model)
    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    found: list[tuple[int, int]] = []

    def sink(file: VendorFile) -> None:
        with Image.open(file.source) as picture:
            found.append(picture.size)

    shop.vendor.fetch(job, sink)
    [size] = found
    return size


def test_a_picture_travels_inside_the_order(market: Open, tmp_path: Path) -> None:
    shop, photo = market("fal"), tmp_path / "shoe.png"
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste("navy", (100, 50, 200, 150))
    picture.save(photo)

    cut = Order("k", "remove_background", "bria-background-remove", {"image": "image"}, inputs={"image": photo})

    assert bought(shop, cut) == (300, 200)
    assert shop.billed() == 40_000
    assert shop.world.books.of("fal")[0].fields["image_url"].startswith("data:image/png;base64,")


def test_an_enlargement_is_billed_by_the_megapixels_that_come_out(market: Open, tmp_path: Path) -> None:
    shop, photo = market("fal"), tmp_path / "in.png"
    Image.new("RGB", (600, 500), "teal").save(photo)

    larger = Order("k", "upscale", "seedvr", {"image": "image", "scale": 4}, inputs={"image": photo})

    assert bought(shop, larger) == (2400, 2000)
    assert shop.billed() == 5_000


@pytest.mark.parametrize(
    ("size", "status"), [({"width": 512, "height": 768}, 200), ({"width": 512}, 422), ({"width": 0, "height": 9}, 422)]
)
def test_a_size_may_be_given_by_its_sides_as_other_clients_do(market: Open, size: dict[str, int], status: int) -> None:
    shop = market("fal")
    body = {"prompt": "a barn", "image_size": size}
    key = {"Authorization": f"Key {SPOKEN['fal'][2]}"}

    answer = httpx.post(f"{shop.address.urls()['fal']}/fal-ai/flux/schnell", json=body, headers=key, timeout=60)

    assert answer.status_code == status, answer.text
    if status == 200:
        sold = shop.world.look(shop.world.books.of("fal")[0])
        with Image.open(sold.files[0]) as picture:
            assert picture.size == (512, 768)
