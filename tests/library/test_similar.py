"""Near-duplicates are found whatever was done to them; different pictures are not taken for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from pressroom.database.engine import Database
from pressroom.domain.media import Asset, Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.library import fingerprinting
from pressroom.library.assets import add_asset
from pressroom.library.fingerprinting import catch_up
from pressroom.library.similar import Answer, fingerprints, remember, same, similar, without_fingerprint
from pressroom.library.sketches import Sketches
from pressroom.media.files.fingerprint import Fingerprint, fingerprint, variants
from pressroom.storage.local import LocalStore
from tests.support.accounts import ACME, open_accounts
from tests.support.formats import write_samples
from tests.support.media import FFMPEG, ffmpeg
from tests.support.scenes import BACKGROUNDS, FAMILIES, scene

LIMITS = MediaLimits()
SIZE = 192


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Forty different pictures: ten products before four kinds of backdrop."""
    folder = tmp_path_factory.mktemp("pictures")
    made = []
    for number, family in enumerate(list(FAMILIES)[:10]):
        for background in BACKGROUNDS:
            path = folder / f"{family}-{background}.png"
            Image.fromarray(scene(family, background, 40 + number, SIZE, SIZE).photo).save(path)
            made.append(path)
    return made


def look(path: Path) -> Fingerprint:
    found = fingerprint(path, Kind.IMAGE, LIMITS, FFMPEG)
    assert found is not None
    return found


def asset(name: str, **more: object) -> Asset:
    plain = Asset(f"a{name}", name.ljust(64, "0"), Kind.IMAGE, "image/png", 1, created_at=datetime.now(UTC))
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield open_accounts(opened)
    opened.close()


def file_all(database: Database, pictures: list[Path], **more: object) -> list[Asset]:
    filed = [asset(f"{number:03x}", **more) for number in range(len(pictures))]
    with database.write() as conn:
        for each, path in zip(filed, pictures, strict=True):
            add_asset(conn, ACME, each)
            remember(conn, ACME, each.sha256, look(path))
    return filed


def ask(database: Database, path: Path, **more: object) -> Answer:
    with database.read() as conn:
        return similar(conn, ACME, variants(path, Kind.IMAGE, LIMITS, FFMPEG), Sketches(None), **more)  # type: ignore[arg-type]


def _lettered(image: Image.Image) -> Image.Image:
    ImageDraw.Draw(image).rectangle((0, SIZE * 0.82, SIZE, SIZE), fill="#102040")
    ImageDraw.Draw(image).text((12, SIZE * 0.86), "Now 20 % off", fill="white")
    return image


def _marked(image: Image.Image) -> Image.Image:
    ImageDraw.Draw(image).text((SIZE * 0.6, SIZE * 0.88), "(c) Acme", fill="white")
    return image


