"""Colours that a file tells without an ICC profile: code points, gamma and chromaticities, high dynamic range."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import is_plain_jpeg, open_image
from pressroom.media.files.meaning import adobe_rgb, by_code_points, by_measures
from tests.support.handmade import GREYS, PATCHES, Pixels, greys, is_near, patches, png_chunk, seen, write_png
from tests.support.media import psnr

LIMITS = MediaLimits()
LINEAR = ((255,) * 3, (188,) * 3, (128,) * 3)
TO_BT_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(*points: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in points))


P3_POINTS = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    "chunks", [(gama(1.0),), (cicp(1, 8),), (cicp(1, 8), (b"sRGB", b"\0")), (cicp(1, 8), gama(0.45))]
)
def test_a_png_in_linear_light_is_shown_lighter(
    tmp_path: Path, depth: int, chunks: tuple[tuple[bytes, bytes], ...]
) -> None:
    pixels = patches() if depth == 8 else patches().astype(np.uint16) * 257
    path = write_png(tmp_path / "render.png", pixels, depth, 2, chunks)

    assert seen(open_image(path, LIMITS))[1:3] == [pytest.approx(grey, abs=1) for grey in LINEAR[1:]]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_grey_png_in_linear_light_too(tmp_path: Path, depth: int) -> None:
    pixels = greys() if depth == 8 else greys().astype(np.uint16) * 257
    path = write_png(tmp_path / "mask.png", pixels, depth, 0, (gama(1.0),))

    assert seen(open_image(path, LIMITS))[:3] == [pytest.approx(grey, abs=1) for grey in LINEAR]


@pytest.mark.parametrize(
    "chunks",
    [(gama(0.45455),), (gama(0.45455), (b"cHRM", chrm(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)[1])), (cicp(1, 13),),
     (cicp(1, 1),), (cicp(2, 2),), (gama(0.00001),), ((b"sRGB", b"\0"), gama(1.0)), ((b"gAMA", b"xy"),)],
)  # fmt: skip
def test_numbers_that_mean_srgb_or_nothing_change_nothing(
    tmp_path: Path, chunks: tuple[tuple[bytes, bytes], ...]
) -> None:
    assert is_near(open_image(write_png(tmp_path / "plain.png", patches(), chunks=chunks), LIMITS), PATCHES, 0)


@pytest.mark.parametrize("chunks", [(cicp(12, 13),), (chrm(*P3_POINTS),), (chrm(*P3_POINTS), gama(0.45455))])
def test_a_wide_gamut_told_by_numbers_is_the_same_as_told_by_a_profile(
    tmp_path: Path, chunks: tuple[tuple[bytes, bytes], ...]
) -> None:
    wide = (
        pyvips.Image.new_from_array(patches())
        .copy(interpretation="srgb")
        .icc_transform("p3", input_profile="srgb", depth=8)
    )
    path = write_png(tmp_path / "wide.png", wide.numpy(), chunks=chunks)

    assert is_near(open_image(path, LIMITS), PATCHES, 2), seen(open_image(path, LIMITS))


def test_the_profile_of_a_16_bit_grey_is_applied(tmp_path: Path) -> None:
    source = pyvips.Image.new_from_array(greys().astype(np.uint16) * 257).copy(interpretation="grey16")
    source.set_type(pyvips.GValue.blob_type, "icc-profile-data", _grey_profile(1.0))
    source.pngsave(str(tmp_path / "scan.png"), keep="icc")
    source.tiffsave(str(tmp_path / "scan.tif"), keep="icc")

    for name in ("scan.png", "scan.tif"):
        assert seen(open_image(tmp_path / name, LIMITS))[:3] == [pytest.approx(grey, abs=2) for grey in LINEAR], name


def _grey_profile(gamma: float) -> bytes:
    """A grey ICC profile (2.1) of one gamma."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63_190, 65_536, 54_061)
    at = 132 + 24
    table = (
        struct.pack(">I", 2)
        + struct.pack(">4sII", b"wtpt", at, 20)
        + struct.pack(">4sII", b"kTRC", at + 20, len(curve))
    )
    size = at + 20 + len(curve)
    head = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x02100000, b"mntr", b"GRAY", b"XYZ ", bytes(12), b"acsp")
    return (head + bytes(28) + white[8:]).ljust(128, b"\0") + table + white + curve


def test_a_camera_that_says_adobe_rgb_by_its_index_is_believed(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    path = tmp_path / "_DSC0001.jpg"
    Image.new("RGB", (16, 16), (60, 180, 60)).save(path, quality=95, exif=exif)

    red, green, blue = open_image(path, LIMITS).getpixel((8, 8))  # type: ignore[misc]

    assert (red, blue) < (30, 60)
    assert green == pytest.approx(181, abs=3)
    assert not is_plain_jpeg(path, LIMITS)


def signal(transfer: str, shown: Pixels, white: float = 203.0) -> Pixels:
    """16-bit codes of sRGB colours in BT.2020, diffuse white at `white` cd/m2 (ITU-R BT.2100)."""
    value = np.asarray(shown, float) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) @ TO_BT_2020.T
    if transfer == "pq":
        y = (light * white / 10_000) ** 0.1593017578125
        code = ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
    else:
        display = light * white / 1000
        luma = display @ [0.2627, 0.678, 0.0593]
        scene = display * np.where(luma > 0, luma, 1)[..., None] ** (-0.2 / 1.2)
        code = np.where(
            scene <= 1 / 12,
            np.sqrt(3 * scene),
            0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073,
        )
    return np.round(np.clip(code, 0, 1) * 65_535).astype(np.uint16)


