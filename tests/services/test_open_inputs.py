"""Pictures that fail only when they are opened are refused before anything is bought, and read only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.media_limits import MediaLimits
from pressroom.planning.plan import Plan, Verdict
from pressroom.planning.preflight import preflight
from pressroom.services.open_inputs import with_inputs_opened
from pressroom.sources.local_files import LocalFiles
from tests.support.planning import account, chooser_of, loaded, plan_of

PAID = "policy: {tier: budget, prefer: [simulated/sketch]}\n"
MADE = "  made: {uses: generate_image, with: {prompt: a bottle, width: 512, height: 512}}\n"
DEADLY = """<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><pattern id="p" width="10" height="10"
 patternUnits="userSpaceOnUse" patternTransform="scale(100000)"><rect width="9" height="9"/></pattern>
<rect width="400" height="400" fill="url(#p)"/></svg>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds a drawing that ends its renderer, and a sound one."""
    (tmp_path / "deadly.svg").write_text(DEADLY)
    (tmp_path / "sound.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    return tmp_path


def judged(folder: Path, text: str) -> tuple[Plan, Verdict]:
    found = loaded(text)
    files = LocalFiles(folder, MediaLimits())
    plan = plan_of(found, files=files)
    verdict = preflight(plan, account(), load_catalog(), chooser_of(found), found.positions)
    return plan, with_inputs_opened(verdict, plan, files, MediaLimits(), found.positions)


def test_a_drawing_that_cannot_be_rendered_refuses_a_run_that_spends(folder: Path) -> None:
    other = "  other: {uses: convert, with: {image: deadly.svg, format: webp}}"
    _, verdict = judged(folder, f"{PAID}steps:\n{MADE}{other}")

    (problem,) = verdict.problems
    assert not verdict.allowed
    assert (problem.code, problem.line) == ("input", 5)
    assert problem.message.startswith("deadly.svg: deadly.svg takes more memory or time")
    assert problem.hint


def test_a_brand_logo_is_opened_too(folder: Path) -> None:
    over = '  over: {uses: overlay, with: {image: "{{ steps.made }}", headline: Sale, logo: true}}\n'
    _, verdict = judged(folder, f"{PAID}brand: {{logo: deadly.svg}}\nsteps:\n{MADE}{over}")

    assert [problem.code for problem in verdict.problems] == ["input"]


def test_what_costs_nothing_is_left_to_the_run(folder: Path) -> None:
    _, verdict = judged(folder, "steps:\n  other: {uses: convert, with: {image: deadly.svg, format: webp}}")

    assert verdict.allowed


def test_sound_drawings_pass(folder: Path) -> None:
    other = "  other: {uses: convert, with: {image: sound.svg, format: webp}}"
    plan, verdict = judged(folder, f"{PAID}steps:\n{MADE}{other}")

    assert verdict.allowed
    assert plan.totals.credits_bound
