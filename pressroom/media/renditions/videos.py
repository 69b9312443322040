"""One video to many targets: decoded once, cropped or padded, re-timed, trimmed, encoded under each limit."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import ffmpeg
from PIL import Image

from pressroom.domain.errors import Corrupt, Permanent, Refused
from pressroom.domain.media import Made, mime_of
from pressroom.domain.operation import Workspace, limit_text
from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import TARGET_LUFS, find_level, levelled
from pressroom.media.encoding.rates import LEAST_KBPS, settled
from pressroom.media.files.ffmpeg import input_options, output_argument, read_ffmpeg, run_ffmpeg
from pressroom.media.files.guards import check_file, check_size
from pressroom.media.files.probe import probe
from pressroom.media.files.recording import STANDARD_RATES, Pictures, read_recording
from pressroom.media.renditions.framing import frame
from pressroom.media.renditions.images import Look
from pressroom.media.renditions.normalizing import Fields, fields_of, normalized
from pressroom.media.renditions.reframing import Clip, Master, cut_sound, framed, open_input, pictures_of, sound_stream
from pressroom.media.renditions.rendition import Target, verify
from pressroom.media.subject.focal import find_focus

_T = TypeVar("_T")
_MIME = mime_of("mp4")
# Renditions that share one decode: more would hold too many encoders' frames in memory at once, and longer clips than
# these frames share it with fewer others, so that one process stays within its time limit.
_PIXELS_AT_ONCE, _FRAMES_AT_ONCE = 12_000_000, 600
_NTSC = 1001
_LAST_FRAMES = 2  # what a recording's last second may lack
_FASTEST = Fraction(60)
_FILL_MARGIN = 1.15


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a video that is used, in seconds, and how loud it shall be (None: as it is)."""

    start: float = 0.0
    duration: float | None = None
    lufs: float | None = TARGET_LUFS


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A clip and what its file may weigh: at most `limit` bytes, at least `fill_kbps` (0: any)."""

    clip: Clip
    limit: int
    fill_kbps: int


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    rate: dict[str, Any]


def render_sequences(master: Path, targets: Sequence[Target], look: Look, cut: Cut, work: Workspace) -> list[Made]:
    """Write one MP4 per distinct rendition into the workspace, check each, and return one Made per target, in order.

    Raises Permanent when ffmpeg fails or a video is too short, Refused when a byte limit cannot be met.
    """
    source = open_master(master, look, cut, work)
    clips = _levelled([plan_clip(source, target, look, cut) for target in targets], source, cut, work)
    wanted = [_wanted(source, clip, target) for clip, target in zip(clips, targets, strict=True)]
    paths: dict[Clip, Path] = {}
    for clip in clips:
        paths.setdefault(clip, work.folder / f"{clip.frame.target[0]}x{clip.frame.target[1]}-{len(paths):02d}.mp4")
    for batch in _batches(list(paths)):
        _encode(source, {clip: paths[clip] for clip in batch}, work)
    files = {
        item: _settle(source, item, paths[item.clip], number, work) for number, item in enumerate(_distinct(wanted))
    }
    measured = {path: probe(path, work.limits, work.ffmpeg) for path in _distinct(file.path for file in files.values())}
    made = []
    for target, item in zip(targets, wanted, strict=True):
        file = files[item]
        verify(file.path, measured[file.path], target, _MIME)
        details = record_of(source, item.clip) | file.rate
        made.append(Made(file.path, _MIME, target.label, target.placement_name, details))
    return made


def _distinct(items: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys(items))


def _wanted(source: Master, clip: Clip, target: Target) -> _Wanted:
    """Raises Refused where the byte limit leaves nothing for pictures."""
    limit = h264.limit_bytes(target.max_bytes, clip.seconds)
    wanted = _Wanted(clip, limit, _fill_kbps(target, clip.seconds))
    _rates(source, wanted)
    return wanted


def open_master(path: Path, look: Look, cut: Cut, work: Workspace) -> Master:
    """Raises Corrupt where there are no pictures, Permanent where the cut starts after the last of them."""
    found = check_file(path, work.limits)
    recording = read_recording(path, work.limits, found.demuxer)
    pictures, seconds = recording.pictures, recording.duration_seconds
    if pictures is None:
        raise Corrupt(f"{path.name} holds no pictures", path=str(path))
    check_size(path.name, pictures.width, pictures.height, work.limits)
    if not seconds or seconds <= cut.start:
        raise Permanent(f"{path.name} lasts {seconds or 0:g} s, the cut starts at {cut.start:g} s")
    # Where the last picture stands while the sound goes on there is nothing to be found.
    last = max(pictures.start, (pictures.end or 0.0) - _LAST_FRAMES / float(pictures.fps or _FASTEST))
    middle = min(max(recording.start + (cut.start + seconds) / 2, pictures.start), last)
    fields = fields_of(path, pictures, middle, work.limits, work.ffmpeg, found.demuxer)
    options = input_options(work.limits, found.demuxer)
    still = _still(path, options, pictures, fields, middle, work)
    focus = find_focus(still, look.focal_point, look.subjects)
    return Master(path, options, recording, pictures, fields, focus, cut.start)


def _still(
    path: Path, options: Mapping[str, Any], pictures: Pictures, fields: Fields, second: float, work: Workspace
) -> Image.Image:
    """The picture at a second, or the first there is: some files cannot be sought in."""
    for start in ({"ss": f"{second:.3f}"}, {}):
        given = ffmpeg.input(output_argument(path), **options, **start)
        shown = normalized(given[str(pictures.index)], pictures, fields)
        graph = ffmpeg.output(shown, "-", vframes=1, f="image2pipe", vcodec="png")
        png = read_ffmpeg(work.ffmpeg, ffmpeg.get_args(graph), work.limits.timeout_seconds)
        if png:
            with Image.open(io.BytesIO(png), formats=["PNG"]) as still:
                return still.convert("RGB")
    raise Corrupt(f"{path.name} has no frame at {second:.1f} s", path=str(path))


def plan_clip(source: Master, target: Target, look: Look, cut: Cut) -> Clip:
    row = target.placement
    fps = frame_rate(source.fps, target)
    frames = max(1, round(source.seconds * fps))
    if cut.duration is not None:
        frames = min(frames, max(1, round(cut.duration * fps)))
    if row and row.duration_limit_seconds is not None:
        # One frame less: the sound's last block must not reach over the limit.
        frames = min(frames, int(row.duration_limit_seconds * fps) - 1)
    placed = frame(source.size, target.size, look.mode, source.focus)
    return Clip(placed, fps, frames, look.background)


def _levelled(clips: list[Clip], source: Master, cut: Cut, work: Workspace) -> list[Clip]:
    """The clips with the level of their sound, found once for every length."""
    if cut.lufs is None or source.sounds is None:
        return clips
    target, timeout = cut.lufs, work.limits.timeout_seconds

    def sound(seconds: float) -> Any:
        return cut_sound(sound_stream(open_input(source), source), source, seconds)

    found = {
        seconds: find_level(partial(sound, seconds), work.ffmpeg, timeout, target)
        for seconds in {clip.seconds for clip in clips}
    }
    return [replace(clip, level=found[clip.seconds]) for clip in clips]


def frame_rate(own: Fraction, target: Target) -> Fraction:
    """The source's own rate where the placement takes it, else its target rate or the nearest standard rate in range."""
    row = target.placement
    lowest = Fraction(row.min_fps or 0).limit_denominator(1000) if row else Fraction(0)
    highest = min(_FASTEST, Fraction(row.max_fps).limit_denominator(1000)) if row and row.max_fps else _FASTEST
    if row and row.target_fps:
        return Fraction(row.target_fps).limit_denominator(_NTSC)
    if lowest <= own <= highest and own > 0:
        return own
    usable = [rate for rate in STANDARD_RATES if lowest <= rate <= highest] or [highest]
    return min(usable, key=lambda rate: (abs(rate - own), rate))


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
    pictures, sound = pictures_of(stream, source), sound_stream(stream, source)
    pictures = pictures.filter_multi_output("split", len(paths))
    sounds = None if sound is None else sound.filter_multi_output("asplit", len(paths))
    outputs = []
    for number, (clip, path) in enumerate(paths.items()):
        streams = pictures.stream(number), None if sounds is None else sounds.stream(number)
        outputs.append(_output(source, clip, streams, path, h264.QUALITY, h264.AUDIO_KBPS))
    _run(ffmpeg.merge_outputs(*outputs), work)


