"""Takes that came out nearly the same are noted where a person looks, and are not called a failure."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import Field
from rich.console import Console

from pressroom.cli.views.run_view import show_run
from pressroom.database.engine import Database
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import Expectation, Operation, Params, Seed, Workspace
from pressroom.reporting.summary import summary_of
from pressroom.services.deliver_run import publish
from pressroom.services.settle_run import settle_run
from tests.support.studio import CATALOG, OPERATIONS, Studio, open_studio

SIDE = 64
TAKES = "name: takes\nsteps:\n  scene: {{uses: dream, count: 3, with: {{stuck: {stuck}}}}}\n"


class DreamParams(Params):
    seed: Seed = 0
    stuck: bool = Field(False, description="Draw nearly the same whatever the seed, as a model with a habit does.")


def _expect(params: DreamParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Any]) -> Expectation:
    return Expectation((("", MediaInfo(Kind.IMAGE, "image/png", SIDE, SIDE)),), {"call": 1, "image": 1})


def _run(params: DreamParams, work: Workspace) -> Sequence[Made]:
    blocks = np.random.default_rng(0 if params.stuck else params.seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    picture = Image.fromarray(blocks).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    picture.putpixel((1, 1), (params.seed % 256, 0, 0))  # other bytes, the same look
    picture.save(work.folder / "dream.png")
    return [Made(work.folder / "dream.png", "image/png")]


DREAM = Operation("dream", 1, "image", DreamParams, Kind.IMAGE, "Pictures by a seed.", _expect, _run, seeded=True)


def _studio(home: Path, database: Database, url: str) -> Studio:
    model = CATALOG.models["local/pencil"].model_copy(update={"name": "local/dream", "operation": "dream"})
    catalog = replace(CATALOG, models={**CATALOG.models, model.name: model})
    return open_studio(home, database, url, operations={**OPERATIONS, "dream": DREAM}, catalog=catalog)


def _told(studio: Studio, stuck: str) -> tuple[str, str, dict[str, Any], str]:
    """What a person sees of the run: contact sheet, statement, JSON, terminal."""
    plan = studio.plan(TAKES.format(stuck=stuck))
    run = studio.begin(plan)
    studio.walk(run)
    found = publish(studio.context, plan, settle_run(studio.context, run.id))
    summary = summary_of(found)
    screen = io.StringIO()
    show_run(Console(file=screen, width=200), summary)
    return Path(found.delivery.sheet).read_text(encoding="utf-8"), summary["statement"], summary, screen.getvalue()


def test_takes_that_look_the_same_are_noted_in_sheet_statement_json_and_terminal(
    tmp_path: Path, sqlite_url: str
) -> None:
    database = Database.open(sqlite_url)
    sheet, statement, summary, screen = _told(_studio(tmp_path, database, sqlite_url), "true")
    database.close()

    assert len({node["assets"][0]["sha256"] for node in summary["nodes"]}) == 3
    (warning,) = summary["warnings"]
    assert warning["message"].startswith("3 of 3 pictures of step 'scene' look nearly the same")
    assert summary["state"] == "completed"
    assert summary["problems"] == []
    assert 'class="state good"' in sheet
    assert "look nearly the same" in sheet
    assert "Worth a look" in sheet
    assert "What went wrong" not in sheet + statement
    assert "## Worth a look" in statement
    assert "done: 3 nodes made" in screen
    assert "look nearly the same" in screen


def test_takes_that_differ_are_not_noted(tmp_path: Path, sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    sheet, statement, summary, screen = _told(_studio(tmp_path, database, sqlite_url), "false")
    database.close()

    assert summary["warnings"] == []
    assert "Worth a look" not in sheet + statement
    assert "look nearly the same" not in sheet + screen
