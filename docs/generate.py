"""The generated parts of the documentation: tables and the campaign's schema, from the code and the data that they describe.

    python docs/generate.py            writes every part anew
    python docs/generate.py --check    writes nothing; exits 1 and names the pages that are out of date

A page marks where a part goes with a pair of HTML comments; everything around them is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import typer
from pydantic import BaseModel, SecretStr

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pressroom.campaign.schema import schema_text  # noqa: E402
from pressroom.catalog.limits import Limits  # noqa: E402
from pressroom.catalog.load import Catalog, load_catalog  # noqa: E402
from pressroom.catalog.models import Model, Price  # noqa: E402
from pressroom.cli.main import app  # noqa: E402
from pressroom.domain.money import credits_text, usd_text  # noqa: E402
from pressroom.domain.operation import Operation, asset_slots  # noqa: E402
from pressroom.domain.placement import Placement  # noqa: E402
from pressroom.media.art.gallery import FAMILIES, TEMPLATES, members  # noqa: E402
from pressroom.operations import ALL  # noqa: E402
from pressroom.settings import ENV_PREFIX, MediaLimits, Settings  # noqa: E402

DOCS: Final = ROOT / "docs"
_PART: Final = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end of \w[\w-]* -->\n)", re.DOTALL)
_TYPES: Final = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_HEX_COLOR: Final = "^#"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _or_dash(text: object) -> str:
    return "–" if text in (None, "", (), [], {}) else str(text)


def _code(value: object) -> str:
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "–"


# operations


def operations() -> str:
    catalog = load_catalog()
    overview = table(
        ("operation", "makes", "what it does"),
        [(f"[`{item.name}`](#{item.name})", item.makes.value, item.summary) for item in ALL],
    )
    return "\n".join([overview, *(_operation(item, catalog) for item in ALL)])


def _operation(operation: Operation[Any], catalog: Catalog) -> str:
    models = ", ".join(f"`{model.name}`" for model in catalog.offers.get(operation.name, ()))
    facts = [f"Models: {models or 'none'}.", f"Version {operation.version}, task family `{operation.family}`."]
    if operation.brand:
        facts.append(f"Depends on the brand's {', '.join(sorted(operation.brand))}.")
    if operation.seeded:
        facts.append("Seeded: each take of `count` has a seed of its own.")
    return f"## {operation.name}\n\n{operation.summary} {' '.join(facts)}\n\n{_parameters(operation.params)}"


def _parameters(params: type[BaseModel]) -> str:
    schema = params.model_json_schema()
    slots = asset_slots(params)
    rows = []
    for name, field in schema["properties"].items():
        said = type_text(field, schema.get("$defs", {}))
        if name in slots:
            said = said.replace("text", " or ".join(kind.value for kind in slots[name].kinds))
        default = "**required**" if name in schema.get("required", ()) else _default(field.get("default"))
        rows.append((f"`{name}`", said, default, field.get("description", "")))
    return table(("parameter", "type", "default", "meaning"), rows)


def _default(value: object) -> str:
    return "–" if value in (None, "", [], {}) else _code(value)


def type_text(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A JSON Schema type in words: `whole number, 1 to 8192`."""
    if "$ref" in field:
        return type_text(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in field:
        branches = [type_text(item, definitions) for item in field["anyOf"] if item.get("type") != "null"]
        return " or ".join(dict.fromkeys(branches))
    if "enum" in field or "const" in field:
        return ", ".join(_code(value) for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        count = _range(field, "minItems", "maxItems")
        return f"list of {type_text(field.get('items', {}), definitions)}" + (f", {count} of them" if count else "")
    if field.get("type") == "object":
        parts = [f"`{name}`: {type_text(item, definitions)}" for name, item in field.get("properties", {}).items()]
        return f"mapping ({'; '.join(parts)})" if parts else "mapping"
    return _scalar(field)


def _scalar(field: Mapping[str, Any]) -> str:
    if str(field.get("pattern", "")).startswith(_HEX_COLOR):
        return "colour"
    bounds = _range(field, "minimum", "maximum") or _range(field, "exclusiveMinimum", "exclusiveMaximum", "above")
    if field.get("type") == "string":
        length = _range(field, "minLength", "maxLength")
        bounds = f"{length} characters" if length else ""
    return _TYPES.get(str(field.get("type")), "anything") + (f", {bounds}" if bounds else "")


def _range(field: Mapping[str, Any], low: str, high: str, word: str = "from") -> str:
    if low in field and high in field:
        return f"{field[low]} to {field[high]}"
    if low in field:
        return f"{word} {field[low]}"
    return f"up to {field[high]}" if high in field else ""


def templates() -> str:
    families = table(
        ("style", "templates", "what it is for", "words that choose it"),
        [
            (
                f"`{family.name}`",
                ", ".join(f"`{item.name}`" for item in members(family.name)),
                family.summary,
                ", ".join(sorted(family.words)[:12]) + " …",
            )
            for family in FAMILIES
        ],
    )
    rows = table(
        ("template", "what it looks like", "texts", "words that choose it"),
        [
            (f"`{item.name}`", item.summary, ", ".join(item.slots), _or_dash(", ".join(sorted(item.words))))
            for item in TEMPLATES
        ],
    )
    return f"{families}\n{rows}"


# the catalog


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
        _price(price.usd, price.bound_usd, usd_text),
        price.per.replace("_", " ") + (f", in steps of {price.billing_step:g}" if price.billing_step != 1 else ""),
        _limits(model.limits),
        _usable(model),
        model.charged_on_refusal if catalog.providers[model.provider].sells else "–",
        _or_dash(model.notes),
        model.source,
        model.as_of,
    )


def _usable(model: Model) -> str:
    instead = f", then {_code(model.replaced_by)}" if model.replaced_by else ""
    words = [
        f"from {model.available_from}" if model.available_from else "",
        f"before {model.shutdown_on}{instead}" if model.shutdown_on else "",
    ]
    return _or_dash(" ".join(filter(None, words)))


def providers() -> str:
    rows = [
        (
            f"`{row.name}`",
            row.title,
            _yes(row.sells),
            _or_dash(" or ".join(f"`{name}`" for name in row.keys)),
            row.answers if row.sells else "–",
            _yes(row.can_list) if row.sells else "–",
            _yes(row.can_cancel) if row.sells else "–",
        )
        for row in load_catalog().providers.values()
    ]
    header = ("provider", "what it is", "sells", "key", "answers", "orders can be listed", "orders can be cancelled")
    return table(header, rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _price(amount: int | None, bound: int | None, text: Callable[[int], str]) -> str:
    if amount is None:
        return "not known"
    return text(amount) if bound is None else f"{text(amount)}, at most {text(bound)}"


def _limits(limits: Limits) -> str:
    found = limits.model_dump(exclude_defaults=True)
    return _or_dash("; ".join(f"{name.replace('_', ' ')} {_listed(value)}" for name, value in found.items()))


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else f"{value:g}"  # type: ignore[str-format]


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


# placements


def placements() -> str:
    rows = list(load_catalog().placements.values())
    texts = dict.fromkeys(text for row in rows for text in (row.source, row.safe_zone_source) if text)
    numbers = {text: number for number, text in enumerate(texts, 1)}
    parts = [f"{len(rows)} placements.\n"]
    for platform in dict.fromkeys(row.platform for row in rows):
        parts.append(_platform(platform, [row for row in rows if row.platform == platform], numbers))
    sources = "".join(f"{number}. {text}\n" for text, number in numbers.items())
    return "\n".join([*parts, f"## Sources\n\n{sources}"])


def _platform(platform: str, rows: Sequence[Placement], numbers: Mapping[str, int]) -> str:
    header = (
        "placement",
        "kind",
        "pixels",
        "formats",
        "bytes",
        "seconds",
        "fps",
        "safe zone",
        "evidence",
        "source",
        "as of",
    )
    found = table(header, [_placement(row, numbers) for row in rows])
    notes = "".join(f"- `{row.name}`: {_cell(row.notes)}\n" for row in rows if row.notes)
    return f"## {platform}\n\n{found}" + (f"\n{notes}" if notes else "")


def _placement(row: Placement, numbers: Mapping[str, int]) -> Sequence[str]:
    zone = row.safe_zone
    edges = f"{zone.top} {zone.right} {zone.bottom} {zone.left} ({numbers[row.safe_zone_source]})" if zone else "–"
    return (
        f"`{row.name}`",
        row.kind.value,
        f"{row.width} x {row.height}",
        ", ".join((*row.formats, *row.video_codecs)),
        _between(row.min_bytes, row.max_bytes, row.target_max_bytes, _megabytes),
        _between(row.min_duration_seconds, row.max_duration_seconds, row.target_max_duration_seconds, "{:g}".format),
        _between(row.min_fps, row.max_fps, row.target_fps, "{:g}".format),
        edges,
        row.evidence,
        str(numbers[row.source]),
        row.as_of,
    )


def _between(low: Any, high: Any, target: Any, text: Callable[[Any], str]) -> str:
    """`3 to 900, aims at 60`; only what is known."""
    span = (
        f"{text(low)} to {text(high)}"
        if low and high
        else f"≥ {text(low)}"
        if low
        else f"≤ {text(high)}"
        if high
        else "–"
    )
    return f"{span}, aims at {text(target)}" if target and target != high else span


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 100_000 else f"{count / 1_000:g} kB"


# settings and commands


def settings() -> str:
    rows = [_setting(name, name, field) for name, field in Settings.model_fields.items() if name != "limits"]
    return table(("in the environment", "in pressroom.toml", "default", "meaning"), rows)


def limits() -> str:
    rows = [_setting(f"limits_{name}", f"limits.{name}", field) for name, field in MediaLimits.model_fields.items()]
    return table(("in the environment", "in pressroom.toml", "default", "meaning"), rows)


def _setting(variable: str, key: str, field: Any) -> Sequence[str]:
    default = "" if field.is_required() else field.default
    shown = "" if isinstance(default, SecretStr) else default
    text = "`.pressroom` beside the campaign" if key == "home" else _code(shown)
    return f"`{ENV_PREFIX}{variable.upper()}`", f"`{key}`", text, field.description or ""


def command_line() -> dict[str, Any]:
    """Full name -> command, groups after their own callback: `credits`, `credits grant`."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        group = getattr(command, "commands", {})
        if not group or command.invoke_without_command:
            found[name] = command
        found |= {f"{name} {sub}": inner for sub, inner in group.items()}
    return found


def command_pages() -> str:
    found = command_line()
    overview = table(
        ("command", "what it does"),
        [
            (f"[`pressroom {name}`](#pressroom-{name.replace(' ', '-')})", item.help or "")
            for name, item in found.items()
        ],
    )
    return "\n".join([overview, *(_command(name, item) for name, item in found.items())])


def _command(name: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option" and "--help" not in item.opts]
    shown = [item.name.upper() if item.required else f"[{item.name.upper()}]" for item in arguments]
    usage = " ".join(["pressroom", name, *(["[OPTIONS]"] if options else []), *shown])
    rows = [(f"`{item.name.upper()}`", item.help or "", _default(item.default)) for item in arguments]
    rows += [(_option(item), item.help or "", "–" if item.is_flag else _default(item.default)) for item in options]
    listed = "\n" + table(("option", "meaning", "default"), rows) if rows else ""
    return f"## pressroom {name}\n\n{command.help}\n\n```text\n{usage}\n```\n{listed}"


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    repeat = " ..." if option.multiple else ""
    return f"`{', '.join(option.opts)}{value}{repeat}`"


PARTS: Final[dict[str, Callable[[], str]]] = {
    "operations": operations,
    "templates": templates,
    "models": models,
    "providers": providers,
    "plans": plans,
    "packs": packs,
    "placements": placements,
    "settings": settings,
    "limits": limits,
    "commands": command_pages,
}


def pages() -> list[Path]:
    return sorted(path for path in DOCS.rglob("*.md") if "<!-- generated: " in path.read_text(encoding="utf-8"))


def regenerated(text: str) -> str:
    """The page with every generated part as the code has it now."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]()}\n{match[3]}", text)


def wanted() -> dict[Path, str]:
    """Every generated file and page, as the code has it now."""
    schema = {DOCS / "campaign.schema.json": schema_text()}
    return {path: regenerated(path.read_text(encoding="utf-8")) for path in pages()} | schema


def main(arguments: Sequence[str]) -> int:
    check = "--check" in arguments
    stale = {path: text for path, text in wanted().items() if path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
