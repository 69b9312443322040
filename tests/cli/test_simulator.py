"""`pressroom simulator`: says what to set, plays the vendors, ends with Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path


def test_it_says_what_to_set_answers_there_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "pressroom", "simulator", "--latency", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        while len(lines) < 100 and not (lines and "PRIVATE_HOSTS" in lines[-1]):
            lines.append(process.stdout.readline())
        told = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        port = told["PRESSROOM_PRIVATE_HOSTS"].split(",")[0].rpartition(":")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_bill", timeout=20) as answer:
            assert json.load(answer) == {}
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert told["PRESSROOM_REPLICATE_URL"] == f"http://127.0.0.1:{port}/replicate/v1"
    assert "bill: http://127.0.0.1" in said
    assert "Traceback" not in said


def test_wrong_faults_are_named_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("- {fault: lost_anwser}\n- {fault: busy, often: 3}\n")
    command = [sys.executable, "-m", "pressroom", "simulator", "--faults", "faults.yaml"]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 2
    assert "row 1: fault" in ended.stderr
    assert "lost_answer" in ended.stderr
    assert "row 2: often" in ended.stderr
