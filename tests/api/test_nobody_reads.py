"""Nobody reads or changes what is not theirs over HTTP: every operation answers as if another account's things were not there.

The operations are those of the OpenAPI document, so that a new one is covered by its path, or fails until it is known here
what its query or body names.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from pressroom.database.schema import metadata
from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from pressroom.services.people import add_member
from pressroom.services.public_links import create_link
from pressroom.services.tokens import create_token
from tests.api.conftest import Caller
from tests.api.routes.test_batches import ended as ended_batch
from tests.api.routes.test_runs import ended
from tests.api.test_asking import OPEN, routes
from tests.support.media import product

Given = dict[str, Any]
PARAMETER: Final = re.compile(r"{(\w+)}")
NEW: Final = re.compile(r'"u[0-9a-f]{16}"|"\d{4}-\d\d-\d\dT[^"]+"|"plan_hash":"[0-9a-f]{64}"')
TUS: Final = {"Tus-Resumable": "1.0.0"}
STREAMS: Final = {"/events"}  # it goes on for ever; tests/api/routes/test_events.py tells whose events they are
CAMPAIGN: Final = """\
pressroom: 1
name: campaign-of-one
{head}steps:
  made:
    uses: resize
    with: {{image: "asset:{asset}", width: 44, height: 33, format: png}}
"""
# What makes or changes something of whoever asks, and names nothing else.
OWN: Final = {
    "PUT /account/budget",
    "POST /assets/uploads",
    "POST /assets/fetched",
    "POST /collections",
    "POST /retention",
    "POST /retention/apply",
    "POST /campaigns/validate",
    "POST /campaigns",
    "POST /tokens",
    "POST /webhooks",
    "POST /webhooks/secret",
    "OPTIONS /uploads",
    "PUT /members/{email}",
    "PUT /assets/searches/{name}",
    "PUT /providers/{name}/key",
}


@dataclass(frozen=True)
class Theirs:
    """What an account has, by the names that operations have for it, and words that nobody else is to read."""

    values: Mapping[str, str]
    words: tuple[str, ...]


def ids(v: Mapping[str, str]) -> Given:
    return {"json": {"ids": [v["asset_id"]]}}


def made_of(v: Mapping[str, str], key: str = "asset_id") -> Given:
    return {"operation": "resize", "image": v[key], "width": 20, "height": 20}


def campaign_of(v: Mapping[str, str]) -> list[Given]:
    """By every way to name what is another's: by name, in its text, among its inputs, by its plan."""
    text = CAMPAIGN.format(head="", asset=v["asset_id"])
    taking = text.replace("steps:", "inputs:\n  photo: {type: image}\nsteps:")
    return [
        {"json": {"campaign": v["campaign"]}},
        {"json": {"campaign": v["document"]}},
        {"json": {"yaml": text}},
        {"json": {"yaml": taking, "inputs": {"photo": f"asset:{v['asset_id']}"}}},
    ]


