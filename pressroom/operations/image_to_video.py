"""image_to_video: camera moves over one picture, or over several joined by cross-fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import (
    AudioSlot,
    Brand,
    Expectation,
    Foreseen,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    Seed,
    Workspace,
)
from pressroom.media.files.captions import MOST_CAPTIONS, written
from pressroom.media.renditions.rendition import Target, verify
from pressroom.operations.params.clip_shape import (
    ClipRatio,
    ClipShape,
    GenerateAudio,
    Resolution,
    check_ratio,
    fill_kbps,
)
from pressroom.operations.params.clip_words import (
    ROLES,
    CaptionParams,
    TitleParams,
    captions_of,
    fitting_problems,
    timing_problems,
)
from pressroom.operations.params.focus import FocalPoint, Subject, subject_boxes
from pressroom.operations.params.letters import letters_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.encoding.soundtrack import Sound
    from pressroom.media.motion.camera import Shot
    from pressroom.media.motion.frame_source import Reel, Showing, Take

_MIME = mime_of("mp4")
_FADE_SECONDS, _FADE_SHARE = 0.8, 0.4  # length of a cross-fade, and at most this share of one picture's time
_LEAST_SECONDS_EACH = 0.5
_FADE_SHARE_OF_SOUND = 0.25
_CAPTIONS = "captions"
_TEMPLATES = Path(__file__).parent / "templates"
_FALLBACK_GROUND = "#ffffff"
_LETTERS, _LETTERS_BURNED = letters_of("titles"), letters_of("titles", "captions")


Motion = Literal["zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "diagonal", "parallax", "hold"]


class ImageToVideoParams(Params):
    """The pictures, the move, and the shape of the clip."""

    image: ImageSlot | Annotated[list[ImageSlot], Field(min_length=1, max_length=20)] = Field(
        description="One picture, or up to 20 that follow each other with cross-fades."
    )
    motion: Motion | Annotated[list[Motion], Field(min_length=1, max_length=20)] = Field(
        "zoom_in",
        description="The camera's move, or one for each picture. Pans name the direction in which the camera travels; "
        "parallax swings around the subject, and is a zoom_in where none stands out.",
    )
    intensity: Literal["subtle", "medium", "dynamic"] = Field("medium", description="How far the camera goes.")
    duration: float = Field(5, ge=1, le=60, description="Length of the whole clip in seconds.")
    resolution: Resolution = Field("1080p", description="Length of the shorter side.")
    ratio: ClipRatio = "16:9"
    placement: str | None = Field(
        None,
        description="A video placement, e.g. instagram.reel: sets the size and checks the clip against its limits.",
    )
    fps: Literal[24, 25, 30] | None = Field(
        None, description="Frames per second; default 30, or what the placement takes."
    )
    titles: list[TitleParams] = Field(
        default_factory=list, max_length=12, description="Words that come and go, faded in and out in the safe zone."
    )
    captions: Annotated[list[CaptionParams], Field(max_length=MOST_CAPTIONS)] | str | None = Field(
        None, description="What is said: a list of start, end and text, or the text of an SRT or WebVTT file."
    )
    burn: bool = Field(True, description="Draw the captions into the picture.")
    sidecar: Literal["srt", "vtt"] | None = Field(
        None, description="Deliver the captions as a file as well; without `burn` the default is srt."
    )
    audio: AudioSlot | None = Field(None, description="Sound, cut to the clip and brought to -14 LUFS.")
    audio_start: float = Field(0, ge=0, le=36_000, description="Second of the sound at which the clip begins.")
    audio_fade_in: float = Field(0, ge=0, le=10, description="Seconds in which the sound comes up.")
    audio_fade_out: float = Field(
        1, ge=0, le=10, description="Seconds in which it goes; each fade takes a quarter of the clip at most."
    )
    focal_point: FocalPoint | None = Field(None, description="What the camera goes to; default: estimated.")
    subject: Subject | None = Field(
        None,
        description="What must stay whole in every picture: one box, or a list; default: faces, or what stands out.",
    )
    mode: Literal["crop", "fit", "auto"] = Field(
        "auto",
        description="Pictures of another shape: crop them, show them whole on `background`, or decide by content.",
    )
    background: HexColor | Literal["blur", "brand"] = Field(
        "blur", description="What fills the rest: a colour, a blurred copy, or the brand's background colour."
    )
    max_bytes: int | None = Field(None, ge=10_000, description="Byte limit; the placement's own limit counts as well.")
    prompt: str = Field("", max_length=5_000, description="What happens in the clip; for models that make video.")
    negative_prompt: str = Field("", max_length=1_000, description="What must not happen; for such models.")
    end_image: ImageSlot | None = Field(None, description="The picture that the clip ends on; for such models.")
    generate_audio: GenerateAudio = False
    seed: Seed = 0

    def motion_of(self, number: int) -> Motion:
        return self.motion[number] if isinstance(self.motion, list) else self.motion

    @property
    def images(self) -> list[str]:
        return [self.image] if isinstance(self.image, str) else list(self.image)

    @property
    def shape(self) -> ClipShape:
        return ClipShape(self.duration, self.resolution, self.ratio, self.placement, self.fps, self.max_bytes)

    @property
    def sidecar_format(self) -> Literal["srt", "vtt"] | None:
        return self.sidecar or ("srt" if self.captions is not None and not self.burn else None)

    @model_validator(mode="after")
    def _can_be_made(self) -> ImageToVideoParams:
        check_ratio(self.ratio)
        if self.duration / len(self.images) < _LEAST_SECONDS_EACH:
            raise ValueError(
                f"{len(self.images)} pictures in {self.duration:g} s: each needs {_LEAST_SECONDS_EACH:g} s or more"
            )
        if isinstance(self.motion, list) and len(self.motion) != len(self.images):
            raise ValueError(f"{len(self.motion)} motions for {len(self.images)} pictures: give one for each, or one")
        if self.generate_audio and self.audio is not None:
            raise ValueError("audio is a sound of yours, generate_audio one of the model's: give one of them")
        if self.sidecar and self.captions is None:
            raise ValueError("a sidecar needs captions")
        captions_of(self.captions)
        return self


def expect(
    params: ImageToVideoParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One clip; a placement that does not exist, is no video, or does not take this length or rate is a problem."""
    shape = params.shape
    problems = shape.problems(placements)
    target = shape.target({} if problems else placements)
    info = MediaInfo(Kind.VIDEO, _MIME, target.width, target.height, shape.count(target) / shape.rate(target))
    units = {
        "call": 1.0,
        "image": float(len(params.images)),
        "second": params.duration,
        "megapixel": info.megapixels,
    }
    captions, length = captions_of(params.captions), info.duration_seconds or params.duration
    problems += _sound_problems(params, inputs)
    problems += timing_problems(params.titles, captions, length)
    burned = captions if params.burn else []
    problems += fitting_problems(params.titles, burned, target.size, target.placement)
    outputs = [("", info)]
    if params.sidecar_format:
        outputs.append((_CAPTIONS, MediaInfo(Kind.TEXT, mime_of(params.sidecar_format))))
    return Expectation(tuple(outputs), units, tuple(problems), params.placement or "")


