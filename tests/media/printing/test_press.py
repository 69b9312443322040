"""On paper: colours through the profile as littleCMS has them, bleeds, crop marks at the trimmed corners."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.geometry import Region
from pressroom.media.printing.paper import MARK_LENGTH_MM, MM_PER_INCH, Sheet
from pressroom.media.printing.press import Ink, ink_for, laid_out, mark_lines, most_ink, printed, write_tiff
from pressroom.media.renditions.framing import Mode
from tests.support.media import gradient, psnr

CARD = Sheet(20, 15, 2, 100, marks=True)
CMYK, RGB = ink_for("cmyk", None), ink_for("rgb", None)
INTENTS = {"relative": ImageCms.Intent.RELATIVE_COLORIMETRIC, "perceptual": ImageCms.Intent.PERCEPTUAL}


def flat(color: str | tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (8, 6), color)


@pytest.mark.parametrize(("ink", "bands", "space"), [(CMYK, 4, "CMYK"), (RGB, 3, "RGB ")])
def test_the_built_in_profiles_are_profiles_with_names(ink: Ink, bands: int, space: str) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(ink.profile))

    assert (ink.bands, profile.profile.xcolor_space) == (bands, space)
    assert ink.name == ImageCms.getProfileDescription(profile).strip()


def test_a_profile_from_a_file_is_the_files(tmp_path: Path) -> None:
    (tmp_path / "coated.icc").write_bytes(CMYK.profile)

    assert ink_for("rgb", tmp_path / "coated.icc") == CMYK


@pytest.mark.parametrize("data", [b"", b"not a profile", CMYK.profile[:100]], ids=["empty", "words", "cut off"])
def test_what_is_no_profile_is_refused_by_its_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "coated.icc").write_bytes(data)

    with pytest.raises(Corrupt, match=r"coated\.icc is not an ICC profile that can be read") as refusal:
        ink_for("cmyk", tmp_path / "coated.icc")

    assert refusal.value.fields["path"] == str(tmp_path / "coated.icc")


def test_a_profile_that_is_for_no_ink_is_refused(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    (tmp_path / "lab.icc").write_bytes(lab)

    with pytest.raises(Corrupt, match=r"lab\.icc is for Lab.*CMYK or RGB output is needed"):
        ink_for("cmyk", tmp_path / "lab.icc")


@pytest.mark.parametrize("intent", sorted(INTENTS))
@pytest.mark.parametrize("black_point", [False, True])
def test_inks_are_those_of_littlecms_asked_directly(intent: str, black_point: bool) -> None:
    page = gradient(24, 16)
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION if black_point else ImageCms.Flags.NONE
    profiles = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(CMYK.profile))
    expected = ImageCms.applyTransform(page, ImageCms.buildTransform(*profiles, "RGB", "CMYK", INTENTS[intent], flags))

    found = printed(page, CMYK, intent, black_point=black_point).numpy()

    assert found.shape == (16, 24, 4)
    assert np.abs(found.astype(int) - np.asarray(expected)).max() <= 3


def test_white_paper_takes_no_ink_and_black_the_most() -> None:
    white, grey, black = (
        most_ink(printed(flat(color), CMYK, "relative", black_point=True)) for color in ("#fff", "#808080", "#000")
    )

    assert white <= 2
    assert white < grey < black <= 400


def test_an_rgb_press_prints_what_it_is_given() -> None:
    page = gradient(24, 16)

    found = printed(page, RGB, "relative", black_point=False)

    assert np.abs(found.numpy().astype(int) - np.asarray(page)).max() <= 2
    assert most_ink(found) == 0


def test_a_profile_that_does_not_convert_is_named() -> None:
    with pytest.raises(Permanent, match="the profile 'Torn' does not convert with intent relative") as refusal:
        printed(flat("#fff"), Ink(CMYK.profile[:300], "Torn", 4), "relative", black_point=False)

    assert refusal.value.hint == "use another intent or profile"


@pytest.mark.parametrize("bleed", ["picture", "mirror", "extend"])
@pytest.mark.parametrize("mode", ["crop", "fit"])
def test_a_page_is_as_large_as_its_sheets_picture(bleed: str, mode: str) -> None:
    found = laid_out(gradient(90, 60), CARD, mode, bleed, "#ffffff")
    page, ppi = found.picture, found.resolution

    assert page.mode == "RGB"
    assert page.size == CARD.picture
    assert ppi > 0


@pytest.mark.parametrize(("mode", "bleed", "word", "cuts"), [
    ("crop", "mirror", (0.2, 0.4, 0.8, 0.6), False),
    ("crop", "mirror", (0.0, 0.4, 1.0, 0.6), True),
    ("crop", "picture", (0.01, 0.4, 0.5, 0.6), True),
    ("fit", "mirror", (0.0, 0.4, 1.0, 0.6), False),
])  # fmt: skip
def test_words_that_the_trim_cuts_are_known(mode: Mode, bleed: str, word: Region, cuts: bool) -> None:
    assert laid_out(gradient(120, 60), CARD, mode, bleed, "#fff", [word]).cuts_words is cuts


@pytest.mark.parametrize(("pixels", "ppi"), [((79, 59), 100), ((158, 118), 200), ((40, 30), 50)])
def test_an_inch_of_paper_gets_as_many_pixels_as_there_are(pixels: tuple[int, int], ppi: float) -> None:
    assert laid_out(gradient(*pixels), CARD, "crop", "mirror", "#fff").resolution == pytest.approx(ppi, rel=0.03)


def test_a_made_bleed_mirrors_or_repeats_the_edge() -> None:
    photo = gradient(*CARD.trim)
    edge, across = CARD.bleed, CARD.trim[0]

    mirrored = np.asarray(laid_out(photo, CARD, "crop", "mirror", "#fff").picture).astype(int)
    extended = np.asarray(laid_out(photo, CARD, "crop", "extend", "#fff").picture).astype(int)

    inner = np.s_[edge:-edge, edge : edge + across]
    assert psnr(Image.fromarray(mirrored[inner].astype(np.uint8)), photo) > 45
    assert (mirrored[edge, :edge] == mirrored[edge, edge + 1 : 2 * edge + 1][::-1]).all()
    assert (extended[edge, :edge] == extended[edge, edge]).all()


def test_a_cut_out_lies_on_the_ground() -> None:
    cut = gradient(*CARD.trim).convert("RGBA")
    cut.paste((0, 0, 0, 0), (0, 0, 20, 20))

    page = laid_out(cut, CARD, "fit", "extend", "#204080").picture

    assert page.getpixel((0, 0)) == (0x20, 0x40, 0x80)


@given(
    st.builds(
        Sheet,
        width_mm=st.floats(30, 500),
        height_mm=st.floats(30, 500),
        bleed_mm=st.floats(0, 6),
        dpi=st.integers(72, 600),
        marks=st.just(True),
    )
)
def test_crop_marks_point_at_the_trimmed_corners_and_never_touch_the_picture(sheet: Sheet) -> None:
    lines = mark_lines(sheet)

    assert len(lines) == 8
    inset = sheet.slug + sheet.bleed
    width, height = sheet.whole
    for x0, y0, x1, y1 in lines:
        assert length_of(x0, y0, x1, y1) / sheet.dpi * MM_PER_INCH == pytest.approx(MARK_LENGTH_MM, abs=0.3)
        if y0 == y1:
            assert y0 in (inset, height - inset)
            assert max(x0, x1) < sheet.slug or min(x0, x1) > width - sheet.slug
        else:
            assert x0 == x1
            assert x0 in (inset, width - inset)
            assert max(y0, y1) < sheet.slug or min(y0, y1) > height - sheet.slug


def length_of(x0: float, y0: float, x1: float, y1: float) -> float:
    return abs(x1 - x0) + abs(y1 - y0)


@pytest.mark.parametrize(("ink", "mode"), [(CMYK, "CMYK"), (RGB, "RGB")])
def test_a_tiff_is_the_whole_sheet_with_its_resolution_and_profile(tmp_path: Path, ink: Ink, mode: str) -> None:
    page = laid_out(gradient(90, 60), CARD, "crop", "mirror", "#fff").picture
    pixels = printed(page, ink, "relative", black_point=True)

    write_tiff(pixels, CARD, ink, tmp_path / "card.tif")

    with Image.open(tmp_path / "card.tif") as found:
        assert (found.format, found.mode, found.size) == ("TIFF", mode, CARD.whole)
        assert found.info["compression"] == "tiff_lzw"
        assert found.info["dpi"] == pytest.approx((CARD.dpi, CARD.dpi), rel=1e-3)
        assert found.info["icc_profile"] == ink.profile
        inner = found.crop((CARD.slug, CARD.slug, CARD.whole[0] - CARD.slug, CARD.whole[1] - CARD.slug))
        assert (np.asarray(inner) == pixels.numpy()).all()


@pytest.mark.parametrize(("ink", "blank", "full"), [(CMYK, 0, 255), (RGB, 255, 0)])
def test_marks_are_drawn_in_all_inks_on_blank_paper(tmp_path: Path, ink: Ink, blank: int, full: int) -> None:
    page = laid_out(gradient(90, 60), CARD, "crop", "mirror", "#fff").picture
    write_tiff(printed(page, ink, "relative", black_point=True), CARD, ink, tmp_path / "card.tif")

    with Image.open(tmp_path / "card.tif") as found:
        pixels = np.asarray(found)
    inset = CARD.slug + CARD.bleed
    assert (pixels[inset, 2] == full).all()
    assert (pixels[2, inset] == full).all()
    assert (pixels[0, 0] == blank).all()
    assert (pixels[inset, CARD.slug - 1] == blank).all()  # the gap before the bleed
    rim = np.ones(pixels.shape[:2], bool)
    rim[CARD.slug : -CARD.slug, CARD.slug : -CARD.slug] = False
    assert set(np.unique(pixels[rim])) == {blank, full}


def test_the_same_page_gives_the_same_file(tmp_path: Path) -> None:
    page = laid_out(gradient(90, 60), CARD, "crop", "mirror", "#fff").picture
    for name in ("one", "other"):
        write_tiff(printed(page, CMYK, "relative", black_point=True), CARD, CMYK, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