Naming = Callable[[Mapping[str, str]], list[Given]]
# What operations are sent that name what is another's in their query or body; a path is filled in by itself.
NAMED: Final[dict[str, Naming]] = {
    "POST /assets/edit": lambda v: [{"json": {**ids(v)["json"], "title": "stolen"}}],
    "POST /assets/tag": lambda v: [{"json": {**ids(v)["json"], "tags": ["stolen"]}}],
    "POST /assets/untag": lambda v: [{"json": {**ids(v)["json"], "tags": ["veiled tag"]}}],
    "POST /assets/favourite": lambda v: [ids(v)],
    "POST /assets/{asset_id}/uses": lambda v: [{"json": {"kind": "post"}}],
    "POST /assets/rate": lambda v: [{"json": {**ids(v)["json"], "rating": 5}}],
    "POST /assets/move": lambda v: [{"json": {**ids(v)["json"], "folder": "stolen"}}],
    **{f"POST /assets/{verb}": lambda v: [ids(v)] for verb in ("archive", "trash", "restore", "purge")},
    "POST /assets/folders/move": lambda v: [{"json": {"folder": v["folder"], "to": "stolen"}}],
    "PATCH /collections/{name}": lambda v: [{"json": {"name": "stolen"}}],
    "POST /collections/{name}/add": lambda v: [ids(v), {**ids(v), "path": "own shelf"}],
    "POST /collections/{name}/remove": lambda v: [ids(v), {**ids(v), "path": "own shelf"}],
    "PUT /collections/{name}/order": lambda v: [ids(v), {**ids(v), "path": "own shelf"}],
    "PUT /account/branding": lambda v: [{"json": {"logo": v["asset_id"]}}],
    "GET /assets": lambda v: [
        {"params": {name: v[value], "facets": ["kind", "campaign", "tag"], "timeline": "yes"}}
        for name, value in (
            ("like", "asset_id"),
            ("collection", "collection"),
            ("folder", "folder"),
            ("run", "run_id"),
            ("campaign", "campaign"),
            ("tag", "tag"),
            ("text", "tag"),
        )
    ],
    "GET /runs": lambda v: [{"params": {"campaign": v["campaign"]}}, {"params": {"cursor": v["run_id"]}}],
    "GET /campaigns": lambda v: [{"params": {"name": v["campaign"]}}, {"params": {"cursor": v["document"]}}],
    "GET /generations": lambda v: [{"params": {"user": v["email"]}}, {"params": {"cursor": v["generation_id"]}}],
    "GET /batches": lambda v: [{"params": {"cursor": v["batch_id"]}}],
    "GET /webhooks/deliveries": lambda v: [{"params": {"webhook": v["webhook_id"]}}],
    "POST /uploads": lambda v: [{"headers": {**TUS, "Upload-Length": "9", "Upload-Metadata": meta(v["sha256"])}}],
    "PATCH /uploads/{upload_id}": lambda v: [
        {
            "headers": {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
            "content": b"stolen",
        }
    ],
    "HEAD /uploads/{upload_id}": lambda v: [{"headers": TUS}],
    "DELETE /uploads/{upload_id}": lambda v: [{"headers": TUS}],
    "POST /estimates": lambda v: [
        {"json": {"generation": made_of(v)}},
        {"json": {"generation": made_of(v, "upload_id")}},
        *({"json": {"campaign": each["json"]}} for each in campaign_of(v)),
        {"json": {"batch": {"campaign": v["campaign"], "rows": [{}]}}},
    ],
    "POST /generations": lambda v: [{"json": made_of(v)}, {"json": made_of(v, "upload_id")}],
    "POST /plans": campaign_of,
    "POST /runs": lambda v: [*campaign_of(v), {"json": {"plan_hash": v["plan_hash"]}}],
    "POST /batches": lambda v: [{"json": {"campaign": v["campaign"], "rows": [{}]}}],
    "POST /runs/{run_id}/approve": lambda v: [{"json": {}}],
    "POST /runs/{run_id}/resume": lambda v: [{"json": {"cap": 9}}],
    "DELETE /retention": lambda v: [{"params": {"name": v["rule"]}}],
    "POST /shares": lambda v: [{"json": {**what, "email": "bea@bob.example"}} for what in shared(v)],
    "POST /links": lambda v: [{"json": what} for what in shared(v)],
    "DELETE /shares": lambda v: [{"params": {**what, "email": v["email"]}} for what in shared(v)],
    "GET /shares/received/assets": lambda v: [{"params": {**what, "account": "default"}} for what in shared(v)],
    "PATCH /tokens/{prefix}": lambda v: [{"json": {"cap_day": 1}}],
    "PATCH /webhooks/{webhook_id}": lambda v: [{"json": {"events": ["*"]}}],
    "POST /webhooks/{webhook_id}/rotate": lambda v: [{"json": {}}],
    # Of no account: what there is to be made, by names that everybody may know.
    **dict.fromkeys(
        ("GET /operations/{name}", "GET /templates/{name}", "DELETE /assets/searches/{name}"), lambda v: [{}]
    ),
}


def meta(sha256: str) -> str:
    return f"sha256 {base64.b64encode(sha256.encode()).decode()}"


def shared(v: Mapping[str, str]) -> list[dict[str, str]]:
    places = {"asset": "asset_id", "folder": "folder", "collection": "collection"}
    return [{"kind": kind, "name": v[name]} for kind, name in places.items()]


@pytest.fixture(scope="module")
def theirs(ask: Caller, tmp_path_factory: pytest.TempPathFactory) -> Theirs:
    """Of the account `default`, one of everything that has a name."""
    path = tmp_path_factory.mktemp("veiled") / "veiled-photo.png"
    product(44, 33).save(path)
    asset = add_file(Principal("default"), ask.context, path)
    ask("POST", "/assets/edit", json={"ids": [asset.id], "folder": "veiled folder", "project": "veiled project"})
    ask("POST", "/assets/tag", json={"ids": [asset.id], "tags": ["veiled tag"]})
    ask("POST", "/collections", json={"name": "veiled shelf"})
    ask("POST", "/collections/veiled shelf/add", json={"ids": [asset.id]})
    ask("POST", "/retention", json={"name": "veiled rule", "action": "archive", "older_than_days": 3_000})
    text = CAMPAIGN.format(head="", asset=asset.id)
    document = ask("POST", "/campaigns", json={"name": "veiled-campaign", "text": text})
    plan = ask("POST", "/plans", json={"campaign": "veiled-campaign"})
    run = ended(ask, ask("POST", "/runs", json={"campaign": "veiled-campaign"})["id"])
    waiting = ask("POST", "/runs", json={"yaml": CAMPAIGN.format(head="approval: always\n", asset=asset.id)})
    generation = ask("POST", "/generations?wait=30", json=made_of({"asset_id": asset.id}))
    batch = ended_batch(ask, ask("POST", "/batches", json={"campaign": "veiled-campaign", "rows": [{}]})["id"])
    upload = ask("POST", "/uploads", headers={**TUS, "Upload-Length": "9"})
    hook = ask("POST", "/webhooks", json={"url": "https://veiled.example/hook", "events": ["*"]})["webhook"]
    token = create_token(Principal("default"), ask.context, "veiled token")
    add_member(Principal("default"), ask.context, "veiled@example.com", "viewer")
    link = create_link(Principal("default"), ask.context, "asset", asset.id)
    values = {
        "asset_id": asset.id,
        "sha256": asset.sha256,
        "collection": "veiled shelf",
        "folder": "veiled folder",
        "tag": "veiled tag",
        "rule": "veiled rule",
        "campaign": "veiled-campaign",
        "document": document["id"],
        "plan_hash": plan["plan_hash"],
        "run_id": run["id"],
        "waiting": waiting["id"],
        "generation_id": generation["id"],
        "batch_id": batch["id"],
        "upload_id": upload["id"],
        "webhook_id": hook["id"],
        "prefix": token.token.prefix,
        "email": "veiled@example.com",
        "number": str(link.link.id),
    }
    hidden = {"number"}  # a small number stands in many an answer
    return Theirs(values, (*(text for name, text in values.items() if name not in hidden), "veiled"))


@pytest.fixture(scope="module")
def nobodys(theirs: Theirs) -> dict[str, str]:
    """The same of nobody: other letters and digits, as many of them."""
    found = {}
    for name, text in theirs.values.items():
        other = iter(hashlib.sha256(name.encode()).hexdigest() * 2)
        found[name] = re.sub("[0-9a-f]", lambda _, other=other: next(other), text)
    return {**found, "number": "987654321", "email": "nobody@example.com", "prefix": "prt_zzzzzzzz"}


@pytest.fixture(scope="module")
def bob(ask_as_bob: Caller) -> Caller:
    ask_as_bob("POST", "/collections", json={"name": "own shelf"})
    return ask_as_bob


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path.removeprefix("/api/v1"), described)
        for method, path, described in routes(app)
        if path not in OPEN and not path.endswith(tuple(STREAMS))
    ]


