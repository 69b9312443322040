"""What the client asks, as values: each call with the model of its answer. Whoever sends them is another matter."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from pressroom.api import models, sharing
from pressroom.api.address import API
from pressroom.api.lists import PageOf
from pressroom.domain import errors

T = TypeVar("T", bound=BaseModel)
Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. `key` makes it safe to send again; `file` is what its body is read from."""

    method: str
    path: str
    answer: type[T]
    json: Any = None
    params: Params = ()
    file: Path | None = None
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Idempotency-Key": self.key} if self.key else {}

    @property
    def may_be_repeated(self) -> bool:
        """Whether sending it twice has one effect."""
        return bool(self.key) or self.method in ("GET", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign to plan or run: one that is stored, by name or id, or its text."""

    name: str = ""
    yaml: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    refresh: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        given = {"inputs": dict(self.inputs), "feeds": dict(self.feeds), "refresh": list(self.refresh)}
        return {"campaign": self.name, "yaml": self.yaml, **given}


def generate(fields: Mapping[str, Any], wait: float) -> Call[models.GenerationView]:
    params = (("wait", f"{wait:g}"),)
    return _post("/generations", models.GenerationView, dict(fields), params)


def generations(filters: Params) -> Call[PageOf[models.GenerationView]]:
    return _get("/generations", PageOf[models.GenerationView], filters)


def share(fields: Mapping[str, Any]) -> Call[sharing.GivenShare]:
    return _post("/shares", sharing.GivenShare, dict(fields))


def link(fields: Mapping[str, Any]) -> Call[sharing.NewLink]:
    return _post("/links", sharing.NewLink, dict(fields))


def estimate(fields: Mapping[str, Any]) -> Call[models.Estimate]:
    return Call("POST", f"{API}/estimates", models.Estimate, {"generation": dict(fields)})


def estimate_campaign(campaign: Campaign) -> Call[models.Estimate]:
    return Call("POST", f"{API}/estimates", models.Estimate, {"campaign": campaign.as_dict()})


def plan(campaign: Campaign) -> Call[models.Plan]:
    return Call("POST", f"{API}/plans", models.Plan, campaign.as_dict())


def run(campaign: Campaign, plan_hash: str, approve: bool) -> Call[models.RunView]:
    return _post("/runs", models.RunView, {**campaign.as_dict(), "plan_hash": plan_hash, "approve": approve})


def estimate_batch(asked: Mapping[str, Any]) -> Call[models.Estimate]:
    return Call("POST", f"{API}/estimates", models.Estimate, {"batch": dict(asked)})


def batch(asked: Mapping[str, Any]) -> Call[models.BatchView]:
    return _post("/batches", models.BatchView, dict(asked))


def show_batch(batch_id: str) -> Call[models.BatchView]:
    return _get(f"/batches/{batch_id}", models.BatchView)


def decide_batch(batch_id: str, verb: str) -> Call[models.BatchView]:
    return _post(f"/batches/{batch_id}/{verb}", models.BatchView, None)


def store(name: str, text: str) -> Call[models.Campaign]:
    return _post("/campaigns", models.Campaign, {"name": name, "text": text})


def show_run(run_id: str) -> Call[models.RunView]:
    return _get(f"/runs/{run_id}", models.RunView)


def decide(run_id: str, verb: str, body: Mapping[str, Any] | None = None) -> Call[models.RunView]:
    return _post(f"/runs/{run_id}/{verb}", models.RunView, None if body is None else dict(body))


def find(filters: Params) -> Call[models.FoundAssets]:
    return _get("/assets", models.FoundAssets, filters)


def show_asset(name: str) -> Call[Any]:
    return _get(f"/assets/{name}", models.AssetView)


def upload(path: Path) -> Call[Any]:
    return Call(
        "POST", f"{API}/assets/uploads", models.Asset, params=(("filename", path.name),), file=path, key=new_key()
    )


def change(verb: str, ids: Sequence[str], **said: Any) -> Call[models.Changed]:
    return _post(f"/assets/{verb}", models.Changed, {"ids": list(ids), **said})


def use(name: str, kind: str, key: str, details: Mapping[str, Any]) -> Call[models.Recorded]:
    return _post(f"/assets/{name}/uses", models.Recorded, {"kind": kind, "key": key, "details": dict(details)})


def content_path(name: str) -> str:
    return f"{API}/assets/{name}/content"


def credits() -> Call[models.Credits]:
    return _get("/credits", models.Credits)


def usage(by: str, begins: date | None, ends: date | None) -> Call[models.Usage]:
    days = (("from", begins), ("to", ends))
    return _get("/usage", models.Usage, (("by", by), *((name, f"{day}") for name, day in days if day)))


def statement(cursor: str) -> Call[PageOf[models.StatementLine]]:
    return _get("/credits/statement", PageOf[models.StatementLine], (("cursor", cursor),) if cursor else ())


def error_of(status: int, told: Mapping[str, Any]) -> errors.PressroomError:
    """The error that the service raised, from the problem that its API told."""
    kinds = {
        401: errors.NotAuthenticated,
        404: errors.NotFound,
        422: errors.Invalid,
        400: errors.Invalid,
        429: errors.Retryable,
        503: errors.Retryable,
        502: errors.Permanent,
    }
    kind = kinds.get(status, errors.Refused if status < 500 else errors.Permanent)
    problems = tuple(map(_problem, told.get("problems", ())))
    message = str(told.get("detail") or f"the server answered {status}")
    return kind(message, hint=str(told.get("hint", "")), code=told.get("code", ""), problems=problems)


def _problem(told: Mapping[str, Any]) -> errors.Problem:
    known: dict[str, Any] = {name: value for name, value in told.items() if name in errors.Problem.__dataclass_fields__}
    return errors.Problem(**{**known, "path": tuple(known.get("path", ()))})


def _get(path: str, answer: type[T], params: Params = ()) -> Call[T]:
    return Call("GET", f"{API}{path}", answer, params=params)


def _post(path: str, answer: type[T], json: Any, params: Params = ()) -> Call[T]:
    return Call("POST", f"{API}{path}", answer, json, params, key=new_key())


def new_key() -> str:
    return secrets.token_urlsafe(24)