def _settle(source: Master, wanted: _Wanted, first: Path, number: int, work: Workspace) -> _File:
    """The first encoding where it may weigh what it does, else one of its own under the limit or above the least rate."""
    path = first.with_name(f"{first.stem}-limit-{number:02d}.mp4")

    def again(rate: dict[str, Any]) -> None:
        stream = open_input(source)
        streams = pictures_of(stream, source), sound_stream(stream, source)
        _run(_output(source, wanted.clip, streams, path, rate, _rates(source, wanted)[1]), work)

    size, seconds = first.stat().st_size, wanted.clip.seconds
    rate = settled(size, path, seconds, wanted.limit, wanted.fill_kbps, again, lambda: _rates(source, wanted)[0])
    if rate is None:
        raise _too_large(wanted, path.stat().st_size)
    return _File(path if path.exists() else first, rate)


def _rates(source: Master, wanted: _Wanted) -> tuple[int, int]:
    """Bit rates of pictures and sound. Raises Refused when the byte limit leaves nothing for pictures."""
    seconds = wanted.clip.seconds
    for audio_kbps in (h264.AUDIO_KBPS, h264.SMALL_AUDIO_KBPS) if source.sounds else (0,):
        kbps = h264.video_kbps_for(wanted.limit, seconds, audio_kbps)
        if kbps >= max(LEAST_KBPS, audio_kbps):
            return kbps, audio_kbps
    raise _too_large(wanted, int(LEAST_KBPS * 125 * seconds))


