"""The task that plans what the API triggers: it fetches what the campaign names first."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from prefect.logging import disable_run_logger

from pressroom.services.run_request import RunRequest
from tasks.context import HomeRef
from tasks.engine import FlowRunRef
from tasks.preflight import preflight
from tests.support.https_server import body, serve


def picture() -> bytes:
    found = BytesIO()
    Image.new("RGB", (40, 30), (10, 90, 120)).save(found, "PNG")
    return found.getvalue()


def test_what_a_triggered_run_names_is_fetched_once_before_it_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = HomeRef(folder=str(tmp_path), home=str(tmp_path / "home"))
    request = RunRequest(file=str(tmp_path / "campaign.yaml"), home=home.home)
    with serve(tmp_path / "web") as web, disable_run_logger():
        web.answers["/a.png"] = body(picture())
        monkeypatch.setenv("PRESSROOM_PRIVATE_HOSTS", web.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(web.ca_file))
        Path(request.file).write_text(
            f"name: c\nsteps: {{a: {{uses: flip, with: {{image: '{web.url('/a.png')}'}}}}}}\n", encoding="utf-8"
        )

        first, second = (preflight.fn(request, home, FlowRunRef()) for _ in range(2))

        assert len(web.asked) == 1
    assert [work.node_id for work in first.works] == [work.node_id for work in second.works] == ["a"]
