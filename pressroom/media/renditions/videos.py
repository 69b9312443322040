"""One video to many targets: decoded once, cropped or padded, re-timed, trimmed, encoded under each limit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image

from pressroom.domain.errors import Corrupt, Permanent, Refused
from pressroom.domain.media import Made, mime_of
from pressroom.domain.operation import Workspace, limit_text
from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import TARGET_LUFS, find_level, levelled
from pressroom.media.encoding.rates import LEAST_KBPS, settled
from pressroom.media.files.ffmpeg import (
    input_arguments,
    input_options,
    output_argument,
    read_ffmpeg,
    run_ffmpeg,
    video_facts,
)
from pressroom.media.files.guards import check_file, check_size
from pressroom.media.files.probe import probe
from pressroom.media.renditions.framing import frame
from pressroom.media.renditions.images import Look
from pressroom.media.renditions.reframing import Clip, Master, framed, open_input, upright
from pressroom.media.renditions.rendition import Target, verify
from pressroom.media.subject.focal import find_focus

_MIME = mime_of("mp4")
# Renditions that share one decode: more would hold too many encoders' frames in memory at once, and longer clips than
# these frames share it with fewer others, so that one process stays within its time limit.
_PIXELS_AT_ONCE, _FRAMES_AT_ONCE = 12_000_000, 600
_STANDARD_RATES = tuple(Fraction(*rate) for rate in ((24, 1), (25, 1), (30_000, 1001), (30, 1), (50, 1), (60, 1)))
_NTSC = 1001
_FASTEST = Fraction(60)
_FILL_MARGIN = 1.15


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a video that is used, in seconds, and how loud it shall be (None: as it is)."""

    start: float = 0.0
    duration: float | None = None
    lufs: float | None = TARGET_LUFS


def render_sequences(master: Path, targets: Sequence[Target], look: Look, cut: Cut, work: Workspace) -> list[Made]:
    """Write one MP4 per distinct rendition into the workspace, check each, and return one Made per target, in order.

    Raises Permanent when ffmpeg fails or a video is too short, Refused when a byte limit cannot be met.
    """
    source = open_master(master, look, cut, work)
    clips = _levelled([plan_clip(source, target, look, cut) for target in targets], source, cut, work)
    paths: dict[Clip, Path] = {}
    for clip in clips:
        paths.setdefault(clip, work.folder / f"{clip.frame.target[0]}x{clip.frame.target[1]}-{len(paths):02d}.mp4")
    for batch in _batches(list(paths)):
        _encode(source, {clip: paths[clip] for clip in batch}, work)
    rates = {clip: _settle(source, clip, path, work) for clip, path in paths.items()}
    measured = {clip: probe(path, work.limits, work.ffmpeg) for clip, path in paths.items()}
    made = []
    for target, clip in zip(targets, clips, strict=True):
        verify(paths[clip], measured[clip], target, _MIME)
        details = record_of(source, clip) | rates[clip]
        made.append(Made(paths[clip], _MIME, target.label, target.placement_name, details))
    return made