def _too_large(wanted: _Wanted, least: int) -> Refused:
    width, height = wanted.clip.frame.target
    return Refused(
        f"{wanted.clip.seconds:.1f} s of {width} x {height} pixels need about {least:,} bytes, "
        f"the limit is {limit_text(wanted.limit)}",
        hint="raise max_bytes or shorten the video",
    )


def _output(
    source: Master, clip: Clip, streams: tuple[Any, Any], path: Path, rate: dict[str, Any], audio_kbps: int
) -> Any:
    picture, sound = streams
    mapped = [framed(picture, source, clip)]
    options = h264.mp4_options(float(clip.fps), rate)
    if sound is not None:
        sound = cut_sound(sound, source, clip.seconds)
        sound = levelled(sound, clip.level) if clip.level else sound
        sound = sound.filter("apad", whole_dur=f"{clip.seconds:.6f}")
        mapped.append(sound.filter("atrim", end=f"{h264.audio_seconds(clip.seconds):.6f}"))
        options |= h264.audio_options(audio_kbps)
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
        "source_width": source.pictures.width,
        "source_height": source.pictures.height,
        "fps": round(float(clip.fps), 3),
        "trimmed": clip.seconds < source.start + source.seconds - 1 / float(clip.fps),
    }
    if clip.level is not None:
        details["loudness"] = clip.level.details()
    details |= _normalizations(source)
    warnings = [f"the source is enlarged {placed.scale:.2f} times"] if placed.scale > 1 else []
    if held := source.recording.held_seconds:
        warnings.append(f"the last picture stands for {held:.1f} s while the sound goes on")
    return details | ({"warning": "; ".join(warnings)} if warnings else {})


def _normalizations(source: Master) -> dict[str, str]:
    """What was done to the pictures before they were framed."""
    done = {"deinterlaced": source.fields, "tone_mapped": source.pictures.hdr}
    return {name: value for name, value in done.items() if value}
