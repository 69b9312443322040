"""Load a campaign: YAML to a validated Campaign, with every problem at once, each with its line and column."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from pressroom.campaign.checks import Checker, empty_items, paths_outside
from pressroom.campaign.document import Document, Positions, read_document
from pressroom.campaign.models import BrandSpec, Campaign
from pressroom.campaign.paths import FONT_SUFFIXES, OUTSIDE_HINT, is_reference, leaves_folder, outside
from pressroom.campaign.validation_messages import Mistake, mistakes
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.operation import Operation

YAML_SUFFIXES: Final = (".yaml", ".yml")
MAX_PROBLEMS: Final = 100


@dataclass(frozen=True, slots=True)
class Loaded:
    """A campaign that is sound in itself, and where in its file everything is."""

    campaign: Campaign
    positions: Positions
    file: str


def _nothing_beside(name: str) -> str:
    message = "there is no file beside this campaign"
    raise Invalid.of([Problem("file", message, "write the brand kit here", name, 1, 1)])


def parse_campaign(
    text: str,
    file: str,
    *,
    operations: Mapping[str, Operation[Any]] | None = None,
    placements: Collection[str] | None = None,
    beside: Callable[[str], str] = _nothing_beside,
) -> Loaded:
    """Check the text of a campaign. Raises Invalid carrying every problem found.

    `file` is named in problems; `beside` gives the text of a brand file by its path from the campaign, or raises Invalid.
    `operations` default to the shipped ones; `placements` are the known names, by default those of the shipped catalog.
    """
    if operations is None:
        # The operations import imaging libraries, which a caller that brings its own must not pay for.
        from pressroom.operations import OPERATIONS

        operations = OPERATIONS
    document = read_document(text, file)
    values, problems = _mapping(document, file)
    values, found = _with_brand(values, document.positions, file, beside)
    problems += found
    empty = list(islice(empty_items(values), MAX_PROBLEMS))
    campaign, wrong = _validated(Campaign, values)
    checker = Checker(values, operations, placements)
    wrong += islice(checker.mistakes(), MAX_PROBLEMS)
    wrong += islice(paths_outside(values), MAX_PROBLEMS)
    # An empty item is said once, not again as a wrong type.
    told = {mistake.path for mistake in empty}
    found_in_all = [*empty, *(mistake for mistake in wrong if mistake.path not in told)]
    problems += [_located(mistake, document.positions, file) for mistake in found_in_all]
    problems = _sorted(problems, file)
    if problems or campaign is None:
        raise Invalid.of(problems[:MAX_PROBLEMS])
    return Loaded(campaign, document.positions, file)


def _mapping(document: Document, file: str) -> tuple[dict[str, Any], list[Problem]]:
    problems = list(document.problems)
    if isinstance(document.value, dict):
        return document.value, problems
    hint = "start with `name:` and `steps:`"
    place = document.positions.at()
    raise Invalid.of(
        [*problems, Problem("yaml", "the document must be a mapping of name: value lines", hint, file, *place)]
    )


def _validated(model: type[Any], values: Mapping[str, Any]) -> tuple[Any, list[Mistake]]:
    try:
        return model.model_validate(values), []
    except ValidationError as exc:
        return None, list(islice(mistakes(exc, values, model), MAX_PROBLEMS))


def _located(mistake: Mistake, positions: Positions, file: str) -> Problem:
    path = mistake.path
    place = positions.key(*path) if mistake.on_key else positions.at(*path)
    step = str(path[1]) if len(path) > 1 and path[0] == "steps" else ""
    return Problem(mistake.code, mistake.message, mistake.hint, file, *place, step)


def _sorted(problems: list[Problem], file: str) -> list[Problem]:
    """In the order of the file, without what only follows from a line that YAML itself could not read."""
    broken = {problem.line for problem in problems if problem.code == "yaml" and problem.file == file}
    kept = [problem for problem in problems if problem.code == "yaml" or problem.line not in broken]
    unique = list(dict.fromkeys(kept))
    return sorted(unique, key=lambda problem: (problem.file != file, problem.line or 0, problem.column or 0))


# the brand kit may be a file of its own


def _with_brand(
    values: dict[str, Any], positions: Positions, file: str, beside: Callable[[str], str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with `brand: path.yaml` replaced by what that file holds."""
    name = values.get("brand")
    if not isinstance(name, str):
        return values, []
    without = {key: value for key, value in values.items() if key != "brand"}
    place = positions.at("brand")
    if not name.endswith(YAML_SUFFIXES):
        hint = "give colors, fonts and logo here, or the path of a .yaml file that has them"
        return without, [Problem("brand", f"brand: {name!r:.80} is no brand file", hint, file, *place)]
    if leaves_folder(name):
        return without, [Problem("outside", f"brand: {outside(name)}", OUTSIDE_HINT, file, *place)]
    path = posixpath.join(posixpath.dirname(file), name)
    try:
        document = read_document(beside(name), path)
    except Invalid as exc:
        return without, [_named_here(problem, path, file, place) for problem in exc.problems]
    problems = list(document.problems)
    if not isinstance(document.value, dict):
        problem = Problem("brand", "a brand file must be a mapping of name: value lines", "", path, 1, 1)
        return without, [*problems, problem]
    _, wrong = _validated(BrandSpec, document.value)
    problems += [_located(mistake, document.positions, path) for mistake in wrong]
    if problems:
        return without, problems
    return {**values, "brand": _moved(document.value, posixpath.dirname(name))}, []


def _named_here(problem: Problem, brand_file: str, file: str, place: tuple[int, int]) -> Problem:
    """A brand file that cannot be read is a mistake of the line that names it."""
    if problem.code != "file":
        return problem
    return Problem("brand", f"{problem.message} ({brand_file})", problem.hint, file, *place)


def _moved(brand: dict[str, Any], folder: str) -> dict[str, Any]:
    """Paths of a brand file start from that file; those of a campaign from the campaign."""

    def moved(value: str) -> str:
        if is_reference(value):
            return value
        return posixpath.normpath(posixpath.join(folder, value))

    fonts = {
        role: moved(font) if font.lower().endswith(FONT_SUFFIXES) else font
        for role, font in (brand.get("fonts") or {}).items()
    }
    logo = brand.get("logo")
    return {**brand, "fonts": fonts, "logo": moved(logo) if logo else None}