CHANGES: dict[str, tuple[Callable[[Image.Image], Image.Image], float]] = {
    "smaller": (lambda image: image.resize((SIZE // 2, SIZE // 2)), 1.0),
    "stretched": (lambda image: image.resize((SIZE, SIZE * 3 // 4)), 1.0),
    "marked": (_marked, 0.97),
    "lettered": (_lettered, 0.8),
    "cropped": (lambda image: ImageOps.crop(image, round(SIZE * 0.026)), 0.97),
    "with bars": (lambda image: ImageOps.expand(image, (0, SIZE // 4), "black"), 0.97),
    "mirrored": (ImageOps.mirror, 1.0),
}


class TestFinding:
    @pytest.mark.parametrize("name", CHANGES)
    def test_a_changed_copy_is_found(self, sqlite: Database, pictures: list[Path], tmp_path: Path, name: str) -> None:
        change, least = CHANGES[name]
        filed = file_all(sqlite, pictures)

        found = 0
        for each, path in zip(filed, pictures, strict=True):
            copy = tmp_path / f"{path.stem}.jpg"
            change(Image.open(path).convert("RGB")).save(copy, quality=60)
            found += each.id in [group.asset.id for group in ask(sqlite, copy).duplicates]

        assert found >= least * len(pictures)

    def test_different_pictures_are_not_the_same(self, pictures: list[Path]) -> None:
        looks = [look(path) for path in pictures]

        pairs = [(one, other) for one in range(len(looks)) for other in range(one)]
        false = [pair for pair in pairs if same(looks[pair[0]], looks[pair[1]])]

        assert len(false) <= len(pairs) // 200, false

    def test_of_nothing_the_same_the_nearest_are_offered(
        self, sqlite: Database, pictures: list[Path], tmp_path: Path
    ) -> None:
        file_all(sqlite, pictures[1:])

        found = ask(sqlite, pictures[0])

        assert found.duplicates == ()
        assert 0 < len(found.nearest) <= 3
        assert found.compared == len(pictures) - 1

    def test_a_blank_picture_is_like_no_other(self, sqlite: Database, pictures: list[Path], tmp_path: Path) -> None:
        file_all(sqlite, pictures)
        Image.new("RGB", (64, 64), "#808080").save(tmp_path / "blank.png")

        assert ask(sqlite, tmp_path / "blank.png").duplicates == ()


class TestFamily:
    def test_renditions_of_one_node_are_one_line(self, database: Database, pictures: list[Path]) -> None:
        with database.write() as conn:
            for number in range(4):
                each = asset(f"{number:03x}", node_key="n1", ordinal=number)
                add_asset(conn, ACME, each)
                remember(conn, ACME, each.sha256, look(pictures[0]))

        found = ask(database, pictures[0])

        assert [(group.asset.id, group.more) for group in found.duplicates] == [("a000", 3)]

    def test_what_was_made_from_it_is_counted_and_left_out(self, database: Database, pictures: list[Path]) -> None:
        photo, small = asset("aaa"), asset("bbb", parents=("aaaa",))
        twin = asset("ccc")
        with database.write() as conn:
            for each in (photo, small, twin):
                add_asset(conn, ACME, each)
                remember(conn, ACME, each.sha256, look(pictures[0]))

        found = ask(database, pictures[0], of=photo)
        everything = ask(database, pictures[0], of=photo, family=True)

        assert ([group.asset.id for group in found.duplicates], found.family) == (["accc"], 1)
        assert {group.asset.id for group in everything.duplicates} == {"abbb", "accc"}


class TestKeeping:
    def test_hashes_and_vectors_come_back_exactly(self, database: Database, pictures: list[Path]) -> None:
        lowest = Fingerprint(-(2**63), look(pictures[0]).vector)
        with database.write() as conn:
            remember(conn, ACME, "d" * 64, lowest)
            remember(conn, ACME, "d" * 64, lowest)

        with database.read() as conn:
            assert fingerprints(conn, ACME, ["d" * 64, "e" * 64]) == {"d" * 64: lowest}

    def test_pictures_that_were_never_looked_at_are_named(self, database: Database, pictures: list[Path]) -> None:
        file_all(database, pictures[:2])
        with database.write() as conn:
            add_asset(conn, ACME, asset("fff"))
            add_asset(conn, ACME, asset("eee", kind=Kind.TEXT))

        with database.read() as conn:
            assert [each.id for each in without_fingerprint(conn, ACME, 10)] == ["afff"]

    def test_all_are_looked_at_and_asked_for_again_only_when_more_came(
        self, database: Database, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store, sketches = LocalStore(tmp_path / "media"), Sketches(tmp_path / "cache")
        asked = []

        def counted(*given: Any, **more: Any) -> list[Asset]:
            asked.append(more["after"])
            return without_fingerprint(*given, **more)

        monkeypatch.setattr(fingerprinting, "without_fingerprint", counted)
        for number, picture in enumerate(pictures[:2]):
            sha256 = store.put(picture)
            with database.write() as conn:
                add_asset(conn, ACME, asset(f"{number:03x}", sha256=sha256))
            for _ in range(3):
                assert catch_up(database, ACME, store, LIMITS, FFMPEG, sketches, most=5) == 0
            with database.read() as conn:
                assert list(fingerprints(conn, ACME, [sha256])) == [sha256]
            assert len(asked) == number + 1


class TestLooking:
    def test_a_video_looks_like_its_middle(self, tmp_path: Path, pictures: list[Path]) -> None:
        ffmpeg("-loop", "1", "-i", pictures[0], "-t", "1", "-r", "10", "-pix_fmt", "yuv420p", tmp_path / "clip.mp4")

        found = fingerprint(tmp_path / "clip.mp4", Kind.VIDEO, LIMITS, FFMPEG, 1.0)

        assert found is not None
        assert same(found, look(pictures[0]))

    def test_every_kind_of_picture_has_a_look(self, tmp_path: Path) -> None:
        samples = write_samples(tmp_path)
        names = [name for name in samples if not name.endswith((".mov", ".mp4", ".mp3", ".wav", ".pdf"))]

        looks = {name: fingerprint(samples[name], Kind.IMAGE, LIMITS, FFMPEG) for name in names}

        assert None not in looks.values()
        assert {len(found.vector) for found in looks.values() if found} == {1_024}

    def test_what_is_no_picture_has_none(self, tmp_path: Path) -> None:
        (tmp_path / "text.png").write_text("no picture")

        assert fingerprint(tmp_path / "text.png", Kind.IMAGE, LIMITS, FFMPEG) is None
        assert variants(tmp_path / "text.png", Kind.IMAGE, LIMITS, FFMPEG) == []

    def test_the_vector_has_length_one(self, pictures: list[Path]) -> None:
        vector = np.frombuffer(look(pictures[3]).vector, dtype=np.float32)

        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