@pytest.mark.parametrize(("transfer", "number"), [("pq", 16), ("hlg", 18)])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_png_of_high_dynamic_range_is_shown_as_it_was_meant(
    tmp_path: Path, transfer: str, number: int, depth: int
) -> None:
    codes = signal(transfer, patches())
    path = write_png(tmp_path / "hdr.png", codes if depth == 16 else codes // 257, depth, 2, (cicp(9, number),))

    assert is_near(open_image(path, LIMITS), PATCHES, 2 if depth == 16 else 7), seen(open_image(path, LIMITS))


def test_what_is_brighter_than_white_is_rolled_off_and_white_stays_near_it(tmp_path: Path) -> None:
    codes = signal("pq", patches())
    codes[:, 80:] = signal("pq", np.full((16, 16, 3), 255.0), white=1_000)

    image = open_image(write_png(tmp_path / "hdr.png", codes, 16, 2, (cicp(9, 16),)), LIMITS)

    white, grey, *_, light = seen(image)
    assert 215 <= min(white) < min(light) == 255
    assert grey == pytest.approx((128,) * 3, abs=3)


def nclx(path: Path, primaries: int, transfer: int) -> None:
    """The code points in the colr box of an AVIF that has one."""
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 8
    path.write_bytes(data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :])


def test_the_code_points_of_an_avif_are_heeded(tmp_path: Path) -> None:
    wide = (
        pyvips.Image.new_from_array(patches())
        .copy(interpretation="srgb")
        .icc_transform("p3", input_profile="srgb", depth=8)
    )
    for name, pixels, points in (
        ("wide.avif", wide.numpy(), (12, 13)),
        ("pq.avif", (signal("pq", patches()) // 257).astype(np.uint8), (9, 16)),
        ("hlg.avif", (signal("hlg", patches()) // 257).astype(np.uint8), (9, 18)),
    ):
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / name, quality=100, subsampling="4:4:4")
        nclx(tmp_path / name, *points)

        assert is_near(open_image(tmp_path / name, LIMITS), PATCHES, 12), (
            name,
            seen(open_image(tmp_path / name, LIMITS)),
        )


@pytest.mark.parametrize(
    "profile", [by_code_points(12, 13).profile, by_measures(1.0, None).profile, adobe_rgb().profile]
)
def test_made_profiles_are_sound(profile: bytes) -> None:
    made = ImageCms.ImageCmsProfile(io.BytesIO(profile))

    assert made.profile.xcolor_space.strip() == "RGB"
    assert made.profile.is_intent_supported(1, 0)
    white = ImageCms.profileToProfile(Image.new("RGB", (1, 1), "white"), made, ImageCms.createProfile("sRGB"))
    assert white is not None
    assert white.getpixel((0, 0)) == (255, 255, 255)


CLEAR = {1: 1, 2: 1, 4: 8, 8: 128, 16: 128 * 257}


@pytest.mark.parametrize("depth", CLEAR)
def test_the_transparent_grey_of_a_png_is_clear(tmp_path: Path, depth: int) -> None:
    scale = {1: 128, 2: 85, 4: 17}.get(depth)
    pixels = greys().astype(np.uint16) * 257 if depth == 16 else greys() // scale if scale else greys()
    clear = int(pixels[0, 24])
    path = write_png(tmp_path / "logo.png", pixels, depth, 0, ((b"tRNS", struct.pack(">H", clear)),))

    image = open_image(path, LIMITS)

    assert [alpha == 0 for *_, alpha in seen(image)] == [int(pixels[0, 16 * n + 8]) == clear for n in range(6)]


def test_the_transparent_colour_of_16_bits_is_compared_in_all_of_them(tmp_path: Path) -> None:
    pixels = patches().astype(np.uint16) * 257
    for added, is_clear in ((0, True), (1, False)):
        colour = struct.pack(">3H", 200 * 257 + added, 50 * 257, 50 * 257)
        image = open_image(write_png(tmp_path / "logo.png", pixels, 16, 2, ((b"tRNS", colour),)), LIMITS)

        assert (image.mode == "RGBA" and seen(image)[3][3] == 0) is is_clear


def test_sixteen_bits_are_rounded_not_cut(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 4_096).astype(np.uint16)[None].repeat(2, 0)
    path = write_png(tmp_path / "ramp.png", np.dstack([ramp] * 3), 16, 2)

    assert psnr(open_image(path, LIMITS), Image.fromarray(np.dstack([np.round(ramp / 257).astype(np.uint8)] * 3))) > 80


def test_greys_stay_grey_through_a_made_profile(tmp_path: Path) -> None:
    image = open_image(write_png(tmp_path / "a.png", greys(), 8, 0, (gama(0.7),)), LIMITS)

    assert all(max(pixel) - min(pixel) <= 1 for pixel in seen(image))
    assert not is_near(image, GREYS, 10)
    assert png_chunk(b"IEND", b"") in (tmp_path / "a.png").read_bytes()
