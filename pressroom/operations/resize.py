"""resize: one master to any list of placements, or to a size of your own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.near_size import LEAST_KEPT
from pressroom.domain.operation import Expectation, HexColor, Operation, Params, VisualSlot, Workspace
from pressroom.domain.suggest import nearest
from pressroom.media.encoding.loudness import TARGET_LUFS
from pressroom.media.renditions.rendition import Target, target_for
from pressroom.operations.params.focus import FocalPoint, Subject, subject_boxes

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

ImageFormat = Literal["jpeg", "png", "webp", "avif", "gif", "bmp"]
LOOPS = ("gif", "webp")  # what a video may become that plays without a player
LONGEST_LOOP_SECONDS = 30  # a longer one has tens of megabytes, and nobody waits for it
_FALLBACK_GROUND = "#ffffff"
_PATTERN_SIGNS = re.compile(r"[*?\[]")


class ResizeParams(Params):
    """Placements, or a size of your own, or both."""

    image: VisualSlot = Field(description="The master: a picture or a video.")
    placements: list[str] = Field(
        default_factory=list,
        max_length=200,
        description="Placement names, e.g. instagram.reel, or patterns, e.g. instagram.*; a pattern means the placements "
        "of the master's kind.",
    )
    width: int | None = Field(None, ge=1, le=8192, description="Width in pixels of a size of your own.")
    height: int | None = Field(None, ge=1, le=8192, description="Height in pixels of a size of your own.")
    format: ImageFormat | None = Field(
        None,
        description="Format of the size of your own; default: what suits the picture, mp4 for a video. gif and webp "
        "of a video repeat for ever.",
    )
    mode: Literal["crop", "fit", "auto"] = Field(
        "auto",
        description="crop fills the frame around the focal point; fit shows everything and fills the rest; auto crops "
        "where that keeps the subject and the words of steps before whole, else fits.",
    )
    focal_point: FocalPoint | None = Field(None, description="What a crop keeps; default: estimated from the picture.")
    subject: Subject | None = Field(
        None, description="What must stay whole: one box, or a list; default: faces, or what stands out."
    )
    background: HexColor | Literal["blur", "brand"] = Field(
        "blur", description="What fills the rest: a colour, a blurred copy, or the brand's background colour."
    )
    max_bytes: int | None = Field(None, ge=1_000, description="Byte limit; a placement's own limit counts as well.")
    quality: int | None = Field(
        None,
        ge=10,
        le=100,
        description="Pictures: quality that lossy formats start from; default: where no loss is seen (jpeg and webp 90, "
        "avif 80). A byte limit may lower it.",
    )
    start: float = Field(0, ge=0, description="Videos: where the cut begins, in seconds.")
    duration: float | None = Field(
        None, gt=0, description="Videos: longest duration in seconds; a placement's own limit counts as well."
    )

    loudness: float | None = Field(
        TARGET_LUFS, ge=-31, le=-9, description="Videos: loudness of the sound in LUFS; null leaves it as it is."
    )

    poster: bool = Field(
        False, description="Videos: a still of each as well, labelled NAME-poster: its clearest frame."
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> ResizeParams:
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height belong together: give both or none")
        if not self.placements and self.width is None:
            raise ValueError("nothing to make: give placements, or width and height")
        if self.format is not None and self.width is None:
            raise ValueError("format is for a size of your own: placements know their formats")
        return self


def expect(params: ResizeParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """One output per placement in the order asked for; names that do not exist or do not fit are problems."""
    master = inputs[params.image]
    targets, problems = _targets(params, master.kind, placements)
    outputs = []
    for target in targets:
        info, found = _output(target, params, master)
        outputs.append((target.label, info))
        problems += found
        if params.poster and info.kind is Kind.VIDEO:
            outputs.append((_poster_label(target), MediaInfo(Kind.IMAGE, mime_of("jpeg"), target.width, target.height)))
    infos = [info for _, info in outputs]
    units = {
        "call": 1.0,
        "image": float(sum(info.kind is Kind.IMAGE for info in infos)),
        "second": sum(info.duration_seconds or 0.0 for info in infos),
        "megapixel": sum(info.megapixels for info in infos),
    }
    return Expectation(tuple(outputs), units, tuple(problems))


def enlarges(params: ResizeParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> float:
    """How many times a picture or clip is enlarged for its largest rendition; which of crop and fit `auto` takes is a guess."""
    master = inputs[params.image]
    if not master.width or not master.height:
        return 1.0
    targets, _ = _targets(params, master.kind, placements)
    return max((_scale((master.width, master.height), target, params.mode) for target in targets), default=1.0)


def _scale(size: tuple[int, int], target: Target, mode: str) -> float:
    across, down = target.width / size[0], target.height / size[1]
    cropped = mode == "crop" or (mode == "auto" and min(across, down) / max(across, down) >= LEAST_KEPT)
    return max(across, down) if cropped else min(across, down)


def run(params: ResizeParams, work: Workspace) -> Sequence[Made]:
    """Make, open again and check every rendition. Raises Refused where a byte limit cannot be met."""
    # The pixel libraries take longer to import than a plan takes to make.
    from pressroom.media.files.guards import check_file
    from pressroom.media.renditions.images import Look, render_stills
    from pressroom.media.renditions.loops import render_loop
    from pressroom.media.renditions.videos import Cut, render_sequences

    master = work.inputs[params.image]
    kind = check_file(master, work.limits).kind
    targets, problems = _targets(params, kind, work.placements)
    if problems:
        raise Permanent("; ".join(problems))
    targets = [target.leaving(work.bytes_left) for target in targets]
    ground = work.brand.colors.get("background", _FALLBACK_GROUND)
    focal = params.focal_point.point if params.focal_point else None
    look = Look(
        params.mode,
        focal,
        ground if params.background == "brand" else params.background,
        ground,
        subject_boxes(params.subject) or work.subjects.get(params.image, ()),
        work.words.get(params.image, ()),
        params.quality,
    )
    if kind is Kind.IMAGE:
        return render_stills(master, targets, look, work.folder, work.limits)
    cut = Cut(params.start, params.duration, params.loudness)
    loops = [render_loop(master, target, look, cut, work) for target in targets if target.formats[0] in LOOPS]
    films = [target for target in targets if target.formats[0] not in LOOPS]
    made = render_sequences(master, films, look, cut, work) if films else []
    return [*made, *loops, *(_poster(item, work) for item in made if params.poster)]


def _poster(film: Made, work: Workspace) -> Made:
    from pressroom.media.files.recording import read_recording
    from pressroom.media.renditions.posters import write_poster

    path = work.folder / f"{film.path.stem}-poster.jpg"
    seconds = read_recording(film.path, work.limits, "mov").duration_seconds or 0.0
    second = write_poster(film.path, seconds, path, work)
    return Made(path, mime_of("jpeg"), f"{film.label}-poster".lstrip("-"), details={"second": second})


def _poster_label(target: Target) -> str:
    return f"{target.label}-poster".lstrip("-")


def _targets(params: ResizeParams, kind: Kind, placements: Mapping[str, Placement]) -> tuple[list[Target], list[str]]:
    targets: dict[str, Target] = {}
    problems: list[str] = []
    for name in params.placements:
        found, problem = _named(name, kind, placements)
        targets |= {placement.name: target_for(placement, params.max_bytes) for placement in found}
        if problem:
            problems.append(problem)
    if params.width is not None and params.height is not None:
        usual = ("mp4",) if kind is Kind.VIDEO else ("jpeg", "png")
        formats = (params.format,) if params.format else usual
        label = f"{params.width}x{params.height}" if params.placements else ""
        targets[label] = Target(label, params.width, params.height, formats, params.max_bytes)
        if kind is Kind.VIDEO and (params.width % 2 or params.height % 2):
            problems.append(f"a video needs even sides, got {params.width} x {params.height}")
        if kind is Kind.VIDEO and params.format and params.format not in LOOPS:
            problems.append(f"a video is written as mp4, gif or webp, not as {params.format}")
    if params.poster and kind is not Kind.VIDEO:
        problems.append("poster is for videos: leave it out, the master is a picture")
    if params.quality is not None and kind is Kind.VIDEO:
        problems.append("quality is for pictures: leave it out, a video's rate follows from its byte limit")
    return list(targets.values()), problems


def _named(name: str, kind: Kind, placements: Mapping[str, Placement]) -> tuple[list[Placement], str]:
    if _PATTERN_SIGNS.search(name):
        found = [row for row in placements.values() if fnmatchcase(row.name, name) and row.kind is kind]
        return found, "" if found else f"no {kind} placement matches {name!r}"
    row = placements.get(name)
    if row is None:
        near = nearest(name, placements)
        return [], f"there is no placement {name!r}" + (f", did you mean {near!r}?" if near else "")
    if row.kind is not kind:
        article = {Kind.IMAGE: "an image", Kind.VIDEO: "a video"}
        hint = "; make a clip with image_to_video first" if row.kind is Kind.VIDEO else ""
        return [], f"{name} takes {article.get(row.kind, row.kind)}, the master is {article.get(kind, kind)}{hint}"
    return [row], ""


def _output(target: Target, params: ResizeParams, master: MediaInfo) -> tuple[MediaInfo, list[str]]:
    if target.formats[0] in LOOPS and master.kind is Kind.VIDEO:
        return _loop(target, params, master)
    if master.kind is not Kind.VIDEO:
        mime = mime_of(target.formats[0]) if len(target.formats) == 1 else ""
        return MediaInfo(Kind.IMAGE, mime, target.width, target.height), []
    if master.duration_seconds is None:
        return MediaInfo(Kind.VIDEO, mime_of("mp4"), target.width, target.height), []
    left = master.duration_seconds - params.start
    if left <= 0:
        problem = f"start is {params.start:g} s, the video lasts {master.duration_seconds:g} s"
        return MediaInfo(Kind.VIDEO, mime_of("mp4"), target.width, target.height), [problem]
    row = target.placement
    seconds = min(filter(None, (left, params.duration, row.duration_limit_seconds if row else None)))
    problems = []
    if row and row.min_duration_seconds and seconds < row.min_duration_seconds:
        problems.append(f"{row.name} needs at least {row.min_duration_seconds:g} s, the video has {seconds:g} s")
    return MediaInfo(Kind.VIDEO, mime_of("mp4"), target.width, target.height, seconds), problems


def _loop(target: Target, params: ResizeParams, master: MediaInfo) -> tuple[MediaInfo, list[str]]:
    mime = mime_of(target.formats[0])
    seconds = None
    if master.duration_seconds is not None:
        seconds = min(filter(None, (master.duration_seconds - params.start, params.duration)))
    info = MediaInfo(Kind.IMAGE, mime, target.width, target.height, seconds)
    if seconds is not None and seconds > LONGEST_LOOP_SECONDS:
        return info, [
            f"{seconds:g} s are too long for a {target.formats[0]}: give duration, {LONGEST_LOOP_SECONDS} at most"
        ]
    return info, []


OPERATION = Operation(
    name="resize",
    version=14,
    family="export",
    params=ResizeParams,
    makes=Kind.IMAGE,
    summary="One master to any list of placements: cropped or fitted, in the right format, under the byte limit.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    enlarges=enlarges,
)
