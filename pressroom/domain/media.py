"""What a media file is: its type, its kind, what was measured of it, and the record that the library keeps."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pressroom.domain.library import AssetState, Category


class Kind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    DOCUMENT = "document"
    PROFILE = "profile"
    MODEL = "model"  # three-dimensional


PICTURED = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT, Kind.MODEL})  # what a small picture can show


@dataclass(frozen=True, slots=True)
class MediaType:
    """A file format: `name` is what campaigns, placements and operations call it, `label` what people read.

    `aliases` are other names of it, `other_mimes` other MIME types that are sent for it. `reading` is raised when files of
    the type are shown otherwise than before: it is part of the content key of what is computed here from one.
    """

    name: str
    mime: str
    kind: Kind
    suffix: str
    label: str
    aliases: tuple[str, ...] = ()
    other_mimes: tuple[str, ...] = ()
    reading: int = 1


# The one table: whoever needs a MIME type, a suffix or a name asks it.
MEDIA_TYPES = (
    MediaType("jpeg", "image/jpeg", Kind.IMAGE, ".jpg", "JPEG", ("jpg",)),
    MediaType("png", "image/png", Kind.IMAGE, ".png", "PNG"),
    MediaType("webp", "image/webp", Kind.IMAGE, ".webp", "WebP"),
    MediaType("gif", "image/gif", Kind.IMAGE, ".gif", "GIF", reading=2),
    MediaType("tiff", "image/tiff", Kind.IMAGE, ".tif", "TIFF", ("tif",), reading=3),
    MediaType("bmp", "image/bmp", Kind.IMAGE, ".bmp", "BMP", reading=3),
    MediaType("avif", "image/avif", Kind.IMAGE, ".avif", "AVIF"),
    MediaType("heic", "image/heic", Kind.IMAGE, ".heic", "HEIC", ("heif", "hif"), ("image/heif",)),
    MediaType("svg", "image/svg+xml", Kind.IMAGE, ".svg", "SVG", reading=4),
    MediaType("mp4", "video/mp4", Kind.VIDEO, ".mp4", "MP4", ("m4v",)),
    MediaType("mov", "video/quicktime", Kind.VIDEO, ".mov", "MOV", ("quicktime",)),
    MediaType("3gp", "video/3gpp", Kind.VIDEO, ".3gp", "3GP"),
    MediaType("webm", "video/webm", Kind.VIDEO, ".webm", "WebM"),
    MediaType("avi", "video/x-msvideo", Kind.VIDEO, ".avi", "AVI"),
    MediaType("flv", "video/x-flv", Kind.VIDEO, ".flv", "FLV"),
    MediaType("mpeg", "video/mpeg", Kind.VIDEO, ".mpg", "MPEG", ("mpg",)),
    MediaType("wmv", "video/x-ms-wmv", Kind.VIDEO, ".wmv", "WMV"),
    MediaType("ogv", "video/ogg", Kind.VIDEO, ".ogv", "Ogg video"),
    MediaType("mpegts", "video/mp2t", Kind.VIDEO, ".ts", "MPEG-TS", ("ts", "mts", "m2ts")),
    MediaType("dv", "video/dv", Kind.VIDEO, ".dv", "DV"),
    MediaType("mxf", "application/mxf", Kind.VIDEO, ".mxf", "MXF"),
    MediaType("m4a", "audio/mp4", Kind.AUDIO, ".m4a", "M4A"),
    MediaType("wav", "audio/wav", Kind.AUDIO, ".wav", "WAV", other_mimes=("audio/x-wav",)),
    MediaType("mp3", "audio/mpeg", Kind.AUDIO, ".mp3", "MP3"),
    MediaType("aac", "audio/aac", Kind.AUDIO, ".aac", "AAC"),
    MediaType("ogg", "audio/ogg", Kind.AUDIO, ".ogg", "Ogg"),
    MediaType("flac", "audio/flac", Kind.AUDIO, ".flac", "FLAC"),
    MediaType("aiff", "audio/aiff", Kind.AUDIO, ".aiff", "AIFF", ("aif", "aifc"), ("audio/x-aiff",)),
    MediaType("caf", "audio/x-caf", Kind.AUDIO, ".caf", "CAF"),
    MediaType("w64", "audio/x-w64", Kind.AUDIO, ".w64", "Wave64"),
    MediaType("amr", "audio/amr", Kind.AUDIO, ".amr", "AMR"),
    MediaType("au", "audio/basic", Kind.AUDIO, ".au", "AU", ("snd",)),
    MediaType("weba", "audio/webm", Kind.AUDIO, ".weba", "WebM audio"),
    MediaType("wma", "audio/x-ms-wma", Kind.AUDIO, ".wma", "WMA"),
    MediaType("pdf", "application/pdf", Kind.DOCUMENT, ".pdf", "PDF"),
    MediaType("icc", "application/vnd.iccprofile", Kind.PROFILE, ".icc", "ICC profile"),
    MediaType("glb", "model/gltf-binary", Kind.MODEL, ".glb", "GLB"),
    MediaType("txt", "text/plain", Kind.TEXT, ".txt", "Text", ("text",)),
    MediaType("json", "application/json", Kind.TEXT, ".json", "JSON"),
    MediaType("srt", "application/x-subrip", Kind.TEXT, ".srt", "SRT"),
    MediaType("vtt", "text/vtt", Kind.TEXT, ".vtt", "WebVTT"),
)
_BY_NAME = {name: row for row in MEDIA_TYPES for name in (row.name, *row.aliases)}
_BY_MIME = {mime: row for row in MEDIA_TYPES for mime in (row.mime, *row.other_mimes)}
# What is brought beside media: fonts of every format count as one type, feeds go by their suffix.
FONT_MIME = "font/ttf"
_FEEDS_OF_JSON = dict.fromkeys((".json", ".jsonl"), _BY_NAME["json"].mime)
FEED_MIMES = {".csv": "text/csv", ".tsv": "text/tab-separated-values", **_FEEDS_OF_JSON}
SAMPLES_MIMES = (
    "audio/L16",
    "audio/pcm",
)  # of bare samples, which are no file: 16 bits, one channel, the low byte first
UNKNOWN_MIME = "application/octet-stream"  # of bytes that nobody has looked at
PART_MIME = "application/offset+octet-stream"  # of a part of a file (tus 1.0)


DOUBT = "warning"  # the detail in which an operation says what it is not sure of


def doubt_of(details: Mapping[str, Any]) -> str:
    """What the maker of a file was in doubt of; empty where it was sure."""
    return str(details.get(DOUBT) or "")


CHOICE = "choice"  # the detail in which an operation says which of several takes it kept, and why
_LETTERED = ("boxes", "texts")  # the details in which operations record what they have set, each with its `box`
MOVED_WORDS = (
    "words"  # the detail in which operations record where words of their input lie in what they made, as Edges
)
SUBJECT = "subject_box"  # the detail in which operations record where they have placed the subject, as Edges
Edges = tuple[float, float, float, float]  # left, top, right, bottom in shares of a picture


def words_of(details: Mapping[str, Any], width: int, height: int) -> tuple[Edges, ...]:
    """Where words and logos stand in a picture of this size, by the record of the operation that has set or moved them."""
    rows = [row for name in _LETTERED for row in details.get(name) or ()]
    found = [
        (float(left), float(top), float(right), float(bottom))
        for left, top, right, bottom in details.get(MOVED_WORDS) or ()
    ]
    for x, y, across, down in (row["box"] for row in rows):
        edges = x / width, y / height, (x + across) / width, (y + down) / height
        left, top, right, bottom = (round(min(1.0, max(0.0, edge)), 4) for edge in edges)
        found.append((left, top, right, bottom))
    return tuple(found)


def subjects_of(details: Mapping[str, Any]) -> tuple[Edges, ...]:
    """Where the subject of a picture stands, by the record of the operation that has placed it."""
    box = details.get(SUBJECT)
    return (tuple(map(float, box)),) if box else ()  # type: ignore[return-value]


def type_named(name: str) -> MediaType:
    """The type with this name or alias, in any case. Raises KeyError when there is none."""
    return _BY_NAME[name.lower()]


def type_of_mime(mime: str) -> MediaType | None:
    """None for a MIME type that is not in the table."""
    return _BY_MIME.get(mime)


def mime_of(name: str) -> str:
    """The MIME type of a format by its name. Raises KeyError when there is none."""
    return type_named(name).mime


def suffix_of(name: str) -> str:
    """The suffix of a format's files, with its dot. Raises KeyError when there is none."""
    return type_named(name).suffix


