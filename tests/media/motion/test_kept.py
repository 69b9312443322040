"""What is kept is made once, for all threads, and the oldest goes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from pressroom.media.motion.kept import Kept, digest_of


def test_it_is_made_once_for_all_threads() -> None:
    kept, made = Kept[int](2), []

    def make() -> int:
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.get("photo", make), range(50)))

    assert set(found) == {1}


def test_what_was_not_asked_for_the_longest_goes() -> None:
    kept = Kept[str](2)
    for name in ("a", "b", "a", "c"):
        kept.get(name, lambda name=name: name)  # type: ignore[misc]

    assert kept.get("a", lambda: "made again") == "a"
    assert kept.get("b", lambda: "made again") == "made again"


def test_a_failure_is_not_kept() -> None:
    kept = Kept[int](1)

    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)

    assert kept.get("a", lambda: 5) == 5


def test_pictures_of_other_pixels_sizes_or_modes_differ() -> None:
    pictures = [Image.new(mode, size, 7) for mode, size in (("L", (4, 6)), ("L", (6, 4)), ("RGB", (4, 2)))]

    assert len({digest_of(picture) for picture in pictures}) == 3
    assert digest_of(pictures[0]) == digest_of(pictures[0].copy())
