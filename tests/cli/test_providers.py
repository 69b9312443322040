"""`pressroom providers`: keys are tried at the vendor over real HTTP, kept, listed with where they are from, never shown."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.operations import OPERATIONS
from pressroom.simulator.faults import Faults
from pressroom.simulator.serve import MORE_KEYS, SPOKEN, Address, serving
from pressroom.simulator.workshop import Workshop
from pressroom.simulator.world import World
from tests.support import file_keyring
from tests.support.api_server import HOST, answered, api_server
from tests.support.desks import PROGRAM, Desk, Finished, set_up

ROOT = Path(__file__).parents[2]
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
FREE_PORT_OF_NOBODY = 9
RIGHT = SPOKEN["fal"][2]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Address]:
    def world(folder: Path) -> World:
        return World(Workshop(folder, load_catalog(), OPERATIONS, MediaLimits(), ffmpeg_program("")), Faults())

    with serving(world) as (address, _):
        yield address


@pytest.fixture
def desk(tmp_path: Path, simulator: Address) -> Desk:
    """A desk whose vendors are the simulator's, without any key and without a keyring."""
    found = set_up(tmp_path)
    keys = {*MORE_KEYS, *(name for _, name, _ in SPOKEN.values())}
    urls = {name: value for name, value in simulator.environment().items() if name not in keys}
    return Desk(found.folder, found.home, {**urls, **NO_KEYRING, **dict.fromkeys(keys, "")})


def given(desk: Desk, key: str, *arguments: str, **environment: str) -> Finished:
    """`providers set` with the key on standard input."""
    done = subprocess.run(
        [PROGRAM, "providers", "set", *arguments],
        cwd=desk.folder,
        env={**os.environ, "PRESSROOM_HOME": str(desk.home), **desk.environment, **environment},
        input=f"{key}\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def standing(desk: Desk, name: str, **environment: str) -> Any:
    listed = desk.pressroom("providers", "--json", **environment).json
    return next(row for row in listed if row["provider"] == name)


def files_with(folder: Path, text: str) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()}


def test_a_key_that_the_vendor_takes_is_kept_and_used_and_removed(desk: Desk) -> None:
    assert standing(desk, "fal")["configured"] is False

    kept = given(desk, RIGHT, "fal")

    assert (kept.code, kept.out) == (0, "fal: FAL_KEY is kept in keys.json of this home\n")
    found = standing(desk, "fal")
    assert (found["configured"], found["key"]) == (True, {"names": ["FAL_KEY"], "set": "FAL_KEY", "from": "file"})
    assert desk.pressroom("providers", "test", "fal", "--json").json == [{"provider": "fal", "works": True, "said": ""}]
    assert desk.pressroom("providers", "remove", "fal").out == "fal: removed\n"
    assert standing(desk, "fal")["configured"] is False
    assert files_with(desk.folder.parent, RIGHT) == set()


def test_what_is_listed_says_what_a_vendor_sells(desk: Desk) -> None:
    found = standing(desk, "stability")

    assert (found["healthy"], found["last_error"], found["tiers"]) == (None, None, ["budget", "premium"])
    assert "upscale" in found["operations"]
    assert found["models"] >= len(found["operations"])
    assert found["usd_micros_from"] == 20_000
    assert "missing: STABILITY_API_KEY" in desk.pressroom("providers", COLUMNS="200").out


def test_tiers_are_listed_from_the_lowest(desk: Desk) -> None:
    listed = desk.pressroom("providers", "--json").json

    assert {tuple(row["tiers"]) for row in listed} <= {("budget",), ("premium",), ("budget", "premium")}


def test_a_key_among_the_arguments_is_refused_and_not_repeated(desk: Desk) -> None:
    done = desk.pressroom("providers", "set", "fal", RIGHT)

    assert (done.code, "pressroom providers set fal" in done.err) == (2, True)
    assert RIGHT not in done.err + done.out
    assert not (desk.home / "keys.json").exists()


@pytest.mark.parametrize("name", sorted(SPOKEN))
def test_a_key_that_the_vendor_refuses_is_not_kept_and_not_shown(desk: Desk, name: str) -> None:
    done = given(desk, "hunter2-and-more", name)

    assert done.code == 3, done.err
    assert "key refused" in done.err
    assert "nothing was kept" in done.err
    assert "hunter2-and-more" not in done.out + done.err
    assert not (desk.home / "keys.json").exists()


def test_an_account_without_credit_has_a_good_key(desk: Desk) -> None:
    body = b'{"detail": "User is locked. Reason: Exhausted balance."}'
    with api_server(answered(body, 403)) as server:
        hosts = {"PRESSROOM_FAL_URL": f"http://{server.authority}", "PRESSROOM_PRIVATE_HOSTS": server.authority}
        done = given(desk, RIGHT, "fal", **hosts)

    assert done.code == 0, done.err
    assert "out of credit" in done.out
    assert standing(desk, "fal")["configured"] is True


