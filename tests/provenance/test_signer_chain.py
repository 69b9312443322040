"""A file's manifest names those of the files that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom.provenance.history import History
from pressroom.provenance.reading import describe
from pressroom.provenance.signer import MOST_BYTES, C2paSigner
from tests.provenance.histories import MIMES, ancestor, drawn, manifests_of, resized


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
