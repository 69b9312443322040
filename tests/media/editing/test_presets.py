"""Every preset of compression is one that the encoder can keep, and is known by the name it has in the data."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from pressroom.media.editing.presets import Preset, presets
from pressroom.media.encoding.pictures import FORMATS, LOSSY, encode
from tests.support.media import gradient, noise


def test_there_are_some_with_names_of_their_own() -> None:
    names = list(presets())

    assert len(names) >= 2
    assert all(name == name.lower().strip() and name for name in names)
    assert len(set(presets().values())) == len(names)


@pytest.mark.parametrize(("name", "preset"), presets().items())
def test_it_asks_for_what_there_is(name: str, preset: Preset) -> None:
    assert preset.format in FORMATS
    assert preset.quality is None or (preset.format in LOSSY and 1 <= preset.quality <= 100), name
    assert preset.max_bytes is None or preset.max_bytes > 0


@pytest.mark.parametrize(("name", "preset"), presets().items())
@pytest.mark.parametrize("picture", [gradient(64, 48), noise(64, 48)], ids=["calm", "noise"])
def test_a_small_picture_meets_it(name: str, preset: Preset, picture: Image.Image) -> None:
    made = encode(picture, preset.format, preset.max_bytes, quality=preset.quality)

    assert preset.max_bytes is None or len(made.data) <= preset.max_bytes
    with Image.open(io.BytesIO(made.data)) as found:
        assert found.size == picture.size
        assert found.format == preset.format.upper()
