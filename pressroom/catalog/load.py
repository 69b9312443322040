"""Read the catalog's data files, validate every row and name the wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pressroom.catalog.models import CreditPack, Model, ProviderRow, SubscriptionPlan, TierRow
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.few import few_of
from pressroom.domain.placement import Placement
from pressroom.domain.suggest import did_you_mean, nearest

DATA = Path(__file__).parent / "data"
AUTO = "auto"

RowT = TypeVar("RowT", bound=BaseModel)


@dataclass(frozen=True)
class Catalog:
    """Everything that can be bought and everywhere it can go. `version` names its content."""

    providers: Mapping[str, ProviderRow]
    models: Mapping[str, Model]
    placements: Mapping[str, Placement]
    plans: Mapping[str, SubscriptionPlan]
    packs: Mapping[str, CreditPack]
    tiers: Mapping[str, TierRow]  # from the lowest to the highest

    @cached_property
    def version(self) -> str:
        tables: tuple[Mapping[str, BaseModel], ...] = (self.models, self.placements, self.plans, self.tiers)
        return digest([{name: row.model_dump(mode="json") for name, row in table.items()} for table in tables])

    @cached_property
    def offers(self) -> Mapping[str, tuple[Model, ...]]:
        """Operation -> its models, in the order of the file."""
        found: dict[str, list[Model]] = {}
        for model in self.models.values():
            found.setdefault(model.operation, []).append(model)
        return {operation: tuple(models) for operation, models in found.items()}

    @cached_property
    def conditions(self) -> Mapping[str, frozenset[str]]:
        """Operation -> every fact that the price of one of its models depends on, or whether it can be had from it."""
        return {
            operation: frozenset(name for model in models for name in model.conditions)
            for operation, models in self.offers.items()
        }

    @cached_property
    def walks(self) -> Mapping[str, tuple[str, ...]]:
        """What a campaign may ask for -> the tiers to look in, in order: its own and those below it, or auto's list."""
        names = list(self.tiers)
        walks = {name: tuple(reversed(names[: place + 1])) for place, name in enumerate(names)}
        return walks | {AUTO: tuple(sorted(names, key=lambda name: self.tiers[name].auto))}

    def is_generative(self, name: str) -> bool:
        """Whether a trained model makes pixels there. What is not known to be otherwise counts as one."""
        model = self.models.get(name)
        if model is None:
            return True
        return self.providers[model.provider].sells if model.generative is None else model.generative

    def nearest_model(self, name: str, operation: str) -> str:
        # What has ended has no price any more, and what replaces it.
        offers = [row for row in self.offers.get(operation, ()) if not row.replaced_by or row.prices[0].usd is not None]
        names = [row.name for row in offers]
        return nearest(name, names, 0.4) or few_of(names) or "none offers it"


@cache
def load_catalog(extra: Path | None = None) -> Catalog:
    """The shipped catalog, with the rows of `extra` (a YAML file of the same shape) added or put in place of its own.

    Raises Invalid naming each wrong row.
    """
    shared = [DATA / name for name in ("tiers.yaml", "placements.yaml", "plans.yaml")]
    tables: dict[str, list[tuple[str, int, Any]]] = {}
    for file in [*sorted((DATA / "vendors").glob("*.yaml")), *shared, *([extra] if extra else [])]:
        for title, rows in _of_its_vendor(_read(file)).items():
            tables.setdefault(title, []).extend((str(file), number, row) for number, row in enumerate(rows, 1))
    problems: list[Problem] = []

    def table(name: str, model: type[RowT], key: Callable[[RowT], str]) -> dict[str, RowT]:
        return _table(name, tables.pop(name, []), model, key, problems)

    catalog = Catalog(
        providers=table("providers", ProviderRow, lambda row: row.name),
        models=table("models", Model, lambda row: row.name),
        placements=table("placements", Placement, lambda row: row.name),
        plans=table("plans", SubscriptionPlan, lambda row: row.name),
        packs=table("packs", CreditPack, lambda row: row.name),
        tiers=table("tiers", TierRow, lambda row: row.name),
    )
    problems += [
        Problem("catalog", f"unknown table {name!r}", file=rows[0][0]) for name, rows in tables.items() if rows
    ]
    problems += [problem for model in catalog.models.values() for problem in _dangling(model, catalog)]
    if problems:
        raise Invalid.of(problems)
    return catalog


def _dangling(model: Model, catalog: Catalog) -> Iterator[Problem]:
    """Names in a model's row that lead nowhere."""
    if model.provider not in catalog.providers:
        message = f"model {model.name} names an unknown provider {model.provider!r}"
        yield Problem("catalog", message, did_you_mean(model.provider, catalog.providers))
    successor = catalog.models.get(model.replaced_by) if model.replaced_by else None
    if model.replaced_by and (successor is None or successor.operation != model.operation):
        message = f"model {model.name}: replaced_by names {model.replaced_by!r}, which is no model of {model.operation}"
        near = catalog.nearest_model(model.replaced_by, model.operation)
        yield Problem("catalog", message, f"did you mean {near}?")


def _read(file: Path) -> Mapping[str, list[Any]]:
    try:
        tables = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe)
    except (OSError, yaml.YAMLError) as exc:
        raise Invalid.of([Problem("catalog", f"cannot be read: {exc}", file=str(file))]) from exc
    if not isinstance(tables, dict) or not all(isinstance(rows, list) for rows in tables.values()):
        raise Invalid.of([Problem("catalog", "must map table names to lists of rows", file=str(file))])
    return tables


def _of_its_vendor(tables: Mapping[str, list[Any]]) -> Mapping[str, list[Any]]:
    """The file's tables, in which models need not name the provider where the file is about one."""
    providers = tables.get("providers", [])
    if len(providers) != 1 or not isinstance(providers[0], dict):
        return tables
    own = {"provider": providers[0].get("name")}
    models = [own | row if isinstance(row, dict) else row for row in tables.get("models", [])]
    return {**tables, "models": models} if models else tables


def _table(
    name: str,
    rows: Iterable[tuple[str, int, Any]],
    model: type[RowT],
    key: Callable[[RowT], str],
    problems: list[Problem],
) -> dict[str, RowT]:
    """Valid rows by key; a later file replaces a row, a second row with the same key in one file is a problem."""
    found: dict[str, RowT] = {}
    origin: dict[str, str] = {}
    for file, number, values in rows:
        try:
            row = model.model_validate(values)
        except ValidationError as exc:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors())
            label = values.get("model") or values.get("name") if isinstance(values, dict) else values
            problems.append(Problem("catalog", f"{name} row {number} ({label}): {what}", file=file))
            continue
        if origin.get(key(row)) == file:
            problems.append(Problem("catalog", f"{name} row {number}: {key(row)} is there twice", file=file))
        found[key(row)], origin[key(row)] = row, file
    return found
