"""What a run makes says where it comes from: signed before it is checked, stored and delivered."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete

from pressroom.bootstrap import open_provenance
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.database.engine import Database
from pressroom.database.schema import fingerprint
from pressroom.domain.errors import Refused
from pressroom.domain.media import Asset
from pressroom.library.assets import get_asset
from pressroom.library.fingerprinting import catch_up
from pressroom.library.similar import without_fingerprint
from pressroom.operations import OPERATIONS
from pressroom.provenance.reading import Described, describe
from pressroom.providers.base import Sink, VendorFile, VendorJob
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import NodeResult
from tests.provenance.test_certificates import issued
from tests.support.formats import exiftool
from tests.support.media import product
from tests.support.studio import CATALOG, Studio, open_studio

DRAWN = """\
pressroom: 1
name: chain
steps:
  art: {uses: draw, model: local/pencil, with: {prompt: art}}
  dyed: {uses: tint, model: local/dye, with: {image: "{{ steps.art }}"}}
  out: {uses: press, with: {image: "{{ steps.dyed }}", placements: [wall.square, wall.banner]}}
"""

# Every operation that a picture of the user's can go through, each with the format that it or its export writes.
EVERYTHING = """\
pressroom: 1
name: everything
inputs: {photo: {type: image, default: photo.jpg}}
steps:
  art: {uses: generate_image, with: {prompt: a calm sea, width: 96, height: 64}}
  cut: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
  stage: {uses: replace_background, with: {image: "{{ steps.cut }}", color: "#204060", width: 320, height: 240}}
  big: {uses: upscale, with: {image: "{{ inputs.photo }}", scale: 2}}
  ad: {uses: overlay, with: {image: "{{ steps.stage }}", headline: Now}}
  clip: {uses: image_to_video, with: {image: "{{ steps.ad }}", duration: 1, resolution: 480p, fps: 24}}
  small: {uses: resize, with: {image: "{{ steps.clip }}", width: 96, height: 72}}
  files:
    uses: resize
    for_each: {format: [jpeg, png, webp, gif, bmp]}
    with: {image: "{{ steps.ad }}", width: 64, height: 48, format: "{{ each.format }}"}
"""


def generative(*names: str) -> Catalog:
    """The studio's catalog, in which these models are said to generate."""
    models = {name: row.model_copy(update={"generative": name in names}) for name, row in CATALOG.models.items()}
    return replace(CATALOG, models=models)


def made_by(studio: Studio, results: dict[str, NodeResult | Exception], node: str) -> list[tuple[Asset, Described]]:
    """The assets of a node, with what their stored files say."""
    result = results[node]
    assert isinstance(result, NodeResult), result
    found = []
    for name in result.asset_ids:
        with studio.context.database.read() as conn:
            asset = get_asset(conn, studio.account_id, name)
        path = studio.context.store.local_path(asset.sha256)
        assert path is not None
        found.append((asset, describe(path, asset.mime)))
    return found


class TestEveryOperation:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        """What is in files is no matter of the database."""
        return sqlite_url

    @pytest.fixture
    def real(self, tmp_path: Path, database: Database, database_url: str) -> Studio:
        home = tmp_path / "home"
        studio = open_studio(home, database, database_url, operations=OPERATIONS, catalog=load_catalog())
        exif = Image.Exif()
        exif[0x013B] = "Ann"
        product(90, 70).save(home / "photo.jpg", exif=exif)
        return studio

    def test_all_files_are_valid_and_true_of_where_they_come_from(self, real: Studio) -> None:
        results, settlement = real.go(EVERYTHING)

        assert settlement.state == "completed"
        said: dict[str, set[Any]] = {}
        for node in results:
            for asset, found in made_by(real, results, node):
                record = asset.details["provenance"]
                assert record["added_bytes"] <= 16_000
                said.setdefault(node.partition("[")[0], set()).add((found.state, found.source_type))
                assert found.source_type in (record["source_type"], None)
        assert said == {
            "art": {("valid", "algorithmicMedia")},
            "cut": {("valid", "algorithmicallyEnhanced")},
            "stage": {("valid", "composite")},
            "big": {("valid", "algorithmicallyEnhanced")},
            "ad": {("valid", "composite")},
            "clip": {("valid", "composite")},
            "small": {("valid", "composite")},
            "files": {("valid", "composite"), ("none", None)},
        }

    def test_exiftool_reads_the_photographer_from_the_last_file_of_the_chain(self, real: Studio) -> None:
        results, _ = real.go(EVERYTHING)

        asset, _ = made_by(real, results, "files[format=webp]")[0]

        tags = exiftool(real.context.store.local_path(asset.sha256) or Path())
        assert tags.get("XMP:Creator", "Ann") == "Ann"
        assert tags.get("XMP:DigitalSourceType", "composite").endswith("composite")

    def test_a_format_without_a_place_is_on_record(self, real: Studio) -> None:
        results, _ = real.go(EVERYTHING)

        asset, _ = made_by(real, results, "files[format=bmp]")[0]

        assert asset.details["provenance"]["reason"] == "image/bmp has no place for a manifest"


