"""Begin a run: file what the user brought, then hold the credits and write down the run, in one atomic step."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from pressroom.delivery.check import check
from pressroom.delivery.names import planned_names
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media import UNKNOWN_MIME
from pressroom.domain.money import micros
from pressroom.domain.states import NodeState, Runner, WaitsFor
from pressroom.ledger.accounts import account_id_of, ensure_account
from pressroom.library.assets import add_asset, input_asset, input_id, known
from pressroom.library.editing import leave_trash
from pressroom.library.fingerprinting import new_looks
from pressroom.library.similar import remember
from pressroom.library.uses import record_campaign
from pressroom.media.files.fingerprint import Fingerprint
from pressroom.planning.allowances import makers
from pressroom.planning.approval import why_approved
from pressroom.planning.plan import Action, Files, FileSource, Node, Plan
from pressroom.planning.stored_plan import keep_plan
from pressroom.planning.totals import outdone
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.runs.nodes import RunNode
from pressroom.services.context import Context
from pressroom.services.hold_run import held_for, require_room, spender_of, unasked
from pressroom.services.lock_prices import lock_prices
from pressroom.services.plan_campaign import Planned
from pressroom.services.run_node import RunningRun
from pressroom.services.run_request import RunRequest
from pressroom.services.suspend_run import suspend_in, tell_suspended
from pressroom.services.tell_run import tell_held
from pressroom.services.watch_budgets import watch_budgets


def begin_run(
    context: Context,
    plan: Plan,
    files: Files,
    *,
    account: str,
    user: str = "",
    token: int | None = None,
    is_generation: bool = False,
    run_id: str = "",
    flow_run_id: str = "",
    runner: Runner = Runner.CALLER,
    out_dir: str = "",
    approved: bool = False,
    asks: str = "",
) -> RunningRun:
    """The account's run, with its upper bound held and its lease taken; where it has to be `approved` first, it waits for that.

    `token` is the number of the token that starts it, whose caps hold. `asks` is why a person has to approve it, whatever the
    campaign says, unless the token's standing budget covers it.

    Raises Refused when the account has too few credits, the token may not spend so much, too many runs of the same
    starter are under way (`rate`), or a file has changed.
    """
    if plan.held is None:
        raise Refused(f"{plan.campaign} has a node whose price is not known", hint="choose a model that has one")
    if plan.totals.create or plan.totals.adopt:
        context.provenance.check()  # before any credit is held
    sources = _file_inputs(context, plan, files)
    run_id = run_id or new_run_id()
    settings = context.settings
    with context.database.write() as conn:
        account_id = ensure_account(conn, account, micros(settings.grant_credits), settings.plan)
    looks = _looks(context, account_id, sources, files)
    # Filed before the hold, which may be refused: nothing lies in the store that no asset names.
    taken = [source.asset_id for source in sources if source.asset_id]  # filed already, and the parents themselves
    with context.database.write() as conn:
        taken += [_filed(conn, context, account_id, plan, each) for each in sources if not each.asset_id]
        for sha256, look in sorted(looks.items()):
            remember(conn, account_id, sha256, look)
    with context.database.write() as conn:
        record = runs.RunRecord(
            id=run_id,
            campaign=plan.campaign,
            plan_hash=plan.hash,
            plan=keep_plan(plan),
            flow_run_id=flow_run_id,
            out_dir=out_dir,
            runner=runner,
            created_by=user,
            is_generation=is_generation,
        )
        reused = _reused(conn, account_id, plan)
        rows = [_run_node(position, node, reused) for position, node in enumerate(plan.nodes)]
        runs.create_run(conn, account_id, record, rows)
        record_campaign(conn, account_id, taken, run_id, plan.campaign, context.now())
        # With the run itself: whenever its process is killed, the next one finds that it is gone.
        lease = leases.take(conn, run_id, settings.lease_seconds)
        assert lease is not None, "nobody else knows of it yet"
        own = "" if approved else why_approved(plan, ran_before=_ran_before(conn, account_id, plan))
        asks = "" if approved else asks
        # What the campaign wants approved is no matter of a standing budget.
        spender = spender_of(conn, context, token, asks=bool(asks) and not own)
        require_room(conn, context, account_id, user, token)
        hold = held_for(conn, context, f"hold:{run_id}", account, plan, plan.held, spender)
        covered = spender is not None and unasked(spender, hold)
        why = own or ("" if covered else asks)
        runs.start_run(conn, account_id, run_id, hold_id=hold.id)
        waits = None
        if why:
            waits = suspend_in(conn, context, account_id, run_id, WaitsFor.APPROVAL, why, by_agent=bool(asks))
    run = RunningRun(run_id, Principal(account, user), account_id, (hold.id,), lease, plan, reused, suspended=bool(why))
    tell_held(context, run, hold.amount_micros)
    if waits is not None:
        tell_suspended(context, run.principal, waits)
    watch_budgets(context, run)
    return run


def _filed(conn: Connection, context: Context, account_id: int, plan: Plan, source: FileSource) -> str:
    """The id of the asset under which a file that the user brought is now in the library."""
    asset_id = input_id(conn, account_id, source.sha256)
    name = Path(source.path).name
    new = input_asset(asset_id, source.sha256, name, source.info, context.now(), campaign=plan.campaign)
    add_asset(conn, account_id, new)
    return asset_id


def start_run(
    principal: Principal,
    context: Context,
    planned: Planned,
    *,
    run_id: str = "",
    flow_run_id: str = "",
    runner: Runner = Runner.CALLER,
    approved: bool = False,
    asks: str = "",
) -> RunningRun:
    """The run of a plan, its upper bound held. Raises Refused with every reason; then nothing was held and nothing is kept."""
    request, plan = planned.request, planned.plan
    if approved:
        principal.require_person("approving runs")
    if not planned.verdict.allowed:
        fatal = [problem for problem in planned.verdict.problems if problem.fatal]
        raise Refused(f"{plan.campaign} was refused: {'; '.join(map(str, fatal))}", problems=tuple(fatal))
    changed = outdone(request.plan_hash, plan.nodes, plan.totals) if request.plan_hash else ""
    if changed:
        raise Refused(f"the plan has changed since it was shown: {changed}", hint="plan again")
    unsold = {
        name
        for node in plan.nodes
        if node.action is Action.CREATE
        for name in makers(node)
        if context.catalog.providers[name].sells and name not in context.vendors
    }
    if unsold:
        names = ", ".join(sorted(unsold))
        raise Refused(f"nothing can be bought from {names}: this version has no adapter for it", hint="plan again")
    out = request.out_folder(principal.account, plan.campaign, context.settings.home)
    unfit = check(out, planned_names(plan).values())
    if unfit:
        raise Refused(f"the deliverables cannot be put into {out}", problems=tuple(unfit))
    return begin_run(
        context,
        replace(
            plan,
            problems=planned.verdict.problems,
            uncertain=request.uncertain(plan),
            locked=lock_prices(context, plan),
        ),
        planned.files,
        account=principal.account,
        user=principal.user,
        token=principal.token,
        is_generation=request.generation,
        run_id=run_id or run_id_of(principal, context, request),
        flow_run_id=flow_run_id,
        runner=runner,
        out_dir=str(out),
        approved=approved,
        asks=asks,
    )


def run_id_of(principal: Principal, context: Context, request: RunRequest) -> str:
    """The id of the run that is asked for: of the account's run, where it is one's own; else made of the account and the name.

    So the same request sent twice is one run, and no account meets another's, whatever name it chooses.
    """
    if not request.run_id:
        return new_run_id()
    with context.database.read() as conn:
        try:
            found = runs.find_run(conn, account_id_of(conn, principal.account), request.run_id)
        except Invalid:
            found = None  # an account opens with its first run
    return found.id if found else runs.named_id(principal.account, request.run_id)


def new_run_id() -> str:
    return f"r{secrets.token_hex(8)}"


def _ran_before(conn: Connection, account_id: int, plan: Plan) -> bool:
    return plan.approval == "changed" and runs.ran_before(
        conn, account_id, plan.campaign, {node.key for node in plan.nodes}
    )


def _reused(conn: Connection, account_id: int, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Node id -> asset ids of everything that is in the library already: these nodes end as the run begins."""
    nodes = [node for node in plan.nodes if node.action is Action.REUSE and node.twin_of is None]
    found = known(conn, account_id, [node.key for node in nodes])
    leave_trash(conn, account_id, (asset for assets in found.values() for asset in assets))
    return {node.id: tuple(asset.id for asset in found[node.key]) for node in nodes if node.key in found}


