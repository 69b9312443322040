"""The pages of what can be bought: models, providers, plans and packs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docs.parts.markdown import code, or_dash, table
from pressroom.catalog.former import former_models
from pressroom.catalog.limits import Limits, shown
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import Model, Price
from pressroom.catalog.presets import emotions
from pressroom.catalog.presets import presets as styles
from pressroom.domain.money import credits_text, usd_text


def models() -> str:
    header = (
        *("model", "operation", "tier", "quality", "credits", "USD", "per", "limits", "usable", "billed when refused"),
        *("notes", "source", "as of"),
    )
    catalog = load_catalog()
    rows = [_model(model, price, catalog) for model in catalog.models.values() for price in model.prices]
    return table(header, rows)


def _model(model: Model, price: Price, catalog: Catalog) -> Sequence[str]:
    return (
        f"`{model.name}`",
        f"[`{model.operation}`](operations.md#{model.operation})",
        model.tier,
        str(model.quality),
        _price(price.credits, price.bound_credits, credits_text),
        _price(price.usd, price.bound_usd, usd_text) + (" (weak)" if model.weak else ""),
        price.per.replace("_", " ") + (f", in steps of {price.billing_step:g}" if price.billing_step != 1 else ""),
        _limits(model.limits),
        _usable(model),
        model.charged_on_refusal if catalog.providers[model.provider].sells else "–",
        or_dash(model.notes),
        model.source,
        model.as_of,
    )


def _usable(model: Model) -> str:
    instead = f", then {code(model.replaced_by)}" if model.replaced_by else ""
    words = [
        f"from {model.available_from}" if model.available_from else "",
        f"before {model.shutdown_on}{instead}" if model.shutdown_on else "",
    ]
    return or_dash(" ".join(filter(None, words)))


def providers() -> str:
    rows = [
        (
            f"`{row.name}`",
            row.title,
            _yes(row.sells),
            or_dash(" or ".join(f"`{name}`" for name in row.keys)),
            row.answers if row.sells else "–",
            _yes(row.can_list) if row.sells else "–",
            _yes(row.can_cancel) if row.sells else "–",
            _limit(row.requests_per_minute),
            _limit(row.jobs_at_once),
            f"{row.limits_source}, {row.limits_as_of}" if row.is_limited else "–",
        )
        for row in load_catalog().providers.values()
    ]
    header = (
        *("provider", "what it is", "sells", "key", "answers", "orders can be listed", "orders can be cancelled"),
        *("orders a minute", "orders at a time", "these from"),
    )
    return table(header, rows)


def _limit(number: float | None) -> str:
    return "–" if number is None else f"{number:g}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _price(amount: int | None, bound: int | None, text: Callable[[int], str]) -> str:
    if amount is None:
        return "not known"
    return text(amount) if bound is None else f"{text(amount)}, at most {text(bound)}"


def _limits(limits: Limits) -> str:
    found = limits.model_dump(exclude_defaults=True)
    return or_dash("; ".join(f"{name.replace('_', ' ')} {_listed(value)}" for name, value in found.items()))


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_listed(each) or 'none'}" for name, each in value.items())
    if isinstance(value, bool | str):
        return shown(value)
    return ", ".join(map(_listed, value)) if isinstance(value, tuple | list) else f"{value:g}"  # type: ignore[str-format]


def plans() -> str:
    header = (
        "plan",
        "USD a month",
        "a year",
        "images",
        "edits",
        "videos",
        "audio",
        "USD cap",
        "video",
        "source",
        "as of",
    )
    rows = [
        (
            f"`{plan.name}`",
            _amount(plan.usd_per_month),
            _amount(plan.usd_per_year),
            *(_count(limit) for limit in (plan.images, plan.edits, plan.videos, plan.audio)),
            _amount(plan.usd_cap),
            _video(plan.max_video_height, plan.max_video_seconds),
            plan.source,
            plan.as_of,
        )
        for plan in load_catalog().plans.values()
    ]
    return table(header, rows)


def _video(height: int | None, seconds: float | None) -> str:
    return "no limit" if height is None and seconds is None else f"{_count(height)} lines, {_count(seconds)} s"


def _count(limit: float | None) -> str:
    return "no limit" if limit is None else f"{limit:g}"


def _amount(micros: int | None) -> str:
    return "no limit" if micros is None else usd_text(micros)


def packs() -> str:
    rows = [
        (f"`{pack.name}`", str(pack.credits), _amount(pack.usd), pack.source, pack.as_of)
        for pack in load_catalog().packs.values()
    ]
    return table(("pack", "credits", "USD", "source", "as of"), rows)


def presets() -> str:
    rows = [
        (f"`{name}`", f"`{row.name}`", row.words, row.source, row.as_of)
        for name, known in (("preset", styles()), ("emotion", emotions()))
        for row in known.values()
    ]
    return table(("parameter", "value", "words where a model has no parameter for it", "source", "as of"), rows)


def former() -> str:
    rows = [
        (", ".join(code(name) for name in row.names), row.answer, row.source, row.as_of.isoformat())
        for row in former_models()
    ]
    return table(("names", "answer", "source", "as of"), rows)
