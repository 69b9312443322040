"""The text that a run's row keeps of its Plan: a task, perhaps on another machine, reads the same Plan back."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.meter import Meter
from pressroom.domain.operation import Brand
from pressroom.planning.plan import Action, Alternative, FileSource, Node, NodeSource, Plan, Quote, Source
from pressroom.planning.totals import totals_of

_PARTS = frozenset({"nodes", "totals", "problems", "brand", "brand_files"})
_ABOUT = tuple(field.name for field in fields(Plan) if field.name not in _PARTS)  # what JSON holds as it is
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
        },
        separators=(",", ":"),
    )


class _Lately:
    """The last plans, by the digest of their text: start, tasks and report of a process read one run's, each from its row."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._plans: OrderedDict[bytes, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> Plan | None:
        with self._lock:
            plan = self._plans.get(digest)
            if plan is not None:
                self._plans.move_to_end(digest)
            return plan

    def put(self, digest: bytes, plan: Plan) -> None:
        with self._lock:
            self._plans[digest] = plan
            self._plans.move_to_end(digest)
            while len(self._plans) > self._most:
                self._plans.popitem(last=False)


_lately = _Lately(2)


def keep_plan(plan: Plan) -> str:
    """`dump_plan`'s text. As long as it is one of the last, `load_plan` of it is this very plan: it is not in memory twice."""
    text = dump_plan(plan)
    _lately.put(_digest(text), plan)
    return text


def load_plan(text: str) -> Plan:
    digest = _digest(text)
    plan = _lately.get(digest)
    if plan is None:
        plan = read_plan(text)
        _lately.put(digest, plan)
    return plan


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def read_plan(text: str) -> Plan:
    """The plan of a text, read anew."""
    data = json.loads(text)
    nodes = tuple(_node(values) for values in data["nodes"])
    about = _SINCE | {name: data[name] for name in _ABOUT if name in data}
    return Plan(
        **about,
        nodes=nodes,
        totals=totals_of(nodes),
        problems=tuple(_problem(values) for values in data["problems"]),
        brand=Brand(**data["brand"]),
        brand_files={key: _file_source(values) for key, values in data["brand_files"].items()},
    )


def delivering_nodes(text: str) -> list[str]:
    """Ids of the nodes whose files are delivered, of a plan's text."""
    return [node["id"] for node in json.loads(text)["nodes"] if node.get("deliver", True)]


def files_of(text: str) -> set[str]:
    """SHA-256 of every file that a plan's text takes as it is: inputs, and what its brand brings."""
    data = json.loads(text)
    inputs = (source for node in data["nodes"] for source in node["inputs"].values())
    return {source["sha256"] for source in (*inputs, *data["brand_files"].values()) if "sha256" in source}


def _node_json(node: Node) -> dict[str, Any]:
    return {name: _WRITTEN[name](getattr(node, name)) if name in _WRITTEN else getattr(node, name) for name in _NODE}


def _node(values: dict[str, Any]) -> Node:
    """Fields that an earlier version did not write have their defaults."""
    return Node(
        **{name: _READ[name](values[name]) if name in _READ else values[name] for name in _NODE if name in values}
    )


def _problem(values: dict[str, Any]) -> Problem:
    return Problem(**{**values, "path": tuple(values.get("path", ()))})


def _quote(values: dict[str, Any]) -> Quote:
    meter = values.get("meter")
    return Quote(**{**values, "meter": None if meter is None else Meter(**meter)})


def _source(values: dict[str, Any]) -> Source:
    return _file_source(values) if "sha256" in values else NodeSource(**{**values, "info": _info(values["info"])})


def _file_source(values: dict[str, Any]) -> FileSource:
    return FileSource(**{**values, "info": _info(values["info"])})


def _info(values: dict[str, Any]) -> MediaInfo:
    return MediaInfo(**{**values, "kind": Kind(values["kind"]), "notes": tuple(values.get("notes", ()))})


_NODE = tuple(field.name for field in fields(Node))
# Of the other fields, JSON gives back what it was given.
_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "quote": asdict,
    "alternatives": lambda items: [asdict(item) for item in items],
    "inputs": lambda sources: {name: asdict(source) for name, source in sources.items()},
    "outputs": lambda outputs: [[label, asdict(made)] for label, made in outputs],
}
_READ: dict[str, Callable[[Any], Any]] = {
    "variant": lambda pairs: tuple((dimension, name) for dimension, name in pairs),
    "makes": Kind,
    "action": Action,
    "quote": _quote,
    "alternatives": lambda items: tuple(Alternative(**{**item, "quote": _quote(item["quote"])}) for item in items),
    "inputs": lambda sources: {name: _source(source) for name, source in sources.items()},
    "outputs": lambda outputs: tuple((label, _info(made)) for label, made in outputs),
}
