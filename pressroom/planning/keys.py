"""Content keys: what a node makes, as a hash. Equal keys make equal things; prices and names are not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pressroom.catalog.models import LOCAL
from pressroom.domain.content_hash import digest
from pressroom.domain.media import type_of_mime
from pressroom.domain.operation import Brand, Operation
from pressroom.domain.placement import Placement
from pressroom.planning.plan import FileSource, Source


def node_key(
    operation: Operation[Any],
    *,
    models: tuple[str, ...],
    params: Mapping[str, Any],
    inputs: Mapping[str, Source],
    brand: Mapping[str, Any],
    placements: Mapping[str, str],
) -> str:
    """SHA-256 over the operation and its version, who makes it, the resolved parameters and the keys of all inputs.

    `models` are the chosen one (provider/model) and those that may make the node instead.
    `params` hold names of `inputs`, so the names themselves are replaced by what stands behind them. `placements` are
    those that the node is made for, with the digests of their rows: a changed limit makes other files.
    """
    (provider, _, model), *alternatives = (name.partition("/") for name in models)
    instead = {"alternatives": ["".join(parts) for parts in alternatives]} if alternatives else {}
    return digest(
        {
            "operation": operation.name,
            "version": operation.version,
            "provider": provider,
            "model": model,
            "params": params,
            "inputs": {name: _shown(source) if provider == LOCAL else source.key for name, source in inputs.items()},
            "brand": brand,
            "placements": placements,
            **instead,
        }
    )


def brand_facets(
    operation: Operation[Any], params: Any, brand: Brand, files: Mapping[str, FileSource]
) -> dict[str, Any]:
    """The part of the brand kit that this node's result depends on, with the bytes of fonts and logo as hashes."""
    wanted = operation.brand_of(params) if operation.brand_of else operation.brand
    facets: dict[str, Any] = {}
    if "name" in wanted:
        facets["name"] = brand.name
    if "colors" in wanted:
        facets["colors"] = dict(brand.colors)
    if "fonts" in wanted:
        facets["fonts"] = {role: files[name].sha256 if name in files else name for role, name in brand.fonts.items()}
    if "logo" in wanted and brand.logo is not None:
        facets["logo"] = _shown(files[brand.logo])
    return facets


def _shown(source: Source) -> str:
    """The key of an input with how its kind is read here; vendors read it themselves."""
    row = type_of_mime(source.info.mime) if isinstance(source, FileSource) else None
    return source.key if row is None or row.reading == 1 else f"{source.key}.{row.reading}"


def placement_digests(
    params: Mapping[str, Any], labels: Iterable[str], placements: Mapping[str, Placement]
) -> dict[str, str]:
    """Digests of the rows of every placement that a parameter or an output names."""
    names = dict.fromkeys([*_texts(params), *labels])
    return {name: _row_digest(placements[name]) for name in names if name in placements}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


@lru_cache(maxsize=1024)
def _row_digest(placement: Placement) -> str:
    # Where a number came from does not change the files that are made for it.
    return digest(
        placement.model_dump(mode="json", exclude={"notes", "source", "as_of", "evidence", "safe_zone_source"})
    )