def filled(path: str, values: Mapping[str, str], own: str = "") -> str:
    """The path with what it is about: a `name` is that of the part before it."""
    of_names = {"/collections": "collection", "/campaigns": "campaign"}
    name = next((values[what] for begin, what in of_names.items() if path.startswith(begin)), "veiled")
    return PARAMETER.sub(lambda found: own or {"name": name, **values}.get(found.group(1), "veiled"), path)


def told(answer: Any, values: Mapping[str, str]) -> tuple[Any, ...]:
    """All that an answer says, but for what was asked, and what is new in each answer."""
    text = NEW.sub("<new>", answer.text)
    for name, value in sorted(values.items(), key=lambda each: -len(each[1])):
        text = text.replace(f"link {value}" if name == "number" else value, f"<{name}>")
        text = text.replace(value[:12], f"<{name}>") if len(value) == 64 else text  # as messages write hashes
    return answer.status_code, answer.headers.get("content-type"), text


def sent(bob: Caller, method: str, path: str, values: Mapping[str, str], given: Given) -> Any:
    own = {name: value for name, value in given.items() if name not in ("path", "headers")}
    headers = {**bob.headers, **given.get("headers", {})}
    address = f"/api/v1{filled(path, values, given.get('path', ''))}"
    return bob.client.request(method, address, headers=headers, **own)


def test_what_is_of_another_account_is_as_if_it_were_not_there(
    app: FastAPI, ask: Caller, bob: Caller, theirs: Theirs, nobodys: dict[str, str]
) -> None:
    unknown, before = [], rows(ask)
    for method, path, described in operations(app):
        name = f"{method} {path}"
        if name in OWN:
            continue
        about = bool(PARAMETER.findall(path))
        names = NAMED.get(name)
        if names is None and ("requestBody" in described or (method != "GET" and not about)):
            unknown.append(name)
            continue
        for kind, value in (("", ""), ("asset_id", "sha256"), ("run_id", "waiting")):
            if kind and f"{{{kind}}}" not in path:
                continue
            both = [{**each, **({kind: each[value]} if kind else {})} for each in (theirs.values, nobodys)]
            for one, other in zip(*(names(each) if names else [{}] for each in both), strict=True):
                here, nowhere = (sent(bob, method, path, *each) for each in zip(both, (one, other), strict=True))
                if about or names:
                    seen = [str(told(answer, each)) for answer, each in zip((here, nowhere), both, strict=True)]
                    assert ":request" not in seen[0], (name, one, "this is not asked as it is documented")
                    assert seen[0] == seen[1], (name, one)
                found = [word for word in theirs.words if word in told(here, both[0])[2].replace("<", "")]
                assert found == [] or about or names, (name, found)

    assert unknown == [], "say in NAMED what they may name of another account, or in OWN that they name nothing"
    assert rows(ask) == before


def rows(ask: Caller) -> dict[str, int]:
    """How many rows the account has in each table that says whose they are; deliveries are written meanwhile by themselves."""
    with ask.context.database.read() as conn:
        return {
            table.name: conn.execute(select(func.count()).where(table.c.account_id == 1)).scalar_one()
            for table in metadata.tables.values()
            if "account_id" in table.c and table.name != "webhook_delivery"
        }
