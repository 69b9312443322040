"""HEIC photos: what phones and cameras put into them is shown as they show it, and what is damaged is refused."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.confined import run_confined
from pressroom.media.files import heic_worker
from pressroom.media.files.fingerprint import fingerprint, of_pixels
from pressroom.media.files.images import inspect_image, open_image
from tests.support.edits import shaded
from tests.support.handmade import PATCHES, is_near, patches, seen
from tests.support.heif import (
    Item,
    coded,
    cut,
    deep,
    grid,
    heif,
    mirrored,
    nclx,
    profile,
    saved,
    size,
    turned,
)
from tests.support.media import psnr

LIMITS = MediaLimits()
Turn = Image.Transpose


def photo() -> Image.Image:
    """Of a size that is no multiple of anything, different at every corner."""
    return Image.fromarray(shaded(250, 150))


def written(folder: Path, data: bytes) -> Path:
    (folder / "IMG_0001.HEIC").write_bytes(data)
    return folder / "IMG_0001.HEIC"


def is_like(found: Image.Image, wanted: Image.Image) -> bool:
    return found.size == wanted.size and psnr(found, wanted) > 40


@pytest.mark.parametrize("pixels_first", [False, True])
@pytest.mark.parametrize("side", [0, 64, 128])
def test_a_photo_in_one_piece_or_in_tiles_is_read(tmp_path: Path, side: int, pixels_first: bool) -> None:
    items = grid(photo(), side) if side else [coded(photo())]
    path = written(tmp_path, heif(items, pixels_first=pixels_first))

    info = inspect_image(path, LIMITS)

    assert (info.mime, info.width, info.height, info.has_alpha, info.frames) == ("image/heic", 250, 150, False, 1)
    assert is_like(open_image(path, LIMITS), photo())


@pytest.mark.parametrize("is_grid", [False, True])
@pytest.mark.parametrize(
    ("boxes", "turns"),
    [
        ([turned(1)], [Turn.ROTATE_90]),
        ([turned(2)], [Turn.ROTATE_180]),
        ([turned(3)], [Turn.ROTATE_270]),
        ([mirrored(0)], [Turn.FLIP_TOP_BOTTOM]),
        ([mirrored(1)], [Turn.FLIP_LEFT_RIGHT]),
        ([turned(3), mirrored(0)], [Turn.ROTATE_270, Turn.FLIP_TOP_BOTTOM]),
    ],
)
def test_it_is_turned_as_its_boxes_say(
    tmp_path: Path, boxes: Sequence[bytes], turns: Sequence[Image.Transpose], is_grid: bool
) -> None:
    wanted = photo()
    for turn in turns:
        wanted = wanted.transpose(turn)
    path = written(tmp_path, heif(grid(photo(), 64, *boxes) if is_grid else [coded(photo(), *boxes)]))

    info = inspect_image(path, LIMITS)

    assert (info.width, info.height) == wanted.size
    assert is_like(open_image(path, LIMITS), wanted)


@pytest.mark.parametrize("quarters", [0, 3])
def test_exif_turns_nothing(tmp_path: Path, quarters: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    told = Item(b"Exif", bytes(4) + exif.tobytes().removeprefix(b"Exif\0\0"), refers=[(b"cdsc", [1])])
    path = written(tmp_path, heif([coded(photo(), turned(quarters)), told]))

    found = open_image(path, LIMITS)

    assert is_like(found, photo().transpose(Turn.ROTATE_270) if quarters else photo())


@pytest.mark.parametrize(
    ("right", "down", "corner"),
    [((0, 1), (0, 1), (10, 10)), ((-10, 1), (5, 1), (0, 15)), ((3, 1), (-4, 1), (13, 6))],
)
def test_it_is_cut_as_its_boxes_say(
    tmp_path: Path, right: tuple[int, int], down: tuple[int, int], corner: tuple[int, int]
) -> None:
    x, y = corner
    path = written(tmp_path, heif([coded(photo(), cut(230, 130, right, down), turned(1))]))

    assert inspect_image(path, LIMITS).width == 130
    assert is_like(open_image(path, LIMITS), photo().crop((x, y, x + 230, y + 130)).transpose(Turn.ROTATE_90))


def test_one_of_which_much_is_cut_away_is_read_or_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, heif([coded(photo(), cut(150, 50))]))

    try:
        told = is_like(open_image(path, LIMITS), photo().crop((50, 50, 200, 100)))
    except Corrupt as refused:
        told = "more than 64 pixels of it are cut away" in str(refused)

    assert told


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_more_than_eight_bits_become_eight(tmp_path: Path, mode: str, bits: int) -> None:
    pixels = np.asarray(photo()).astype(np.uint16) * 257
    if mode == "RGBA":
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 40_000, np.uint16)])
    path = written(tmp_path, deep(np.ascontiguousarray(pixels), mode, bits))

    found = open_image(path, LIMITS)

    assert found.mode == mode
    assert is_like(found.convert("RGB"), photo())
    assert mode == "RGB" or found.getpixel((9, 9))[3] == pytest.approx(156, abs=1)


def test_white_of_ten_bits_is_white(tmp_path: Path) -> None:
    path = written(tmp_path, deep(np.full((64, 64, 3), 65_535, np.uint16), "RGB"))

    assert open_image(path, LIMITS).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("bits", [10, 12])
def test_greys_of_more_than_eight_bits_are_read(tmp_path: Path, bits: int) -> None:
    grey = photo().convert("L")
    path = written(tmp_path, deep(np.asarray(grey).astype(np.uint16) * 257, "L", bits))

    assert is_like(open_image(path, LIMITS), grey.convert("RGB"))


def test_greys_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, saved(photo().convert("L")))

    assert is_like(open_image(path, LIMITS), photo().convert("L").convert("RGB"))


def _wide() -> Image.Image:
    source = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
    large = source.resize(8, kernel="nearest")
    return Image.fromarray(large.icc_transform("p3", input_profile="srgb", depth=8).numpy())


@pytest.mark.parametrize("told", [nclx(12, 13), "profile"])
@pytest.mark.parametrize("where", ["picture", "grid", "tiles"])
def test_display_p3_is_told_by_a_profile_or_by_code_points(tmp_path: Path, told: bytes | str, where: str) -> None:
    colours = profile(pyvips.Image.profile_load("p3")) if isinstance(told, str) else told
    if where == "picture":
        items = [coded(_wide(), colours)]
    else:
        items = grid(_wide(), 64, *([colours] if where == "grid" else []), on_tiles=[colours])

    found = open_image(written(tmp_path, heif(items)), LIMITS).reduce(8)

    assert is_near(found, PATCHES, 4), seen(found)


def test_a_profile_counts_more_than_code_points(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = written(tmp_path, heif([coded(photo(), nclx(12, 13), profile(srgb))]))

    assert is_like(open_image(path, LIMITS), photo())


@pytest.mark.parametrize("transfer", [16, 18])
def test_a_high_dynamic_range_is_tone_mapped(tmp_path: Path, transfer: int) -> None:
    plain = open_image(written(tmp_path, heif([coded(photo())])), LIMITS)
    mapped = open_image(written(tmp_path, heif([coded(photo(), nclx(9, transfer))])), LIMITS)

    assert psnr(mapped, plain) < 30


def test_one_of_any_size_is_found_again(tmp_path: Path) -> None:
    for side in (200, 800):  # small ones are opened whole
        image = Image.fromarray(shaded(side, side))
        path = written(tmp_path, heif(grid(image, 256)))

        found = fingerprint(path, Kind.IMAGE, LIMITS, "")

        assert found is not None
        assert found.hash == of_pixels(np.asarray(image, dtype=np.float32)).hash


def test_limits_hold_before_anything_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a decoder was started"))
    one = coded(photo())
    for width, height in ((60_000, 30_000), (0, 150)):
        declared = Item(one.kind, one.data, [size(width, height), *one.properties[1:]])

        with pytest.raises(Corrupt, match=f"declares {width:,} x {height:,} pixels"):
            inspect_image(written(tmp_path, heif([declared])), LIMITS)


def test_what_is_cut_away_counts_as_well(tmp_path: Path) -> None:
    path = written(tmp_path, heif([coded(photo(), cut(30, 20))]))

    with pytest.raises(Corrupt, match="declares 250 x 150 pixels, more than may be decoded"):
        inspect_image(path, MediaLimits(max_pixels=2_000))


@pytest.mark.parametrize(("width", "height"), [(400, 150), (100, 100), (260, 160)])
def test_a_picture_of_another_size_than_its_boxes_say_is_refused(tmp_path: Path, width: int, height: int) -> None:
    one = coded(photo())
    lying = Item(one.kind, one.data, [size(width, height), *one.properties[1:]])

    with pytest.raises(Corrupt, match="is damaged"):
        open_image(written(tmp_path, heif([lying])), LIMITS)


@pytest.mark.parametrize("pixels_first", [False, True])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.999])
def test_one_that_breaks_off_is_told_so(tmp_path: Path, share: float, pixels_first: bool) -> None:
    whole = heif(grid(photo(), 64), pixels_first=pixels_first)
    path = written(tmp_path, whole[: int(len(whole) * share)])

    with pytest.raises(Corrupt, match="is cut off"):
        inspect_image(path, LIMITS)


@pytest.mark.parametrize("kind", [b"avc1", b"av01", b"vvc1", b"j2k1", b"jpeg"])
def test_other_codecs_in_the_same_boxes_are_refused_by_name(tmp_path: Path, kind: bytes) -> None:
    path = written(tmp_path, heif([Item(kind, b"pixels", [size(20, 10)])]))

    with pytest.raises(Corrupt, match=f"stored in a way that is not opened .its pixels are coded as {kind.decode()}"):
        inspect_image(path, LIMITS)


def test_a_sequence_without_a_still_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, b"\0\0\0\x18ftyphevc\0\0\0\0hevcmsf1" + b"\0\0\0\x10moov" + bytes(8))

    with pytest.raises(Corrupt, match="sequences of HEIC pictures are not opened"):
        inspect_image(path, LIMITS)


def test_damaged_boxes_and_pixels_are_refused_or_shown_and_end_nothing(tmp_path: Path) -> None:
    whole = heif(grid(photo(), 128), pixels_first=False)
    random = np.random.default_rng(3)
    ended = 0
    for _ in range(30):
        data = bytearray(whole)
        for at in random.integers(0, len(data) if random.random() < 0.5 else 900, 4):
            data[at] = random.integers(0, 256)
        try:
            open_image(written(tmp_path, bytes(data)), LIMITS)
        except Corrupt:
            ended += 1

    assert ended > 5


def test_a_decoder_that_is_killed_or_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, heif([coded(photo())]))
    for program, error, said in (
        ("import os; os.kill(os.getpid(), 11)", Corrupt, "more memory or time than a picture of its size may"),
        ("import time; time.sleep(9)", Corrupt, "more memory or time than a picture of its size may"),
        ('print(\'{"error": "library", "text": "no pi_heif"}\'); exit(1)', Permanent, "cannot be loaded: no pi_heif"),
    ):
        (tmp_path / "worker.py").write_text(program)
        monkeypatch.setattr(heic_worker, "__file__", str(tmp_path / "worker.py"))
        monkeypatch.setattr("pressroom.media.confined._WAITING", 0.1)

        with pytest.raises(error, match=said) as refused:
            open_image(path, LIMITS)

        assert "JPEG" in str(refused.value.hint)


def test_the_program_keeps_within_its_memory(tmp_path: Path) -> None:
    path = written(tmp_path, heif([coded(photo().resize((2000, 1500)))]))

    done = run_confined(os.fspath(heic_worker.__file__), {"path": str(path)}, memory_bytes=60_000_000, seconds=10)

    assert done.returncode != 0
    assert len(done.stdout) < 2_000
