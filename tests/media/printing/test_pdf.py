"""A printed page's boxes are its sheet in points, its picture fills the bleed, its marks stand outside of it."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.pdf import picture_of
from pressroom.media.printing.paper import Sheet
from pressroom.media.printing.pdf import write_pdf
from pressroom.media.printing.press import Ink, ink_for, printed
from tests.support.media import gradient, psnr

CMYK, RGB = ink_for("cmyk", None), ink_for("rgb", None)
POINTS_PER_MM = 72 / 25.4
SHEETS = st.builds(
    Sheet,
    width_mm=st.floats(10, 40),
    height_mm=st.floats(10, 40),
    bleed_mm=st.floats(0, 5),
    dpi=st.integers(36, 100),
    marks=st.booleans(),
)


def muted(size: tuple[int, int]) -> Image.Image:
    """Colours that every press has."""
    return Image.blend(gradient(*size), Image.new("RGB", size, "#808080"), 0.6)


def written(sheet: Sheet, path: Path, ink: Ink = RGB) -> pikepdf.Pdf:
    write_pdf(printed(muted(sheet.picture), ink, "relative", black_point=True), sheet, ink, path)
    return pikepdf.open(path)


def box(pdf: pikepdf.Pdf, name: str) -> list[float]:
    return [float(value) for value in pdf.pages[0].obj[name]]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=SHEETS)
def test_boxes_are_the_sheet_in_points(tmp_path: Path, sheet: Sheet) -> None:
    """To a pixel of the sheet: its millimetres are whole pixels in the picture."""
    pdf = written(sheet, tmp_path / "card.pdf")

    media, bleed, trim = (box(pdf, name) for name in ("/MediaBox", "/BleedBox", "/TrimBox"))
    pixel = 72 / sheet.dpi
    assert media[:2] == [0, 0]
    assert media[2:] == pytest.approx([side * pixel for side in sheet.whole], abs=1e-3)
    for inner, outer in ((trim, bleed), (bleed, media)):
        assert all(a >= b for a, b in zip(inner[:2], outer[:2], strict=True))
        assert all(a <= b for a, b in zip(inner[2:], outer[2:], strict=True))
    assert trim[2] - trim[0] == pytest.approx(sheet.width_mm * POINTS_PER_MM, abs=pixel)
    assert trim[3] - trim[1] == pytest.approx(sheet.height_mm * POINTS_PER_MM, abs=pixel)
    assert trim[0] - bleed[0] == pytest.approx(sheet.bleed_mm * POINTS_PER_MM, abs=pixel)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=SHEETS)
def test_the_picture_fills_the_bleed_box_and_marks_stay_outside(tmp_path: Path, sheet: Sheet) -> None:
    pdf = written(sheet, tmp_path / "card.pdf")

    bleed, trim = box(pdf, "/BleedBox"), box(pdf, "/TrimBox")
    said = [(str(operator), [float(each) for each in operands if not isinstance(each, pikepdf.Name)])
            for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])]  # fmt: skip
    (matrix,) = [numbers for operator, numbers in said if operator == "cm"]
    left, bottom = matrix[4], matrix[5]
    assert [left, bottom, left + matrix[0], bottom + matrix[3]] == pytest.approx(bleed, abs=1e-2)
    starts, ends = ([numbers for operator, numbers in said if operator == name] for name in ("m", "l"))
    assert len(starts) == len(ends) == (8 if sheet.marks else 0)
    for (x0, y0), (x1, y1) in zip(starts, ends, strict=True):
        if abs(y0 - y1) < 1e-3:
            assert min(abs(y0 - trim[1]), abs(y0 - trim[3])) < 1e-2
            assert max(x0, x1) < bleed[0] or min(x0, x1) > bleed[2]
        else:
            assert min(abs(x0 - trim[0]), abs(x0 - trim[2])) < 1e-2
            assert max(y0, y1) < bleed[1] or min(y0, y1) > bleed[3]


@pytest.mark.parametrize(("ink", "space"), [(CMYK, "/DeviceCMYK"), (RGB, "/DeviceRGB")])
def test_the_picture_is_in_the_profile_that_is_the_output_intent(tmp_path: Path, ink: Ink, space: str) -> None:
    with written(Sheet(20, 15, 2, 100), tmp_path / "card.pdf", ink) as pdf:
        (picture,) = (each for each in pdf.pages[0].get_images().values())
        assert picture.ColorSpace[0] == "/ICCBased"
        assert picture.ColorSpace[1].Alternate == space
        assert picture.ColorSpace[1].read_bytes() == ink.profile
        (intent,) = pdf.Root.OutputIntents
        assert intent.DestOutputProfile.read_bytes() == ink.profile
        assert ink.bands == intent.DestOutputProfile.N
        assert intent.S == "/GTS_PDFX"
        assert str(intent.Info) == ink.name
        assert (picture.Width, picture.Height) == Sheet(20, 15, 2, 100).picture


@pytest.mark.parametrize("ink", [CMYK, RGB], ids=["cmyk", "rgb"])
def test_the_page_read_again_looks_like_the_picture(tmp_path: Path, ink: Ink) -> None:
    """Through the profile and back: not inverted, not in other channels."""
    sheet = Sheet(20, 15, 2, 100)
    written(sheet, tmp_path / "card.pdf", ink)

    found = picture_of(tmp_path / "card.pdf", MediaLimits())

    assert psnr(found, muted(sheet.picture)) > 34


def test_registration_is_in_all_inks(tmp_path: Path) -> None:
    pdf = written(Sheet(20, 15, 2, 100, marks=True), tmp_path / "card.pdf")

    space = pdf.pages[0].obj.Resources.ColorSpace.Registration
    assert [str(space[0]), str(space[1])] == ["/Separation", "/All"]
    assert [int(value) for value in space[3].C1] == [1, 1, 1, 1]


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.pdf", "other.pdf"):
        written(Sheet(20, 15, 2, 100, marks=True), tmp_path / name, CMYK)

    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "other.pdf").read_bytes()


def test_nobody_is_named_in_it(tmp_path: Path) -> None:
    with written(Sheet(20, 15, 2, 100), tmp_path / "card.pdf") as pdf:
        assert "/Info" not in pdf.trailer
        assert "/Metadata" not in pdf.Root
