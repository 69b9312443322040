"""The border of every command: which status an error ends with, and what is printed of it."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest
import typer

from pressroom.cli import console
from pressroom.cli.console import NO_PLAN, border, harmless, print_json
from pressroom.cli.flow_run import unfinished
from pressroom.domain.errors import Corrupt, Invalid, Permanent, Problem, Refused, Retryable


def status_of(error: BaseException, *, as_json: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended, border(as_json):
        raise error
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid.of([Problem("usage", "wrong")]), 2),
        (Refused("too dear"), 3),
        (Retryable("busy"), 1),
        (Permanent("no"), 1),
        (Corrupt("damaged"), 1),
        (ZeroDivisionError("division by zero"), 1),
        (FileNotFoundError(errno.ENOENT, "gone", "x"), 1),
        *((OSError(number, os.strerror(number), "/home/x"), 3) for number in (errno.ENOSPC, errno.EROFS, errno.EACCES)),
    ],
)
def test_the_status_says_who_must_act(error: Exception, status: int) -> None:
    assert status_of(error) == status


def test_a_full_disk_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status_of(OSError(errno.ENOSPC, "No space left on device", "/var/pressroom.db"))

    shown = capsys.readouterr().err
    assert "/var/pressroom.db: No space left on device" in shown
    assert "free some disk space" in shown


@pytest.mark.parametrize("error", [Refused("no room", hint="free some disk space"), OSError(errno.ENOSPC, "no room")])
def test_a_run_that_has_spent_something_was_not_refused(capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    ended = unfinished("r12", error, {"held": 4, "captured": 2, "released": 0})

    with pytest.raises(typer.Exit) as left, border(as_json=True, empty=NO_PLAN):
        raise ended

    found = json.loads(capsys.readouterr().out)
    assert left.value.exit_code == 1
    assert (found["state"], found["run_id"], found["credits"]["captured"]) == ("failed", "r12", 2)
    assert "run r12 could not be finished, and 2 credits were paid: " in found["problems"][0]["message"]
    assert "was bought is taken, and not bought again" in found["problems"][0]["hint"]


def test_an_unforeseen_error_is_short_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status_of(ZeroDivisionError("division by zero"))

    shown = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero (test_console.py:" in shown
    assert "PRESSROOM_DEBUG=1 shows the traceback" in shown
    assert "Traceback" not in shown


def test_an_unforeseen_error_says_each_cause_once(capsys: pytest.CaptureFixture[str]) -> None:
    status_of(RuntimeError("unable to save" + "\nwbuffer_write: write failed\nunix error: Input/output error\n" * 40))

    shown = " ".join(capsys.readouterr().err.split())
    assert "unable to save; wbuffer_write: write failed; unix error: Input/output error (test_console.py:" in shown


def test_the_traceback_is_for_those_who_ask_for_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_DEBUG", "1")
    monkeypatch.setenv("PRESSROOM_STORE_SECRET_KEY", "hunter2-and-more")

    status_of(ZeroDivisionError("hunter2-and-more"))

    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert "hunter2" not in shown


def test_the_json_of_an_error_is_redacted_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    status_of(Refused("no answer from http://me:hunter2@host/x", hint="ask \u202e"), as_json=True)

    out = capsys.readouterr().out
    (problem,) = json.loads(out)["problems"]
    assert (problem["message"], problem["hint"]) == ("no answer from http://***@host/x", "ask \u202e")
    assert "\u202e" not in out


def test_the_settings_of_the_campaigns_folder_know_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text('store_secret_key = "hunter2-and-more"\n', encoding="utf-8")

    assert harmless("said hunter2-and-more", tmp_path) == "said ***"


def test_json_of_names_that_are_no_text_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "caf\udce9\x9b\u202e.jpg"})

    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {"name": "caf\udce9\x9b\u202e.jpg"}


def test_everything_is_printed_through_the_console() -> None:
    """So that no name is printed raw, and nothing is printed past the streams that notice what is lost."""
    folder = Path(console.__file__).parent
    raw = re.compile(r"sys\.(stdout|stderr)\b|\bprint\(|typer\.echo")

    offenders = [path.name for path in folder.glob("*.py") if raw.search(path.read_text(encoding="utf-8"))]

    assert sorted(offenders) == ["console.py", "interrupts.py", "streams.py"]
