"""Every file that can be signed is valid for an independent reader, small, fast to check, and keeps its chain."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import c2pa
import numpy as np
import pytest
from PIL import Image, ImageCms

from pressroom.provenance.certificates import Certificate
from pressroom.provenance.native import signed_store
from pressroom.provenance.reading import describe
from pressroom.provenance.signer import C2paSigner
from tests.provenance.histories import MIMES, ancestor, drawn, manifests_of, resized
from tests.support.formats import content_of, exiftool

SIGNED = [
    *("plain.jpg", "exif.jpg", "clear.png", "lossy.webp", "clear.webp", "lossless.webp", "still.gif", "moving.gif"),
    *("plain.avif", "clear.avif", "told.avif", "plain.tiff", "packed.tiff", "drawing.svg", "sheet.pdf"),
    *("clip.mp4", "late.mp4", "parts.mp4", "clip.mov", "tone.wav", "tone.mp3"),
]


@pytest.mark.parametrize("name", SIGNED)
class TestEveryFormat:
    def test_it_is_valid_shows_the_same_and_takes_what_was_reserved(
        self, signer: C2paSigner, samples: dict[str, Path], copy_of: Callable[[str], Path], name: str
    ) -> None:
        path, draft = copy_of(name), signer.draft(drawn())

        record = draft.attach(path, MIMES[path.suffix])

        assert record["state"] == "signed"
        with c2pa.Reader(MIMES[path.suffix], path.open("rb")) as reader:
            assert reader.get_validation_state() == "Valid"
        assert content_of(path) == content_of(samples[name])
        added = path.stat().st_size - samples[name].stat().st_size
        assert added == record["added_bytes"]
        if path.suffix not in (".svg", ".pdf"):  # base64 and new tables make them larger; no placement takes them
            assert added <= draft.reserved_bytes
        if path.suffix not in (".mp3", ".pdf", ".svg"):
            assert draft.reserved_bytes - 700 <= added

    def test_independent_readers_find_both_kinds_of_provenance(
        self, signer: C2paSigner, copy_of: Callable[[str], Path], name: str
    ) -> None:
        path = copy_of(name)
        signer.draft(drawn(generative=True)).attach(path, MIMES[path.suffix])

        tags = exiftool(path)

        if tags and path.suffix not in (".wav", ".mp3"):  # this exiftool knows no XMP in WAV, and we write none in MP3
            assert tags["XMP:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
        if tags and path.suffix in (".jpg", ".png"):
            assert any(tag.startswith("JUMBF:") for tag in tags)
        assert describe(path, MIMES[path.suffix]).source_type == "trainedAlgorithmicMedia"

    def test_signing_again_leaves_one_manifest_and_one_packet(
        self, signer: C2paSigner, samples: dict[str, Path], copy_of: Callable[[str], Path], name: str
    ) -> None:
        path, mime = copy_of(name), MIMES[Path(name).suffix]
        signer.draft(drawn(operation="crop")).attach(path, mime)

        signer.draft(drawn(generative=True)).attach(path, mime)

        found = describe(path, mime)
        assert (found.state, found.source_type) == ("valid", "trainedAlgorithmicMedia")
        assert len(found.chain) == 1
        assert path.read_bytes().count(b"DigitalSourceType=") == (0 if path.suffix == ".mp3" else 1)
        assert content_of(path) == content_of(samples[name])


class TestWhatElseIsInside:
    @pytest.mark.parametrize("name", ["photo.tiff", "photo.jpg", "photo.png", "photo.webp"])
    def test_resolution_and_colour_profile_survive(self, signer: C2paSigner, tmp_path: Path, name: str) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        path = tmp_path / name
        Image.linear_gradient("L").convert("RGB").save(path, dpi=(300, 300), icc_profile=profile)

        signer.draft(drawn()).attach(path, MIMES[path.suffix])

        assert describe(path, MIMES[path.suffix]).state == "valid"
        with Image.open(path) as found:
            assert found.info["icc_profile"] == profile
            assert path.suffix == ".webp" or found.info["dpi"] == pytest.approx((300, 300), abs=0.01)

    @pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.webp", "photo.tiff"])
    def test_a_cameras_data_is_found_beside_both(self, signer: C2paSigner, tmp_path: Path, name: str) -> None:
        exif, path = Image.Exif(), tmp_path / name
        exif[0x010F] = "Camera"
        Image.linear_gradient("L").convert("RGB").save(path, exif=exif)

        signer.draft(drawn()).attach(path, MIMES[path.suffix])

        with Image.open(path) as found:
            assert found.getexif()[0x010F] == "Camera"
        assert exiftool(path).get("EXIF:Make", "Camera") == "Camera"
        if path.suffix != ".png":  # exiftool 12.57 takes equal positions within two chunks of a PNG for the same place
            assert not {"ExifTool:Warning", "ExifTool:Error"} & exiftool(path).keys()

    def test_the_old_packet_of_an_avif_is_gone_with_its_secrets(
        self, signer: C2paSigner, copy_of: Callable[[str], Path]
    ) -> None:
        path = copy_of("told.avif")
        assert b"GPSLatitude" in path.read_bytes()

        signer.draft(drawn()).attach(path, "image/avif")

        assert b"GPSLatitude" not in path.read_bytes()
        with Image.open(path) as found:
            assert found.info["xmp"].count(b"DigitalSourceType=") == 1

    @pytest.mark.parametrize("size", [20, 150, 300, 700])
    def test_it_fits_wherever_in_a_file_it_stands(self, signer: C2paSigner, tmp_path: Path, size: int) -> None:
        """WebP keeps it at the end: its offset takes two to five bytes, and so may its length."""
        noise = np.random.default_rng(size).integers(0, 255, (size, size, 3), dtype=np.uint8)
        path = tmp_path / "noise.webp"
        Image.fromarray(noise).save(path, quality=90)

        assert signer.draft(drawn()).attach(path, "image/webp")["state"] == "signed"
        assert describe(path, "image/webp").state == "valid"

    @pytest.mark.parametrize("name", ["plain.jpg", "clear.png", "still.gif", "clip.mp4", "plain.tiff"])
    def test_a_manifest_of_another_size_than_the_last_one_of_its_kind_fits_too(
        self, signer: C2paSigner, copy_of: Callable[..., Path], name: str
    ) -> None:
        mime = MIMES[Path(name).suffix]
        for number, digits in enumerate((64, 64, 7, 300)):
            path = copy_of(name, f"{number}-{name}")

            record = signer.draft(drawn(params_digest="0" * digits)).attach(path, mime)

            assert record["state"] == "signed"
            assert describe(path, mime).state == "valid"

    def test_what_the_manifests_of_a_kind_take_is_measured_once(
        self, certificate: Certificate, copy_of: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signer, signed = C2paSigner(lambda: certificate), []
        monkeypatch.setattr(
            "pressroom.provenance.signer.signed_store",
            lambda builder: signed.append(store := signed_store(builder)) or store,
        )
        drafts = [signer.draft(drawn(params_digest=digit * 64)) for digit in "01"]

        reserved = [draft.reserved_bytes for draft in drafts]
        for draft in drafts:
            draft.attach(copy_of("clip.mov"), "video/quicktime")

        assert reserved[0] == reserved[1]
        assert len(signed) == 3

    def test_a_limit_counts_the_manifest_as_it_comes_out(
        self, signer: C2paSigner, copy_of: Callable[..., Path]
    ) -> None:
        """The last one of its kind was smaller."""
        signer.draft(drawn(params_digest="0")).attach(copy_of("plain.jpg", "small.jpg"), "image/jpeg")
        whole = copy_of("plain.jpg", "whole.jpg")
        size = whole.stat().st_size
        added = signer.draft(drawn(params_digest="0" * 300)).attach(whole, "image/jpeg")["added_bytes"]
        signer.draft(drawn(params_digest="0")).attach(copy_of("plain.jpg", "again.jpg"), "image/jpeg")
        fits, tight = copy_of("plain.jpg", "fits.jpg"), copy_of("plain.jpg", "tight.jpg")

        records = [
            signer.draft(drawn(params_digest="0" * 300)).attach(path, "image/jpeg", size + room)
            for path, room in ((fits, added), (tight, added - 1))
        ]

        assert [record["state"] for record in records] == ["signed", "unsigned"]
        assert (fits.stat().st_size, tight.stat().st_size) == (size + added, size)


class TestTruth:
    def test_the_manifest_names_what_was_done_by_what_and_no_parameter(
        self, signer: C2paSigner, copy_of: Callable[[str], Path]
    ) -> None:
        path = copy_of("plain.jpg")
        signer.draft(drawn(params_digest="ab" * 32)).attach(path, "image/jpeg")

        stored = manifests_of(path)

        active = stored["manifests"][stored["active_manifest"]]  # type: ignore[index]
        action = active["assertions"][0]["data"]["actions"][0]
        assert action["action"] == "c2pa.created"
        assert action["digitalSourceType"].endswith("/algorithmicMedia")
        assert action["softwareAgent"] == {"name": "Pressroom generate_image", "version": "1"}
        assert action["parameters"] == {"pressroom.model": "local/vector", "pressroom.params_sha256": "ab" * 32}
        assert "thumbnail" not in active

    @pytest.mark.parametrize(
        "name", ["plain.jpg", "clear.png", "clip.mp4", "late.mp4", "clip.mov", "moving.gif", "plain.tiff", "plain.avif"]
    )
    def test_a_file_that_was_changed_afterwards_is_no_longer_valid(
        self, signer: C2paSigner, copy_of: Callable[[str], Path], name: str
    ) -> None:
        path = copy_of(name)
        signer.draft(drawn()).attach(path, MIMES[path.suffix])
        data = bytearray(path.read_bytes())
        pixels = {".tiff": 700, ".avif": data.find(b"mdat") + 60, ".mp4": data.find(b"mdat") + 400}
        pixels[".mov"] = pixels[".mp4"]
        data[pixels.get(path.suffix, len(data) - 60)] ^= 1
        path.write_bytes(data)

        assert describe(path, MIMES[path.suffix]).state in ("invalid", "none")

    def test_the_rights_of_a_photo_travel_with_it(self, signer: C2paSigner, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif[0x013B], exif[0x8298] = "Ann Ärmel".encode(), "(c) Ann"
        Image.new("RGB", (30, 20)).save(tmp_path / "photo.jpg", exif=exif)
        Image.new("RGB", (30, 20)).save(tmp_path / "small.webp")
        Image.new("RGB", (30, 20)).save(tmp_path / "smaller.png")

        photo = ancestor(tmp_path / "photo.jpg", brought=True)
        signer.draft(resized(photo)).attach(tmp_path / "small.webp", "image/webp")
        signer.draft(resized(ancestor(tmp_path / "small.webp"))).attach(tmp_path / "smaller.png", "image/png")

        found = describe(tmp_path / "smaller.png", "image/png")
        assert found.rights == {"dc:creator": ("Ann Ärmel",), "dc:rights": ("(c) Ann",)}
        assert found.source_type == "algorithmicallyEnhanced"


class TestNothingIsLost:
    def test_a_file_that_would_pass_its_limit_stays_as_it_was(
        self, signer: C2paSigner, samples: dict[str, Path], copy_of: Callable[[str], Path]
    ) -> None:
        for name in ("plain.jpg", "clip.mp4"):
            path = copy_of(name)

            record = signer.draft(drawn()).attach(path, MIMES[path.suffix], path.stat().st_size + 1_000)

            assert record["state"] == "unsigned"
            assert "the limit is" in record["reason"]
            assert path.read_bytes() == samples[name].read_bytes()

    def test_a_file_that_is_not_what_it_says_stays_as_it_was(self, signer: C2paSigner, tmp_path: Path) -> None:
        for name, mime in (("broken.png", "image/png"), ("broken.mp4", "video/mp4"), ("broken.svg", "image/svg+xml")):
            path = tmp_path / name
            path.write_bytes(b"this is no picture" * 10)

            record = signer.draft(drawn()).attach(path, mime)

            assert record["state"] == "unsigned"
            assert "could not be signed" in record["reason"]
            assert path.read_bytes() == b"this is no picture" * 10
            assert [each.name for each in tmp_path.glob(".*")] == []

    def test_a_format_without_a_place_is_named(self, signer: C2paSigner, copy_of: Callable[[str], Path]) -> None:
        record = signer.draft(drawn()).attach(copy_of("plain.bmp"), "image/bmp")

        assert record["reason"] == "image/bmp has no place for a manifest"

    def test_threads_share_a_signer(self, signer: C2paSigner, copy_of: Callable[..., Path]) -> None:
        paths = [copy_of("plain.jpg", f"{number}.jpg") for number in range(24)]

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda path: signer.draft(drawn()).attach(path, "image/jpeg"), paths))

        assert {describe(path, "image/jpeg").state for path in paths} == {"valid"}
