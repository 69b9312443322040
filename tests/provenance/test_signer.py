"""Every file that can be signed is valid for an independent reader, small, fast to check, and keeps its chain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import c2pa
import numpy as np
import pytest
from PIL import Image, ImageCms

from pressroom.domain.content_hash import file_digest
from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.reading import describe
from pressroom.provenance.signer import MOST_BYTES, C2paSigner
from tests.support.formats import content_of, exiftool

MIMES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".tiff": "image/tiff",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".pdf": "application/pdf",
}
SIGNED = [
    *("plain.jpg", "exif.jpg", "clear.png", "lossy.webp", "clear.webp", "lossless.webp", "still.gif", "moving.gif"),
    *("plain.avif", "clear.avif", "told.avif", "plain.tiff", "packed.tiff", "drawing.svg", "sheet.pdf"),
    *("clip.mp4", "late.mp4", "parts.mp4", "clip.mov", "tone.wav", "tone.mp3"),
]


def drawn(**changes: object) -> History:
    values = {"operation": "generate_image", "version": 1, "maker": "local/vector", "params_digest": "0" * 64}
    return History(**(values | changes))  # type: ignore[arg-type]


def ancestor(path: Path, **more: object) -> Ancestor:
    digest = file_digest(path)
    return Ancestor(f"a{digest[:20]}", digest, path, MIMES[path.suffix], **more)  # type: ignore[arg-type]


def resized(*ancestors: Ancestor) -> History:
    return drawn(operation="resize", maker="local/renditions", ancestors=ancestors)


def manifests_of(path: Path) -> dict[str, object]:
    with c2pa.Reader(MIMES[path.suffix], path.open("rb")) as reader:
        return dict(json.loads(reader.json()))


@pytest.fixture
def copy_of(samples: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    def copied(name: str, to: str = "") -> Path:
        return Path(shutil.copy(samples[name], tmp_path / (to or name)))

    return copied


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


class TestChain:
    def test_after_many_steps_it_is_valid_and_within_sixteen_kilobytes(
        self, signer: C2paSigner, samples: dict[str, Path], copy_of: Callable[..., Path]
    ) -> None:
        names = [
            "clear.png",
            "plain.jpg",
            "lossy.webp",
            "plain.avif",
            "clip.mp4",
            "plain.jpg",
            "still.gif",
            "clear.png",
        ]
        history, lengths, kinds = drawn(generative=True), [], []

        for number, name in enumerate(names):
            path = copy_of(name, f"{number}{Path(name).suffix}")
            record = signer.draft(history).attach(path, MIMES[path.suffix])
            found = describe(path, MIMES[path.suffix])
            assert found.state == "valid"
            assert found.source_type == "trainedAlgorithmicMedia"
            assert record["added_bytes"] <= MOST_BYTES
            lengths.append(len(found.chain))
            kinds.append(record["ancestry"])
            history = resized(ancestor(path, source_type=record["source_type"]))

        assert lengths[:4] == [1, 2, 3, 4]
        assert kinds[0] == "none"
        assert set(kinds[1:]) == {"embedded", "referenced"}
        assert lengths[kinds.index("referenced")] == 1

    @pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
    def test_ancestors_are_embedded_while_all_of_it_stays_within_sixteen_kilobytes(
        self, signer: C2paSigner, copy_of: Callable[..., Path], count: int
    ) -> None:
        parts = [copy_of("plain.jpg", f"{number}.jpg") for number in range(count)]
        for number, part in enumerate(parts):
            signer.draft(drawn(params_digest=f"{number}" * 64)).attach(part, "image/jpeg")
        target = copy_of("clear.png")

        draft = signer.draft(resized(*(ancestor(part, source_type="algorithmicMedia") for part in parts)))
        record = draft.attach(target, "image/png")

        assert record["state"] == "signed"
        assert record["added_bytes"] <= draft.reserved_bytes
        assert record["added_bytes"] <= MOST_BYTES
        assert record["ancestry"] == ("embedded" if count < 4 else "referenced"), record["added_bytes"]

    def test_of_several_ancestors_each_is_named(self, signer: C2paSigner, copy_of: Callable[..., Path]) -> None:
        parts = [copy_of("plain.jpg", "one.jpg"), copy_of("clear.png", "two.png")]
        for part in parts:
            signer.draft(drawn()).attach(part, MIMES[part.suffix])
        target = copy_of("clip.mp4")

        ancestors = tuple(ancestor(part, source_type="algorithmicMedia") for part in parts)
        signer.draft(drawn(operation="image_to_video", ancestors=ancestors)).attach(target, "video/mp4")

        found = describe(target, "video/mp4")
        assert (found.state, [p for p in found.problems if "untrusted" not in p]) == ("valid", [])
        assert set(found.chain[0].ingredients) == {each.asset_id for each in ancestors}
        assert found.chain[0].actions == ("c2pa.created", "c2pa.placed", "c2pa.converted")
        assert len(found.chain) == 3
        assert found.source_type == "algorithmicMedia"

    def test_what_a_photo_brings_along_is_checked_and_kept(
        self, signer: C2paSigner, copy_of: Callable[..., Path], tmp_path: Path
    ) -> None:
        photo, target = copy_of("plain.jpg", "photo.jpg"), copy_of("clear.png")
        _sign_as_a_camera(signer, photo)

        signer.draft(resized(ancestor(photo, brought=True))).attach(target, "image/png")

        found = describe(target, "image/png")
        assert (found.state, found.source_type) == ("valid", "digitalCapture")
        assert [link.agent for link in found.chain] == ["Pressroom resize", "Camera"]

    def test_a_forged_history_is_kept_as_what_it_is(self, signer: C2paSigner, copy_of: Callable[..., Path]) -> None:
        photo, target = copy_of("plain.jpg", "photo.jpg"), copy_of("clear.png")
        _sign_as_a_camera(signer, photo)
        data = bytearray(photo.read_bytes())
        data[-60] ^= 1
        photo.write_bytes(data)

        signer.draft(resized(ancestor(photo, brought=True))).attach(target, "image/png")

        stored = manifests_of(target)
        ingredient = stored["manifests"][stored["active_manifest"]]["ingredients"][0]  # type: ignore[index]
        codes = [status["code"] for status in ingredient["validation_results"]["activeManifest"]["failure"]]
        assert "assertion.dataHash.mismatch" in codes

    @pytest.mark.parametrize("name", ["plain.jpg", "clear.png", "still.gif", "lossy.webp", "plain.tiff", "clip.mp4"])
    def test_what_a_vendor_signed_stays_in_the_chain(
        self, signer: C2paSigner, copy_of: Callable[..., Path], name: str
    ) -> None:
        delivered, photo = copy_of(name, f"delivered{Path(name).suffix}"), copy_of("clear.png", "photo.png")
        # Two hundred kilobytes of it: more than fit into one segment of a JPEG.
        _sign_as_a_camera(signer, delivered, name="Vendor", term="trainedAlgorithmicMedia", more="x" * 200_000)
        history = drawn(operation="edit", maker="vendor/x", generative=True, bought=True)

        ancestors = (ancestor(photo, brought=True),)
        signer.draft(drawn(**{**_plain(history), "ancestors": ancestors})).attach(delivered, MIMES[delivered.suffix])

        found = describe(delivered, MIMES[delivered.suffix])
        assert found.state == "valid"
        assert [link.agent for link in found.chain] == ["Pressroom edit", "Vendor"]
        assert found.source_type == "compositeWithTrainedAlgorithmicMedia"


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


def _sign_as_a_camera(
    signer: C2paSigner, path: Path, name: str = "Camera", term: str = "digitalCapture", more: str = ""
) -> None:
    """Signed by another program than ours, as far as its manifest says."""
    import io

    uri = f"http://cv.iptc.org/newscodes/digitalsourcetype/{term}"
    created = {"action": "c2pa.created", "digitalSourceType": uri}
    builder = signer.builder(
        {
            "claim_generator_info": [{"name": name, "version": "1"}],
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
                {"label": "org.example.notes", "data": {"notes": more}},
            ],
        }
    )
    out = io.BytesIO()
    with path.open("rb") as source:
        builder.sign(MIMES[path.suffix], source, out)
    path.write_bytes(out.getvalue())


def _plain(history: History) -> dict[str, object]:
    return {name: getattr(history, name) for name in History.__dataclass_fields__}
