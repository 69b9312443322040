"""What packets say survives their writing, and hostile ones say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.provenance import xmp
from pressroom.provenance.reading import rights_of
from tests.support.formats import exiftool

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=40).filter(str.strip)


def packet(**rights: tuple[str, ...]) -> bytes:
    named = {name.replace("_", ":"): values for name, values in rights.items()}
    return xmp.packet(source_type="composite", tool="P", instance_id="i", origins=[], rights=named)


class TestReading:
    @given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
    def test_names_come_back_as_they_were_written(self, creators: list[str], owner: str) -> None:
        found = xmp.read(packet(dc_creator=tuple(creators), dc_rights=(owner,)))

        assert found.rights["dc:creator"] == tuple(map(str.strip, creators))
        assert found.rights["dc:rights"] == (owner.strip(),)

    def test_properties_may_be_attributes_or_elements(self) -> None:
        space = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        start = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{xmp.NAMESPACES["rdf"]}">'
        attribute = f'{start}<rdf:Description {space} photoshop:Credit="Ann"/></rdf:RDF></x:xmpmeta>'
        element = (
            f"{start}<rdf:Description {space}><photoshop:Credit>Ann</photoshop:Credit>"
            "</rdf:Description></rdf:RDF></x:xmpmeta>"
        )

        assert (
            xmp.read(attribute.encode()).rights == xmp.read(element.encode()).rights == {"photoshop:Credit": ("Ann",)}
        )

    def test_what_exiftool_wrote_is_read(self, samples: dict[str, Path], tmp_path: Path) -> None:
        if not exiftool(samples["plain.jpg"]):
            pytest.skip("exiftool is not installed")
        import subprocess

        target = tmp_path / "photo.jpg"
        target.write_bytes(samples["plain.jpg"].read_bytes())
        source = "-XMP-iptcExt:DigitalSourceType=http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
        words = [
            "-XMP-dc:Creator=Ann",
            "-XMP-dc:Rights=(c) Ann",
            "-XMP-xmpRights:WebStatement=https://a.example",
            source,
        ]
        subprocess.run(["exiftool", "-q", "-overwrite_original", *words, str(target)], check=True)

        found = xmp.read(xmp.packet_in(target))

        assert found.source_type == "digitalCapture"
        assert found.rights["dc:rights"] == ("(c) Ann",)
        assert found.rights["xmpRights:WebStatement"] == ("https://a.example",)

    @pytest.mark.parametrize(
        "data",
        [
            None,
            b"",
            b"<x:xmpmeta",
            b'<!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&a;</x:xmpmeta>',
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&unknown;</x:xmpmeta>',
            b"\xff\xfe\x00",
        ],
    )
    def test_what_cannot_be_read_says_nothing(self, data: bytes | None) -> None:
        assert xmp.read(data) == xmp.Found()

    def test_a_term_outside_the_vocabulary_is_no_term(self) -> None:
        said = packet().replace(b"/composite", b"/handPainted")

        assert xmp.read(said).source_type is None


class TestRights:
    def test_every_creator_is_named_once(self) -> None:
        joined = xmp.together([{"dc:creator": ("Ann", "Bob")}, {}, {"dc:creator": ("Bob",), "dc:rights": ("(c) Bob",)}])

        assert joined == {"dc:creator": ("Ann", "Bob"), "dc:rights": ("(c) Bob",)}

    def test_an_address_is_never_glued_to_another(self) -> None:
        pages = [{"xmpRights:WebStatement": (f"https://{name}.example",)} for name in ("a", "b")]

        assert xmp.together(pages) == {}
        assert xmp.together(pages[:1]) == pages[0]

    def test_exif_speaks_where_xmp_is_silent(self, tmp_path: Path) -> None:
        from PIL import Image

        exif = Image.Exif()
        exif[0x013B], exif[0x8298] = "Ann", "(c) 2026 Ann"
        Image.new("RGB", (4, 4)).save(tmp_path / "photo.jpg", exif=exif)

        found = rights_of(tmp_path / "photo.jpg")

        assert found == {"dc:creator": ("Ann",), "dc:rights": ("(c) 2026 Ann",)}
