"""Stability AI's adapter against its simulated API, over real HTTP: pictures of pictures, polling, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.providers.base import Delivered, Order, Pending, Trouble, VendorFile, VendorJob, VendorState
from tests.simulator.conftest import Market, Open

KEY = {"Authorization": "Bearer sk-rehearsal"}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (240, 180), "white")
    picture.paste("navy", (80, 50, 160, 150))
    picture.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def edited(shop: Market, photo: Path, operation: str, model: str, **params: Any) -> tuple[str, tuple[int, int]]:
    answer = shop.vendor.submit(Order("k", operation, model, {"image": "image", **params}, inputs={"image": photo}))
    assert isinstance(answer, Delivered)
    (file,) = answer.files
    with Image.open(file.source) as picture:
        return file.mime, picture.size


def relit(shop: Market, photo: Path) -> VendorJob:
    params = {"image": "image", "prompt": "a beach at sunset", "light": "left"}
    answer = shop.vendor.submit(Order("k", "replace_background", "relight", params, inputs={"image": photo}))
    assert isinstance(answer, Pending)
    return VendorJob(answer.vendor_job_id, "relight")


@pytest.mark.parametrize(
    ("operation", "model", "size", "usd_micros"),
    [
        ("remove_background", "remove-background", (240, 180), 50_000),
        ("upscale", "upscale-fast", (960, 720), 20_000),
        ("upscale", "upscale-conservative", (2_309, 1_732), 400_000),
    ],
)
def test_a_picture_is_made_of_a_picture(
    market: Open, photo: Path, operation: str, model: str, size: tuple[int, int], usd_micros: int
) -> None:
    shop = market("stability")

    assert edited(shop, photo, operation, model) == ("image/png", size)
    assert shop.billed() == usd_micros


def test_a_new_background_is_waited_for(market: Open, photo: Path) -> None:
    shop = market("stability", latency_seconds=60)
    job = relit(shop, photo)
    assert shop.vendor.status(job).state is VendorState.RUNNING
    shop.world.books.change(shop.world.books.of("stability")[0], lambda sold: replace(sold, ready_at=0))

    status = shop.vendor.status(job)

    files: list[VendorFile] = []
    shop.vendor.fetch(job, files.append)
    assert (status.state, [file.mime for file in files]) == (VendorState.SUCCEEDED, ["image/png"])
    assert shop.billed() == 80_000


def test_a_new_background_that_is_cut_off_on_its_way_is_fetched_again(market: Open, photo: Path) -> None:
    shop = market("stability", shortened=2)
    job = relit(shop, photo)
    assert shop.vendor.status(job).state is VendorState.SUCCEEDED

    files: list[VendorFile] = []
    with pytest.raises(Corrupt, match="cut off"):
        shop.vendor.fetch(job, files.append)
    shop.vendor.fetch(job, files.append)

    assert len(files) == 1
    assert shop.billed() == 80_000


def test_a_new_background_that_is_withheld_has_its_price(market: Open, photo: Path) -> None:
    shop = market("stability", moderated_after=1)

    status = shop.vendor.status(relit(shop, photo))

    assert (status.state, status.trouble) == (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS)
    assert shop.billed() == 80_000


def test_a_job_that_nobody_knows_is_gone(market: Open) -> None:
    with pytest.raises(Permanent, match="gone"):
        market("stability").vendor.status(VendorJob("nothing", "relight"))


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("generate/core", {"prompt": ""}, "prompt: is required"),
        ("generate/core", {"prompt": "sea", "aspect_ratio": "7:3"}, "aspect_ratio: must be one of"),
        ("generate/core", {"prompt": "sea", "steps": "3"}, "steps: is not allowed"),
        ("upscale/fast", {"output_format": "png"}, "image: is required"),
    ],
)
def test_what_it_does_not_take_is_refused(market: Open, path: str, form: dict[str, str], words: str) -> None:
    base = f"http://127.0.0.1:{market('stability').address.port}/stability/v2beta/stable-image"
    parts = {name: (None, value) for name, value in form.items()}

    answer = httpx.post(f"{base}/{path}", files={"none": ("", b""), **parts}, headers=KEY, timeout=60)

    assert (answer.status_code, answer.json()["name"]) == (400, "bad_request")
    assert answer.json()["errors"][0].startswith(words)
