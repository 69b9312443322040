"""Odd surroundings: each ends with a sentence and the status that says who must act, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.desks import PROGRAM, Desk, Finished, set_up

LATIN = os.fsdecode(b"caf\xe9")  # a name from an old disk


def told(done: Finished) -> str:
    """What was said, which must be words."""
    assert "Traceback" not in done.err
    assert "Error:" not in done.err
    assert len(done.err.splitlines()) <= 20  # a plan, and what is wrong
    return done.err


def shell(command: str, *, cwd: Path, home: Path, prefix: Sequence[str] = ()) -> Finished:
    environment = {**os.environ, "PRESSROOM_HOME": str(home), "P": str(PROGRAM)}
    done = subprocess.run(
        [*prefix, "bash", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["credits", "plan campaign.yaml", "doctor", "init"])
def test_a_deleted_current_folder_is_named(desk: Desk, command: str) -> None:
    gone = desk.folder / "gone"
    gone.mkdir()

    done = shell(f"rmdir ../gone; $P {command}", cwd=gone, home=desk.home)

    assert done.code == 2
    assert "the current folder is no longer there" in told(done)


@pytest.mark.parametrize("arguments", [("credits",), ("run", "campaign.yaml"), ("up",)])
def test_a_home_that_is_a_file_is_refused(desk: Desk, arguments: tuple[str, ...]) -> None:
    (desk.folder / "file").write_text("kept", encoding="utf-8")

    done = desk.pressroom(*arguments, PRESSROOM_HOME=str(desk.folder / "file"))

    assert done.code == 3
    assert "file" in told(done)
    assert (desk.folder / "file").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("command", ["plan", "run"])
def test_names_that_are_no_utf8_are_refused_before_anything_is_made(desk: Desk, command: str) -> None:
    shutil.copy(desk.campaign, desk.folder / f"{LATIN}.yaml")
    shutil.copy(desk.folder / "photo.png", desk.folder / f"{LATIN}.png")

    as_campaign = desk.pressroom(command, f"{LATIN}.yaml", "--json")
    as_input = desk.pressroom(command, "campaign.yaml", "-i", f"photo={LATIN}.png", "--json")
    as_home = desk.pressroom(command, "campaign.yaml", PRESSROOM_HOME=str(desk.folder / LATIN))

    assert (as_campaign.code, as_input.code, as_home.code) == (2, 2, 2)
    for done in (as_campaign, as_input, as_home):
        assert "caf\\xe9" in told(done)
        assert "not UTF-8" in done.err


def test_a_folder_that_holds_a_name_that_is_no_utf8_is_refused_by_the_plan(desk: Desk) -> None:
    (desk.folder / "photos").mkdir()
    shutil.copy(desk.folder / "photo.png", desk.folder / "photos" / f"{LATIN}.png")
    shutil.copy(desk.folder / "photo.png", desk.folder / f"{LATIN}.png")
    step = 'a: {uses: upscale, for_each: {p: "{{ inputs.p }}"}, with: {image: "{{ each.p }}"}}'
    text = f"name: tiny\ninputs: {{p: {{type: folder, default: photos}}}}\nsteps: {{{step}}}\n"
    desk.campaign.write_text(text, encoding="utf-8")

    planned = desk.pressroom("plan", "campaign.yaml")
    added = desk.pressroom("assets", "add", f"{LATIN}.png")

    assert (planned.code, added.code) == (3, 2)
    for done in (planned, added):
        assert "caf\\xe9.png" in told(done)
        assert "not UTF-8" in done.err


LOOP = "ln -s odd odd; ln -s odd odd.json"
DANGLING = "ln -s nowhere/at/all odd; ln -s odd odd.json"


@pytest.mark.parametrize("link", [LOOP, DANGLING])
@pytest.mark.parametrize(
    ("command", "code"),
    [("plan odd", 2), ("plan campaign.yaml -i photo=odd", 3), ("run odd.json", 2), ("assets add odd", 2)],
)
def test_a_link_that_leads_nowhere_is_named(desk: Desk, link: str, command: str, code: int) -> None:
    done = shell(f"{link}; $P {command}", cwd=desk.folder, home=desk.home)

    assert done.code == code
    assert "odd" in told(done)


def test_an_out_folder_that_leads_in_a_circle_is_refused_before_anything_is_bought(desk: Desk) -> None:
    done = shell(f"{LOOP}; $P run campaign.yaml --out odd", cwd=desk.folder, home=desk.home)

    assert done.code == 3
    assert "odd is a link to what is not there" in told(done)
    assert desk.purchases() == []


@pytest.mark.parametrize("name", ["PRESSROOM_HOME", "PRESSROOM_STORE", "PRESSROOM_CATALOG"])
def test_a_setting_that_leads_in_a_circle_is_named(desk: Desk, name: str) -> None:
    done = shell(f"{LOOP}; {name}=$PWD/odd $P run campaign.yaml", cwd=desk.folder, home=desk.home)

    assert done.code in (2, 3)
    assert "odd" in told(done)


def test_a_plan_goes_into_no_folder_that_is_not_there(desk: Desk) -> None:
    done = desk.pressroom("plan", "campaign.yaml", "-o", "nowhere/plan.json")

    assert done.code == 2
    assert "there is no folder nowhere" in told(done)


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "x/" * 3_000 + "y.png"])
def test_a_name_that_is_too_long_is_told_and_not_repeated_whole(desk: Desk, name: str) -> None:
    done = desk.pressroom("plan", "campaign.yaml", "-i", f"photo={name}")

    assert done.code == 3
    assert "File name too long" in told(done)
    assert max(map(len, done.err.splitlines())) < 400


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_what_is_no_file_is_called_so(desk: Desk, device: str) -> None:
    done = desk.pressroom("plan", "campaign.yaml", "-i", f"photo={device}")

    assert done.code == 3
    assert f"{device} is no file" in told(done)


@pytest.mark.parametrize("columns", ["0", "-5", "many"])
def test_a_terminal_of_no_columns_shows_everything(desk: Desk, columns: str) -> None:
    planned = desk.pressroom("plan", "campaign.yaml", COLUMNS=columns)
    listed = desk.pressroom("placements", COLUMNS=columns)

    assert "banner" in planned.err
    assert "instagram.reel" in listed.out


def test_a_folder_that_may_not_be_looked_into_is_named(desk: Desk) -> None:
    closed = desk.folder / "closed"
    closed.mkdir()
    shutil.copy(desk.campaign, closed / "campaign.yaml")
    powerless = (
        ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all") if os.geteuid() == 0 else ()
    )
    if powerless and shutil.which("setpriv") is None:
        pytest.skip("NEEDS setpriv: root may look into everything")
    closed.chmod(0)

    done = shell("$P plan closed/campaign.yaml", cwd=desk.folder, home=desk.home, prefix=powerless)
    closed.chmod(0o700)

    assert done.code == 2
    assert "closed" in told(done)
    assert "Permission denied" in done.err


def test_an_out_folder_that_is_no_utf8_is_refused_before_anything_is_bought(desk: Desk) -> None:
    done = desk.pressroom("run", "campaign.yaml", "--out", LATIN)

    assert done.code == 2
    assert "not UTF-8" in told(done)
    assert desk.purchases() == []


def test_a_picture_over_which_the_decoder_stumbles_is_damaged(desk: Desk) -> None:
    """Indexed colours without a palette: Pillow asserts that there is one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 72)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    (desk.folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data)

    done = desk.pressroom("plan", "campaign.yaml")

    assert done.code == 3
    assert "photo.png is damaged" in told(done)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a small file system of its own")
