"""The clip as frames: shots that follow each other and what lies over them, made by threads ahead of the encoder."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import cv2
import numpy as np
from PIL import Image

from pressroom.media.encoding.yuv import Frame, Pixels
from pressroom.media.motion.camera import Shot
from pressroom.media.motion.moves import ease
from pressroom.media.motion.overlays import Cover
from pressroom.media.motion.own_threads import own_threads

_THREADS, _AHEAD = 2, 4


@dataclass(frozen=True, slots=True)
class Take:
    """A shot to come. `build` opens its picture, so that of many pictures only those on screen are in memory."""

    build: Callable[[], Shot]
    is_still: bool


@dataclass(frozen=True, slots=True)
class Showing:
    """A cover and the frames that show it: from `first` up to but without `end`, faded in and out at its ends."""

    cover: Cover
    first: int
    end: int
    fade: int

    def opacity(self, number: int) -> float:
        if not self.first <= number < self.end:
            return 0.0
        steps = min(number - self.first, self.end - 1 - number) + 1
        return ease(steps / (self.fade + 1)) if steps <= self.fade else 1.0


@dataclass(frozen=True, slots=True)
class Reel:
    """`count` frames of all takes in turn; neighbours share `fade` frames in which one turns into the next."""

    takes: Sequence[Take]
    target: tuple[int, int]
    count: int
    fade: int = 0
    showings: Sequence[Showing] = ()

    def frames(self) -> Iterator[Pixels]:
        """Each frame in yuv420p; its bytes stay as they are until the next one is asked for."""
        with own_threads(), ThreadPoolExecutor(_THREADS, "frames") as pool:
            stage = _Stage(self, pool)
            free = [Frame(self.target) for _ in range(_AHEAD)]
            coming: deque[tuple[Future[Frame], int]] = deque()
            for number, repeats in self._runs():
                if not free:
                    frame, times = coming[0][0].result(), coming.popleft()[1]
                    yield from (frame.data for _ in range(times))
                    free.append(frame)
                coming.append((stage.shoot(number, free.pop()), repeats))
            for made, repeats in coming:
                yield from (made.result().data for _ in range(repeats))

    def pictures(self, numbers: Sequence[int]) -> list[Image.Image]:
        """Some frames, in order, in RGB and nearly in their colours (read as BT.601): to judge what stands out."""
        width, height = self.target
        with own_threads(), ThreadPoolExecutor(_THREADS, "frames") as pool:
            stage = _Stage(self, pool, ahead=0)
            made = [stage.shoot(number, Frame(self.target)) for number in numbers]
        planes = [frame.result().data.reshape(height * 3 // 2, width) for frame in made]
        seen = [np.asarray(cv2.cvtColor(plane, cv2.COLOR_YUV2RGB_I420), dtype=np.uint8) for plane in planes]
        return [Image.fromarray(pixels) for pixels in seen]

    def _runs(self) -> Iterator[tuple[int, int]]:
        """The frames that differ from the one before, and how many times each is shown."""
        for _, same in groupby(range(self.count), self._look_of):
            numbers = list(same)
            yield numbers[0], len(numbers)

    def _look_of(self, number: int) -> tuple[Any, ...]:
        """Equal for neighbours that look the same."""
        index, into = self.position(number)
        is_still = self.takes[index].is_still and not (index and into < self.fade)
        covers = tuple(showing.opacity(number) for showing in self.showings)
        return index, None if is_still else number, covers

    def position(self, number: int) -> tuple[int, float]:
        """The newest take on screen, and how many frames ago it came."""
        index = min(int(number / self._pitch), len(self.takes) - 1)
        return index, number - index * self._pitch

    def time_of(self, index: int, number: int) -> float:
        return (number - index * self._pitch) / max(1.0, self._length - 1)

    @property
    def _length(self) -> float:
        return (self.count + self.fade * (len(self.takes) - 1)) / len(self.takes)

    @property
    def _pitch(self) -> float:
        return self._length - self.fade


class _Stage:
    """Shots built when their time comes, one ahead, and let go when it is over."""

    def __init__(self, reel: Reel, pool: ThreadPoolExecutor, ahead: int = 1) -> None:
        self._reel, self._pool, self._ahead = reel, pool, ahead
        self._shots: dict[int, Future[Shot]] = {}

    def shoot(self, number: int, into: Frame) -> Future[Frame]:
        index, age = self._reel.position(number)
        is_fading = index > 0 and age < self._reel.fade
        for wanted in range(index - is_fading, min(index + 1 + self._ahead, len(self._reel.takes))):
            # Queued before every frame that waits for it, so that waiting never blocks all threads.
            if wanted not in self._shots:
                self._shots[wanted] = self._pool.submit(self._reel.takes[wanted].build)
        before = self._shots[index - 1] if is_fading else None
        for gone in [old for old in self._shots if old < index - is_fading]:
            del self._shots[gone]
        return self._pool.submit(self._draw, number, self._shots[index], before, into)

    def _draw(self, number: int, shot: Future[Shot], before: Future[Shot] | None, into: Frame) -> Frame:
        reel = self._reel
        index, age = reel.position(number)
        shot.result().draw(reel.time_of(index, number), into)
        if before is not None:
            other = Frame(reel.target)
            before.result().draw(reel.time_of(index - 1, number), other)
            share = ease((age + 1) / (reel.fade + 1))
            cv2.addWeighted(into.data, share, other.data, 1 - share, 0, dst=into.data)
        for showing in reel.showings:
            opacity = showing.opacity(number)
            if opacity:
                showing.cover.lay(into, opacity)
        return into
