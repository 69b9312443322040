"""A plan as the run's row keeps it: everything that a task, perhaps on another machine, needs to run one of its nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Brand
from pressroom.planning.plan import Action, FileSource, Node, NodeSource, Plan, Quote, Source


@dataclass(frozen=True)
class StoredPlan:
    """The part of a Plan that running needs, with its nodes by id, in the plan's order."""

    campaign: str
    title: str
    hash: str
    nodes: Mapping[str, Node]
    brand: Brand = field(default_factory=Brand)
    brand_files: Mapping[str, FileSource] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()


def dump_plan(plan: Plan) -> str:
    """JSON text of what `load_plan` reads back."""
    return json.dumps(
        {
            "campaign": plan.campaign,
            "title": plan.title,
            "hash": plan.hash,
            "nodes": [_node_json(node) for node in plan.nodes],
            "brand": asdict(plan.brand),
            "brand_files": {key: asdict(source) for key, source in plan.brand_files.items()},
            "problems": [problem.as_dict() for problem in plan.problems],
        },
        separators=(",", ":"),
    )


def load_plan(text: str) -> StoredPlan:
    data = json.loads(text)
    return StoredPlan(
        campaign=data["campaign"],
        title=data["title"],
        hash=data["hash"],
        nodes={values["id"]: _node(values) for values in data["nodes"]},
        brand=Brand(**data["brand"]),
        brand_files={key: _file_source(values) for key, values in data["brand_files"].items()},
        problems=tuple(data["problems"]),
    )


def _node_json(node: Node) -> dict[str, Any]:
    return {
        **{name: getattr(node, name) for name in _PLAIN},
        "quote": asdict(node.quote),
        "inputs": {name: asdict(source) for name, source in node.inputs.items()},
        "outputs": [[label, asdict(made)] for label, made in node.outputs],
    }


_PLAIN = (
    *("id", "step", "variant", "operation", "version", "family", "makes", "provider", "model", "params"),
    *("key", "action", "units", "prompt", "words", "deliver", "renew", "twin_of", "line"),
)


def _node(values: dict[str, Any]) -> Node:
    plain = {name: values[name] for name in _PLAIN}
    plain |= {
        "variant": tuple((dimension, name) for dimension, name in values["variant"]),
        "makes": Kind(values["makes"]),
        "action": Action(values["action"]),
        "quote": Quote(**values["quote"]),
        "inputs": {name: _source(source) for name, source in values["inputs"].items()},
        "outputs": tuple((label, _info(made)) for label, made in values["outputs"]),
    }
    return Node(**plain)


def _source(values: dict[str, Any]) -> Source:
    return _file_source(values) if "sha256" in values else NodeSource(**{**values, "info": _info(values["info"])})


def _file_source(values: dict[str, Any]) -> FileSource:
    return FileSource(**{**values, "info": _info(values["info"])})


def _info(values: dict[str, Any]) -> MediaInfo:
    return MediaInfo(**{**values, "kind": Kind(values["kind"])})
