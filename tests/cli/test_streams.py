"""Whoever reads standard output, and whatever becomes of it: a command does its work and says what was lost."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.desks import PROGRAM


def shell(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell, as people write it; `$P` is the program."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PRESSROOM_", "PREFECT_"))}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**clean, "P": str(PROGRAM), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    done = shell(tmp_path, "$P placements --json | head -c 10; exit ${PIPESTATUS[0]}")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_of_the_messages_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    done = shell(tmp_path, "$P plan missing.yaml 2>&1 >/dev/null | head -c 1; exit ${PIPESTATUS[0]}")

    assert done.returncode == 2


@pytest.mark.parametrize(
    ("redirection", "reason"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
)
def test_results_that_cannot_be_written_are_told(tmp_path: Path, redirection: str, reason: str) -> None:
    done = shell(tmp_path, f"$P models {redirection}")

    assert done.returncode == 1
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_a_refusal_keeps_its_status_whatever_becomes_of_the_output(tmp_path: Path, redirection: str) -> None:
    done = shell(tmp_path, f"$P plan missing.yaml --json {redirection}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "<&- 2>&-"])
def test_messages_that_nobody_gets_change_nothing(tmp_path: Path, redirection: str) -> None:
    done = shell(tmp_path, f"$P credits --json {redirection}")

    assert (done.returncode, json.loads(done.stdout)["available"]) == (0, 10)


@pytest.mark.parametrize("language", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_json_is_read_in_every_language(tmp_path: Path, language: str) -> None:
    account = "Zürich 新"
    settings = {"LC_ALL": language, "PYTHONIOENCODING": "ascii", "PRESSROOM_ACCOUNT": account}

    done = shell(tmp_path, "$P credits --json && $P credits", PYTHONUTF8="1", **settings)

    head, _, plain = done.stdout.rpartition("}\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(head + "}")["account"] == account
    assert plain == "Z\\xfcrich \\u65b0: 10 credits\n"
