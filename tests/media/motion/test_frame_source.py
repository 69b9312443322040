"""Shots in a row become exactly the asked frames, whatever the threads do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pressroom.media.encoding.yuv import Frame, to_ycc
from pressroom.media.motion.camera import Shot
from pressroom.media.motion.frame_source import Reel, Showing, Take
from pressroom.media.motion.overlays import cover_of

SIZE = (32, 16)


class Flat:
    """A shot of one grey, or of its time in 200 levels."""

    def __init__(self, level: int | None) -> None:
        self.level = level

    def draw(self, time: float, into: Frame) -> None:
        into.data[:] = round(time * 200) if self.level is None else self.level


def take(level: int | None, built: list[int] | None = None) -> Take:
    def build() -> Shot:
        if built is not None:
            built.append(level or 0)
        return Flat(level)

    return Take(build, level is not None)


def levels(reel: Reel) -> list[int]:
    return [int(frame[0]) for frame in reel.frames()]


@settings(deadline=None, max_examples=40)
@given(count=st.integers(2, 200), pictures=st.integers(1, 6))
def test_there_are_exactly_as_many_frames_as_asked_for(count: int, pictures: int) -> None:
    reel = Reel([take(9)] * pictures, SIZE, count, min(3, count // pictures // 2))

    assert levels(reel) == [9] * count


def test_frames_come_in_order() -> None:
    found = levels(Reel([take(None)], SIZE, 201))

    assert found == list(range(201))


def test_neighbours_turn_into_each_other() -> None:
    found = levels(Reel([take(0), take(200)], SIZE, 60, fade=12))

    assert found[:24] == [0] * 24
    assert found[36:] == [200] * 24
    assert np.diff(found[23:37]).min() > 0


def test_pictures_are_opened_only_when_their_time_comes() -> None:
    built: list[int] = []
    frames = Reel([take(level, built) for level in range(1, 7)], SIZE, 600, fade=10).frames()

    for _ in range(90):
        next(frames)

    assert set(built) <= {1, 2, 3}  # on screen next, and one ahead
    frames.close()


def test_a_picture_that_cannot_be_opened_ends_the_clip() -> None:
    def build() -> Shot:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        levels(Reel([take(5), Take(build, False)], SIZE, 60))


def badge() -> Image.Image:
    drawing = Image.new("RGBA", SIZE)
    ImageDraw.Draw(drawing).rectangle((5, 3, 20, 11), fill=(200, 40, 30, 255))
    return drawing


def test_a_cover_shows_for_its_time_and_fades_at_its_ends() -> None:
    cover = cover_of(badge())
    assert cover is not None
    reel = Reel([take(100)], SIZE, 30, showings=[Showing(cover, 10, 22, fade=3)])

    seen = [int(frame[5 * 32 + 10]) for frame in reel.frames()]

    red = int(to_ycc(np.array([[[200, 40, 30]]], np.uint8))[0, 0, 0])
    assert seen[:10] == [100] * 10
    assert seen[22:] == [100] * 8
    assert seen[13:19] == pytest.approx([red] * 6, abs=1)
    assert seen[10:13] == seen[19:22][::-1]
    assert abs(seen[10] - 100) < abs(seen[11] - 100) < abs(seen[12] - 100)


def test_a_cover_leaves_everything_beside_it_as_it_is() -> None:
    cover = cover_of(badge())
    assert cover is not None
    frame = Frame(SIZE)
    frame.data[:] = np.arange(len(frame.data)) * 7 % 255

    before = frame.luma.copy()
    cover.lay(frame, 0.5)

    outside = np.ones((16, 32), bool)
    outside[3:12, 5:21] = False
    assert (frame.luma[outside] == before[outside]).all()


def test_a_drawing_without_ink_is_no_cover() -> None:
    assert cover_of(Image.new("RGBA", SIZE)) is None
