"""The log: one line an event, in words or as JSON with its fields, on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CAMPAIGN = {
    "name": "small",
    "steps": {"a": {"uses": "generate_image", "with": {"prompt": "sea", "width": 64, "height": 64}}},
}
RUN = """
import sys
from pathlib import Path
from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.identity import Principal
from pressroom.services.launch_run import InProcess
from pressroom.services.run_request import RunRequest
from pressroom.settings import settings_for
settings = settings_for(Path.cwd())
InProcess(open_planning(settings), open_context(settings)).launch(Principal("default"), RunRequest(file="campaign.yaml"))
print([name for name in sys.modules if name.startswith("opentelemetry.sdk")])
"""


def logged(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "campaign.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    found = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        [sys.executable, "-c", RUN], cwd=folder, env=found, capture_output=True, text=True, check=True
    )


def test_json_lines_hold_run_node_asset_vendor_and_cost(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in logged(tmp_path, PRESSROOM_LOG="json").stderr.splitlines()
    ]

    (stored,) = [line for line in lines if line["name"] == "pressroom.asset.stored"]
    assert (stored["level"], stored["account"], stored["campaign"], stored["node"]) == ("info", "default", "small", "a")
    assert (stored["vendor"], stored["credits"]) == ("local", 0)
    assert len(stored["assets"]) == 2
    assert stored["run"].startswith("r")
    assert stored["message"].startswith("a made by local/")


def test_words_are_for_people_and_without_the_setting_nothing_is_written(tmp_path: Path) -> None:
    assert " INFO a made by local/" in logged(tmp_path, PRESSROOM_LOG="text").stderr
    quiet = logged(tmp_path)
    assert quiet.stderr == ""
    assert quiet.stdout == "[]\n", "OpenTelemetry is imported although it is off"


@pytest.mark.parametrize("form", ["yaml", "JSON"])
def test_a_form_that_there_is_not_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as raised:
        logged(tmp_path, PRESSROOM_LOG=form)

    assert "setting 'log'" in raised.value.stderr
