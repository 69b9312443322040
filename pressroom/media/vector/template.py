"""Fill an SVG template and render it: everything that is not a template's own markup is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.media.vector.shapes import n

if TYPE_CHECKING:
    from jinja2 import Environment


def fill_template(folder: Path, name: str, **values: Any) -> str:
    """The template `name` of `folder` as SVG text. Autoescape is on for every value, and a missing value is an error."""
    return _environment(folder).get_template(name).render(**values)


@cache
def _environment(folder: Path) -> Environment:
    # Imported here: Jinja2 takes 60 ms, and planning imports every operation.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["n"] = n
    return made
