"""What a file really is, from its first bytes: a name or an extension proves nothing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from pressroom.domain.media import Kind, mime_of, type_named

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that may be opened. `demuxer` is ffmpeg's name for it, empty for images."""

    name: str
    mime: str
    kind: Kind
    demuxer: str = ""


# What may be opened, with ffmpeg's demuxer for what is not an image.
_DEMUXERS = {
    **dict.fromkeys(("jpeg", "png", "webp", "gif", "tiff", "bmp", "avif", "heic", "svg", "icc", "glb"), ""),
    "mp4": "mov",
    "mov": "mov",
    "webm": "matroska",
    "avi": "avi",
    "flv": "flv",
    "mpeg": "mpeg",
    "wmv": "asf",
    "m4a": "mov",
    "wav": "wav",
    "mp3": "mp3",
    "aac": "aac",
    "ogg": "ogg",
    "flac": "flac",
    **{name: name for name in ("mpegts", "dv", "mxf", "aiff", "caf", "w64", "amr", "au")},
}
_FORMATS = {name: Format(name, mime_of(name), type_named(name).kind, demuxer) for name, demuxer in _DEMUXERS.items()}
NAMES = tuple(_FORMATS)

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"BM", "bmp"),
    (b"\x1a\x45\xdf\xa3", "webm"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"\x1f\x07\x00", "dv"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "mxf"),
    (b"caff\x00\x01", "caf"),
    (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", "w64"),
    (b"#!AMR", "amr"),
    (b".snd", "au"),
    (b"glTF", "glb"),
)
RAW_PHOTO = "a raw photo of a camera"
_RAW_FOOTAGE = "raw footage of a camera"
# What people send as well, and nothing here opens: told by name, so that they know what to export.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"8BPS", "a Photoshop document"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"gimp xcf", "a GIMP document"),
    (b"II\xbc\x01", "a JPEG XR picture"),
    (b"Paint Shop Pro Image File", "a PaintShop Pro document"),
    (b"\x00\xffKSA", "an Affinity document"),
    (b"PDN3", "a Paint.NET document"),
    (b"CSFCHUNK", "a Clip Studio document"),
    (b"CPT7FILE", "a Corel PHOTO-PAINT document"),
    (b"CPT9FILE", "a Corel PHOTO-PAINT document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document of the old kind"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"FUJIFILMCCD-RAW", RAW_PHOTO),
    (b"IIU\x00", RAW_PHOTO),
    (b"IIRO", RAW_PHOTO),
    (b"IIRS", RAW_PHOTO),
    (b"MMOR", RAW_PHOTO),
    (b"II\x1a\x00\x00\x00HEAPCCDR", RAW_PHOTO),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\x00\x00\x02\x00", "a cursor"),
    (b"icns", "an icon"),
    (b"qoif", "a QOI picture"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"#?RGBE", "a Radiance picture"),
    (b"DDS ", "a texture (DDS)"),
    (b"\xabKTX ", "a texture (KTX)"),
    (b"BPG\xfb", "a BPG picture"),
    (b"FLIF", "a FLIF picture"),
    (b"SIMPLE  =", "a FITS picture"),
    (b"/* XPM */", "an XPM picture"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (b"\x01\x00\x00\x00\x6c\x00\x00\x00", "a Windows metafile"),
    (b"AT&TFORM", "a DjVu document"),
    (b"fig-kiwi", "a Figma document"),
    (b"fig-jam.", "a Figma document"),
    (b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d", "an InDesign document"),
    (b"FOVb", RAW_PHOTO),
    (b"\x00MRM", RAW_PHOTO),
    (b"\x01\xda\x00", "an SGI picture"),
    (b"\x01\xda\x01", "an SGI picture"),
    (b"\x59\xa6\x6a\x95", "a Sun raster picture"),
    (b"SDPX", "a DPX picture"),
    (b"XPDS", "a DPX picture"),
    (b"\x80\x2a\x5f\xd7", "a Cineon picture"),
    (b"id=ImageMagick", "a MIFF picture"),
    (b"\x8aMNG\r\n\x1a\n", "an MNG picture"),
    (b"\x8bJNG\r\n\x1a\n", "a JNG picture"),
    (b"\x1f\x8b", "a gzip archive (a compressed SVG, where its name ends in .svgz)"),
)
_BY_PATTERN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"P[1-7][\s#]|P[Ff]\s"), "a PNM picture"),
    (re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]"), "a PCX picture"),
    (re.compile(rb"(?:/\*.*?\*/\s*)?#define\s+\w+_width\s+\d", re.S), "an XBM picture"),
    (re.compile(rb"\0{512}.{10}\0\x11\x02\xff\x0c\0", re.S), "a PICT picture"),  # version 2, behind an empty header
    (re.compile(rb"FORM.{4}(?:ILBM|PBM )", re.S), "an Amiga picture (IFF)"),
)
_DICOM_AT = 128
_FOREIGN_FILMS: tuple[tuple[bytes, str], ...] = (
    (b".RMF", "a RealMedia recording"),
    (b"YUV4MPEG2 ", "a YUV4MPEG recording"),
    (b"\x00\x00\x01\xb3", "a bare MPEG video stream"),
    (b"\x00\x00\x00\x01\x67", "a bare H.264 stream"),
    (b"\x00\x00\x00\x01\x40", "a bare HEVC stream"),
    (b"\x12\x00\x0a", "a bare AV1 stream"),
    (b"nut/multimedia container\0", "a NUT recording"),
    (b"FWS", "a Flash film"),
    (b"CWS", "a Flash film"),
    (b"ZWS", "a Flash film"),
    (b"DKIF", "a bare VP8, VP9 or AV1 stream"),
    (b"RED1", _RAW_FOOTAGE),
    (b"RED2", _RAW_FOOTAGE),
    (b"#EXTM3U", "a playlist"),
)
_FOREIGN_SOUNDS: tuple[tuple[bytes, str], ...] = (
    (b"MThd", "a MIDI score"),
    (b"MAC ", "a Monkey's Audio sound"),
    (b"wvpk", "a WavPack sound"),
    (b"TTA1", "a True Audio sound"),
    (b"DSD ", "a DSD sound"),
    (b"\xff\xfc", "an MPEG layer II sound"),
    (b"\xff\xfd", "an MPEG layer II sound"),
    (b"\x0b\x77", "a Dolby Digital sound"),
    (b"\x7f\xfe\x80\x01", "a DTS sound"),
    (b"Creative Voice File", "a Creative Voice sound"),
)
_RAW_AT_8 = b"CR\x02\x00"  # Canon's raw photos are TIFF files but for this
_FOREIGN_BRANDS = {b"crx ": RAW_PHOTO, b"braw": _RAW_FOOTAGE} | dict.fromkeys(
    (b"avci", b"avcs", b"j2ki", b"j2is", b"jpeg", b"jpgs", b"vvic", b"vvis", b"unif"),
    "a HEIF picture of another kind than HEIC",
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_IFF = {b"AIFF": "aiff", b"AIFC": "aiff"}
_PACKET_BYTES, _STAMP_BYTES = 188, 4  # of a transport stream; cameras put a time before each packet
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"miaf")
_BRANDS = {b"avif": "avif", b"avis": "avif", b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"} | dict.fromkeys(
    _HEIC, "heic"
)
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE.*?>\s*)*<(?:\w+:)?svg[\s>/]", re.S
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z].*<(?:\w+:)?svg[\s>/]", re.S)


