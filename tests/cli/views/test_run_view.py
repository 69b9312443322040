"""The end of a run on a screen: whatever its width, no name and no figure is cut."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from pressroom.cli.views.run_view import show_run

NAME = "cards-morning-tonic.pinterest.pin_image_square.jpg"


def summary() -> dict[str, Any]:
    asset = {
        "path": f"/out/{NAME}", "delivered": True, "placement": "pinterest.pin_image_square", "width": 1000,
        "height": 1000, "duration_seconds": None, "bytes": 97_000,
    }  # fmt: skip
    return {
        "out": "/out", "report": "/out/contact-sheet.html", "usd_micros": 0, "state": "completed", "warnings": [],
        "failures": [], "problems": [], "delivered": True, "rehearsal": False, "locked_usd_micros": {},
        "nodes": [{"id": "cards", "step": "cards", "state": "done", "error": "", "assets": [asset]}],
        "credits": {"captured": 0, "released": 0, "held": 0, "balance": 10},
    }  # fmt: skip


@pytest.mark.parametrize("width", [44, 60, 80, 200])
def test_names_and_figures_are_whole_at_every_width(width: int) -> None:
    screen = io.StringIO()

    show_run(Console(file=screen, width=width), summary())

    lines = screen.getvalue().splitlines()
    assert any(line.rstrip().endswith("1000 x 1000  97 kB") for line in lines)
    assert any(NAME in line for line in lines)
    assert all(len(line) <= width for line in lines if NAME not in line)


def test_a_small_file_has_its_bytes() -> None:
    small, screen = summary(), io.StringIO()
    small["nodes"][0]["assets"][0]["bytes"] = 312

    show_run(Console(file=screen, width=120), small)

    assert "1000 x 1000  312 B" in screen.getvalue()
