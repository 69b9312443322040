"""The plan as a contract: what `plan -o plan.json` writes, and what has drifted since when `run plan.json` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.money import credits_text, in_credits, to_number, usd_text
from pressroom.planning.plan import Action, Node, Plan, Verdict
from pressroom.planning.preflight import AccountFacts

FORMAT = 2
SHOWN_OF_A_KIND = 5


class Contract(BaseModel):
    """A plan file, as far as it is compared: what was promised, for which inputs, at which prices."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pressroom: int
    plan_hash: str
    campaign: str
    file: str
    inputs: dict[str, Any]
    feeds: dict[str, str]
    refresh: list[str]
    account: str
    files: dict[str, str]
    catalog_version: str
    operations: dict[str, int]
    settings: dict[str, Any]
    steps: dict[str, str]
    nodes: list[dict[str, Any]]
    totals: dict[str, Any]


def plan_json(plan: Plan, verdict: Verdict) -> dict[str, Any]:
    """The JSON that tools rely on."""
    totals = plan.totals
    return {
        "plan_hash": plan.hash,
        "campaign": plan.campaign,
        "allowed": verdict.allowed,
        "problems": [problem.as_dict() for problem in verdict.problems],
        "nodes": [node_json(node) for node in plan.nodes],
        "totals": {
            "nodes": totals.nodes,
            "create": totals.create,
            "reuse": totals.reuse,
            "adopt": totals.adopt,
            "blocked": totals.blocked,
            "credits_estimate": _number(totals.credits_estimate),
            "credits_bound": _number(totals.credits_bound),
            "usd_estimate_micros": totals.usd_estimate,
            "usd_bound_micros": totals.usd_bound,
            "seconds_estimate": totals.seconds,
        },
    }


def node_json(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "step": node.step,
        "variant": dict(node.variant),
        "operation": node.operation,
        "provider": node.provider,
        "model": node.model,
        "why": node.why,
        "alternatives": [
            {
                "provider": item.provider,
                "model": item.model,
                "credits_bound": _number(item.quote.credits_bound),
                "usd_bound_micros": item.quote.usd_bound,
            }
            for item in node.alternatives
        ],
        "action": node.action.value,
        "asks": node.asks,
        "key": node.key,
        "credits_estimate": _number(node.quote.credits_estimate),
        "credits_bound": _number(node.quote.credits_bound),
        "usd_estimate_micros": node.quote.usd_estimate,
        "usd_bound_micros": node.quote.usd_bound,
        "seconds_estimate": round(node.quote.seconds, 2),
        "upstream": list(node.upstream),
        "outputs": [
            {
                "label": label,
                "kind": made.kind.value,
                "mime": made.mime,
                "width": made.width,
                "height": made.height,
                "duration_seconds": made.duration_seconds,
            }
            for label, made in node.outputs
        ],
    }


def contract_json(
    plan: Plan,
    verdict: Verdict,
    account: AccountFacts,
    *,
    inputs: Mapping[str, Any],
    feeds: Mapping[str, str],
    refresh: frozenset[str],
) -> dict[str, Any]:
    """What `plan -o` writes: the plan and everything it was made for."""
    return {
        "pressroom": FORMAT,
        **plan_json(plan, verdict),
        "file": plan.file,
        "inputs": dict(inputs),
        "feeds": dict(feeds),
        "refresh": sorted(refresh),
        "account": account.name,
        "balance": to_number(account.available_micros),
        "files": _bytes_of(plan),
        "catalog_version": plan.catalog_version,
        "operations": {node.operation: node.version for node in plan.nodes},
        "settings": _settings_of(plan),
        "steps": _told_of_steps(plan),
    }


def read_contract(data: Any, file: str) -> Contract:
    """Raises Invalid when this is no plan that this version of Pressroom wrote."""
    written = data.get("pressroom") if isinstance(data, dict) else None
    if isinstance(written, int) and written != FORMAT:
        message = f"has plan format {written}, this version reads {FORMAT}"
        raise Invalid.of([Problem("plan_file", message, "make the plan again", file)])
    try:
        return Contract.model_validate(data)
    except ValidationError as exc:
        missing = ", ".join(".".join(map(str, error["loc"])) for error in exc.errors()[:5])
        raise Invalid.of([Problem("plan_file", f"is no plan file: {missing}", "write one with plan -o", file)]) from exc


def drift_of(contract: Contract, plan: Plan, account: AccountFacts) -> list[Problem]:
    """Everything that is no longer as the contract says. What has meanwhile been made already is no drift."""
    found = [*_drifted_campaign(contract, plan), *_drifted_files(contract, plan), *_drifted_code(contract, plan)]
    if contract.account != account.name:
        found.append(_drift("account", f"was {contract.account!r}, is {account.name!r}"))
    if contract.catalog_version != plan.catalog_version:
        found.append(_drift("catalog", "models, prices or placements have changed"))
    found += _drifted_nodes(contract.nodes, plan)
    bound = plan.totals.credits_bound
    if bound is not None and bound > account.available_micros:
        needs, has = in_credits(bound), credits_text(account.available_micros)
        found.append(_drift("balance", f"the plan needs {needs}, the balance is now {has}"))
    return _shortened(found)


