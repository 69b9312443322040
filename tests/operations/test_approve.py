"""approve: the file as it is, with who has let it through; never without somebody's word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Answer, Asks
from pressroom.operations import OPERATIONS
from pressroom.operations.approve import APPROVED, ApproveParams
from tests.support.workspaces import picture, workspace

APPROVE = OPERATIONS["approve"]
PARAMS = ApproveParams(media="media")


def test_what_was_approved_is_the_file_itself_with_who_approved_it(tmp_path: Path) -> None:
    source = picture(tmp_path, [[[0.1, 0.2, 0.3]] * 4] * 3)
    work = replace(workspace(tmp_path, {"media": source}), answer=Answer(None, "ann", "the pages", "2026-12-01T10:00"))

    (made,) = APPROVE.run(PARAMS, work)  # type: ignore[misc]

    assert (made.path.read_bytes(), made.path.suffix) == (source.read_bytes(), ".png")
    assert made.details[APPROVED] == {"by": "ann", "from": "the pages", "at": "2026-12-01T10:00"}


def test_without_an_answer_nothing_is_made(tmp_path: Path) -> None:
    work = workspace(tmp_path, {"media": picture(tmp_path, [[[0.0] * 3]])})

    with pytest.raises(Permanent, match="nobody has approved it"):
        APPROVE.run(PARAMS, work)  # type: ignore[misc]


def test_it_asks_and_promises_what_it_is_given() -> None:
    clip = MediaInfo(Kind.VIDEO, "video/mp4", 64, 48, duration_seconds=2.0, size_bytes=9, sha256="f" * 64)

    ((_, promised),) = APPROVE.expect(PARAMS, {"media": clip}, {}).outputs

    assert promised == replace(clip, size_bytes=None, sha256=None)
    assert APPROVE.asks is not None
    assert APPROVE.asks(PARAMS) is Asks.APPROVAL
