"""The picture of a TIFF: what its directory declares, whether the file holds that, and who unpacks it. TIFF 6.0, BigTIFF."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod
from typing import BinaryIO, Final

from pressroom.media.files.tiff_directory import Directory, DirectoryReader, Place, Tag

_CFA, _LINEAR_RAW = 32803, 34892  # TIFF/EP, DNG 1.7.1
_PLAIN, _PER_PLANE = 1, 2
_UNSIGNED, _FLOAT, _UNKNOWN = 1, 3, 4
_UNASSOCIATED, _ASSOCIATED = 2, 1  # what ExtraSamples calls transparency
_INDEXED, _INKS, _CHROMA, _CIELAB, _ICCLAB = 3, 5, 6, 8, 9
_PHOTOMETRICS: Final = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3, 9: 3}  # and how many samples each takes
_RGB, _RGB_SAMPLES = 2, 3
_GUESSED: Final = (0, 1, _RGB)
_NO_CMYK: Final = 2
_CMYK_NAMES: Final = (b"cyan", b"magenta", b"yellow", b"black")
_MOST_SAMPLES: Final = 32
_MOST_UNPACKED_BYTES: Final = 1_200_000_000  # a hundred megapixels of RGB in 32 bits
_DEPTHS: Final = frozenset({*range(1, 17), 24, 32, 64})
_WHOLE_BYTES: Final = frozenset({8, 16, 24, 32, 64})
_FLOATS_OF: Final = frozenset({16, 32, 64})
_NO_FLOAT: Final = 24
_BY_LIBVIPS: Final = {  # by photometric; libvips takes others for whole bytes
    **dict.fromkeys((0, 1, _INDEXED), frozenset({1, 2, 4, 8, 16, 32})),
    **dict.fromkeys((2, _INKS), frozenset({8, 16, 32})),
    _CHROMA: frozenset({8}),
    _CIELAB: frozenset({16}),
}
OLD_JPEG: Final = 6
_JPEG: Final = 7
# What packs bytes without knowing what they are: such a picture can be unpacked as bytes, and these be taken apart here.
_OF_BYTES: Final = frozenset({_PLAIN, 5, 8, 32946, 32773, 34925, 50000})  # LZW, ZIP twice, PackBits, LZMA, Zstandard
_KNOWN_TO_LIBVIPS: Final = frozenset({1, 2, 3, 4, 5, _JPEG, 8, 32771, 32773, 32946, 50001})
_COMPRESSIONS: Final = {
    **dict.fromkeys((2, 3, 4, 32771), "fax"),
    OLD_JPEG: "JPEG of the kind of 1992",
    _JPEG: "JPEG",
    **dict.fromkeys((9, 10, 34661), "JBIG"),
    32766: "NeXT has it",
    32809: "ThunderScan has it",
    **dict.fromkeys((32908, 32909), "Pixar has it"),
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((34676, 34677), "SGI has it"),
    34887: "LERC",
    34892: "JPEG of DNG",
    34933: "PNG",
    **dict.fromkeys((22610, 34934), "JPEG XR"),
    50001: "WebP",
    **dict.fromkeys((50002, 52546), "JPEG XL"),
}
_COLOURS: Final = {
    **dict.fromkeys((0, 1), "grey"),
    2: "RGB",
    3: "indexed",
    5: "CMYK",
    6: "YCbCr",
    8: "CIELAB",
    9: "ICC Lab",
}
_HORIZONTAL, _FLOATING = 2, 3
_PREDICTED: Final = {1: _DEPTHS, _HORIZONTAL: _WHOLE_BYTES, _FLOATING: _FLOATS_OF}


@dataclass(frozen=True, slots=True)
class Tiff:
    """The picture of a file. `alpha` is the number of the channel that is its transparency.

    `is_unpacked_here` says that libvips would misread it or not read it.
    """

    directory: Directory
    place: Place
    width: int
    height: int
    bits: int
    samples: int
    photometric: int
    alpha: int | None
    is_raw: bool
    pages: int
    is_unpacked_here: bool = False

    @property
    def colours(self) -> int:
        return _PHOTOMETRICS[self.photometric]

    @property
    def is_old_jpeg(self) -> bool:
        return self.directory.one(Tag.COMPRESSION, 1) == OLD_JPEG

    @property
    def is_of_bytes(self) -> bool:
        """Whether its parts can be unpacked without knowing what they hold."""
        return self.directory.one(Tag.COMPRESSION, 1) in _OF_BYTES

    @property
    def is_multiplied(self) -> bool:
        """Whether its colours are multiplied by their transparency."""
        extra = self.directory.tags.get(Tag.EXTRA, ())
        return self.alpha is not None and bool(extra) and extra[self.alpha - self.colours] == _ASSOCIATED

    @property
    def has_guessed_alpha(self) -> bool:
        """Whether nothing tells that the channel is transparency."""
        return self.alpha is not None and Tag.EXTRA not in self.directory.tags

    @property
    def is_lab(self) -> bool:
        return self.photometric in (_CIELAB, _ICCLAB)

    @property
    def is_rgb(self) -> bool:
        return self.photometric == _RGB

    @property
    def is_inks(self) -> bool:
        return self.photometric == _INKS

    @property
    def orientation(self) -> int | None:
        return self.directory.tags.get(Tag.ORIENTATION, (None,))[0]

    @property
    def profile(self) -> bytes | None:
        return self.directory.taken.get(Tag.ICC)

    @property
    def xmp(self) -> bytes:
        return self.directory.taken.get(Tag.XMP, b"")

    @property
    def points(self) -> tuple[float, ...] | None:
        """CIE xy of white, red, green and blue, where they are told."""
        primaries = self.directory.fractions.get(Tag.CHROMATICITIES, ())
        white = self.directory.fractions.get(Tag.WHITE_POINT) or (0.3127, 0.3290)
        return (*white[:2], *primaries) if len(primaries) == 6 and len(white) >= 2 else None


@dataclass(frozen=True, slots=True)
class Parts:
    """The strips or tiles of a picture, plane after plane; `wide` and `high` are the size of one."""

    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    wide: int
    high: int
    across: int
    down: int
    planes: int
    is_tiled: bool


def read_tiff(file: BinaryIO, size: int, most_pages: int) -> Tiff:
    """The picture, its directory checked against the file. Raises OSError for one that cannot be what it says."""
    reader = DirectoryReader(file, size)
    directory, place = reader.picture()
    photometric = _photometric(directory)
    # A camera's file that holds nothing but previews has its picture where only its maker finds it.
    is_raw = (
        Tag.DNG in reader.first.present
        or photometric in (_CFA, _LINEAR_RAW)
        or (Tag.MAKE in reader.first.present and not directory.is_whole)
    )
    found = Tiff(
        directory=directory,
        place=place,
        width=directory.one(Tag.WIDTH),
        height=directory.one(Tag.HEIGHT),
        bits=directory.one(Tag.BITS, 1),
        samples=directory.one(Tag.SAMPLES, 1),
        photometric=photometric,
        alpha=_alpha(directory),
        is_raw=is_raw,
        pages=reader.pages(most_pages),
        is_unpacked_here=not _is_libvips(directory),
    )
    if not is_raw:
        _check_kind(found)
        if not found.is_old_jpeg:  # its parts lie where the stream that it is has them
            _check_parts(found, size)
    return found


def parts_of(tiff: Tiff) -> Parts:
    directory, is_tiled = tiff.directory, _is_tiled(tiff.directory)
    wide, high = tiff.width, min(directory.one(Tag.ROWS, tiff.height), tiff.height)
    tags = directory.tags
    if is_tiled:
        wide, high = directory.one(Tag.TILE_WIDTH), directory.one(Tag.TILE_HEIGHT)
    if not (tiff.width > 0 and tiff.height > 0 and wide > 0 and high > 0):
        raise OSError("it declares a picture or parts of no size")
    return Parts(
        offsets=tags.get(Tag.TILES if Tag.TILES in tags else Tag.STRIPS, ()),
        counts=tags.get(Tag.TILE_BYTES if Tag.TILE_BYTES in tags else Tag.STRIP_BYTES, ()),
        wide=wide,
        high=high,
        across=ceil(tiff.width / wide),
        down=ceil(tiff.height / high),
        planes=tiff.samples if _is_in_planes(directory) else 1,
        is_tiled=is_tiled,
    )


def _is_tiled(directory: Directory) -> bool:
    """Some say that there are tiles and name them as strips."""
    return Tag.TILES in directory.tags or {Tag.TILE_WIDTH, Tag.TILE_HEIGHT} <= directory.tags.keys()


def _is_in_planes(directory: Directory) -> bool:
    return directory.one(Tag.PLANAR, 1) == _PER_PLANE and directory.one(Tag.SAMPLES, 1) > 1


def _photometric(directory: Directory) -> int:
    return directory.one(Tag.PHOTOMETRIC, 1 if directory.one(Tag.SAMPLES, 1) < _RGB_SAMPLES else _RGB)


def _alpha(directory: Directory) -> int | None:
    """Channels of another kind may stand before the one that is transparency."""
    extra, samples = directory.tags.get(Tag.EXTRA, ()), directory.one(Tag.SAMPLES, 1)
    found = next((number for number, kind in enumerate(extra) if kind in (_ASSOCIATED, _UNASSOCIATED)), None)
    first = samples - len(extra)
    if Tag.EXTRA not in directory.tags and _photometric(directory) in _GUESSED:
        # PanoTools and others do not say what the channel is that is one too many.
        return samples - 1 if samples == 1 + _PHOTOMETRICS[_photometric(directory)] else None
    return None if found is None or first < 1 else first + found


def _is_libvips(directory: Directory) -> bool:
    """Whether libvips reads it right: of tiles that it cannot unpack, for one, it makes a black picture."""
    photometric, compression = _photometric(directory), directory.one(Tag.COMPRESSION, 1)
    if Tag.PHOTOMETRIC not in directory.tags or len(directory.tags.get(Tag.BITS, (1,))) != directory.one(
        Tag.SAMPLES, 1
    ):
        return False
    if compression not in _KNOWN_TO_LIBVIPS or directory.one(Tag.BITS, 1) not in _BY_LIBVIPS.get(photometric, ()):
        return False
    if _is_in_planes(directory) and (_is_tiled(directory) or photometric not in (_RGB, _INKS)):
        return False
    if photometric in (_INDEXED, _CIELAB) and directory.one(Tag.SAMPLES, 1) > _PHOTOMETRICS[photometric]:
        return False
    return not (photometric == _CHROMA and compression in _OF_BYTES and _is_as_fine(directory))


def _is_as_fine(directory: Directory) -> bool:
    """Whether YCbCr has as many colours as it has lightnesses; files that do not say so are known by their length."""
    if directory.tags.get(Tag.SUBSAMPLING, (2, 2)) == (1, 1):
        return True
    length = sum(directory.tags.get(Tag.STRIP_BYTES, ()))
    return directory.one(Tag.COMPRESSION, 1) == _PLAIN and length == 3 * directory.one(Tag.WIDTH) * directory.one(
        Tag.HEIGHT
    )


def _check_kind(found: Tiff) -> None:
    directory = found.directory
    bits, formats = (
        directory.tags.get(Tag.BITS, (1,))[: max(1, found.samples)],
        set(directory.tags.get(Tag.FORMAT, (_UNSIGNED,))),
    )
    if found.photometric not in _PHOTOMETRICS:
        raise OSError(f"unsupported: its colours are of a kind (photometric {found.photometric}) that is not opened")
    if len(set(bits)) > 1 or bits[0] not in _DEPTHS:
        raise OSError(f"unsupported: it holds {', '.join(map(str, sorted(set(bits))))} bits a channel")
    if formats - {_UNSIGNED, _FLOAT, _UNKNOWN}:
        # TIFF 6.0 does not say which number below zero is black, and no two programs agree.
        raise OSError(
            "unsupported: it holds signed or complex numbers, which do not say what is black and what is white"
        )
    if _FLOAT in formats and bits[0] == _NO_FLOAT:
        raise OSError(f"unsupported: it holds floating point numbers of {bits[0]} bits")
    if found.is_inks and directory.one(Tag.INK_SET, 1) == _NO_CMYK and _ink_names(directory) != _CMYK_NAMES:
        names = ", ".join(name.decode("latin-1") for name in _ink_names(directory)) or "unnamed"
        raise OSError(f"unsupported: its {found.samples} inks ({names[:80]}) are not cyan, magenta, yellow and black")
    compression, predictor = directory.one(Tag.COMPRESSION, 1), directory.one(Tag.PREDICTOR, 1)
    if compression not in _OF_BYTES | _KNOWN_TO_LIBVIPS | {OLD_JPEG}:
        way = _COMPRESSIONS.get(compression, f"method {compression} has it")
        raise OSError(f"unsupported: it is compressed as {way}")
    if found.samples < found.colours and not found.is_old_jpeg:
        raise OSError(f"it declares {found.samples} channels, its colours need {found.colours}")
    if found.samples > _MOST_SAMPLES:
        raise OSError(f"unsupported: it holds {found.samples} channels")
    if not found.is_unpacked_here or found.is_old_jpeg:
        return
    if not found.is_of_bytes:
        planes = " in tiles of single channels" if _is_in_planes(directory) and _is_tiled(directory) else ""
        kind = f"{_COLOURS[found.photometric]} of {found.bits} bits a channel{planes}"
        raise OSError(f"unsupported: it is {kind}, compressed as {_COMPRESSIONS[compression]}")
    if found.bits not in _PREDICTED.get(predictor, ()):
        raise OSError(f"unsupported: predictor {predictor} with {found.bits} bits a channel")
    is_coarse = found.photometric == _CHROMA and (found.bits != 8 or not _is_as_fine(directory))
    if is_coarse or (found.is_lab and found.bits not in (8, 16)):
        raise OSError(f"unsupported: it is {_COLOURS[found.photometric]} of {found.bits} bits a channel")


def _ink_names(directory: Directory) -> tuple[bytes, ...]:
    return tuple(name.strip().lower() for name in directory.taken.get(Tag.INK_NAMES, b"").split(b"\0") if name.strip())


def _check_parts(found: Tiff, size: int) -> None:
    parts = parts_of(found)
    offsets, counts, planes = parts.offsets, parts.counts, parts.planes
    number = prod((parts.across, parts.down, planes))
    if len(offsets) != number or (counts and len(counts) != number):
        raise OSError(f"its directory names {len(offsets)} parts of the picture, it has {number}")
    if any(offset >= size or offset + count > size for offset, count in zip(offsets, counts, strict=False)):
        raise OSError("image file is truncated: parts of the picture lie outside the file")
    taken = parts.across * parts.wide * parts.down * parts.high * found.samples * found.bits // 8
    if found.is_unpacked_here and taken > _MOST_UNPACKED_BYTES:
        raise OSError(f"unsupported: its pixels take {taken:,} bytes")
    if found.directory.one(Tag.COMPRESSION, 1) == _PLAIN and found.photometric != _CHROMA:
        row, high = ceil(parts.wide * (1 if planes > 1 else found.samples) * found.bits / 8), parts.high
        last = high if parts.is_tiled else (found.height - 1) % high + 1
        needed = row * high * number if parts.is_tiled else row * high * (number - planes) + row * last * planes
        if sum(counts) < needed and len(counts) > 0 and any(counts):
            raise OSError(f"its parts hold {sum(counts):,} bytes, the picture takes {needed:,}")
