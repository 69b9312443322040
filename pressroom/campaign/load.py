"""Load a campaign: YAML to a validated Campaign, with every problem at once, each with its line and column."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from pressroom.campaign.chains import with_chains
from pressroom.campaign.checks import Checker, doubtful_words, empty_items, paths_outside
from pressroom.campaign.document import Document, Positions, located, read_document
from pressroom.campaign.models import BrandSpec, Campaign
from pressroom.campaign.paths import FONT_SUFFIXES, OUTSIDE_HINT, is_reference, leaves_folder, outside
from pressroom.campaign.validation_messages import problems_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.operation import Operation

WrongNames = Callable[[Mapping[str, Any]], Iterable[Problem]]
YAML_SUFFIXES: Final = (".yaml", ".yml")
MAX_PROBLEMS: Final = 100
_BRAND: Final = ("brand",)


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
    names: WrongNames | None = None,
    beside: Callable[[str], str] = _nothing_beside,
) -> Loaded:
    """Check the text of a campaign. Raises Invalid carrying every problem found.

    `file` is named in problems; `beside` gives the text of a brand file by its path from the campaign, or raises Invalid.
    `operations` default to the shipped ones; `placements` are the known names, by default those of the shipped catalog. `names`
    finds wrong names of models: planning does that, too, so they are told here only beside other mistakes.
    """
    document = read_document(text, file)
    return check_document(document, file, operations=operations, placements=placements, names=names, beside=beside)


def check_document(
    document: Document,
    file: str,
    *,
    operations: Mapping[str, Operation[Any]] | None = None,
    placements: Collection[str] | None = None,
    names: WrongNames | None = None,
    beside: Callable[[str], str] = _nothing_beside,
    confined: bool = True,
) -> Loaded:
    """The same for values that are there already, wherever they were written.

    `confined` refuses files outside of the campaign's folder: a document may come from a stranger.
    """
    if operations is None:
        # The operations import imaging libraries, which a caller that brings its own must not pay for.
        from pressroom.operations import OPERATIONS

        operations = OPERATIONS
    values, problems = _mapping(document, file)
    values, found = _with_brand(values, file, beside)
    problems += found
    whole, found = with_chains(values, document.positions, operations)
    if found:  # what such a step is meant to be cannot be told, nor what refers to it
        found += islice(names(values) if names else (), MAX_PROBLEMS)
        raise Invalid.of(_sorted([located(problem, file, document.positions) for problem in [*problems, *found]], file))
    values = whole
    empty = list(islice(empty_items(values), MAX_PROBLEMS))
    campaign, wrong = _validated(Campaign, values)
    checker = Checker(values, operations, placements)
    wrong += islice(checker.problems(), MAX_PROBLEMS)
    wrong += islice(paths_outside(values) if confined else (), MAX_PROBLEMS)
    wrong += islice(doubtful_words(document.positions.words), MAX_PROBLEMS)
    if names is not None and (problems or empty or wrong):
        wrong += islice(names(values), MAX_PROBLEMS)
    # An empty item is said once, not again as a wrong type.
    told = {problem.path for problem in empty}
    problems += [*empty, *(problem for problem in wrong if problem.path not in told)]
    problems = [located(problem, file, document.positions) for problem in problems]
    problems = _sorted(problems, file)
    if problems or campaign is None:
        raise Invalid.of(problems[:MAX_PROBLEMS])
    return Loaded(campaign, document.positions, file)


def _mapping(document: Document, file: str) -> tuple[dict[str, Any], list[Problem]]:
    problems = list(document.problems)
    if isinstance(document.value, dict):
        return document.value, problems
    hint = "start with `name:` and `steps:`"
    problem = Problem("yaml", "the document must be a mapping of name: value lines", hint)
    raise Invalid.of([*problems, located(problem, file, document.positions)])


def _validated(model: type[Any], values: Mapping[str, Any]) -> tuple[Any, list[Problem]]:
    try:
        return model.model_validate(values), []
    except ValidationError as exc:
        return None, list(islice(problems_of(exc, values, model), MAX_PROBLEMS))


def _sorted(problems: list[Problem], file: str) -> list[Problem]:
    """In the order of the file, without what only follows from a line that YAML itself could not read."""
    broken = {problem.line for problem in problems if problem.code == "yaml" and problem.file == file}
    kept = [problem for problem in problems if problem.code == "yaml" or problem.line not in broken]
    # An alias shows one mistake at several paths.
    unique: dict[Problem, Problem] = {}
    for problem in kept:
        unique.setdefault(replace(problem, path=()), problem)
    return sorted(unique.values(), key=lambda problem: (problem.file != file, problem.line or 0, problem.column or 0))


# the brand kit may be a file of its own


def _with_brand(
    values: dict[str, Any], file: str, beside: Callable[[str], str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with `brand: path.yaml` replaced by what that file holds."""
    name = values.get("brand")
    if not isinstance(name, str):
        return values, []
    without = {key: value for key, value in values.items() if key != "brand"}
    if not name.endswith(YAML_SUFFIXES):
        hint = "give colors, fonts and logo here, or the path of a .yaml file that has them"
        return without, [Problem("brand", f"brand: {name!r:.80} is no brand file", hint, path=_BRAND)]
    if leaves_folder(name):
        return without, [Problem("outside", f"brand: {outside(name)}", OUTSIDE_HINT, path=_BRAND)]
    path = posixpath.join(posixpath.dirname(file), name)
    try:
        document = read_document(beside(name), path)
    except Invalid as exc:
        return without, [_of_brand(problem, path) for problem in exc.problems]
    if not isinstance(document.value, dict):
        wrong = [Problem("brand", "a brand file must be a mapping of name: value lines", "", path, 1, 1)]
    else:
        _, wrong = _validated(BrandSpec, document.value)
    if problems := [*document.problems, *(located(problem, path, document.positions) for problem in wrong)]:
        return without, [_of_brand(problem, path) for problem in problems]
    return {**values, "brand": _moved(document.value, posixpath.dirname(name))}, []


def _of_brand(problem: Problem, brand_file: str) -> Problem:
    """A problem of the brand file, by its path in the campaign; that it cannot be read belongs to the line that names it."""
    if problem.code != "file":
        return replace(problem, path=(*_BRAND, *problem.path))
    return Problem("brand", f"{problem.message} ({brand_file})", problem.hint, path=_BRAND)


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
