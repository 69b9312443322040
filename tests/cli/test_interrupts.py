"""Ctrl-C and termination at any moment of a command: status 130, one line, no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.desks import Desk, Finished, ended, set_up

WORDS = {"interrupted"}
DELAYS_SECONDS = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return set_up(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", [("plan", "campaign.yaml"), ("credits", "statement"), ("assets", "list")])
def test_an_interrupted_command_ends_in_one_line(desk: Desk, command: tuple[str, ...], number: signal.Signals) -> None:
    desk.pressroom("credits")
    interrupted = [done for delay in DELAYS_SECONDS if _is_ours(done := _interrupted(desk, command, number, delay))]

    assert {done.code for done in interrupted} <= {0, 130}
    for done in interrupted:
        said = [line for line in done.err.splitlines() if "interrupted" in line or "Traceback" in line]
        assert set(said) <= WORDS
        assert len(said) == (done.code == 130)
    assert 130 in {done.code for done in interrupted}


def _interrupted(desk: Desk, command: tuple[str, ...], number: signal.Signals, delay_seconds: float) -> Finished:
    process = desk.start(*command)
    time.sleep(delay_seconds)
    process.send_signal(number)
    return ended(process)


def _is_ours(done: Finished) -> bool:
    """Not a Python that was interrupted before it had read a line of ours."""
    return "pressroom/cli/" in done.err or (done.code >= 0 and "Fatal Python error" not in done.err)


def test_an_interruption_while_it_prints_ends_it_as_well(desk: Desk) -> None:
    """Interrupted in the middle of a write to a pipe that nobody empties."""
    program = (
        "from pressroom.cli.interrupts import leave_at_once; leave_at_once()\n"
        "import sys\nprint('ready', flush=True)\n"
        "while True: sys.stderr.write('x' * 4096)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.2)

    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_program_that_ignores_interruptions_hands_that_down(desk: Desk) -> None:
    """`nohup`, or a background job of a shell: what it ignores is not ours to hear."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from pressroom.cli.interrupts import InterruptsRaised, leave_at_once; leave_at_once()\n"
        "with InterruptsRaised(): assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN\n"
        "signal.raise_signal(signal.SIGINT)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_inside_a_destructor_is_not_lost(number: signal.Signals) -> None:
    """Python prints what a destructor raises and goes on; an interruption must end the command all the same."""
    program = (
        "import signal, time\n"
        "from pressroom.cli.interrupts import InterruptsRaised, leave, leave_at_once; leave_at_once()\n"
        "class Thing:\n"
        f"    def __del__(self): signal.raise_signal({int(number)})\n"
        "with InterruptsRaised():\n"
        "    try:\n"
        "        thing = Thing(); del thing\n"
        "        time.sleep(20)\n"
        "    except KeyboardInterrupt: leave(130)"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)

    assert (done.returncode, done.stderr) == (130, b"")
