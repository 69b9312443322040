"""`pressroom simulator`: says what to set, plays the vendors, ends with Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path


def test_it_says_what_to_set_answers_there_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "pressroom", "simulator", "--latency", "0", "--host", "localhost"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        while len(lines) < 100 and not (lines and "PRIVATE_HOSTS" in lines[-1]):
            lines.append(process.stdout.readline())
        told = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        port = told["PRESSROOM_PRIVATE_HOSTS"].split(",")[0].rpartition(":")[2]
        with urllib.request.urlopen(f"http://localhost:{port}/_bill", timeout=20) as answer:
            assert json.load(answer) == {}
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert told["PRESSROOM_REPLICATE_URL"] == f"http://localhost:{port}/replicate/v1"
    assert "bill: http://localhost" in said
    assert "Traceback" not in said


def test_each_wrong_fault_is_named_with_what_may_stand_there(tmp_path: Path) -> None:
    rows = (
        "{fault: lost_anwser}",
        "{fault: busy, often: 3}",
        "{fault: busy, vendor: replicat}",
        "busy",
        "{fault: busy, share: 2}",
    )
    (tmp_path / "faults.yaml").write_text("".join(f"- {row}\n" for row in rows))
    command = [sys.executable, "-m", "pressroom", "simulator", "--faults", "faults.yaml"]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 2
    told = [text.strip() for text in ended.stderr.splitlines()]
    assert told[0].startswith("error    faults.yaml  row 1: fault must be one of busy, unavailable, error, ")
    assert told[0].endswith(", got 'lost_anwser'")
    assert told[1] == "did you mean 'lost_answer'?"
    assert told[2:4] == ["error    faults.yaml  row 2: unknown key 'often'", "allowed: fault, vendor, times, share"]
    assert "row 3: vendor must be one of bfl, " in told[4]
    assert told[5] == "did you mean 'replicate'?"
    assert told[6:8] == ["error    faults.yaml  row 4: must be a mapping", "- {fault: busy, times: 1}"]
    assert told[8:] == ["error    faults.yaml  row 5: share must be 1 or less, got 2"]