def run(params: ImageToVideoParams, work: Workspace) -> Sequence[Made]:
    """Write the clip, open it again and check it. Raises Permanent when ffmpeg fails."""
    # The pixel libraries take longer to import than a plan takes to make.
    from pressroom.media.encoding.frame_encoder import Film, write_film
    from pressroom.media.files.probe import probe
    from pressroom.media.motion.frame_source import Reel

    shape = params.shape
    problems = shape.problems(work.placements)
    if problems:
        raise Permanent("; ".join(problems))
    target = shape.target(work.placements).leaving(work.bytes_left)
    fps, count = shape.rate(target), shape.count(target)
    records: dict[int, dict[str, object]] = {}
    takes = [_take(params, number, target, work, records) for number in range(len(params.images))]
    reel = Reel(takes, target.size, count, _fade_frames(count, len(takes), fps))
    reel = replace(reel, showings=_showings(params, reel, fps, target, work))
    seconds = count / fps
    film = Film(target.size, fps, count, _sound(params, work, seconds), target.max_bytes, fill_kbps(target, seconds))
    path = work.folder / "clip.mp4"
    rate = write_film(film, reel.frames, path, work.ffmpeg, work.limits.timeout_seconds)
    found = probe(path, work.limits, work.ffmpeg)
    verify(path, found, target, _MIME)
    if found.frames != count:
        raise Permanent(f"the clip has {found.frames} frames instead of {count}", path=str(path))
    details = {"fps": fps, "frames": count, "pictures": [records[number] for number in sorted(records)], **rate}
    return [Made(path, _MIME, placement=target.placement_name, details=details), *_sidecar(params, work.folder)]


def _sidecar(params: ImageToVideoParams, folder: Path) -> list[Made]:
    kind = params.sidecar_format
    if kind is None:
        return []
    path = folder / f"captions.{kind}"
    path.write_text(written(captions_of(params.captions), kind), encoding="utf-8")
    return [Made(path, mime_of(kind), _CAPTIONS)]