def _run_node(position: int, node: Node, reused: Mapping[str, tuple[str, ...]]) -> RunNode:
    state = (
        NodeState.BLOCKED
        if node.action is Action.BLOCKED
        else NodeState.REUSED
        if node.id in reused
        else NodeState.WAITING
    )
    return RunNode(
        node_id=node.id,
        position=position,
        step=node.step,
        variant=", ".join(f"{dimension}={name}" for dimension, name in node.variant),
        operation=node.operation,
        key=node.key,
        action=node.action.value,
        state=state,
        asset_ids=reused.get(node.id, ()),
    )


def _file_inputs(context: Context, plan: Plan, files: Files) -> list[FileSource]:
    """Put the user's files into the store, so that the run and its lineage no longer depend on them."""
    of_nodes = [
        source
        for node in plan.nodes
        if node.action is not Action.BLOCKED
        for source in node.inputs.values()
        if isinstance(source, FileSource)
    ]
    sources = [*of_nodes, *plan.brand_files.values()]
    # Of equal bytes the file counts: it has yet to be filed, an asset of the library has been.
    wanted = {source.sha256: source for source in sorted(sources, key=lambda source: not source.asset_id)}
    for source in wanted.values():
        _put(context, source, files)
    # In one order: two runs that bring the same files at one moment do not wait for each other.
    return [source for _, source in sorted(wanted.items())]


def _looks(context: Context, account_id: int, sources: Sequence[FileSource], files: Files) -> Mapping[str, Fingerprint]:
    shown = [(each.sha256, Path(files.resolve(each.path)), each.info) for each in sources if not each.asset_id]
    return new_looks(context.database, account_id, shown, context.settings.limits, context.ffmpeg)


def _put(context: Context, source: FileSource, files: Files) -> None:
    if context.store.has(source.sha256):
        return
    path = files.resolve(source.path)
    stored = context.store.put(_existing(path), source.info.mime or UNKNOWN_MIME)
    if stored != source.sha256:
        raise Refused(f"{source.path} has changed since the plan was made", hint="plan again")


def _existing(path: str) -> Path:
    found = Path(path)
    if not found.is_file():
        raise Refused(f"{path} is no longer there", hint="plan again")
    return found