def sniff_file(path: Path) -> Format | None:
    """The format of a file, None when it is not one we open. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return sniff(file.read(HEAD_BYTES))


def sniff(head: bytes) -> Format | None:
    """The format of a file that starts with `head` (up to HEAD_BYTES bytes), None when it is not one we open."""
    if foreign_name(head):
        return None
    text = _of_utf_16(head) if head[:2] in _UTF_16 else head
    name = _binary(head) or ("svg" if _SVG.match(text) or _XML.match(text) else None)
    return _FORMATS[name] if name else None


def _of_utf_16(head: bytes) -> bytes:
    """As Illustrator and PowerShell save drawings too; the head may end within a letter."""
    return head.decode("utf-16", "ignore").encode("utf-8", "ignore")


def foreign_name(head: bytes) -> str | None:
    """What a file that starts with `head` is, where it is one of the well-known formats that are not opened."""
    if head[4:8] == b"ftyp":
        return _FOREIGN_BRANDS.get(_brand(head))
    if head[8:12] == _RAW_AT_8:
        return RAW_PHOTO
    if head[:4] == b"RIFF" and head[8:11] in (b"CDR", b"cdr"):
        return "a CorelDRAW document"
    if head[_DICOM_AT : _DICOM_AT + 4] == b"DICM":
        return "a DICOM picture"
    for pattern, name in _BY_PATTERN:
        if pattern.match(head):
            return name
    if _is_targa(head):
        return "a TGA picture"
    return next(
        (name for signature, name in (*_FOREIGN, *_FOREIGN_FILMS, *_FOREIGN_SOUNDS) if head.startswith(signature)), None
    )


def _behind_tag(head: bytes) -> int:
    """Where an ID3v2 tag ends: its size has seven bits a byte (ID3v2.4, 3.1)."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def format_named(name: str) -> Format:
    return _FORMATS[name]


