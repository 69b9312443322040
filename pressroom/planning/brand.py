"""The brand kit as operations see it, with the files behind its fonts and logo."""

from __future__ import annotations

from pressroom.campaign.models import BrandSpec
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind
from pressroom.domain.operation import Brand
from pressroom.planning.plan import Files, FileSource

LOGO = "logo"
_LOGO = ("brand", "logo")


def resolve_brand(spec: BrandSpec, files: Files) -> tuple[Brand, dict[str, FileSource], list[Problem]]:
    """The brand, its files by key (`logo`, `font:heading`), and what is wrong with them."""
    found: dict[str, FileSource] = {}
    problems: list[Problem] = []
    fonts: dict[str, str] = {}
    for role, name in spec.fonts.items():
        facts = files.font(name)
        if facts.problem:
            path = ("brand", "fonts", role)
            problems.append(Problem("brand_font", f"brand.fonts.{role}: {facts.problem}", path=path))
        elif facts.info is not None:  # a file of the user's; a bundled font keeps its name
            key = f"font:{role}"
            found[key] = facts.source(name)
            fonts[role] = key
        else:
            fonts[role] = name
    if spec.logo is not None:
        facts = files.media(spec.logo)
        if facts.info is None:
            problems.append(Problem("brand_logo", f"brand.logo: {facts.problem}", path=_LOGO))
        elif facts.info.kind is not Kind.IMAGE:
            message = f"brand.logo: {facts.path or spec.logo} is {facts.info.kind}, must be an image"
            problems.append(Problem("brand_logo", message, path=_LOGO))
        else:
            found[LOGO] = facts.source(spec.logo)
            for note in facts.info.notes:
                problems.append(Problem("file_note", f"brand.logo: {note}", path=_LOGO, fatal=False))
    brand = Brand(
        spec.name, {str(role): color for role, color in spec.colors.items()}, fonts, LOGO if LOGO in found else None
    )
    return brand, found, problems