def open_master(path: Path, look: Look, cut: Cut, work: Workspace) -> Master:
    found = check_file(path, work.limits)
    facts = video_facts(path, work.ffmpeg, work.limits, found.demuxer)
    if not facts.has_picture:
        raise Corrupt(f"{path.name} holds no pictures", path=str(path))
    check_size(path.name, facts.width, facts.height, work.limits)
    if not facts.duration_seconds or facts.duration_seconds <= cut.start:
        raise Permanent(f"{path.name} lasts {facts.duration_seconds or 0:g} s, the cut starts at {cut.start:g} s")
    middle = cut.start + (facts.duration_seconds - cut.start) / 2
    source = ["-ss", f"{middle:.3f}", *input_arguments(path, work.limits, found.demuxer)]
    png = read_ffmpeg(
        work.ffmpeg, [*source, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"], work.limits.timeout_seconds
    )
    if not png:
        raise Corrupt(f"{path.name} has no frame at {middle:.1f} s", path=str(path))
    with Image.open(io.BytesIO(png), formats=["PNG"]) as still:
        focus = find_focus(still.convert("RGB"), look.focal_point, look.subjects)
    return Master(path, input_options(work.limits, found.demuxer), facts, focus, cut.start)


def plan_clip(source: Master, target: Target, look: Look, cut: Cut) -> Clip:
    facts, row = source.facts, target.placement
    fps = frame_rate(facts.fps, target)
    seconds = (facts.duration_seconds or 0.0) - cut.start
    frames = max(1, round(seconds * fps))
    if cut.duration is not None:
        frames = min(frames, max(1, round(cut.duration * fps)))
    if row and row.duration_limit_seconds is not None:
        # One frame less: the sound's last block must not reach over the limit.
        frames = min(frames, int(row.duration_limit_seconds * fps) - 1)
    placed = frame((facts.width, facts.height), target.size, look.mode, source.focus)
    return Clip(placed, fps, frames, look.background, target.max_bytes, _fill_kbps(target, float(frames / fps)))


def _levelled(clips: list[Clip], source: Master, cut: Cut, work: Workspace) -> list[Clip]:
    """The clips with the level of their sound, found once for every length."""
    if cut.lufs is None or not source.facts.has_sound:
        return clips
    target, timeout = cut.lufs, work.limits.timeout_seconds

    def sound(seconds: float) -> Any:
        return open_input(source)["a:0"].filter("atrim", end=f"{seconds:.6f}")

    found = {
        seconds: find_level(partial(sound, seconds), work.ffmpeg, timeout, target)
        for seconds in {clip.seconds for clip in clips}
    }
    return [replace(clip, level=found[clip.seconds]) for clip in clips]


def frame_rate(source_fps: float, target: Target) -> Fraction:
    """The source's own rate where the placement takes it, else its target rate or the nearest standard rate in range."""
    row = target.placement
    lowest = Fraction(row.min_fps or 0).limit_denominator(1000) if row else Fraction(0)
    highest = min(_FASTEST, Fraction(row.max_fps).limit_denominator(1000)) if row and row.max_fps else _FASTEST
    if row and row.target_fps:
        return Fraction(row.target_fps).limit_denominator(_NTSC)
    own = _exact(source_fps)
    if lowest <= own <= highest and own > 0:
        return own
    usable = [rate for rate in _STANDARD_RATES if lowest <= rate <= highest] or [highest]
    return min(usable, key=lambda rate: (abs(rate - own), rate))


def _exact(fps: float) -> Fraction:
    """`29.97` is printed, 30000/1001 is meant."""
    ntsc = Fraction(round(fps) * 1000, _NTSC)
    if abs(float(ntsc) - fps) < 0.006 and abs(fps - round(fps)) > 0.006:
        return ntsc
    return Fraction(fps).limit_denominator(100)


def _fill_kbps(target: Target, seconds: float) -> int:
    """The least total bit rate that the placement takes for a clip of this length, 0 where it names none."""
    row = target.placement
    if row is None:
        return 0
    by_size = (row.min_bytes or 0) * 8 / 1000 / seconds
    return round(max(by_size, row.min_bitrate_kbps or 0) * _FILL_MARGIN)


def _batches(clips: list[Clip]) -> list[list[Clip]]:
    batches: list[list[Clip]] = []
    room = 0.0
    for clip in clips:
        pixels = clip.frame.target[0] * clip.frame.target[1] * max(1.0, clip.frames / _FRAMES_AT_ONCE)
        if not batches or pixels > room:
            batches.append([])
            room = _PIXELS_AT_ONCE
        batches[-1].append(clip)
        room -= pixels
    return batches


def _encode(source: Master, paths: dict[Clip, Path], work: Workspace) -> None:
    """Constant quality, all from one decode."""
    stream = open_input(source)
    pictures = upright(stream["v:0"], source).filter_multi_output("split", len(paths))
    sounds = stream["a:0"].filter_multi_output("asplit", len(paths)) if source.facts.has_sound else None
    outputs = []
    for number, (clip, path) in enumerate(paths.items()):
        sound = sounds.stream(number) if sounds is not None else None
        outputs.append(_output(source, clip, (pictures.stream(number), sound), path, h264.QUALITY))
    _run(ffmpeg.merge_outputs(*outputs), work)


def _settle(source: Master, clip: Clip, path: Path, work: Workspace) -> dict[str, Any]:
    """Encode again where the first time came out above the byte limit or below the least rate."""
    again = partial(_again, source, clip, path, work)
    chosen = settled(path, clip.seconds, clip.max_bytes, clip.fill_kbps, again, lambda: _rates(source, clip)[0])
    if chosen is None:
        raise _too_large(clip, path.stat().st_size)
    return chosen


def _again(source: Master, clip: Clip, path: Path, work: Workspace, rate: dict[str, Any]) -> None:
    stream = open_input(source)
    streams = upright(stream["v:0"], source), stream["a:0"] if source.facts.has_sound else None
    _run(_output(source, clip, streams, path, rate), work)


def _rates(source: Master, clip: Clip) -> tuple[int, int]:
    """Bit rates of pictures and sound. Raises Refused when the byte limit leaves nothing for pictures."""
    for audio_kbps in (h264.AUDIO_KBPS, h264.SMALL_AUDIO_KBPS) if source.facts.has_sound else (0,):
        kbps = h264.video_kbps_for(h264.limit_bytes(clip.max_bytes, clip.seconds), clip.seconds, audio_kbps)
        if kbps >= max(LEAST_KBPS, audio_kbps):
            return kbps, audio_kbps
    raise _too_large(clip, int(LEAST_KBPS * 125 * clip.seconds))


def _too_large(clip: Clip, least: int) -> Refused:
    width, height = clip.frame.target
    limit = h264.limit_bytes(clip.max_bytes, clip.seconds)
    return Refused(
        f"{clip.seconds:.1f} s of {width} x {height} pixels need about {least:,} bytes, the limit is {limit_text(limit)}",
        hint="raise max_bytes or shorten the video",
    )


def _output(source: Master, clip: Clip, streams: tuple[Any, Any], path: Path, rate: dict[str, Any]) -> Any:
    picture, sound = streams
    mapped = [framed(picture, source, clip)]
    options = h264.mp4_options(float(clip.fps), rate)
    if sound is not None:
        sound = levelled(sound, clip.level) if clip.level else sound
        mapped.append(sound.filter("atrim", end=f"{h264.audio_seconds(clip.seconds):.6f}"))
        options |= h264.audio_options(_rates(source, clip)[1])
    return ffmpeg.output(*mapped, output_argument(path), **options)


def _run(graph: Any, work: Workspace) -> None:
    arguments = ffmpeg.get_args(graph)
    run_ffmpeg(work.ffmpeg, ["-y", "-v", "error", *arguments], work.limits.timeout_seconds)


def record_of(source: Master, clip: Clip) -> dict[str, Any]:
    placed, focus = clip.frame, source.focus
    details: dict[str, Any] = {
        "mode": placed.mode,
        "focal_point": focus.record,
        "scale": round(placed.scale, 4),
        "source_width": source.facts.width,
        "source_height": source.facts.height,
        "fps": round(float(clip.fps), 3),
        "trimmed": clip.seconds < (source.facts.duration_seconds or 0.0) - 1 / float(clip.fps),
    }
    if clip.level is not None:
        details["loudness"] = clip.level.details()
    if placed.scale > 1:
        details["warning"] = f"the source is enlarged {placed.scale:.2f} times"
    return details
