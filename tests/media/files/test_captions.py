"""Captions are read as people write them, refused where they cannot work, and written as players read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.captions import Caption, parse_captions, problems_of, written
from pressroom.media.files.probe import probe
from tests.support.media import FFMPEG, ffmpeg

SRT = "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nthere\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye\r\n"
VTT = "WEBVTT\n\nNOTE nothing\n\nintro\n00:01.000 --> 00:02.500 align:start\nHello\nthere\n\n00:03.000 --> 00:04.000\nBye\n"
BOTH = [Caption(1, 2.5, "Hello\nthere"), Caption(3, 4, "Bye")]


@pytest.mark.parametrize("source", [SRT, VTT], ids=["srt", "vtt"])
def test_subrip_and_webvtt_are_read(source: str) -> None:
    assert parse_captions(source) == BOTH


@pytest.mark.parametrize(
    ("source", "reason"),
    [("Hello", "hold no line like"), ("1\n00:00:1 --> 00:02\nx", "line 2 of the captions is no timing")],
)
def test_a_text_that_is_no_captions_is_refused_with_its_line(source: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_captions(source)


times = st.integers(0, 3_000_000).map(lambda milliseconds: milliseconds / 1000)
words = st.text(st.characters(categories=["L", "N"], include_characters=" ,.!?"), min_size=1).filter(str.strip)


@given(
    st.lists(st.builds(Caption, times, times, words.map(str.strip)), min_size=1, max_size=5),
    st.sampled_from(["srt", "vtt"]),
)
def test_what_is_written_is_read_back(captions: list[Caption], kind: str) -> None:
    found = parse_captions(written(captions, kind))  # type: ignore[arg-type]

    assert [one.text for one in found] == [one.text for one in captions]
    assert [(one.start, one.end) for one in found] == [(one.start, one.end) for one in captions]


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_ffmpeg_reads_the_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"captions.{kind}"
    path.write_text(written(BOTH, kind), encoding="utf-8")  # type: ignore[arg-type]

    shown = ffmpeg("-i", path, "-f", "srt", "-").decode().replace("\r", "")

    assert "00:00:01,000 --> 00:00:02,500\nHello\nthere" in shown
    assert "Bye" in shown


@pytest.mark.parametrize(
    ("captions", "reason"),
    [
        ([Caption(2, 1, "x")], "before it starts"),
        ([Caption(1, 9, "x")], "the clip after 5 s"),
        ([Caption(1, 3, "x"), Caption(2, 4, "y")], "starts before the one before it ends, at 3 s"),
        ([Caption(1, 3, " ")], "says nothing"),
    ],
)
def test_captions_that_cannot_work_are_named(captions: list[Caption], reason: str) -> None:
    assert reason in "; ".join(problems_of(captions, 5))


def test_a_caption_file_is_measured_as_text(tmp_path: Path) -> None:
    path = tmp_path / "captions.vtt"
    path.write_text(written(BOTH, "vtt"), encoding="utf-8")

    info = probe(path, MediaLimits(), FFMPEG)

    assert (info.kind, info.mime, info.size_bytes) == (Kind.TEXT, "text/vtt", path.stat().st_size)


@pytest.mark.parametrize(
    "data", [b"hello", b"\xff\xfe\x00", b"x" * 2_000_000], ids=["no timings", "not UTF-8", "too large"]
)
def test_a_file_that_holds_no_captions_is_corrupt(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "captions.srt"
    path.write_bytes(data)

    with pytest.raises(Corrupt, match=r"captions\.srt"):
        probe(path, MediaLimits(), FFMPEG)


def test_signs_of_webvtt_are_read_as_what_they_stand_for_and_written_back() -> None:
    found = parse_captions("WEBVTT\n\n00:01.000 --> 00:02.000\n<b>Salt &amp; &lt;Pepper&gt;</b>\n")

    assert found[0].text == "Salt & <Pepper>"
    assert parse_captions(written(found, "vtt")) == found
    assert parse_captions("1\n00:00:01,000 --> 00:00:02,000\nSalt &amp; Pepper\n")[0].text == "Salt &amp; Pepper"


def test_numbers_without_a_blank_line_before_them_are_no_speech() -> None:
    found = parse_captions("1\n00:00:01,000 --> 00:00:02,000\nIn the year\n2026\n2\n00:00:03,000 --> 00:00:04,000\n7\n")

    assert [each.text for each in found] == ["In the year\n2026", "7"]
