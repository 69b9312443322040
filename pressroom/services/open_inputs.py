"""Open the pictures of a plan as its run will, before anything is bought for them.

Planning has read the whole of the other formats by then; a drawing is rendered only here, which takes a process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pressroom.campaign.document import Positions, located
from pressroom.domain.errors import Corrupt, Problem
from pressroom.domain.media import mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.planning.plan import Files, FileSource, Plan, Verdict

_NOT_READ_YET = mime_of("svg")


def with_inputs_opened(
    verdict: Verdict, plan: Plan, files: Files, limits: MediaLimits, positions: Positions
) -> Verdict:
    """The verdict, refused as well where a run that spends would meet a picture that cannot be opened."""
    if not verdict.allowed or not any(node.bought and node.quote.credits_bound != 0 for node in plan.nodes):
        return verdict
    problems = tuple(located(problem, plan.file, positions) for problem in _problems(plan, files, limits))
    return replace(verdict, allowed=False, problems=(*verdict.problems, *problems)) if problems else verdict


def _problems(plan: Plan, files: Files, limits: MediaLimits) -> Iterator[Problem]:
    told: set[str] = set()
    for path, source in _sources(plan):
        if source.info.mime != _NOT_READ_YET or source.asset_id or source.sha256 in told:
            continue
        told.add(source.sha256)
        if said := _obstacle(files.resolve(source.path), source.sha256, limits):
            yield Problem("input", f"{source.path}: {said[0]}", said[1], path=path)


def _sources(plan: Plan) -> Iterator[tuple[tuple[str, ...], FileSource]]:
    for logo in plan.brand_files.values():
        yield ("brand",), logo
    for node in plan.nodes:
        if node.bought:
            for name, source in node.inputs.items():
                if isinstance(source, FileSource):
                    yield ("steps", node.step, "with", name.partition("[")[0]), source


@lru_cache(maxsize=4_096)
def _obstacle(path: str, _sha256: str, limits: MediaLimits) -> tuple[str, str] | None:
    """Why a picture cannot be opened, and what to do; the same bytes are opened once a process."""
    from pressroom.media.files.images import open_image

    try:
        open_image(Path(path), limits)
    except Corrupt as exc:
        return exc.message, exc.hint
    return None