def suffix_for(mime: str) -> str:
    """The suffix of a MIME type's files, with its dot; one made of its name for a type that is not in the table."""
    row = type_of_mime(mime)
    own = mime.partition("/")[2].removeprefix("x-")
    return row.suffix if row else f".{own}" if own else ""


def data_uri(data: bytes, mime: str) -> str:
    """The bytes as an address that holds them."""
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def label_of(mime: str) -> str:
    """`image/jpeg` -> `JPEG`; a type that is not in the table is called by its own name."""
    row = type_of_mime(mime)
    return row.label if row else (mime.partition("/")[2] or mime).upper()


# Keys of Asset.details under which it is kept what was measured of a video or a model.
FPS, VIDEO_CODEC, TRIANGLES = "fps", "video_codec", "triangles"
ALPHA = "alpha"  # the same where pixels may be transparent


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known of a media file before (expected) or after (measured) it exists.

    Width and height are pixels as shown, i.e. after EXIF orientation. `duration_seconds` is None for stills,
    `size_bytes` and `sha256` are None for a file that is only expected. `has_alpha` says that pixels may be transparent.
    `most_seconds` is the longest that an expected file can turn out, where its length is not known before.
    `fps` and `video_codec` (by ffmpeg's name) are known of videos that were measured, `triangles` of models. `notes` say what
    of a file cannot be shown.
    """

    kind: Kind
    mime: str = ""
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    has_alpha: bool = False
    frames: int = 1
    fps: float | None = None
    video_codec: str = ""
    notes: tuple[str, ...] = ()
    most_seconds: float | None = None
    triangles: int | None = None

    @property
    def longest_seconds(self) -> float | None:
        """How long it lasts, or can last at most."""
        return self.most_seconds if self.duration_seconds is None else self.duration_seconds

    @property
    def kbps(self) -> float | None:
        """The rate of the whole file in kilobits a second; None where size or duration are not known."""
        if self.size_bytes is None or not self.duration_seconds:
            return None
        return self.size_bytes * 8 / 1000 / self.duration_seconds

    @property
    def details(self) -> dict[str, Any]:
        """What is kept with an asset of what was measured, beside what its row has columns for."""
        found = {FPS: self.fps, VIDEO_CODEC: self.video_codec, TRIANGLES: self.triangles, ALPHA: self.has_alpha}
        return {name: value for name, value in found.items() if value}

    @property
    def megapixels(self) -> float:
        return (self.width or 0) * (self.height or 0) / 1_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """One file that an operation wrote into its workspace.

    `label` tells several files of one node apart (a placement name, `svg`); `placement` is set where the file was made for
    one. `details` are decisions worth keeping with the asset: JSON values only.
    """

    path: Path
    mime: str
    label: str = ""
    placement: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


PROVENANCE = "provenance"  # the key of Asset.details under which the record of a file's provenance is kept


@dataclass(frozen=True, slots=True)
class Asset:
    """An immutable media file in the store, named by the SHA-256 of its bytes, with its record."""

    id: str
    sha256: str
    kind: Kind
    mime: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    label: str = ""
    placement: str | None = None
    prompt: str = ""
    provider: str = ""
    model: str = ""
    operation: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    cost_credits_micros: int = 0
    cost_usd_micros: int = 0
    generation_seconds: float = 0.0
    node_key: str = ""
    ordinal: int = 0
    run_id: str = ""
    campaign: str = ""
    step: str = ""
    variant: str = ""
    source_module: str = "campaign"
    tags: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    alt_text: str = ""
    parents: tuple[str, ...] = ()
    created_at: datetime | None = None
    name: str = ""
    filename: str = ""
    folder: str = ""
    project: str = ""
    category: Category = Category.OTHER
    seo_keywords: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    is_public: bool = False
    agent_visible: bool = False
    state: AssetState = AssetState.READY
    trashed_at: datetime | None = None
    created_by: str = ""

    def as_dict(self, account: str) -> dict[str, Any]:
        """Everything recorded of it, as JSON has it; `account` is its owner."""
        times = {name: at and at.isoformat() for name in ("created_at", "trashed_at") for at in [getattr(self, name)]}
        # Not `asdict`, which copies what is in it: half of what a page of assets takes.
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"account": account} | times
