"""A delivered file is what its target promises, and each broken promise is named once, with numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.media.renditions.rendition import Target, target_for, verify, wrong_with
from tests.support.media import all_placements

CARD = Target("card", 300, 200, ("jpeg", "png"), 5_000)
RIGHT = MediaInfo(Kind.IMAGE, "image/jpeg", 300, 200, size_bytes=5_000)
STILLS = [each for each in all_placements().values() if each.formats[0] in ("jpeg", "png", "webp")]


def info(**changes: object) -> MediaInfo:
    found = {"width": 300, "height": 200, "size_bytes": 5_000, "mime": "image/jpeg"} | changes
    return MediaInfo(Kind.IMAGE, found.pop("mime"), **found)  # type: ignore[arg-type]


def test_what_was_asked_for_is_right() -> None:
    assert wrong_with(RIGHT, CARD, "image/jpeg") == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (info(width=301), "301 x 200 pixels instead of 300 x 200"),
        (info(height=199), "300 x 199 pixels instead of 300 x 200"),
        (info(mime="image/png"), "image/png instead of image/jpeg"),
        (info(size_bytes=5_001), "5,001 bytes, the limit is 5,000"),
    ],
)
def test_each_broken_promise_is_named(found: MediaInfo, said: str) -> None:
    assert wrong_with(found, CARD, "image/jpeg") == [said]


def test_all_of_them_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "card.jpg"
    path.write_bytes(bytes(6_000))

    with pytest.raises(Permanent, match="the file made for card is not right: ") as refusal:
        verify(path, info(width=10, mime="image/png", size_bytes=1), CARD, "image/jpeg")

    assert str(refusal.value).count(";") == 2
    assert "6,000 bytes" in str(refusal.value)  # of the file itself, whatever was measured
    assert refusal.value.fields["path"] == str(path)


@pytest.mark.parametrize("placement", STILLS, ids=lambda placement: placement.name)
def test_a_placements_target_is_judged_right_by_the_placement(placement) -> None:
    target = target_for(placement)
    mime = mime_of(target.formats[0])
    right = MediaInfo(Kind.IMAGE, mime, *target.size, size_bytes=9_000)

    assert wrong_with(right, target, mime) == []
    assert len(wrong_with(MediaInfo(Kind.IMAGE, mime, 7, 5, size_bytes=9_000), target, mime)) >= 1
    assert target.placement_name == target.name == placement.name


@given(st.sampled_from(STILLS), st.none() | st.integers(1, 10**8))
def test_the_smaller_limit_holds(placement, max_bytes: int | None) -> None:
    limits = [limit for limit in (placement.byte_limit, max_bytes) if limit is not None]

    assert target_for(placement, max_bytes).max_bytes == (min(limits) if limits else None)


@given(st.integers(0, 4_000))
def test_room_for_what_is_added_later_is_left(reserved: int) -> None:
    left = CARD.leaving(lambda limit: None if limit is None else limit - reserved)

    assert left.max_bytes == 5_000 - reserved
    assert (left.size, left.name) == (CARD.size, CARD.name)
    assert CARD.max_bytes == 5_000


def test_a_target_without_a_label_is_called_by_its_size() -> None:
    target = Target("", 3, 2, ("png",))

    assert target.name == "3 x 2"
    assert target.placement_name is None