def _binary(head: bytes) -> str | None:
    if head.startswith(b"ID3") and head[_behind_tag(head) :].startswith(b"fLaC"):
        return "flac"
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:2] == b"BA" and head[14:16] == b"BM":
        return "bmp"  # of OS/2: several pictures
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] in (b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM":
        return _IFF.get(head[8:12])
    if _is_transport_stream(head):
        return "mpegts"
    if head[36:40] == b"acsp":  # ICC.1:2022, 7.2.11
        return "icc"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(_brand(head), "mp4")
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free") and len(head) > 16:
        return "mov"
    return _mpeg_audio(head)


def export_as(foreign: str) -> str:
    """The formats in which to export what `foreign_name` tells."""
    if foreign in dict(_FOREIGN_FILMS).values() or foreign == _RAW_FOOTAGE:
        return "MP4 with H.264 and AAC"
    return "WAV, FLAC or M4A" if foreign in dict(_FOREIGN_SOUNDS).values() else "JPEG, PNG or TIFF"


def _is_targa(head: bytes) -> bool:
    """TGA has no signature: a map's kind, a picture's kind, a map that fits, and a size with a known depth."""
    if len(head) < 18 or head[1] > 1 or head[2] not in (1, 2, 3, 9, 10, 11) or (head[1] == 0 and any(head[3:8])):
        return False
    width, height = int.from_bytes(head[12:14], "little"), int.from_bytes(head[14:16], "little")
    depths = (15, 16, 24, 32) if head[2] in (2, 10) else (8,)
    return 0 < width <= 20_000 and 0 < height <= 20_000 and head[16] in depths and head[17] & 0xC0 == 0


def _is_transport_stream(head: bytes) -> bool:
    for packet, start in ((_PACKET_BYTES, 0), (_PACKET_BYTES + _STAMP_BYTES, _STAMP_BYTES)):
        signs = head[start::packet]
        if len(signs) >= 3 and not signs.strip(b"G"):
            return True
    return False


def _brand(head: bytes) -> bytes:
    """The major brand of an ISO file; of a still that names a general one, AVIF where it is compatible with that."""
    brand, compatible = head[8:12], head[16 : int.from_bytes(head[:4], "big")]
    is_avif = brand in (b"mif1", b"msf1") and b"avif" in (
        compatible[at : at + 4] for at in range(0, len(compatible), 4)
    )
    return b"avif" if is_avif else brand


def _mpeg_audio(head: bytes) -> str | None:
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"  # ADTS: twelve sync bits, layer 0
    return "mp3" if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02 else None