class TestLineage:
    def test_the_chain_of_manifests_follows_the_lineage(self, studio: Studio) -> None:
        results, _ = studio.go(DRAWN)

        asset, found = made_by(studio, results, "out")[0]

        assert [link.agent for link in found.chain] == ["Pressroom press", "Pressroom tint", "Pressroom draw"]
        assert found.chain[0].ingredients == asset.parents
        assert found.source_type == "algorithmicMedia"

    def test_what_a_generative_model_made_is_said_to_be_so_and_all_that_follows(
        self, tmp_path: Path, database: Database, database_url: str
    ) -> None:
        catalog = generative("local/pencil")
        studio = open_studio(tmp_path / "home", database, database_url, catalog=catalog)

        results, _ = studio.go(DRAWN)

        assert made_by(studio, results, "art")[0][1].source_type == "trainedAlgorithmicMedia"
        assert made_by(studio, results, "dyed")[0][1].source_type == "compositeWithTrainedAlgorithmicMedia"
        assert made_by(studio, results, "out")[0][1].source_type == "compositeWithTrainedAlgorithmicMedia"

    def test_models_that_do_not_say_count_as_generative_where_they_are_sold(self) -> None:
        assert CATALOG.is_generative("simulated/ink")
        assert CATALOG.is_generative("nobody/knows")
        assert not CATALOG.is_generative("local/pencil")
        assert not load_catalog().is_generative("simulated/studio")

    def test_no_prompt_gets_into_a_file(self, studio: Studio) -> None:
        text = DRAWN.replace("prompt: art", "prompt: secret launch in May")
        results, _ = studio.go(text)

        asset, _ = made_by(studio, results, "art")[0]

        path = studio.context.store.local_path(asset.sha256)
        assert path is not None
        assert b"secret" not in path.read_bytes()


class TestByteLimits:
    def test_the_finished_file_keeps_to_a_limit_and_uses_it(
        self, tmp_path: Path, database: Database, database_url: str
    ) -> None:
        studio = open_studio(tmp_path / "home", database, database_url, operations=OPERATIONS, catalog=load_catalog())
        Image.effect_noise((700, 700), 90).convert("RGB").save(studio.home / "noise.png")
        text = (
            "pressroom: 1\nname: tight\ninputs: {photo: {type: image, default: noise.png}}\nsteps:\n"
            '  out: {uses: resize, with: {image: "{{ inputs.photo }}", placements: [facebook.feed], max_bytes: 200000}}\n'
        )

        results, _ = studio.go(text)

        asset, found = made_by(studio, results, "out")[0]
        assert found.state == "valid"
        assert 190_000 <= asset.size_bytes <= 200_000


class _Large(SimulatedVendor):
    """A vendor whose files fill a placement's limit to the last byte."""

    limit = 0

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        def filled(file: VendorFile) -> None:
            data = Path(str(file.source)).read_bytes()
            data += b"\0" * (self.limit - len(data))
            sink(replace(file, source=io.BytesIO(data), placement="wall.square"))

        super().fetch(job, filled)