def _shortened(found: list[Problem]) -> list[Problem]:
    """A few of each kind: one changed prompt in a thousand nodes is one drift to a person."""
    kept: list[Problem] = []
    for code in dict.fromkeys(problem.code for problem in found):
        alike = [problem for problem in found if problem.code == code]
        kept += alike[:SHOWN_OF_A_KIND]
        if len(alike) > SHOWN_OF_A_KIND:
            kept.append(_drift(code.removeprefix("drift_"), f"and {len(alike) - SHOWN_OF_A_KIND} more like these"))
    return kept


def _drifted_campaign(contract: Contract, plan: Plan) -> Iterator[Problem]:
    """What a run would do otherwise although it makes the same."""
    for name, now in {"name": plan.campaign, **_settings_of(plan)}.items():
        was = contract.campaign if name == "name" else contract.settings.get(name)
        if was != now:
            changed = "has changed" if name == "brand" else f"was {_or_not_set(was)}, is {_or_not_set(now)}"
            yield _drift("campaign", f"its {name} {changed}")
    for step, told in _told_of_steps(plan).items():
        if contract.steps.get(step, told) != told:
            yield _drift("campaign", f"{step} is delivered or described in another way")


def _drifted_files(contract: Contract, plan: Plan) -> Iterator[Problem]:
    now = _bytes_of(plan)
    for path, sha256 in contract.files.items():
        if path in now and now[path] != sha256:
            yield _drift("input", f"the bytes of {path} have changed")
        elif path not in now:
            yield _drift("input", f"{path} is no longer used")
    for path in now:
        if path not in contract.files:
            yield _drift("input", f"{path} is new")


def _drifted_code(contract: Contract, plan: Plan) -> Iterator[Problem]:
    for name, version in {node.operation: node.version for node in plan.nodes}.items():
        if contract.operations.get(name, version) != version:
            yield _drift("operation", f"{name} was version {contract.operations[name]}, is {version}")


def _drifted_nodes(promised: Sequence[Mapping[str, Any]], plan: Plan) -> Iterator[Problem]:
    then = {str(node.get("id")): node for node in promised}
    for node in plan.nodes:
        old = then.pop(node.id, None)
        if old is None:
            yield _drift("node", f"{node.id} is new")
        elif (was := f"{old.get('provider')}/{old.get('model')}") != (now := f"{node.provider}/{node.model}"):
            yield _drift("model", f"{node.id} was made by {was}, now by {now}")
        elif node.action is Action.CREATE and _named(old.get("alternatives")) != _named(
            node_json(node)["alternatives"]
        ):
            yield _drift("model", f"{node.id} would be made by other models where {now} fails")
        elif old.get("key") != node.key:
            yield _drift("content", f"{node.id} would be made from other content")
        elif old.get("action") == Action.REUSE and node.action is Action.CREATE:
            yield _drift("library", f"{node.id} was in the library and is no longer there")
        elif node.bought and old.get("credits_bound") != _number(node.quote.credits_bound):
            yield _drift("price", f"{node.id} was up to {old.get('credits_bound')} credits, is {_shown(node)}")
        elif node.bought and old.get("usd_estimate_micros") != node.quote.usd_estimate:
            was_usd = _dollars(old.get("usd_estimate_micros"))
            yield _drift("price", f"{node.id} was {was_usd}, is {_dollars(node.quote.usd_estimate)}")
        elif node.bought and old.get("usd_bound_micros") != node.quote.usd_bound:
            was_usd = _dollars(old.get("usd_bound_micros"))
            yield _drift("price", f"{node.id} was up to {was_usd}, is up to {_dollars(node.quote.usd_bound)}")
    for name in then:
        yield _drift("node", f"{name} is gone")


def _shown(node: Node) -> str:
    return "not known" if node.quote.credits_bound is None else credits_text(node.quote.credits_bound)


def _dollars(amount_micros: Any) -> str:
    return usd_text(amount_micros) if isinstance(amount_micros, int) else "not known"


def _or_not_set(value: Any) -> Any:
    return "not set" if value is None else value


def _named(alternatives: Any) -> list[str]:
    return [f"{item.get('provider')}/{item.get('model')}" for item in alternatives or ()]


def _settings_of(plan: Plan) -> dict[str, Any]:
    """What the campaign says of a whole run, by its own names; the brand as a digest."""
    return {
        "title": plan.title,
        "brand": digest(asdict(plan.brand)),
        "budget.credits": _number(plan.budget_credits),
        "budget.usd": _number(plan.budget_usd),
        "budget.month": _number(plan.budget_month),
        "budget.when_reached": "suspend" if plan.suspends else "refuse",
        "approval": f"above {_number(plan.approval_above)}" if plan.approval == "above" else plan.approval,
        "policy.uncertain": plan.uncertain,
    }


def _told_of_steps(plan: Plan) -> dict[str, str]:
    """Step -> a digest of what is not in its nodes' content: which files are delivered, and what is said of them."""
    told: dict[str, list[Any]] = {}
    for node in plan.nodes:
        told.setdefault(node.step, []).append([node.id, node.deliver, dict(node.words)])
    return {step: digest(said) for step, said in told.items()}


def _bytes_of(plan: Plan) -> dict[str, str]:
    return {**plan.files, **{source.path: source.sha256 for source in plan.brand_files.values()}}


def _drift(what: str, message: str) -> Problem:
    return Problem(f"drift_{what}", f"{what}: {message}", "make a new plan")


def _number(amount_micros: int | None) -> int | float | None:
    return None if amount_micros is None else to_number(amount_micros)
