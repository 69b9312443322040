"""One judge says whether a file fits its slot, and everybody who asks gets its answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import MEDIA_TYPES, Kind, MediaInfo, mime_of
from pressroom.domain.placement import Placement, Rule, rules_of, violations
from pressroom.media.renditions.rendition import target_for
from pressroom.media.renditions.rendition import wrong_with as operation_finds
from pressroom.reporting.model import AssetReport
from pressroom.reporting.sheet import checks_of
from pressroom.services.check_outputs import wrong_with as execution_finds

ROW: dict[str, Any] = {
    "name": "wall.film", "kind": "video", "width": 108, "height": 192, "formats": ["mp4", "mov"], "max_bytes": 2_000_000,
    "target_max_bytes": 1_000_000, "min_bytes": 50_000, "min_duration_seconds": 3, "max_duration_seconds": 90,
    "target_max_duration_seconds": 60, "min_fps": 24, "max_fps": 60, "min_bitrate_kbps": 40, "video_codecs": ["h264"],
    "evidence": "requested", "source": "made up", "as_of": "2026-11-21",
}  # fmt: skip
FILM = Placement.model_validate(ROW)
GOOD = MediaInfo(Kind.VIDEO, "video/mp4", 108, 192, 10.0, 500_000, fps=30.0, video_codec="h264")


def broken(info: MediaInfo, placement: Placement = FILM) -> list[Rule]:
    return [each.rule for each in violations(placement, info)]


def test_a_file_that_keeps_every_rule_breaks_none() -> None:
    assert broken(GOOD) == []
    assert set(rules_of(FILM)) == set(Rule)


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        ({"kind": Kind.IMAGE, "mime": "video/mp4"}, Rule.KIND, "image, wall.film takes video"),
        ({"width": 107}, Rule.SIZE, "107 x 192 pixels, wall.film is 108 x 192"),
        ({"mime": "video/webm"}, Rule.FORMAT, "WebM, wall.film takes mp4, mov"),
        ({"size_bytes": 1_000_001}, Rule.MOST_BYTES, "1,000,001 bytes, wall.film takes 1,000,000 at most"),
        (
            {"size_bytes": 49_999, "duration_seconds": 3.0},
            Rule.LEAST_BYTES,
            "49,999 bytes, wall.film takes 50,000 at least",
        ),
        ({"duration_seconds": 60.06}, Rule.LONGEST, "60.06 s, wall.film takes 60 s at most"),
        ({"duration_seconds": 2.94}, Rule.SHORTEST, "2.94 s, wall.film takes 3 s at least"),
        ({"fps": 61.0}, Rule.FASTEST, "61 frames a second, wall.film takes 60 at most"),
        ({"fps": 23.0}, Rule.SLOWEST, "23 frames a second, wall.film takes 24 at least"),
        ({"size_bytes": 51_000, "duration_seconds": 59.0}, Rule.BITRATE, "7 kbit/s, wall.film takes 40 at least"),
        ({"video_codec": "hevc"}, Rule.CODEC, "encoded as hevc, wall.film takes h264"),
    ],
)
def test_each_rule_is_told_when_it_is_broken(change: dict[str, Any], rule: Rule, said: str) -> None:
    (found,) = violations(FILM, replace(GOOD, **change))

    assert (found.rule, str(found)) == (rule, said)


@pytest.mark.parametrize(
    "change",
    [
        {"duration_seconds": 60.04},  # a frame and a block of sound over the end
        {"duration_seconds": 2.96},
        {"fps": 23.98},  # 24000/1001 counts as 24
        {"fps": 60.05},
        {"size_bytes": 1_000_000},
        {"mime": "video/quicktime"},
    ],
)
def test_what_containers_round_is_no_violation(change: dict[str, Any]) -> None:
    assert broken(replace(GOOD, **change)) == []


def test_what_is_not_known_is_not_judged() -> None:
    unmeasured = replace(GOOD, duration_seconds=None, size_bytes=None, fps=None, video_codec="")

    assert broken(unmeasured) == []


def test_a_format_is_taken_by_any_of_its_names() -> None:
    placement = Placement.model_validate({**ROW, "kind": "image", "formats": ["jpg"], "video_codecs": []})

    assert Rule.FORMAT not in broken(MediaInfo(Kind.IMAGE, "image/jpeg", 108, 192), placement)


def test_a_moving_picture_is_taken_where_the_formats_of_a_film_name_it() -> None:
    placement = Placement.model_validate({**ROW, "formats": ["mp4", "gif"]})

    assert broken(MediaInfo(Kind.IMAGE, "image/gif", 108, 192, 10.0, 500_000), placement) == []


kinds = st.sampled_from([Kind.IMAGE, Kind.VIDEO])
infos = st.builds(
    MediaInfo,
    kinds,
    st.sampled_from([row.mime for row in MEDIA_TYPES if row.kind in (Kind.IMAGE, Kind.VIDEO)]),
    st.sampled_from([108, 1080, 1920]),
    st.sampled_from([192, 1080, 1350, 1920]),
    st.none() | st.floats(0.1, 700),
    st.integers(1, 600_000_000),
    fps=st.none() | st.floats(1, 240),
    video_codec=st.sampled_from(["", "h264", "hevc", "vp9", "mpeg4"]),
)


@given(st.sampled_from([FILM, *load_catalog().placements.values()]), infos, st.booleans())
def test_operation_execution_and_report_agree_on_every_file(placement: Placement, info: MediaInfo, fits: bool) -> None:
    if fits:  # random files hardly ever fit by themselves
        info = replace(info, kind=placement.kind, mime=mime_of(placement.formats[0]), width=placement.width)
        info = replace(
            info, height=placement.height, size_bytes=min(info.size_bytes or 0, placement.byte_limit or 10**9)
        )
    said = [each.text for each in violations(placement, info)]
    report = AssetReport(
        "a", "0", info.kind, info.mime, info.size_bytes or 0, info.width, info.height, info.duration_seconds,
        details=info.details,
    )  # fmt: skip

    assert execution_finds(info, None, placement) == said
    assert operation_finds(info, target_for(placement), info.mime) == said
    assert all(check.passed for check in checks_of(report, placement)) == (said == [])
    assert sum(not check.passed for check in checks_of(report, placement)) == len(said)


def test_no_other_module_judges_a_placement() -> None:
    """Limits are read where files are made to fit; only the judge compares a file with them."""
    root = Path(__file__).parents[2] / "pressroom"
    judges = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "TOLERANCE" in path.read_text(encoding="utf-8") and "lacement" in path.read_text(encoding="utf-8")
    ]

    assert sorted(judges) == ["domain/placement.py", "services/check_outputs.py"]