BOUGHT = """\
pressroom: 1
name: bought
steps:
  art: {uses: draw, model: simulated/ink, with: {prompt: art, width: 32, height: 32}}
"""


class TestPurchases:
    def test_one_that_cannot_hold_a_signature_is_filed_all_the_same_and_the_run_says_so(
        self, tmp_path: Path, database: Database, database_url: str
    ) -> None:
        square = CATALOG.placements["wall.square"].model_copy(update={"formats": ("png",)})
        catalog = replace(CATALOG, placements={**CATALOG.placements, "wall.square": square})
        studio = open_studio(tmp_path / "home", database, database_url, catalog=catalog)
        vendor = studio.open_vendor(kind=_Large)
        vendor.limit = square.max_bytes or 0
        studio = studio.with_vendor(vendor)

        results, settlement = studio.go(BOUGHT)

        asset, found = made_by(studio, results, "art")[0]
        assert (settlement.state, found.state, asset.size_bytes) == ("completed", "none", square.max_bytes)
        assert settlement.captured_micros == 1_000_000
        assert "the limit is" in asset.details["provenance"]["reason"]

    def test_nothing_is_bought_where_nothing_could_be_signed(
        self, tmp_path: Path, database: Database, database_url: str
    ) -> None:
        from cryptography.hazmat.primitives.asymmetric import ed25519

        chain, key = issued(tmp_path, ed25519.Ed25519PrivateKey.generate(), days=-1)
        settings = {"signing_certificate": str(chain), "signing_key_pem": key.decode()}
        studio = open_studio(tmp_path / "home", database, database_url, **settings)

        with pytest.raises(Refused, match=r"is valid from .* only"):
            studio.begin(studio.plan(BOUGHT))

        assert studio.vendor.purchases() == []

    def test_a_certificate_that_runs_out_meanwhile_stops_before_the_order(self, studio: Studio, tmp_path: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ed25519

        run = studio.begin(studio.plan(BOUGHT))
        chain, key = issued(tmp_path, ed25519.Ed25519PrivateKey.generate(), days=-1)
        update = {"signing_certificate": str(chain), "signing_key_pem": key.decode()}
        expired = open_provenance(type(studio.context.settings)(**{**studio.context.settings.model_dump(), **update}))

        studio = replace(studio, context=replace(studio.context, provenance=expired))
        results = studio.walk(run)

        assert isinstance(results["art"], Refused)
        assert studio.vendor.purchases() == []


class TestSwitchedOff:
    def test_files_are_as_their_operations_wrote_them(
        self, tmp_path: Path, database: Database, database_url: str
    ) -> None:
        studio = open_studio(tmp_path / "home", database, database_url, provenance="off")

        results, _ = studio.go(DRAWN)

        asset, found = made_by(studio, results, "out")[0]
        assert (found.state, found.xmp) == ("none", False)
        assert "provenance" not in asset.details
        assert not (studio.home / "signing").exists()


def test_keys_are_in_no_record(studio: Studio) -> None:
    results, _ = studio.go(DRAWN)

    text = json.dumps([asset.details for asset, _ in made_by(studio, results, "out")])

    assert "PRIVATE" not in text
    assert "PRIVATE" not in repr(studio.context.settings)


class TestLooks:
    def test_what_every_file_looks_like_is_kept_when_it_is_recorded(self, studio: Studio) -> None:
        results, _ = studio.go(DRAWN)

        with studio.context.database.read() as conn:
            assert without_fingerprint(conn, studio.account_id, 10) == []
        assert all(isinstance(result, NodeResult) for result in results.values())

    def test_older_files_are_looked_at_when_a_search_needs_them(self, studio: Studio) -> None:
        studio.go(DRAWN)
        with studio.context.database.write() as conn:
            conn.execute(delete(fingerprint))

        context = studio.context
        tools = (context.store, context.settings.limits, context.ffmpeg, context.sketches)
        assert catch_up(context.database, studio.account_id, *tools, most=1) == 1
        assert catch_up(context.database, studio.account_id, *tools, most=100) == 0

        with studio.context.database.read() as conn:
            assert without_fingerprint(conn, studio.account_id, 10) == []