def test_a_vendor_that_is_away_leaves_the_key_untried_only_where_that_is_asked_for(desk: Desk) -> None:
    away = f"{HOST}:{FREE_PORT_OF_NOBODY}"
    nobody = {"PRESSROOM_FAL_URL": f"http://{away}", "PRESSROOM_PRIVATE_HOSTS": away}

    refused = given(desk, RIGHT, "fal", **nobody)
    taken = given(desk, RIGHT, "fal", "--no-test", **nobody)

    assert (refused.code, taken.code) == (1, 0), refused.err + taken.err
    assert "--no-test" in refused.err
    assert standing(desk, "fal")["configured"] is True
    assert desk.pressroom("providers", "test", "fal", **nobody).code == 1


@pytest.mark.parametrize("key", ["", "   ", "two words", "schlüssel"])
def test_what_is_no_key_is_said_to_be_none(desk: Desk, key: str) -> None:
    done = given(desk, key, "fal", "--no-test")

    assert done.code == 2
    assert not (desk.home / "keys.json").exists()


def test_the_environment_comes_before_what_is_kept_and_that_is_said(desk: Desk) -> None:
    done = given(desk, RIGHT, "fal", FAL_KEY="from:environment")

    assert "FAL_KEY is set in the environment" in done.err
    assert standing(desk, "fal", FAL_KEY="from:environment")["key"]["from"] == "environment"
    assert standing(desk, "fal")["key"]["from"] == "file"
    removed = desk.pressroom("providers", "remove", "fal", FAL_KEY="from:environment")
    assert "FAL_KEY is still set" in removed.out
    again = desk.pressroom("providers", "remove", "fal", FAL_KEY="from:environment")
    assert (again.code, "unset it there" in again.err) == (2, True)


def test_a_key_that_reads_bills_is_kept_beside_the_other_and_removed_with_it(desk: Desk) -> None:
    kept = given(desk, MORE_KEYS["FAL_ADMIN_KEY"], "fal", "--billing")

    assert kept.out == "fal: FAL_ADMIN_KEY is kept in keys.json of this home\n", kept.err
    found = standing(desk, "fal")
    assert (found["configured"], found["billing_key"]["from"]) == (False, "file")
    assert given(desk, "a:b", "stability", "--billing").code == 2
    assert desk.pressroom("providers", "remove", "fal").code == 0
    assert standing(desk, "fal")["billing_key"]["set"] is None


def test_a_keyring_keeps_it_out_of_every_file_of_the_home(desk: Desk, tmp_path: Path) -> None:
    ring = {
        "PYTHON_KEYRING_BACKEND": file_keyring.NAME,
        file_keyring.VARIABLE: str(tmp_path / "ring.json"),
        "PYTHONPATH": str(ROOT),
    }

    kept = given(desk, RIGHT, "fal", **ring)

    assert kept.out == "fal: FAL_KEY is kept in the system's keyring\n"
    assert standing(desk, "fal", **ring)["key"]["from"] == "keyring"
    assert desk.pressroom("providers", "test", "fal", **ring).code == 0
    assert files_with(tmp_path, RIGHT) == {"ring.json"}


def test_a_kept_key_lets_the_plan_choose_the_vendor(desk: Desk) -> None:
    desk.write("name: c\nsteps: {a: {uses: generate_image, model: fal/flux-schnell, with: {prompt: a sea}}}\n")
    without = desk.pressroom("plan", "campaign.yaml")
    given(desk, RIGHT, "fal")

    with_key = desk.pressroom("plan", "campaign.yaml", "--json")

    assert "pressroom providers set fal" in " ".join(without.err.split())
    assert with_key.json["allowed"] is True, with_key.out
    assert RIGHT not in with_key.out


def test_a_terminal_does_not_show_what_is_typed(desk: Desk) -> None:
    with ExitStack() as stack:
        ours, theirs = pty.openpty()
        stack.callback(os.close, ours)
        stack.callback(os.close, theirs)
        process = subprocess.Popen(
            [PROGRAM, "providers", "set", "fal"],
            cwd=desk.folder,
            env={**os.environ, "PRESSROOM_HOME": str(desk.home), **desk.environment},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stderr is not None
        asked = b""
        while not asked.endswith(b": "):
            asked += process.stderr.read(1)
        os.write(ours, RIGHT.encode() + b"\n")
        out, err = process.communicate(timeout=120)
        echoed = os.read(ours, 1_000) if select.select([ours], [], [], 0)[0] else b""

    assert asked == b"Key of fal: "
    assert out == b"fal: FAL_KEY is kept in keys.json of this home\n", err
    assert RIGHT.encode() not in out + err + echoed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["set", "fall", "--no-test"], "did you mean 'fal'?"),
        (["set", "simulated", "--no-test"], "needs no key"),
        (["test", "fal"], "there is no key of fal"),
        (["remove", "fal"], "no key of fal is kept"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(desk: Desk, arguments: list[str], message: str) -> None:
    done = desk.pressroom("providers", *arguments)

    assert done.code in (2, 3)
    assert message in " ".join(done.err.split())
