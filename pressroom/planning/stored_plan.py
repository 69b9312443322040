"""The text that a run's row keeps of its Plan: a task, perhaps on another machine, reads the same Plan back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.meter import Meter
from pressroom.domain.operation import Brand
from pressroom.planning.plan import Action, Alternative, FileSource, Node, NodeSource, Plan, Quote, Source
from pressroom.planning.totals import totals_of

_ABOUT = ("campaign", "title", "file", "hash", "catalog_version", "files", "budget_credits", "budget_usd")
_SINCE = {"file": "", "catalog_version": "", "files": {}}  # what rows of earlier versions do not hold


def dump_plan(plan: Plan) -> str:
    """JSON text that `load_plan` reads back as an equal plan."""
    return json.dumps(
        {
            **{name: getattr(plan, name) for name in _ABOUT},
            "nodes": [_node_json(node) for node in plan.nodes],
            "brand": asdict(plan.brand),
            "brand_files": {key: asdict(source) for key, source in plan.brand_files.items()},
            "problems": [problem.as_dict() for problem in plan.problems],
            "places": plan.places,
        },
        separators=(",", ":"),
    )


def load_plan(text: str) -> Plan:
    data = json.loads(text)
    nodes = tuple(_node(values) for values in data["nodes"])
    about = _SINCE | {name: data[name] for name in _ABOUT if name in data}
    return Plan(
        **about,
        nodes=nodes,
        totals=totals_of(nodes),
        problems=tuple(Problem(**values) for values in data["problems"]),
        brand=Brand(**data["brand"]),
        brand_files={key: _file_source(values) for key, values in data["brand_files"].items()},
        places={place: (line, column) for place, (line, column) in data.get("places", {}).items()},
    )


def _node_json(node: Node) -> dict[str, Any]:
    return {
        **{name: getattr(node, name) for name in _PLAIN},
        "why": node.why,
        "facts": node.facts,
        "quote": asdict(node.quote),
        "alternatives": [asdict(item) for item in node.alternatives],
        "inputs": {name: asdict(source) for name, source in node.inputs.items()},
        "outputs": [[label, asdict(made)] for label, made in node.outputs],
    }


_PLAIN = (
    *("id", "step", "variant", "operation", "version", "family", "makes", "provider", "model", "params"),
    *("key", "action", "units", "prompt", "words", "deliver", "renew", "twin_of", "line"),
)


def _node(values: dict[str, Any]) -> Node:
    plain = {name: values[name] for name in _PLAIN} | {
        "why": values.get("why", ""),
        "facts": values.get("facts", {}),
    }
    plain |= {
        "variant": tuple((dimension, name) for dimension, name in values["variant"]),
        "makes": Kind(values["makes"]),
        "action": Action(values["action"]),
        "quote": _quote(values["quote"]),
        "alternatives": tuple(
            Alternative(**{**item, "quote": _quote(item["quote"])}) for item in values.get("alternatives", ())
        ),
        "inputs": {name: _source(source) for name, source in values["inputs"].items()},
        "outputs": tuple((label, _info(made)) for label, made in values["outputs"]),
    }
    return Node(**plain)


def _quote(values: dict[str, Any]) -> Quote:
    meter = values.get("meter")
    return Quote(**{**values, "meter": None if meter is None else Meter(**meter)})


def _source(values: dict[str, Any]) -> Source:
    return _file_source(values) if "sha256" in values else NodeSource(**{**values, "info": _info(values["info"])})


def _file_source(values: dict[str, Any]) -> FileSource:
    return FileSource(**{**values, "info": _info(values["info"])})


def _info(values: dict[str, Any]) -> MediaInfo:
    return MediaInfo(**{**values, "kind": Kind(values["kind"])})
