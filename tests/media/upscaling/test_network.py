"""A network of the user's: known by what it does, asked tile by tile, and refused with what it does instead."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.upscaling.network import MARGIN, open_network
from tests.support.edits import shaded, with_alpha

pytest.importorskip("onnxruntime", reason="THE EXTRA esrgan IS NOT INSTALLED")
pytest.importorskip("onnx", reason="onnx IS NOT INSTALLED")
from tests.support.networks import repeating


def repeated(pixels: np.ndarray, scale: int) -> np.ndarray:
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("side", [None, 64])
def test_its_scale_and_its_only_size_are_found_by_asking_it(tmp_path: Path, scale: int, side: int | None) -> None:
    path = repeating(tmp_path, scale, side)

    network = open_network(path)

    assert (network.scale, network.side) == (scale, side)
    assert network.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("side", [None, 2 * MARGIN + 8])
@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (60, 33)])
def test_a_picture_of_any_size_is_enlarged_without_a_seam(
    tmp_path: Path, shape: tuple[int, int], side: int | None
) -> None:
    """With an only size of 56 pixels, tiles of 8 and their margins."""
    pixels = np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)

    found = open_network(repeating(tmp_path, 2, side)).enlarger().enlarge(pixels, 2)

    assert np.abs(found.astype(int) - repeated(pixels, 2)).max() <= 1


def test_alpha_is_enlarged_beside_it(tmp_path: Path) -> None:
    pixels = with_alpha(shaded(24, 20))

    found = open_network(repeating(tmp_path, 2)).enlarger().enlarge(pixels, 2)

    assert found.shape == (40, 48, 4)
    assert (found[18:22, 22:26, 3] == 255).all()
    assert found[0, 0].tolist() == [0, 0, 0, 0]
    inner = repeated(pixels, 2)[14:26, 18:30, :3].astype(int)
    assert np.abs(found[14:26, 18:30, :3] - inner).max() <= 1


def test_a_size_between_its_steps_is_shrunk_to(tmp_path: Path) -> None:
    network = open_network(repeating(tmp_path, 4))

    found = network.enlarger().to(np.full((10, 12, 3), 70, np.uint8), (31, 25))

    assert found.shape == (25, 31, 3)
    assert (found == 70).all()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"there is no file .*net\.onnx") as refusal:
        open_network(tmp_path / "net.onnx")

    assert "Pressroom downloads none" in refusal.value.hint


@pytest.mark.parametrize("data", [b"", b"not a network", b"\x08\x07\x12\x07pytorch"], ids=["empty", "words", "stub"])
def test_what_is_no_network_is_corrupt(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(data)

    with pytest.raises(Corrupt, match=r"net\.onnx is no ONNX network that enlarges pictures"):
        open_network(tmp_path / "net.onnx")


def test_a_network_that_enlarges_nothing_says_what_it_does(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"turns \(32, 32, 3\) into \(32, 32, 3\): no enlarged picture"):
        open_network(repeating(tmp_path, 1))


def test_an_only_size_without_room_for_margins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="no enlarged picture"):
        open_network(repeating(tmp_path, 2, 2 * MARGIN))