@pytest.mark.parametrize("command", ["$P credits", "$P run campaign.yaml"])
def test_a_full_home_is_refused(desk: Desk, command: str) -> None:
    small = "mount -t tmpfs -o size=64k tmpfs ../home && head -c 64k /dev/zero > ../home/filler"

    done = shell(f"{small}; {command}", cwd=desk.folder, home=desk.home, prefix=("unshare", "-m"))

    if "mount" in done.err:
        pytest.skip("this machine lets nobody mount")
    assert done.code == 3
    assert "space" in told(done) or "full" in done.err or "room" in done.err


NOBODY = ("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "env", "-u", "HOME")


@pytest.fixture
def shared_desk() -> Iterator[Desk]:
    """A desk at which every user of this machine may work: the tests' own folders are closed to others."""
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        desk = set_up(Path(folder))
        for path in (Path(folder), desk.folder, desk.home):
            path.chmod(0o777)
        yield desk


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as a user who is not in the list of users")
def test_a_user_without_a_name_and_a_home_runs_campaigns(shared_desk: Desk) -> None:
    """A container under a bare number, cron, systemd: all that is needed lies in Pressroom's home."""
    folder, home = shared_desk.folder, shared_desk.home
    readable = [*NOBODY, "test", "-x", os.path.realpath(sys.executable), "-a", "-r", str(PROGRAM)]
    if shutil.which("setpriv") is None or subprocess.run(readable, check=False).returncode:
        pytest.skip("the interpreter cannot be read by another user: uv sync --python /usr/bin/python3.11")

    planned = shell("$P plan campaign.yaml", cwd=folder, home=home, prefix=NOBODY)
    done = shell("$P run campaign.yaml; code=$?; $P down; exit $code", cwd=folder, home=home, prefix=NOBODY)

    assert (planned.code, done.code) == (0, 0), done.err
    assert len(list((folder / "out" / "tiny").glob("*.jpg"))) == 2


def test_a_terminal_of_twenty_columns_breaks_no_name(desk: Desk) -> None:
    done = desk.pressroom("plan", "campaign.yaml", COLUMNS="20")

    assert done.code == 0
    for name in ("simulated/enlarge", "local/renditions", "banner"):
        assert name in done.err


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"LANG": "C", "LC_ALL": "C"}, {"TERM": "dumb"}])
def test_bare_terminals_get_the_same_words(desk: Desk, environment: dict[str, str]) -> None:
    done = desk.pressroom("plan", "campaign.yaml", **environment)

    assert done.code == 0
    assert "\x1b" not in done.err
    assert "balance" in done.err
