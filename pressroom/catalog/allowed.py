"""What an operator says that vendors allow, in place of what the catalog says: accounts at one vendor differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pressroom.catalog.load import Catalog
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.suggest import did_you_mean


def with_allowed(catalog: Catalog, said: Mapping[str, str]) -> Catalog:
    """The catalog with these limits of its vendors: field of a vendor's row -> `replicate=6,fal=40`.

    Raises Invalid naming what is no vendor or no number above 0.
    """
    providers = dict(catalog.providers)
    for field, text in said.items():
        for name, limit in _pairs(field, text):
            if name not in providers:
                message = f"setting {field!r}: there is no vendor {name!r}"
                raise Invalid.of([Problem("setting", message, did_you_mean(name, providers, "vendors"))])
            own = {"limits_source": f"setting {field!r}", "limits_as_of": ""}
            providers[name] = providers[name].model_copy(update={field: limit, **own})
    return replace(catalog, providers=providers)


def _pairs(field: str, text: str) -> Iterator[tuple[str, int]]:
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, number = part.partition("=")
        if not number.strip().isascii() or not number.strip().isdigit() or not int(number):
            message = f"setting {field!r}: {part!r} is not VENDOR=NUMBER"
            raise Invalid.of([Problem("setting", message, "e.g. replicate=6,wavespeed=2")])
        yield name.strip(), int(number)
