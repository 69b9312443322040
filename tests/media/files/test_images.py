"""Opening pictures: every kind becomes upright sRGB, and nothing dangerous is decoded."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import flatten, inspect_image, open_image, open_still, save_png
from tests.support.media import gradient, png_bomb, psnr

LIMITS = MediaLimits()

FORMATS = ["jpeg", "png", "webp", "gif", "tiff", "bmp", "avif"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_allowed_format_opens_under_a_wrong_extension(tmp_path: Path, name: str) -> None:
    path = tmp_path / "picture.txt"
    gradient().save(path, name)

    image = open_image(path, LIMITS)

    assert (image.mode, image.size) == ("RGB", (60, 40))
    assert psnr(image, gradient()) > 24
    assert inspect_image(path, LIMITS).mime == f"image/{name}"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_a_file_that_is_cut_off_is_refused_when_planned_and_when_opened(
    tmp_path: Path, name: str, share: float
) -> None:
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (80, 120, 3), dtype=np.uint8)).save(whole, name)
    path = tmp_path / f"cut.{name}"
    path.write_bytes(whole.getvalue()[: int(len(whole.getvalue()) * share)])

    with pytest.raises(Corrupt, match=r"cut off|damaged"):
        inspect_image(path, LIMITS)
    with pytest.raises(Corrupt, match=r"cut off|damaged"):
        open_image(path, LIMITS)


def test_a_truncated_jpeg_is_called_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    gradient(400, 300).save(path, quality=95)
    path.write_bytes(path.read_bytes()[:-400])

    with pytest.raises(Corrupt, match=r"photo\.jpg is cut off"):
        inspect_image(path, LIMITS)


def test_a_png_that_declares_2500_megapixels_is_refused_without_memory(tmp_path: Path) -> None:
    bomb = png_bomb(tmp_path / "bomb.png")
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from pressroom.media.files.images import open_image; from pressroom.domain.media_limits import MediaLimits\n"
        "from pressroom.domain.errors import Corrupt\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: open_image(Path(sys.argv[1]), MediaLimits())\n"
        "except Corrupt as exc: print(exc)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )

    lines = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(bomb)], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert "50,000 x 50,000" in lines[0]
    assert int(lines[1]) < 50_000  # the picture would take 7.5 million


def test_limits_are_each_callers_own_in_every_thread(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    gradient(100, 100).save(path)
    narrow, wide = MediaLimits(max_pixels=9_999), MediaLimits(max_pixels=10_000)

    def is_refused(limits: MediaLimits) -> bool:
        try:
            open_image(path, limits)
        except Corrupt:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(is_refused, [narrow, wide] * 20))

    assert answers == [True, False] * 20


def test_a_picture_above_pillows_own_limit_opens_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 9_800)).save(path)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        info = inspect_image(path, LIMITS)

    assert (info.width, info.height) == (10_000, 9_800)


@pytest.mark.parametrize(
    ("limits", "reason"), [({"max_side": 59}, "60 x 40"), ({"max_bytes": 100}, "bytes, the limit is 100")]
)
def test_limits_on_side_and_bytes_hold(tmp_path: Path, limits: dict[str, int], reason: str) -> None:
    path = tmp_path / "picture.bmp"
    gradient().save(path)

    with pytest.raises(Corrupt, match=reason):
        open_image(path, MediaLimits(**limits))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_and_measured(tmp_path: Path, orientation: int) -> None:
    upright = gradient(64, 48)
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("jpeg", "png"):
        path = tmp_path / f"turned.{name}"
        stored.save(path, name, exif=exif, **({"quality": 95} if name == "jpeg" else {}))

        image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

        assert image.size == (info.width, info.height) == (64, 48)
        assert psnr(image, upright) > 30
        assert image.getexif().get(0x0112) in (None, 1)


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "YCbCr"])
def test_unusual_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.tif"
    gradient().convert(mode).save(path)

    image = open_image(path, LIMITS)

    reference = gradient().convert(mode).convert("RGB")
    assert image.mode == "RGB"
    assert psnr(image, reference) > 40


def test_a_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    gradient().convert("CMYK").save(path, quality=95)

    assert psnr(open_image(path, LIMITS), gradient()) > 30


def test_16_bit_grey_keeps_its_whole_range(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 256).astype(np.uint16)[None, :].repeat(4, 0)
    path = tmp_path / "deep.png"
    Image.fromarray(ramp).save(path)

    row = np.asarray(open_image(path, LIMITS))[0, :, 0]

    assert np.abs(row.astype(int) - np.arange(256)).max() <= 1


def test_float_grey_from_0_to_1_keeps_its_range(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(4, 0)).save(path)

    row = np.asarray(open_image(path, LIMITS))[0, :, 0]

    assert np.abs(row.astype(int) - np.arange(256)).max() <= 1


def test_transparency_is_kept_where_there_is_any_and_dropped_where_there_is_none(tmp_path: Path) -> None:
    clear, opaque = gradient().convert("RGBA"), gradient().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    clear.save(tmp_path / "clear.png")
    opaque.save(tmp_path / "opaque.png")
    indexed = gradient().quantize(8)
    indexed.save(tmp_path / "indexed.png", transparency=indexed.getpixel((0, 0)))

    assert open_image(tmp_path / "clear.png", LIMITS).mode == "RGBA"
    assert open_image(tmp_path / "opaque.png", LIMITS).mode == "RGB"
    assert open_image(tmp_path / "indexed.png", LIMITS).getpixel((0, 0))[3] == 0
    assert inspect_image(tmp_path / "clear.png", LIMITS).has_alpha
    assert inspect_image(tmp_path / "indexed.png", LIMITS).has_alpha
    assert not inspect_image(tmp_path / "indexed.png", MediaLimits()).duration_seconds


def test_an_animation_opens_at_its_first_frame_and_is_measured_whole(tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    pictures = [gradient().rotate(angle) for angle in (0, 90, 180)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=200)

    info = inspect_image(path, LIMITS, thorough=True)

    assert (info.frames, info.duration_seconds) == (3, pytest.approx(0.6))
    assert psnr(open_image(path, LIMITS), gradient()) > 25
    with pytest.raises(Corrupt, match="3 frames, the limit is 2"):
        inspect_image(path, MediaLimits(max_frames=2))


@pytest.mark.parametrize("name", ["gif", "webp", "png", "avif"])
def test_an_animation_says_how_many_frames_it_has(tmp_path: Path, name: str) -> None:
    pictures = [gradient().rotate(angle) for angle in (0, 90, 180)]
    pictures[0].save(tmp_path / "moving", name, save_all=True, append_images=pictures[1:], duration=200)

    image, frames = open_still(tmp_path / "moving", LIMITS)

    assert frames == 3
    assert psnr(image, gradient()) > 24


def test_a_broken_profile_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "tagged.png"
    gradient().save(path, icc_profile=b"not a profile")

    assert psnr(open_image(path, LIMITS), gradient()) > 90


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%PDF-1.7", b"#EXTM3U\nhttp://127.0.0.1/x", b"\xff\xd8\xff", b"GIF89a"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)

    with pytest.raises(Corrupt, match=r"photo\.jpg"):
        open_image(path, LIMITS)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.png"):
        with pytest.raises(Corrupt):
            open_image(path, LIMITS)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(FORMATS))
def test_damage_anywhere_gives_a_picture_or_corrupt_and_nothing_else(
    data: st.DataObject, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = io.BytesIO()
    gradient(20, 16).save(whole, name)
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damage") / f"picture.{name}"
    path.write_bytes(content)

    for reader in (open_image, inspect_image):
        try:
            reader(path, MediaLimits(max_pixels=1_000_000))
        except Corrupt as exc:
            assert path.name in str(exc)  # noqa: PT017 - either outcome is right, anything else is not


@pytest.mark.parametrize("size", [(20, 12), (200, 120)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_a_saved_png_has_no_metadata_and_the_same_bytes_each_time(
    tmp_path: Path, mode: str, size: tuple[int, int]
) -> None:
    image = gradient().resize(size).convert(mode)
    told = image.copy()
    told.info = {"dpi": (72, 72), "Comment": "made today", "icc_profile": b"none", "transparency": 0}

    save_png(told, tmp_path / "a.png")
    save_png(image, tmp_path / "b.png")

    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as found:
        assert (found.info, found.size, found.mode) == ({}, image.size, mode)
        assert found.tobytes() == image.tobytes()


def test_flatten_mixes_half_transparent_pixels_with_the_ground() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 128))

    flat = flatten(image, "#0000ff")

    assert flat.getpixel((0, 0)) == (0, 0, 255)
    assert flat.getpixel((1, 0))[0] == pytest.approx(128, abs=1)


def test_importing_the_guards_imports_no_heavy_library() -> None:
    program = "import sys, pressroom.media.files.probe; print(sorted({'numpy', 'cv2', 'pyvips', 'ffmpeg'} & set(sys.modules)))"

    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert out.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "head", "what"),
    [
        ("old.avci", b"\x00\x00\x00\x18ftypavci\x00\x00\x00\x00mif1avci", "a HEIF picture of another kind"),
        ("canon.cr2", b"II*\x00\x10\x00\x00\x00CR\x02\x00", "a raw photo"),
        ("canon.cr3", b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "a raw photo"),
        ("layers.psd", b"8BPS\x00\x01", "a Photoshop document"),
        ("page.pdf", b"%PDF-1.7\n", "a PDF document"),
        ("new.jxl", b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
        ("icon.ico", b"\x00\x00\x01\x00\x01\x00", "an icon"),
        ("letter.docx", b"PK\x03\x04\x14\x00", "an archive or office document"),
    ],
)
def test_well_known_formats_that_are_not_opened_are_named(tmp_path: Path, name: str, head: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(head + bytes(200))

    with pytest.raises(Corrupt, match=f"^{name} is {what}.*: export it as JPEG, PNG or TIFF"):
        inspect_image(tmp_path / name, LIMITS)


@pytest.mark.parametrize(
    "tags", [{254: 1, 271: "NIKON CORPORATION"}, {50706: b"\x01\x06\x00\x00"}], ids=["preview first", "DNG"]
)
def test_raw_photos_that_begin_with_a_preview_are_refused_by_name(tmp_path: Path, tags: dict[int, object]) -> None:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
    gradient().save(tmp_path / "raw.tif", tiffinfo=directory)

    with pytest.raises(Corrupt, match=r"raw\.tif is a raw photo of a camera: export it as JPEG"):
        inspect_image(tmp_path / "raw.tif", LIMITS)


def test_an_avif_whose_main_brand_is_a_general_one_is_an_avif(tmp_path: Path) -> None:
    gradient().save(tmp_path / "a.avif")
    data = bytearray((tmp_path / "a.avif").read_bytes())
    assert data[8:12] == b"avif"
    data[8:12] = b"mif1"
    (tmp_path / "b.avif").write_bytes(data)

    assert inspect_image(tmp_path / "b.avif", LIMITS).mime == "image/avif"
