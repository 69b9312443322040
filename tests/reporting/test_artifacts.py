"""What Prefect's pages show of a run's end: failures with what to do, files with their addresses; users' texts stay texts."""

from __future__ import annotations

from typing import Any

from pressroom.reporting.artifacts import MOST_FILES, failures_markdown, files_markdown
from pressroom.reporting.model import RunReport
from pressroom.reporting.summary import summary_of


def asset(asset_id: str, **values: Any) -> dict[str, Any]:
    given = {"id": asset_id, "width": 1080, "height": 1080, "mime": "image/jpeg", "placement": None, "delivered": True}
    return given | values


def node(name: str, *assets: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "provider": "local", "model": "renditions", "credits": 0, "assets": list(assets)}


def test_failures_name_what_why_and_what_to_do(run: RunReport) -> None:
    summary = summary_of(run)

    text = failures_markdown(summary)

    failure = summary["failures"][0]
    assert text.startswith(f"- **{failure['name']}** {failure['state']}: ")
    assert failure["consequence"] in text
    assert "**What to do**" in text
    assert f"`pressroom runs deliver {summary['run_id']}`" in text


def test_a_run_without_a_failure_has_none_to_show(run: RunReport) -> None:
    assert failures_markdown({**summary_of(run), "failures": [], "problems": []}) == ""


def test_files_stand_with_their_node_and_address_and_delivered_ones_come_first() -> None:
    nodes = [node("cutout", asset("a1", delivered=False, mime="image/png", width=None)), node("post|er", asset("a2"))]

    text = files_markdown({"nodes": nodes}, {"a2": "https://media.example/a2"})

    _, _, first, second = text.splitlines()
    assert first == "| post\\|er | [asset:a2](https://media.example/a2) | 1080 × 1080 |  | local/renditions | 0 |"
    assert second.startswith("| cutout | `asset:a1` | image/png |")


def test_a_page_of_files_ends_somewhere_and_says_so() -> None:
    nodes = [node(f"n{number}", asset(f"a{number}")) for number in range(MOST_FILES + 2)]

    text = files_markdown({"nodes": nodes}, {})

    assert text.endswith("and 2 files more: the contact sheet has all of them")
    assert files_markdown({"nodes": []}, {}) == ""
