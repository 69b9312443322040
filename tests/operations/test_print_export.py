"""print_export: what a printer's own tools find in the file."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
import yaml
from PIL import Image, ImageCms
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent, Refused
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.pdf import picture_of
from pressroom.media.files.probe import inspect, probe
from pressroom.operations.print_export import PrintExportParams, expect, run
from tests.support.media import gradient, psnr
from tests.support.workspaces import workspace

LIMITS = MediaLimits.model_validate({})
CARD = {"width_mm": 40.0, "height_mm": 30.0}
SIZES = Path(__file__).parents[2] / "pressroom/catalog/data/print_sizes.yaml"
needs_poppler = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="POPPLER-UTILS IS NOT INSTALLED")
needs_imagemagick = pytest.mark.skipif(shutil.which("identify") is None, reason="IMAGEMAGICK IS NOT INSTALLED")


def _print(folder: Path, image: Image.Image | None = None, profile: Path | None = None, **params: Any) -> Made:
    path = folder / "photo.png"
    (image or gradient(800, 600)).save(path)
    inputs = {"image": path} | ({"profile": profile} if profile else {})
    named = {"profile": "profile"} if profile else {}
    size = {} if "size" in params else CARD
    (made,) = run(PrintExportParams(image="image", **{**size, **named, **params}), workspace(folder, inputs))
    return made


def _said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _boxes(path: Path) -> dict[str, list[float]]:
    found = re.findall(r"(\w+Box):\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)", _said("pdfinfo", "-box", path))
    return {name: [float(value) / 72 * 25.4 for value in values] for name, *values in found}


@needs_poppler
def test_the_pages_boxes_are_the_sheet_in_millimetres(tmp_path: Path) -> None:
    boxes = _boxes(_print(tmp_path, crop_marks=True).path)

    left, bottom, right, top = boxes["TrimBox"]
    assert (right - left, top - bottom) == pytest.approx((40, 30), abs=0.1)
    assert boxes["BleedBox"] == pytest.approx([left - 3, bottom - 3, right + 3, top + 3], abs=0.1)
    assert boxes["MediaBox"][2] == pytest.approx(40 + 6 + 12, abs=0.2)


@needs_poppler
def test_the_pages_picture_is_cmyk_at_the_resolution_asked_for(tmp_path: Path) -> None:
    made = _print(tmp_path, dpi=240)

    columns = _said("pdfimages", "-list", made.path).splitlines()[2].split()

    assert columns[5:7] == ["icc", "4"]
    assert columns[12:14] == ["240", "240"]


@needs_imagemagick
@pytest.mark.parametrize(("color", "space"), [("cmyk", "CMYK"), ("rgb", "sRGB")])
def test_a_tiff_says_resolution_colours_and_profile(tmp_path: Path, color: str, space: str) -> None:
    made = _print(tmp_path, format="tiff", color=color)

    said = _said("identify", "-format", "%m %[colorspace] %x %y %U %[icc:description]", made.path)

    assert said.startswith(f"TIFF {space} 300 300 PixelsPerInch ")
    assert said.endswith(made.details["profile"])


@pytest.mark.parametrize("kind", ["pdf", "tiff"])
def test_colours_on_paper_are_those_of_the_picture(tmp_path: Path, kind: str) -> None:
    """Read back through the embedded profile: muted colours, which ink has, are the same."""
    muted = Image.fromarray((np.asarray(gradient(600, 450)) * 0.35 + 90).astype(np.uint8))

    made = _print(tmp_path, muted, format=kind, bleed_mm=0, bleed="mirror")

    if kind == "pdf":
        found = picture_of(made.path, LIMITS)
    else:
        with Image.open(made.path) as image:
            source = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
            found = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")  # type: ignore[assignment]
    assert psnr(found, muted.resize(found.size, Image.Resampling.LANCZOS)) > 28


def test_the_profile_is_the_output_intent_and_a_file_may_bring_it(tmp_path: Path) -> None:
    with pikepdf.open(_print(tmp_path).path) as pdf:
        built_in = pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes()
    own = tmp_path / "press.icc"
    own.write_bytes(built_in)

    made = _print(tmp_path, profile=own)

    with pikepdf.open(made.path) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert intent.S == "/GTS_PDFX"
        assert intent.DestOutputProfile.read_bytes() == own.read_bytes()
    assert inspect(own, LIMITS).kind is Kind.PROFILE


def test_a_file_that_is_no_output_profile_is_refused(tmp_path: Path) -> None:
    lab = tmp_path / "lab.icc"
    lab.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    broken = tmp_path / "broken.icc"
    broken.write_bytes(bytes(36) + b"acsp" + bytes(100))

    for path in (lab, broken):
        with pytest.raises(Corrupt, match="profile"):
            _print(tmp_path, profile=path)


@pytest.mark.parametrize("bleed", ["mirror", "extend"])
def test_a_made_bleed_leaves_the_whole_picture_inside_the_trim(tmp_path: Path, bleed: str) -> None:
    made = _print(tmp_path, gradient(472, 354), bleed=bleed, color="rgb", format="tiff")

    with Image.open(made.path) as image:
        found = np.asarray(image.convert("RGB")).astype(int)
    edge = 35
    inner = found[edge : 35 + 354, edge : edge + 472]
    assert psnr(Image.fromarray(inner.astype(np.uint8)), gradient(472, 354)) > 45
    outer = found[edge:-edge, edge - 10]
    wanted = found[edge:-edge, edge] if bleed == "extend" else found[edge:-edge, edge + 10]
    assert np.abs(outer - wanted).max() <= 1


def test_crop_marks_of_a_tiff_point_at_the_trimmed_corners(tmp_path: Path) -> None:
    made = _print(tmp_path, Image.new("RGB", (800, 600), "#ffffff"), format="tiff", crop_marks=True)

    with Image.open(made.path) as image:
        dark = np.asarray(image)[..., 3] > 200  # black ink
    columns, rows = np.flatnonzero(dark[:40].any(axis=0)), np.flatnonzero(dark[:, :40].any(axis=1))
    assert columns.max() - columns.min() == pytest.approx(40 / 25.4 * 300, abs=2)
    assert rows.max() - rows.min() == pytest.approx(30 / 25.4 * 300, abs=2)


def test_too_few_pixels_are_a_problem_before_refused_while_running_and_allowed_when_asked(tmp_path: Path) -> None:
    small = gradient(200, 150)
    planned = expect(PrintExportParams(image="image", size="A5"), {"image": MediaInfo(Kind.IMAGE, "", 200, 150)}, {})

    assert "150 at least" in planned.problems[0]
    with pytest.raises(Refused, match="pixels an inch"):
        _print(tmp_path, small)
    made = _print(tmp_path, small, allow_low_resolution=True)
    assert made.details["picture_dpi"] == pytest.approx(106, abs=1)


def test_between_150_and_300_it_warns(tmp_path: Path) -> None:
    assert "warning" in _print(tmp_path, gradient(400, 300)).details
    assert "warning" not in _print(tmp_path, gradient(800, 600)).details


def test_a_named_size_lies_as_the_picture_does(tmp_path: Path) -> None:
    def trim(width: int, height: int, **params: Any) -> tuple[int, int]:
        source = {"image": MediaInfo(Kind.IMAGE, "", width, height)}
        made = expect(PrintExportParams(image="image", size="a4", bleed_mm=0, **params), source, {}).outputs[0][1]
        return made.width or 0, made.height or 0

    assert trim(4000, 3000) == (3508, 2480)
    assert trim(3000, 4000) == (2480, 3508)
    assert trim(4000, 3000, orientation="portrait") == (2480, 3508)


def test_what_is_planned_is_what_is_made(tmp_path: Path) -> None:
    for kind in ("pdf", "tiff"):
        params = PrintExportParams(image="image", format=kind, crop_marks=True, **CARD)
        planned = expect(params, {"image": MediaInfo(Kind.IMAGE, "", 800, 600)}, {}).outputs[0][1]

        found = probe(_print(tmp_path, format=kind, crop_marks=True).path, LIMITS, "")

        assert (found.kind, found.mime, found.width, found.height) == (
            planned.kind, planned.mime, planned.width, planned.height,
        )  # fmt: skip


def test_the_same_sheet_gives_the_same_bytes(tmp_path: Path) -> None:
    assert _print(tmp_path).path.read_bytes() == _print(tmp_path).path.read_bytes()


def test_sizes_have_sources_and_unknown_ones_a_suggestion(tmp_path: Path) -> None:
    rows = yaml.safe_load(SIZES.read_text(encoding="utf-8"))["print_sizes"]

    assert all(row["source"] and row["as_of"] and row["width_mm"] <= row["height_mm"] for row in rows)
    planned = expect(PrintExportParams(image="image", size="busines_card"), {"image": MediaInfo(Kind.IMAGE)}, {})
    assert "did you mean 'business_card'" in planned.problems[0]
    with pytest.raises(Permanent, match="no paper size"):
        _print(tmp_path, size="A99")


@pytest.mark.parametrize("params", [{}, {"width_mm": 50}, {"size": "A4", "width_mm": 50, "height_mm": 50}])
def test_one_size_is_needed(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PrintExportParams(image="image", **params)


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R>>"])
def test_a_document_that_is_no_printed_page_is_corrupt(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)

    with pytest.raises(Corrupt):
        probe(tmp_path / "a.pdf", LIMITS, "")
    with pytest.raises(Corrupt):
        inspect(tmp_path / "a.pdf", LIMITS)
