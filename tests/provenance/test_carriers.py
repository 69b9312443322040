"""XMP gets into every format, where independent readers find it, and no pixel changes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.probe import probe
from pressroom.provenance import xmp
from pressroom.provenance.carriers import with_xmp
from tests.support.formats import content_of, exiftool
from tests.support.media import FFMPEG

MIMES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".tiff": "image/tiff",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".bmp": "image/bmp",
}
NAMES = [
    *("plain.jpg", "exif.jpg", "clear.png", "lossy.webp", "clear.webp", "lossless.webp", "still.gif", "moving.gif"),
    *("plain.avif", "clear.avif", "told.avif", "plain.tiff", "packed.tiff", "drawing.svg", "tone.wav"),
]


def packet(creator: str = "Ann") -> bytes:
    origin = xmp.Origin("urn:pressroom:asset:a1", "urn:sha256:b2")
    return xmp.packet(
        source_type="algorithmicMedia",
        tool="Pressroom 1",
        instance_id="xmp.iid:1",
        origins=[origin],
        rights={"dc:creator": (creator,)},
    )


@pytest.mark.parametrize("name", NAMES)
class TestEveryFormat:
    def test_it_shows_the_same_and_says_where_it_is_from(
        self, samples: dict[str, Path], tmp_path: Path, name: str
    ) -> None:
        target = tmp_path / name

        target.write_bytes(with_xmp(samples[name].read_bytes(), MIMES[target.suffix], packet()) or b"")

        assert content_of(target) == content_of(samples[name])
        assert xmp.read(xmp.packet_in(target)).source_type == "algorithmicMedia"
        if shutil.which("exiftool") and target.suffix != ".wav":  # this exiftool knows no XMP in WAV
            tags = exiftool(target)
            assert tags["XMP:DigitalSourceType"].endswith("/algorithmicMedia")
            assert tags["XMP:DerivedFromDocumentID"] == "urn:pressroom:asset:a1"
            assert not {"ExifTool:Warning", "ExifTool:Error"} & tags.keys()

    def test_other_programs_still_open_it(self, samples: dict[str, Path], tmp_path: Path, name: str) -> None:
        target = tmp_path / name
        target.write_bytes(with_xmp(samples[name].read_bytes(), MIMES[target.suffix], packet()) or b"")

        found = probe(target, MediaLimits(), FFMPEG)

        assert (found.mime, found.width) == (MIMES[target.suffix], probe(samples[name], MediaLimits(), FFMPEG).width)
        if target.suffix == ".webp":
            with Image.open(target) as picture:  # by libwebp's own demuxer
                assert picture.info["xmp"] == packet()
        # ImageMagick 6 warns of XMP in every WebP, written by webpmux or exiftool too.
        if (convert := shutil.which("convert")) and target.suffix not in (".avif", ".wav", ".svg", ".webp"):
            done = subprocess.run([convert, str(target), "null:"], capture_output=True, check=True)
            assert done.stderr == b""


class TestReplacing:
    @pytest.mark.parametrize("name", ["exif.jpg", "clear.png", "clear.webp", "moving.gif", "drawing.svg", "tone.wav"])
    def test_a_packet_that_is_there_is_replaced(self, samples: dict[str, Path], name: str) -> None:
        mime = MIMES[Path(name).suffix]
        once = with_xmp(samples[name].read_bytes(), mime, packet("Ann")) or b""

        twice = with_xmp(once, mime, packet("Bob")) or b""

        assert len(twice) == len(once)
        assert b"Bob" in twice
        assert b"Ann" not in twice

    def test_a_tiff_points_to_the_newest_packet(self, samples: dict[str, Path], tmp_path: Path) -> None:
        once = with_xmp(samples["plain.tiff"].read_bytes(), "image/tiff", packet("Ann")) or b""
        target = tmp_path / "twice.tiff"

        target.write_bytes(with_xmp(once, "image/tiff", packet("Bob")) or b"")

        assert exiftool(target).get("XMP:Creator", "Bob") == "Bob"


class TestOtherFormats:
    def test_a_clip_gets_it_and_its_frames_are_found_where_they_moved(
        self, samples: dict[str, Path], tmp_path: Path
    ) -> None:
        target = tmp_path / "clip.mp4"

        target.write_bytes(with_xmp(samples["clip.mp4"].read_bytes(), "video/mp4", packet()) or b"")

        assert content_of(target) == content_of(samples["clip.mp4"])
        assert exiftool(target).get("XMP:Creator", "Ann") == "Ann"

    def test_what_has_no_place_for_it_is_named_by_none(self, samples: dict[str, Path]) -> None:
        assert with_xmp(samples["plain.bmp"].read_bytes(), "image/bmp", packet()) is None

    @pytest.mark.parametrize("mime", sorted(set(MIMES.values()) - {"image/bmp", "image/jpeg", "image/gif"}))
    def test_what_is_not_what_it_says_is_corrupt(self, mime: str) -> None:
        with pytest.raises(Corrupt, match="not a readable"):
            with_xmp(b"GIF89a no such thing", mime, packet())

    @pytest.mark.parametrize("name", ["clear.png", "clear.webp", "plain.avif", "plain.tiff", "plain.jpg"])
    def test_a_file_that_breaks_off_anywhere_is_corrupt_or_stays_a_file(
        self, samples: dict[str, Path], name: str
    ) -> None:
        data, mime = samples[name].read_bytes(), MIMES[Path(name).suffix]

        for size in range(0, 400, 7):
            try:
                made = with_xmp(data[:size], mime, packet())
            except Corrupt:
                continue
            assert made is not None
