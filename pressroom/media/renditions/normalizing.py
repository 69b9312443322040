"""A source's pictures as every rendition wants them: whole frames, standard range, BT.709 colours, square pixels."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import input_arguments, read_ffmpeg
from pressroom.media.files.recording import Pictures
from pressroom.media.renditions.pulldown import CYCLE, film_rate, may_hold_film, order_of_film

Fields = Literal["", "tff", "bff", "flagged", "film-tff", "film-bff"]

# Diffuse white of HDR (ITU-R BT.2408) is white of SDR; what shines more, up to the usual mastering peak, is rolled off by
# the Möbius curve, which leaves the darker half of the range as it is.
_WHITE_NITS, _PEAK_NITS, _KEPT = 203, 1000, 0.5
# zscale's names where they are not ffmpeg's.
_ZSCALE = {"smpte240m": "240m", "bt601": "smpte170m"}
_WIDE_MATRICES = frozenset({"bt2020nc", "bt2020c"})

# Frames looked at for the fields that a file does not tell of, and which sizes and rates interlaced pictures have.
_LOOKED_AT = 40
_LOOKED_AT_FOR_FILM = 12 * CYCLE
_ELSEWHERE = (1 / 3, 5 / 3)  # where else film is looked for, as shares of the way to the middle
_LINES = frozenset({480, 486, 576, 1080})
_FASTEST = 30.5
_ONE_SIDED = 1.2  # idet's own 1.04 takes fine patterns for fields
_ALL_COMBED = 0.9
_REPEATED = 1.5  # how much less a field must differ from the one before it than the other field does
_COMBED, _SURE = 0.3, 4  # the least share of frames that comb, and how many times more than whole ones
_FIELD = re.compile(r"^lavfi\.idet\.(single|multiple|repeated)\.current_frame=(\w+)", re.M)
_FILM = "film-"


class _Seen(NamedTuple):
    """What idet says of each frame: whether its lines are of two moments (by itself, and as those before it), and which of
    its fields was shown before.
    """

    single: list[str]
    multiple: list[str]
    repeated: list[str]

    @property
    def whole(self) -> int:
        return self.multiple.count("progressive")

    @property
    def combed(self) -> int:
        return self.multiple.count("tff") + self.multiple.count("bff")


def is_converted(pictures: Pictures) -> bool:
    """Whether `normalized` changes the colours: what it returns is then tagged BT.709."""
    return bool(pictures.hdr) or _primaries(pictures) not in ("", "bt709")


def normalized(stream: Any, pictures: Pictures, fields: Fields) -> Any:
    """An ffmpeg-python stream of whole frames of square pixels in SDR; ffmpeg itself has already turned them upright."""
    if fields.startswith(_FILM):
        # What no other field goes with (a cut within a frame) is deinterlaced.
        stream = stream.filter("fieldmatch", order=fields.removeprefix(_FILM), combmatch="full")
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced").filter("decimate", cycle=CYCLE)
    elif fields:
        parity = fields if fields != "flagged" else "auto"
        deint = "interlaced" if fields == "flagged" else "all"
        stream = stream.filter("bwdif", mode="send_frame", parity=parity, deint=deint)
    if pictures.hdr:
        stream = _tone_mapped(stream, pictures)
    elif is_converted(pictures):
        told = _told(pictures, "bt709")
        stream = stream.filter("zscale", **told, p="bt709", t="bt709", m="bt709", r="limited", d="error_diffusion")
    if not pictures.square_pixels:
        stream = stream.filter("scale", pictures.width, pictures.height).filter("setsar", 1)
    return stream


def fields_of(path: Path, pictures: Pictures, middle: float, limits: MediaLimits, program: str, demuxer: str) -> Fields:
    """Which field comes first where lines are of two moments, as the pictures show it; "" for whole frames.

    Files are wrong in both ways: whole frames flagged as fields, and fields that an editing program took for frames.
    """
    could_be = pictures.height in _LINES and pictures.fps <= _FASTEST and pictures.width > pictures.height
    if not (pictures.is_interlaced or could_be):
        return ""
    looked_at = _LOOKED_AT_FOR_FILM if may_hold_film(pictures.fps) else _LOOKED_AT
    seen = _seen_fields(path, pictures, middle, looked_at, limits, program, demuxer)
    film = order_of_film(seen.repeated) if may_hold_film(pictures.fps) else ""
    if film and not any(
        _is_video(_seen_fields(path, pictures, middle * share, looked_at, limits, program, demuxer))
        for share in _ELSEWHERE
    ):
        return cast("Fields", f"{_FILM}{film}")
    first = {name: seen.multiple.count(name) for name in ("tff", "bff")}
    if seen.combed >= max(1, _COMBED * (seen.combed + seen.whole)) and (
        pictures.is_interlaced or seen.combed > _SURE * seen.whole
    ):
        return "tff" if first["tff"] >= first["bff"] else "bff"
    return "flagged" if pictures.is_interlaced and seen.combed + seen.whole == 0 else ""


def rate_of(pictures: Pictures, fields: Fields) -> Fraction:
    """Frames a second of what `normalized` returns."""
    return film_rate(pictures.fps) if fields.startswith(_FILM) else pictures.fps


def _is_video(seen: _Seen) -> bool:
    """Whether nearly all frames have two moments, as film has in four of five: programmes are cut together of both."""
    combed = sum(field in ("tff", "bff") for field in seen.single)
    return combed > _ALL_COMBED * len(seen.single) and not order_of_film(seen.repeated)


def _seen_fields(
    path: Path, pictures: Pictures, middle: float, frames: int, limits: MediaLimits, program: str, demuxer: str
) -> _Seen:
    begin = max(0.0, middle - frames / 2 / float(pictures.fps or 25))
    found: list[tuple[str, str]] = []
    for sought in (["-ss", f"{begin:.3f}"], []):  # some files cannot be sought in
        arguments = ["-v", "error", *sought, *input_arguments(path, limits, demuxer)]
        arguments += ["-map", f"0:{pictures.index}", "-frames:v", str(frames)]
        arguments += [
            "-vf",
            f"idet=intl_thres={_ONE_SIDED}:rep_thres={_REPEATED},metadata=mode=print:file=-",
            "-f",
            "null",
            "-",
        ]
        said = read_ffmpeg(program, arguments, limits.timeout_seconds).decode(errors="replace")
        if found := _FIELD.findall(said):
            break
    return _Seen(*([value for kind, value in found if kind == name] for name in _Seen._fields))


def _tone_mapped(stream: Any, pictures: Pictures) -> Any:
    light = stream.filter("zscale", **_told(pictures, pictures.hdr), t="linear", npl=_WHITE_NITS)
    light = light.filter("format", "gbrpf32le").filter("zscale", p="bt709")
    # Colours stay as they are (`desat`): the curve alone keeps them within the range.
    light = light.filter("tonemap", "mobius", param=_KEPT, desat=0, peak=round(_PEAK_NITS / _WHITE_NITS, 3))
    return light.filter("zscale", t="bt709", m="bt709", r="limited", d="error_diffusion").filter("format", "yuv420p")


def _told(pictures: Pictures, transfer: str) -> dict[str, str]:
    """What zscale must know of its input: a file that tells half of it would stop it."""
    matrix = pictures.matrix or ("bt2020nc" if pictures.hdr else pictures.known_matrix)
    return {
        "pin": _zscale_name(_primaries(pictures) or "bt709"),
        "tin": transfer,
        "min": _zscale_name(matrix),
        "rin": "full" if pictures.is_full_range or matrix == "gbr" else "limited",
    }


def _primaries(pictures: Pictures) -> str:
    wide = bool(pictures.hdr) or pictures.matrix in _WIDE_MATRICES
    return pictures.primaries or ("bt2020" if wide else "")


def _zscale_name(name: str) -> str:
    return _ZSCALE.get(name, name)
