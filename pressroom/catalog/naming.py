"""Names of models and providers that a campaign gives and the catalog does not have, with what may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pressroom.catalog.former import Former, former_named
from pressroom.catalog.load import Catalog
from pressroom.domain.errors import Problem
from pressroom.domain.money import in_credits
from pressroom.domain.suggest import did_you_mean


def wrong_names(catalog: Catalog, values: Mapping[str, Any]) -> Iterator[Problem]:
    """All of a document, whatever else is wrong with it."""
    yield from wrong_in_policy(catalog, _mapping(values.get("policy")))
    for name, step in _mapping(values.get("steps")).items():
        step, path = _mapping(step), ("steps", name)
        uses, model = step.get("uses"), step.get("model")
        if not isinstance(uses, str) or uses not in catalog.offers:
            continue  # what the step is meant to be is not known
        if isinstance(model, str) and (wrong := wrong_model(catalog, model, uses)):
            yield Problem(wrong.code, wrong.message, wrong.hint, path=(*path, "model"))
        for problem in wrong_fallbacks(catalog, _names(step.get("fallback")), uses):
            yield Problem(problem.code, problem.message, problem.hint, path=(*path, "fallback"))


def wrong_in_policy(catalog: Catalog, policy: Mapping[str, Any]) -> Iterator[Problem]:
    """The names of a campaign's policy, each with its place."""
    for word, known in (
        ("prefer", catalog.models),
        ("fallback", catalog.models),
        ("providers", catalog.providers),
    ):
        for name in _names(policy.get(word)):
            if name not in known:
                what = "provider" if word == "providers" else "model"
                message, hint = f"policy.{word}: there is no {what} {name!r}", did_you_mean(name, known)
                yield Problem(f"unknown_{what}", message, hint, path=("policy", word))


def wrong_fallbacks(catalog: Catalog, names: tuple[str, ...], operation: str) -> Iterator[Problem]:
    """Models that cannot stand in for one of this operation, without a place."""
    for name in names:
        row = catalog.models.get(name)
        if row is None or row.operation != operation:
            message = f"fallback: there is no model {name!r} of {operation}"
            yield Problem("unknown_model", message, f"did you mean {catalog.nearest_model(name, operation)}?")


def wrong_model(catalog: Catalog, name: str, operation: str) -> Problem | None:
    """Why a step of this operation cannot have this model, without a place; None where the catalog has it."""
    model = catalog.models.get(name)
    if model is not None and model.operation == operation:
        return None
    why = "is not in the catalog" if model is None else f"offers {model.operation}, not {operation}"
    nearest = catalog.nearest_model(name, operation)
    former = former_named(name) if model is None or model.replaced_by else None
    if former is not None:
        today = _successor(catalog, former, operation) or nearest
        hint = f"{former.answer}; did you mean {_priced(catalog, today)}?"
    else:
        hint = f"did you mean {nearest}?"
    return Problem("unknown_model", f"model {name!r} {why}", hint)


def _successor(catalog: Catalog, former: Former, operation: str) -> str:
    """The operation's first model of those that a former one is today; empty where it has none of them."""
    sold = [row for row in catalog.offers.get(operation, ()) if not row.replaced_by]
    for name in former.successors:
        found = [row for row in sold if name in (row.model, row.id) or row.model.startswith(f"{name}-")]
        if found:
            exact = [row for row in found if row.model == name] or [row for row in found if row.id == name] or found
            return exact[0].name
    return ""


def _priced(catalog: Catalog, name: str) -> str:
    """`fal/seedvr (1 credit / megapixel)`; the name alone where it has no price."""
    row = catalog.models.get(name)
    price = row.prices[0] if row is not None else None
    return name if price is None or price.credits is None else f"{name} ({in_credits(price.credits)} / {price.unit})"


def _names(value: Any) -> tuple[str, ...]:
    """The names of a list; none where a word or a truth value stands for one."""
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list | tuple) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
