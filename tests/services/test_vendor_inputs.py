"""Vendors get photos in a format that they read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.services.vendor_inputs import for_vendors
from tests.support.edits import shaded
from tests.support.heif import ALPHA, auxiliary, coded, heif, saved, turned
from tests.support.media import psnr

LIMITS = MediaLimits()


def photo() -> Image.Image:
    return Image.fromarray(shaded(120, 80))


def test_a_heic_is_sent_as_a_jpeg_and_known_by_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(heif([coded(photo(), turned(1))]))

    sent, digests = for_vendors({"image": path}, {"image": "of the HEIC", "logo": "another"}, tmp_path, LIMITS)

    with Image.open(sent["image"]) as found:
        assert (found.format, found.size, sent["image"].suffix) == ("JPEG", (80, 120), ".jpg")
        assert psnr(found, photo().transpose(Image.Transpose.ROTATE_90)) > 35
    assert digests == {"image": hashlib.sha256(sent["image"].read_bytes()).hexdigest(), "logo": "another"}


def test_a_transparent_one_is_sent_as_a_png(tmp_path: Path) -> None:
    ramp = Image.linear_gradient("L").resize(photo().size)
    path = tmp_path / "cut.heic"
    path.write_bytes(heif([coded(photo()), coded(ramp, auxiliary(ALPHA), refers=[(b"auxl", [1])])]))

    sent, _ = for_vendors({"image": path}, {}, tmp_path, LIMITS)

    with Image.open(sent["image"]) as found:
        assert (found.format, found.mode) == ("PNG", "RGBA")


def test_several_are_told_apart_and_others_stay_as_they_are(tmp_path: Path) -> None:
    paths = {}
    for number, name in enumerate(("references[0]", "references[1]")):
        paths[name] = tmp_path / f"{number}.heic"
        paths[name].write_bytes(saved(photo().rotate(180 * number)))
    paths["image"] = tmp_path / "plain.webp"
    photo().save(paths["image"])

    sent, digests = for_vendors(paths, {"image": "as it was"}, tmp_path, LIMITS)

    assert sent["image"] == paths["image"]
    assert digests["image"] == "as it was"
    assert digests["references[0]"] != digests["references[1]"]


def test_a_damaged_one_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(saved(photo())[:-200])

    with pytest.raises(Corrupt, match="is cut off"):
        for_vendors({"image": path}, {}, tmp_path, LIMITS)
