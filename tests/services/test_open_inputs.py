"""Pictures that fail only when they are opened are refused before anything is bought, and read only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.planning.plan import Plan, Verdict
from pressroom.planning.preflight import preflight
from pressroom.services.open_inputs import with_inputs_opened
from pressroom.settings import MediaLimits
from pressroom.sources.local_files import LocalFiles
from tests.support.handmade import patches, png_chunk, write_png
from tests.support.planning import account, chooser_of, loaded, plan_of

PAID = "policy: {tier: budget, prefer: [simulated/sketch]}\n"
MADE = "  made: {uses: generate_image, with: {prompt: a bottle, width: 512, height: 512}}\n"
DEADLY = """<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><pattern id="p" width="10" height="10"
 patternUnits="userSpaceOnUse" patternTransform="scale(100000)"><rect width="9" height="9"/></pattern>
<rect width="400" height="400" fill="url(#p)"/></svg>"""


def short_png(path: Path) -> None:
    """Its checksums are right, its pixels end early."""
    whole = write_png(path, patches()).read_bytes()
    at = whole.index(b"IDAT") - 4
    size = int.from_bytes(whole[at : at + 4], "big")
    path.write_bytes(whole[:at] + png_chunk(b"IDAT", whole[at + 8 : at + 8 + size // 2]) + png_chunk(b"IEND", b""))


def judged(folder: Path, text: str) -> tuple[Plan, Verdict]:
    found = loaded(text)
    files = LocalFiles(folder, MediaLimits())
    plan = plan_of(found, files=files)
    verdict = preflight(plan, account(), load_catalog(), chooser_of(found), found.positions)
    return plan, with_inputs_opened(verdict, plan, files, MediaLimits(), found.positions)


@pytest.mark.parametrize("name", ["short.png", "deadly.svg"])
def test_a_picture_that_cannot_be_opened_refuses_a_run_that_spends(tmp_path: Path, name: str) -> None:
    short_png(tmp_path / "short.png")
    (tmp_path / "deadly.svg").write_text(DEADLY)

    _, verdict = judged(
        tmp_path, f"{PAID}steps:\n{MADE}  other: {{uses: convert, with: {{image: {name}, format: webp}}}}"
    )

    (problem,) = verdict.problems
    assert not verdict.allowed
    assert (problem.code, problem.line) == ("input", 5)
    assert problem.message.startswith(f"{name}: {name} ")
    assert problem.hint


def test_a_brand_logo_is_opened_too(tmp_path: Path) -> None:
    short_png(tmp_path / "logo.png")

    over = '  over: {uses: overlay, with: {image: "{{ steps.made }}", headline: Sale, logo: true}}\n'
    _, verdict = judged(tmp_path, f"{PAID}brand: {{logo: logo.png}}\nsteps:\n{MADE}{over}")

    assert [problem.code for problem in verdict.problems] == ["input"]


def test_what_costs_nothing_is_left_to_the_run(tmp_path: Path) -> None:
    short_png(tmp_path / "short.png")

    _, verdict = judged(tmp_path, "steps:\n  other: {uses: convert, with: {image: short.png, format: webp}}")

    assert verdict.allowed


def test_sound_pictures_pass(tmp_path: Path) -> None:
    write_png(tmp_path / "sound.png", patches())

    plan, verdict = judged(
        tmp_path, f"{PAID}steps:\n{MADE}  other: {{uses: convert, with: {{image: sound.png, format: webp}}}}"
    )

    assert verdict.allowed
    assert plan.totals.credits_bound
