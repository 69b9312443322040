"""convert: every format opens elsewhere and shows the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from pydantic import ValidationError

from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.operations.convert import ConvertParams, expect, run
from tests.support.edits import shaded, with_alpha
from tests.support.media import psnr
from tests.support.workspaces import picture, workspace

FORMATS = ("jpeg", "png", "webp", "avif", "tiff", "gif", "bmp")


def _convert(folder: Path, source: Any, **params: Any) -> Made:
    path = source if isinstance(source, Path) else picture(folder, source)
    (made,) = run(ConvertParams(image="image", **params), workspace(folder, {"image": path}))
    return made


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_the_same_picture(tmp_path: Path, name: str) -> None:
    made = _convert(tmp_path, shaded(), format=name)

    with Image.open(made.path) as found:
        assert found.format == name.upper()
        assert psnr(found, Image.fromarray(shaded())) > (24 if name == "gif" else 30)
    assert made.details["ssim"] > (0.85 if name == "gif" else 0.95)
    assert made.mime == f"image/{name}"


@pytest.mark.skipif(shutil.which("identify") is None, reason="IMAGEMAGICK IS NOT INSTALLED")
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "avif"])
def test_imagemagick_reads_it_with_its_size_and_transparency(tmp_path: Path, name: str) -> None:
    made = _convert(tmp_path, with_alpha(shaded()), format=name)

    command = ["identify", "-format", "%m %w %h %A\n", str(made.path)]
    kind, width, height, alpha = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[:4]
    assert (kind.lower().removesuffix("3"), width, height) == (name, "120", "80")
    assert (alpha.lower() in ("true", "blend")) == (name not in ("jpeg", "bmp"))


@pytest.mark.parametrize("name", ["png", "webp", "avif", "tiff"])
def test_half_transparent_edges_survive(tmp_path: Path, name: str) -> None:
    source = with_alpha(shaded())

    made = _convert(tmp_path, source, format=name)

    with Image.open(made.path) as found:
        assert np.abs(np.asarray(found.convert("RGBA"))[..., 3].astype(int) - source[..., 3]).mean() < 1


def test_transparent_pixels_lie_on_the_background_where_the_format_has_none(tmp_path: Path) -> None:
    made = _convert(tmp_path, with_alpha(shaded()), format="jpeg", background="#204060")

    with Image.open(made.path) as found:
        assert np.abs(np.asarray(found)[2, 2].astype(int) - (0x20, 0x40, 0x60)).max() <= 3


def test_a_lower_quality_makes_a_smaller_file(tmp_path: Path) -> None:
    fine, coarse = (_convert(tmp_path, shaded(300, 200), format="webp", quality=quality) for quality in (95, 40))

    assert coarse.path.stat().st_size < fine.path.stat().st_size
    assert coarse.details["ssim"] < fine.details["ssim"]


def test_a_sideways_photo_comes_out_upright_and_without_its_cameras_data(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    Image.fromarray(shaded()).save(tmp_path / "photo.jpg", exif=exif, quality=95)

    made = _convert(tmp_path, tmp_path / "photo.jpg", format="png")

    with Image.open(made.path) as found:
        assert found.size == (80, 120)
        assert not found.getexif()


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_a_cameras_data_stays_where_asked_but_for_place_serial_number_and_orientation(
    tmp_path: Path, name: str
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x010E] = 6, "Camera", "A bottle in the moss – grün".encode()
    exif[0x8769] = {0x829D: IFDRational(28, 10), 0x9003: "2026:05:01 10:20:30", 0xA431: "SN4711", 0xA434: "50mm"}
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    Image.fromarray(shaded()).save(tmp_path / "photo.jpg", exif=exif, quality=95)

    made = _convert(tmp_path, tmp_path / "photo.jpg", format=name, metadata="camera")

    with Image.open(made.path) as found:
        said = found.getexif()
        assert found.size == (80, 120)
        assert (said[0x010F], said.get(0x0112)) == ("Camera", None)
        assert said[0x010E].encode("latin-1").decode() == "A bottle in the moss – grün"
        assert said.get_ifd(0x8769) == {0x829D: 2.8, 0x9003: "2026:05:01 10:20:30", 0xA434: "50mm"}
        assert not said.get_ifd(0x8825)
    assert b"SN4711" not in made.path.read_bytes()
    if shutil.which("exiftool"):
        told = subprocess.run(["exiftool", "-a", "-G1", "-s", str(made.path)], capture_output=True, text=True).stdout
        assert "Warning" not in told
        assert "FNumber" in told


def test_a_picture_without_a_cameras_data_is_converted_all_the_same(tmp_path: Path) -> None:
    made = _convert(tmp_path, shaded(), format="webp", metadata="camera")

    with Image.open(made.path) as found:
        assert not found.getexif()
    with pytest.raises(ValidationError, match="avif does not keep a camera's data here"):
        ConvertParams(image="image", format="avif", metadata="camera")


def test_plans_know_format_and_size() -> None:
    planned = expect(
        ConvertParams(image="image", format="avif"), {"image": MediaInfo(Kind.IMAGE, "", 30, 20, has_alpha=True)}, {}
    )

    made = planned.outputs[0][1]
    assert (made.mime, made.width, made.height, made.has_alpha) == ("image/avif", 30, 20, True)
    with pytest.raises(ValidationError, match="png has no quality"):
        ConvertParams(image="image", format="png", quality=80)