def _showings(params: ImageToVideoParams, reel: Reel, fps: int, target: Target, work: Workspace) -> list[Showing]:
    """Titles and burned captions over the clip."""
    captions = captions_of(params.captions) if params.burn else []
    if not params.titles and not captions:
        return []
    from pressroom.media.lettering.stack import Words
    from pressroom.media.lettering.zone import safe_zone
    from pressroom.media.motion.words import Setting, Title, showings_of
    from pressroom.media.typography.typefaces import fonts_for

    colors, titles = dict(work.brand.colors), []
    for title in params.titles:
        card = colors.get("background", _FALLBACK_GROUND) if title.card == "brand" else title.card
        headline, text, price, badge, cta = (getattr(title, role) for role in ROLES)
        words, end = Words(headline, text, price, badge, cta), title.end(reel.count / fps)
        titles.append(Title(words, title.at, end, title.position, title.color, card))
    zone, fonts = safe_zone(target.size, target.placement), fonts_for(work.brand, work.files)
    return showings_of(titles, captions, reel, fps, Setting(zone, fonts, colors, _TEMPLATES))


def _sound(params: ImageToVideoParams, work: Workspace, seconds: float) -> Sound | None:
    from pressroom.media.encoding.soundtrack import Sound
    from pressroom.media.files.ffmpeg import input_options
    from pressroom.media.files.guards import check_file

    if params.audio is None:
        return None
    path = work.inputs[params.audio]
    longest = seconds * _FADE_SHARE_OF_SOUND
    fades = min(params.audio_fade_in, longest), min(params.audio_fade_out, longest)
    options = input_options(work.limits, check_file(path, work.limits).demuxer)
    return Sound(path, options, params.audio_start, *fades)


def _take(
    params: ImageToVideoParams, number: int, target: Target, work: Workspace, records: dict[int, dict[str, object]]
) -> Take:
    """One picture's shot, opened when its time comes; what was decided is then put into `records`."""
    from pressroom.media.motion.frame_source import Take
    from pressroom.media.motion.shots import Wish, shot_of

    motion = params.motion_of(number)

    def build() -> Shot:
        path, ground = work.inputs[params.images[number]], work.brand.colors.get("background", _FALLBACK_GROUND)
        background = ground if params.background == "brand" else params.background
        point = params.focal_point.point if params.focal_point else None
        name = params.images[number]
        boxes, words = subject_boxes(params.subject) or work.subjects.get(name, ()), work.words.get(name, ())
        wish = Wish(params.intensity, params.mode, background, ground, point, boxes, words)
        shot, records[number] = shot_of(path, motion, target.size, wish, work.limits)
        return shot

    return Take(build, motion == "hold")


def _sound_problems(params: ImageToVideoParams, inputs: Mapping[str, MediaInfo]) -> list[str]:
    known = inputs.get(params.audio) if params.audio else None
    if known is None or known.duration_seconds is None or params.audio_start < known.duration_seconds:
        return []
    return [f"audio_start is {params.audio_start:g} s, the sound lasts {known.duration_seconds:g} s"]


def foresee(
    params: ImageToVideoParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement], brand: Brand
) -> Foreseen:
    """Letters that no font has, and words that a camera move cannot follow."""
    letters = _LETTERS_BURNED if params.burn else _LETTERS
    found = letters(params, inputs, placements, brand)
    unheeded = " and ".join(name for name in ("prompt", "negative_prompt") if getattr(params, name))
    if not unheeded:
        return found
    warning = f"the camera moves of this machine do not follow a {unheeded}: models of another tier do"
    return Foreseen(found.problems, (*found.warnings, warning))


def _fade_frames(count: int, pictures: int, fps: int) -> int:
    return round(min(_FADE_SECONDS * fps, _FADE_SHARE * count / pictures)) if pictures > 1 else 0


def brand_of(params: ImageToVideoParams) -> frozenset[str]:
    """Fonts matter only where something is written."""
    writes = bool(params.titles) or (params.captions is not None and params.burn)
    return frozenset({"colors", "fonts"} if writes else {"colors"})


OPERATION = Operation(
    name="image_to_video",
    version=14,
    family="video",
    params=ImageToVideoParams,
    makes=Kind.VIDEO,
    summary="A camera move over one picture, or several joined by cross-fades, with optional sound.",
    expect=expect,
    run=run,
    foresee=foresee,
    brand=frozenset({"colors", "fonts"}),
    brand_of=brand_of,
    seeded=True,
    prompt_field="prompt",
)
