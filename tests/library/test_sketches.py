"""Sketches name every picture that the exact rule would find, and stay true to the table whatever becomes of their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, insert, update

from pressroom.database.engine import Database
from pressroom.database.schema import fingerprint
from pressroom.library.similar import remember
from pressroom.library.sketches import SAME_SKETCH, Sketches, file_key, sketch
from pressroom.media.files.fingerprint import DIMENSIONS, SAME_VECTOR, VERSION, Fingerprint
from tests.support.accounts import ACME, RIVAL, open_accounts

Floats = np.ndarray


def unit(vectors: Floats) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def drawn(count: int, seed: int) -> Floats:
    return unit(np.random.default_rng(seed).normal(size=(count, DIMENSIONS)))


def near(vectors: Floats, cosine: float, seed: int) -> Floats:
    """Vectors at exactly this cosine, each in a direction of its own."""
    other = drawn(len(vectors), seed)
    other = unit(other - (other * vectors).sum(axis=1, keepdims=True) * vectors)
    return unit(cosine * vectors + (1 - cosine**2) ** 0.5 * other)


def name(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def opened(database: Database) -> Database:
    return open_accounts(database)


def keep(database: Database, vectors: Floats, first: int = 0, account: int = ACME) -> None:
    with database.write() as conn:
        for number, vector in enumerate(vectors, first):
            # Hashes far from each other and from 0, so that vectors alone decide.
            remember(conn, account, name(number), Fingerprint(0x5555_5555_5555_5555 ^ number << 20, vector.tobytes()))


def asked(
    database: Database, sketches: Sketches, vector: Floats, account: int = ACME, hash_: int = 0
) -> tuple[list[str], int]:
    with database.read() as conn:
        return sketches.candidates(conn, account, np.array([hash_], np.uint64), vector[None])


def test_no_pair_of_the_exact_rule_differs_in_more_bits_than_are_allowed() -> None:
    vectors = drawn(20_000, 1)

    bits = np.bitwise_count(sketch(vectors) ^ sketch(near(vectors, SAME_VECTOR, 2))).sum(axis=1)

    assert (bits > SAME_SKETCH).mean() < 0.0005
    assert np.bitwise_count(sketch(vectors[:-1]) ^ sketch(vectors[1:])).sum(axis=1).min() > SAME_SKETCH


def test_a_picture_is_found_among_many_and_so_is_one_whose_hash_alone_is_near(opened: Database) -> None:
    vectors = drawn(300, 3)
    keep(opened, vectors)
    sketches = Sketches(None)

    found, compared = asked(opened, sketches, near(vectors[17:18], SAME_VECTOR, 4)[0])
    by_hash, _ = asked(opened, sketches, drawn(1, 5)[0], hash_=0x5555_5555_5555_5555 ^ 31 << 20 ^ 0b1011)

    assert (found[0], compared) == (name(17), 300)
    assert name(31) in by_hash


def test_an_account_is_never_told_of_another_ones_pictures(opened: Database) -> None:
    vectors = drawn(4, 6)
    keep(opened, vectors[:2])
    keep(opened, vectors[2:], first=2, account=RIVAL)
    sketches = Sketches(None)

    assert asked(opened, sketches, vectors[2])[1] == 2
    assert set(asked(opened, sketches, vectors[2])[0]) == {name(0), name(1)}
    assert asked(opened, sketches, vectors[2], RIVAL)[0][0] == name(2)


def test_what_is_remembered_later_is_found_by_this_process_and_the_next(opened: Database, tmp_path: Path) -> None:
    vectors = drawn(6, 7)
    first = Sketches(tmp_path / "cache")
    keep(opened, vectors[:3])
    assert asked(opened, first, vectors[0])[1] == 3

    keep(opened, vectors[3:], first=3)
    keep(opened, np.zeros((1, DIMENSIONS), np.float32), first=9)

    assert asked(opened, first, vectors[5])[0][0] == name(5)
    assert asked(opened, Sketches(tmp_path / "cache"), vectors[4])[0][0] == name(4)
    assert asked(opened, Sketches(tmp_path / "cache"), vectors[4])[1] == 6


@pytest.mark.parametrize("harm", ["cut", "bent", "foreign", "doubled", "a folder"])
def test_a_file_that_was_harmed_is_made_again(opened: Database, tmp_path: Path, harm: str) -> None:
    vectors = drawn(5, 8)
    keep(opened, vectors)
    asked(opened, Sketches(tmp_path / "cache"), vectors[0])
    (path,) = (tmp_path / "cache").iterdir()
    data = path.read_bytes()
    if harm == "a folder":
        path.unlink()
        path.mkdir()
    else:
        bent = data[:40] + bytes([data[40] ^ 1]) + data[41:]
        path.write_bytes({"cut": data[:-3], "bent": bent, "foreign": b"hello", "doubled": data + data}[harm])

    for _ in range(2):
        found, compared = asked(opened, Sketches(tmp_path / "cache"), vectors[3])
        assert (found[0], compared) == (name(3), 5)


def test_a_database_that_was_put_back_from_a_copy_is_read_anew(opened: Database, tmp_path: Path) -> None:
    vectors = drawn(4, 9)
    keep(opened, vectors[:3])
    sketches = Sketches(tmp_path / "cache")
    asked(opened, sketches, vectors[0])

    with opened.write() as conn:
        conn.execute(delete(fingerprint).where(fingerprint.c.sha256 == name(0)))
        conn.execute(update(fingerprint).where(fingerprint.c.sha256 == name(2)).values(sha256=name(7)))

    assert asked(opened, sketches, vectors[2]) == ([name(7), name(1)], 2)
    assert asked(opened, Sketches(tmp_path / "cache"), vectors[2]) == ([name(7), name(1)], 2)


def test_what_is_complete_is_known_to_the_next_process_and_forgotten_with_the_sketches(
    opened: Database, tmp_path: Path
) -> None:
    keep(opened, drawn(2, 10))
    first = Sketches(tmp_path)
    with opened.read() as conn:
        assert first.complete_to(conn, ACME) == 0
        first.set_complete_to(conn, ACME, 41)
        assert Sketches(tmp_path).complete_to(conn, ACME) == 41
        assert Sketches(tmp_path).complete_to(conn, RIVAL) == 0
    asked(opened, first, drawn(1, 11)[0])

    with opened.write() as conn:
        conn.execute(delete(fingerprint))
    asked(opened, first, drawn(1, 11)[0])

    with opened.read() as conn:
        assert (first.complete_to(conn, ACME), Sketches(tmp_path).complete_to(conn, ACME)) == (0, 0)


def test_the_nearest_are_chosen_among_the_files_that_matter(sqlite_url: str) -> None:
    """With more pictures than are looked for one by one."""
    vectors = drawn(20_050, 12)
    rows = [
        {
            "account_id": ACME,
            "sha256": f"{number:x}a".ljust(64, "0"),
            "version": VERSION,
            "hash": 0,
            "vector": vector.tobytes(),
        }
        for number, vector in enumerate(vectors)
    ]
    with Database.open(sqlite_url) as database:
        open_accounts(database)
        sketches = Sketches(None)
        for part in (rows[:20_020], rows[20_020:]):
            with database.write() as conn:
                conn.execute(insert(fingerprint), part)
            wanted = [rows[3]["sha256"], part[-1]["sha256"], "f" * 64]
            with database.read() as conn:
                keys = np.array([file_key(str(each)) for each in wanted], np.uint64)
                found = sketches.candidates(conn, ACME, np.array([2**63], np.uint64), vectors[3:4], among=keys)

            assert found == (wanted[:2], 2)
