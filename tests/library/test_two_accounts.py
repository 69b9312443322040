"""Nothing that one account gets changes when another account's rows are added: no value, no count, no error text.

Two accounts do operations drawn by lot in one database. What the first got is what it gets where it is alone.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from pressroom import buying, library, runs
from pressroom.buying import costs, journal
from pressroom.database.engine import Database
from pressroom.database.plan_reader import PlanReader, plan_reader_for
from pressroom.domain.errors import PressroomError
from pressroom.domain.library import AssetState, Right, Shared, Use
from pressroom.domain.media import Asset, Kind
from pressroom.library import (
    assets,
    auto_tags,
    collections,
    contents,
    editing,
    fetched,
    folders,
    links,
    opinions,
    purging,
    retention,
    rows,
    saved_searches,
    search,
    sharing,
    similar,
    statistics,
    tags,
    uses,
    versions,
)
from pressroom.library.lineage import lineage
from pressroom.library.mirror import Mirror
from pressroom.library.search import FACETS, Filter, Query
from pressroom.library.search_filter import Range
from pressroom.library.sketches import Sketches
from pressroom.media.files.fingerprint import Fingerprint
from pressroom.runs import alerts, batches, nodes, records, usage
from tests.support.accounts import ACME, RIVAL, open_accounts

NAMES = st.sampled_from("abc")
STATES = st.sampled_from(("completed", "failed"))
LOOKS = {"a": Fingerprint(1, bytes(1020) + b"\0\0\x80\x3f"), "b": Fingerprint(-1, b"\0\0\x80\x3f" + bytes(1020))}
# Both accounts use the same node keys, bytes, tags, shelves and campaigns; ids are unique by their making.
NOW = datetime(2026, 11, 30, tzinfo=UTC)
Operation = tuple[str, tuple[Any, ...]]
Own = Callable[[str], str]


def picture(own: Own, name: str, parent: str = "") -> Asset:
    return Asset(
        own(name),
        name.encode().hex().ljust(64, "0"),
        Kind.IMAGE,
        "image/png",
        1,
        title=f"kettle {name}",
        node_key=f"node-{name}",
        run_id=own("run"),
        campaign="launch",
        step="hero",
        parents=(own(parent),) if parent else (),
    )


def run(own: Own, name: str) -> records.RunRecord:
    return records.RunRecord(own(name), "launch", "hash", f'{{"plan":"{name}"}}', flow_run_id=own(name))


def job(conn: Connection, me: int, own: Own, name: str) -> object:
    values = {"node_key": f"node-{name}", "run_id": own("run"), "provider": "p", "model": "m", "hold_id": 1}
    found = journal.open_job(conn, me, order_key=own(f"order-{name}"), now=NOW, **values)
    return replace(found, account_id=0, callback_key="")


def rule(name: str, tag: str) -> retention.RetentionRule:
    return retention.RetentionRule(name, "archive", 1, tag=tag)


def target(conn: Connection, me: int, name: str) -> sharing.Target:
    return sharing.target_of(conn, me, Shared.ASSET, name)


def counted(found: statistics.Statistics) -> object:
    return found.count, found.uses, found.by, found.reuse_rate, [plain(each) for each in found.newest]


def shown(record: records.RunRecord | None) -> object:
    return record and replace(record, created_at=None, started_at=None, finished_at=None, account="")


def batch(me: int, own: Own, name: str) -> batches.Batch:
    return batches.Batch(own(name), me, f"of {name}", "document", (), False, 1, "", NOW, None, None)


URL = "https://media.example/a.png"
ALWAYS = usage.Span(NOW - timedelta(days=99), NOW + timedelta(days=99_999))
NODE = nodes.RunNode("n", 0, "hero", "", "draw", "node-a", "create")
# Every public function that takes an account. `o` names a thing of the caller's own.
DOES: dict[str, Callable[[Connection, int, Own, str, str], object]] = {
    "add_asset": lambda c, me, o, a, b: assets.add_asset(c, me, replace(picture(o, a), tags=(b,))),
    "add_child": lambda c, me, o, a, b: assets.add_asset(c, me, picture(o, a, b)),
    "add_tags": lambda c, me, o, a, b: tags.add_tags(c, me, [o(a)], [b]),
    "remove_tags": lambda c, me, o, a, b: tags.remove_tags(c, me, [o(a)], [b]),
    "suggest_tags": lambda c, me, o, a, b: tags.suggest_tags(c, me, rows.number_of(c, me, o(a)), [tags.Tag(b)]),
    "keep_content": lambda c, me, o, a, b: contents.keep_content(c, me, o(a), contents.Content(b, "utf-8")),
    "put_auto_tags": lambda c, me, o, a, b: auto_tags.put_auto_tags(c, me, picture(o, a), [tags.Tag(b)]),
    "give": lambda c, me, o, a, b: sharing.give(c, target(c, me, o(a)), f"{b}@x.example", Right.VIEW, "", NOW),
    "add_link": lambda c, me, o, a, b: links.add_link(c, target(c, me, o(a)), links.Terms(Right.VIEW), "", NOW)[1] > 0,
    "record_use": lambda c, me, o, a, b: uses.record_use(c, me, o(a), Use.VIEW, b, NOW),
    "record_campaign": lambda c, me, o, a, b: uses.record_campaign(c, me, [o(a)], b, "launch", NOW),
    "edit_assets": lambda c, me, o, a, b: editing.edit_assets(
        c, me, [o(a)], editing.Edit(title=f"teapot {b}", folder=b, metadata={b: 1})
    ),
    "set_state": lambda c, me, o, a, b: editing.set_state(
        c, me, [o(a)], AssetState("ready" if b == "a" else "archived")
    ),
    "leave_trash": lambda c, me, o, a, b: editing.leave_trash(
        c, me, [replace(picture(o, a), state=AssetState.TRASHED)]
    ),
    "move_folder": lambda c, me, o, a, b: folders.move_folder(c, me, a, f"{b}/moved"),
    "purge": lambda c, me, o, a, b: purging.purge(c, me, [o(a)], NOW),
    "add_rule": lambda c, me, o, a, b: retention.add_rule(c, me, rule(a, b), "", NOW),
    "remove_rule": lambda c, me, o, a, b: retention.remove_rule(c, me, a),
    "edit_collection": lambda c, me, o, a, b: collections.edit_collection(c, me, a, description=b, cover=o(b)),
    "move_in_collection": lambda c, me, o, a, b: collections.move_in_collection(c, me, a, o(b), 1),
    "order_collection": lambda c, me, o, a, b: collections.order_collection(c, me, a, [o(b)]),
    "set_favourite": lambda c, me, o, a, b: opinions.set_favourite(c, me, [o(a)], b == "a"),
    "set_rating": lambda c, me, o, a, b: opinions.set_rating(c, me, [o(a)], None if b == "a" else 4),
    "create_collection": lambda c, me, o, a, b: collections.create_collection(c, me, a),
    "make_sure_of": lambda c, me, o, a, b: collections.make_sure_of(c, me, a),
    "delete_collection": lambda c, me, o, a, b: collections.delete_collection(c, me, a),
    "add_to_collection": lambda c, me, o, a, b: collections.add_to_collection(c, me, a, [o(b)]),
    "remove_from_collection": lambda c, me, o, a, b: collections.remove_from_collection(c, me, a, [o(b)]),
    "rename_saved_search": lambda c, me, o, a, b: saved_searches.rename_saved_search(c, me, "", a, b),
    "save_search": lambda c, me, o, a, b: saved_searches.save_search(c, me, "", a, (("tag", b),)),
    "delete_saved_search": lambda c, me, o, a, b: saved_searches.delete_saved_search(c, me, "", a),
    "remember": lambda c, me, o, a, b: similar.remember(c, me, a.encode().hex().ljust(64, "0"), LOOKS["a"]),
    "create_run": lambda c, me, o, a, b: records.create_run(c, me, run(o, a), [NODE]),
    "suspend_run": lambda c, me, o, a, b: records.suspend_run(c, me, o(a), {"reason": b}, NOW),
    "start_run": lambda c, me, o, a, b: records.start_run(c, me, o(a)),
    "finish_run": lambda c, me, o, a, b: records.finish_run(c, me, o(a), "failed" if b == "a" else "completed"),
    "reopen_run": lambda c, me, o, a, b: records.reopen_run(c, me, o(a)),
    "record_delivery": lambda c, me, o, a, b: records.record_delivery(c, me, o(a), out_dir=b, report=b),
    "start_node": lambda c, me, o, a, b: nodes.start_node(c, me, o(a), 0, "n"),
    "finish_node": lambda c, me, o, a, b: nodes.finish_node(c, me, o(a), 0, "n", "failed" if b == "a" else "done"),
    "retry_nodes": lambda c, me, o, a, b: nodes.retry_nodes(c, me, o(a), list(nodes.NodeState)),
    "drop_nodes": lambda c, me, o, a, b: nodes.drop_nodes(c, me, o(a), ["n"], b),
    "cancel_waiting": lambda c, me, o, a, b: nodes.cancel_waiting(c, me, o(a), b, {}),
    "open_job": lambda c, me, o, a, b: job(c, me, o, a),
    "mark_submitted": lambda c, me, o, a, b: (
        journal.mark_submitted(c, o(f"order-{a}"), b, NOW, next_ask_at=NOW, deadline_at=NOW).state
    ),
    "mark_unknown": lambda c, me, o, a, b: journal.mark_unknown(c, o(f"order-{a}"), b, NOW).state,
    "mark_stored": lambda c, me, o, a, b: journal.mark_stored(c, o(f"order-{a}"), o("run"), NOW).state,
    "mark_failed": lambda c, me, o, a, b: journal.mark_failed(c, o(f"order-{a}"), b, NOW).state,
    "is_news": lambda c, me, o, a, b: alerts.is_news(c, me, a, NOW),
    "forget": lambda c, me, o, a, b: alerts.forget(c, me, a),
    "add_batch": lambda c, me, o, a, b: batches.add_batch(c, batch(me, o, a), [{"row": b}]),
    "remember_fetched": lambda c, me, o, a, b: fetched.remember_fetched(c, me, URL, o(a), NOW),
}
FILTERS = [
    Filter(),
    Filter(campaign="launch"),
    Filter(kind="image", tag="a"),
    Filter(tag="b"),
    Filter(collection="a"),
    Filter(collection="a", text="kettle"),
    Filter(favourite=True),
    Filter(favourite=False, step="hero"),
    Filter(text="kettle -teapot"),
    Filter(text="tea*", run="none"),
    Filter(no_tag="a", in_folder="", member="ann@acme.example", rating=Range(1)),
]
ASKS: dict[str, Callable[[Connection, int, Own, str], object]] = {
    "get_asset": lambda c, me, o, a: plain(assets.get_asset(c, me, o(a))),
    "get_asset by bytes": lambda c, me, o, a: plain(assets.get_asset(c, me, a.encode().hex() + "00")),
    "known": lambda c, me, o, a: {k: list(map(plain, v)) for k, v in assets.known(c, me, ["node-a", "node-b"]).items()},
    "assets_of_node": lambda c, me, o, a: list(map(plain, assets.assets_of_node(c, me, f"node-{a}"))),
    "is_made": lambda c, me, o, a: assets.is_made(c, me, f"node-{a}"),
    "main_file_of_node": lambda c, me, o, a: getattr(assets.main_file_of_node(c, me, f"node-{a}"), "mime", None),
    "input_id": lambda c, me, o, a: assets.input_id(c, me, a * 64).startswith("i"),
    "find": lambda c, me, o, a: [pages(c, me, each) for each in FILTERS],
    "numbers": lambda c, me, o, a: [len(search.numbers(c, me, each, Mirror(None), 2)) for each in FILTERS],
    "likeness": lambda c, me, o, a: similar.likeness(c, me, [LOOKS["a"]] * 3, Sketches(None), 5),
    "saved_searches": lambda c, me, o, a: [each.query for each in saved_searches.saved_searches(c, me, "")],
    "get_saved_search": lambda c, me, o, a: saved_searches.get_saved_search(c, me, "", a).query,
    "lineage": lambda c, me, o, a: kin(lineage(c, me, o(a))),
    "tag_counts": lambda c, me, o, a: tags.tag_counts(c, me),
    "opinions_of": lambda c, me, o, a: opinions.opinions_of(c, me, [o(a)]),
    "favourites": lambda c, me, o, a: [str(each) for each in opinions.favourites(me, o(a))][1:],
    "content_of": lambda c, me, o, a: contents.content_of(c, me, o(a)),
    "without_auto_tags": lambda c, me, o, a: list(map(plain, auto_tags.without_auto_tags(c, me, 2))),
    "folders_of": lambda c, me, o, a: folders.folders_of(c, me),
    "tags_of": lambda c, me, o, a: tags.tags_of(c, me, o(a)),
    "assets_in": lambda c, me, o, a: list(map(plain, collections.assets_in(c, me, a, 2))),
    "assets_by_id": lambda c, me, o, a: list(map(plain, assets.assets_by_id(c, me, [o(a), "qb", "zb"]).values())),
    "uses_of": lambda c, me, o, a: [(each.kind, each.member) for each in uses.uses_of(c, me, o(a), 9)],
    "use_counts": lambda c, me, o, a: uses.use_counts(c, me, o(a)),
    "versions_of": lambda c, me, o, a: [each.changes for each in versions.versions_of(c, me, o(a))],
    "statistics": lambda c, me, o, a: counted(statistics.statistics(c, me, {})),
    "links_of": lambda c, me, o, a: [(each.name, each.right) for each in links.links_of(c, me)],
    "link_of": lambda c, me, o, a: links.link_of(c, me, 99),
    "revoke_link": lambda c, me, o, a: links.revoke_link(c, me, 99, NOW),
    "shares_by": lambda c, me, o, a: [(each.name, each.email) for each in sharing.shares_by(c, me)],
    "target_of": lambda c, me, o, a: target(c, me, o(a)).target,
    "was_purged": lambda c, me, o, a: purging.was_purged(c, me, o(a)),
    "rules_of": lambda c, me, o, a: retention.rules_of(c, me),
    "due_under": lambda c, me, o, a: retention.due_under(c, me, rule(a, "b"), NOW + timedelta(days=99), 9),
    "id_of_collection": lambda c, me, o, a: collections.id_of_collection(c, me, a) > 0,
    "faces_of": lambda c, me, o, a: {name: plain(face) for name, face in collections.faces_of(c, me).items()},
    "collections_of": lambda c, me, o, a: [(each.name, each.count) for each in collections.collections_of(c, me)],
    "similar": lambda c, me, o, a: alike(similar.similar(c, me, [LOOKS["a"]] * 3, Sketches(None))),
    "fingerprints": lambda c, me, o, a: similar.fingerprints(c, me, [n.encode().hex().ljust(64, "0") for n in "abc"]),
    "without_fingerprint": lambda c, me, o, a: list(map(plain, similar.without_fingerprint(c, me, 2))),
    "run_of": lambda c, me, o, a: shown(records.run_of(c, me, o(a))),
    "ran_before": lambda c, me, o, a: records.ran_before(c, me, "launch", {"node-a"}),
    "lock_run": lambda c, me, o, a: shown(records.lock_run(c, me, o(a))),
    "run_of_flow": lambda c, me, o, a: shown(records.run_of_flow(c, me, o(a))),
    "find_run": lambda c, me, o, a: shown(records.find_run(c, me, o(a))),
    "nodes_moved": lambda c, me, o, a: [each.state for each in nodes.nodes_moved(c, me, o(a), None)],
    "nodes_of": lambda c, me, o, a: [each.state for each in nodes.nodes_of(c, me, o(a))],
    "usd_spent": lambda c, me, o, a: nodes.usd_spent(c, me, o(a)),
    "node_of": lambda c, me, o, a: nodes.node_of(c, me, o(a), "n").state,
    "standing_of_nodes": lambda c, me, o, a: nodes.standing_of_nodes(c, me, o(a), ["n"]),
    "counts_of_nodes": lambda c, me, o, a: nodes.counts_of_nodes(c, me, o(a)),
    "state_of_node": lambda c, me, o, a: nodes.state_of_node(c, me, o(a), "n"),
    "nodes_of_runs": lambda c, me, o, a: {
        name: [each.state for each in found] for name, found in nodes.nodes_of_runs(c, me, [o("a"), o(a)]).items()
    },
    "last_good": lambda c, me, o, a: shown(
        records.last_good(c, me, replace(run(o, a), created_at=NOW.replace(year=2999)))
    ),
    "runs_of": lambda c, me, o, a: list(map(shown, records.runs_of(c, me, [o("a"), o(a)]))),
    "count_runs": lambda c, me, o, a: records.count_runs(c, me, "launch"),
    "count_batches": lambda c, me, o, a: batches.count_batches(c, me),
    "list_runs": lambda c, me, o, a: list(map(shown, records.list_runs(c, me))),
    "job_of": lambda c, me, o, a: journal.job_of(c, o(f"order-{a}")).state,
    "jobs_of_nodes": lambda c, me, o, a: [each.order_key for each in journal.jobs_of_nodes(c, me, [f"node-{a}"])],
    "borne_for": lambda c, me, o, a: costs.borne_for(c, me, [f"node-{a}"], o("run"), []),
    "open_keys": lambda c, me, o, a: nodes.open_keys(c, me, o(a)),
    "jobs_of_node": lambda c, me, o, a: [each.order_key for each in journal.jobs_of_node(c, me, f"node-{a}")],
    "open_job_of": lambda c, me, o, a: getattr(journal.open_job_of(c, me, f"node-{a}"), "order_key", None),
    "jobs_in": lambda c, me, o, a: [each.order_key for each in journal.jobs_in(c, me)],
    "jobs_named": lambda c, me, o, a: [each.order_key for each in journal.jobs_named(c, me, f"node-{a}")],
    "next_order_key": lambda c, me, o, a: journal.next_order_key(c, me, f"node-{a}").partition(":")[2],
    "borne_by": lambda c, me, o, a: [each.order_key for each in costs.borne_by(c, me, f"node-{a}", o("run"), [])],
    "is_told": lambda c, me, o, a: alerts.is_told(c, me, a),
    "find_batch": lambda c, me, o, a: getattr(batches.find_batch(c, me, o(a)), "campaign", None),
    "batch_of": lambda c, me, o, a: batches.rows_of(c, batches.batch_of(c, me, o(a))),
    "batches_of": lambda c, me, o, a: [each.campaign for each in batches.batches_of(c, me, before="", limit=9)],
    "used_by": lambda c, me, o, a: usage.used_by(c, me, usage.UsageBy.OPERATION, ALWAYS, {}),
}
# What the others consist of; what opens files (`catch_up`, `new_looks`) asks for them and keeps what it finds through the others.
PARTS = frozenset(
    {"catch_up", "new_looks", "read_all", "read_some", "row_of", "number_of", "numbers_of", "rows_that_fit", "turn_of"}
)
READS: dict[str, Callable[[PlanReader], object]] = {
    "balance": lambda reader: reader.balance(7),
    "known_keys": lambda reader: reader.known_keys([f"node-{name}" for name in "abc"]),
    "open_jobs": lambda reader: reader.open_jobs([f"node-{name}" for name in "abc"]),
    "subscription": lambda reader: reader.subscription("free"),
    "document": lambda reader: reader.document("launch"),
    "recent_orders": lambda reader: [
        (each.provider, each.campaign, each.step, each.outcome)
        for each in reader.recent_orders(NOW - timedelta(days=1), NOW)
    ],
    "assets_named": lambda reader: reader.assets_named("a"),
    "fetched": lambda reader: reader.fetched(URL),
    "uploaded": lambda reader: reader.uploaded("a"),
    "last_plan": lambda reader: reader.last_plan("launch"),
    "month_budget": lambda reader: reader.month_budget(),
    "month_spent": lambda reader: [reader.month_spent("2026-11"), reader.month_spent("2026-11", "launch")],
    "month_usage": lambda reader: reader.month_usage("2026-11"),
    "last_errors": lambda reader: {name: each.text for name, each in reader.last_errors().items()},
}


def plain(asset: Asset) -> Asset:
    """Without the moment it was filed at."""
    return replace(asset, created_at=None)


def pages(conn: Connection, me: int, which: Filter) -> list[object]:
    """All that is told of a search: assets, whether there are more, counts, days, and what was meant."""
    found: list[object] = []
    mirror = Mirror(None)
    query: Query | None = Query(which, limit=1, facets=FACETS, timeline=True)
    while query is not None:
        page = search.find(conn, me, query, mirror)
        told = [page.count, page.facets, page.timeline, page.suggestion, page.unknown]
        found.append((list(map(plain, page.items)), page.next_cursor is None, *told))
        query = replace(query, cursor=page.next_cursor) if page.next_cursor else None
    return found


def kin(found: lineage.Lineage) -> object:
    return [[each.id for each in side] for side in (found.ancestors, found.descendants)], found.edges


def alike(found: similar.Answer) -> object:
    return [(each.asset.id, each.match, each.more) for each in (*found.duplicates, *found.nearest)], found.compared


def told(work: Callable[[], object]) -> object:
    """The answer, or what the error says."""
    try:
        return work()
    except PressroomError as exc:
        return type(exc).__name__, str(exc)


class Caller:
    """One account that does things and remembers every answer. Its ids begin with a letter of its own."""

    def __init__(self, database: Database, url: str, account_id: int, name: str, mark: str) -> None:
        self.database, self.url, self.account_id, self.name, self.mark = database, url, account_id, name, mark
        self.answers: list[object] = []

    def own(self, name: str) -> str:
        return self.mark + name

    def do(self, operation: str, first: str, second: str) -> None:
        def work() -> object:
            with self.database.write() as conn:
                return DOES[operation](conn, self.account_id, self.own, first, second)

        self.answers.append((operation, first, second, told(work)))

    def ask(self) -> list[object]:
        with self.database.read() as conn:
            found: list[object] = [
                (question, name, told(lambda ask=ask, name=name: ask(conn, self.account_id, self.own, name)))
                for question, ask in ASKS.items()
                for name in "abc"
            ]
        with plan_reader_for(self.url, self.name) as reader:
            found += [(question, told(lambda read=read: read(reader))) for question, read in READS.items()]
        return found


@pytest.fixture(scope="module")
def template(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("accounts") / "pressroom.db"
    shutil.copy(migrated_file, path)
    with Database.open(f"sqlite:///{path}") as database:
        open_accounts(database)
    return path


@pytest.fixture(scope="module")
def new_url(template: Path) -> Callable[[str], str]:
    def copy(folder: str) -> str:
        path = Path(folder) / "pressroom.db"
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    return copy


STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(DOES)), NAMES, NAMES), max_size=40)


def played(url: str, steps: list[tuple[bool, str, str, str]]) -> list[object]:
    """What acme was told while it did its part of the steps, and what it sees in the end."""
    with Database.open(url) as database:
        acme, rival = Caller(database, url, ACME, "acme", "q"), Caller(database, url, RIVAL, "rival", "z")
        for by_acme, *operation in steps:
            (acme if by_acme else rival).do(*operation)
        return acme.answers + acme.ask()


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_no_account_is_told_of_another(new_url: Callable[[str], str], steps: list[tuple[bool, str, str, str]]) -> None:
    with TemporaryDirectory() as together, TemporaryDirectory() as alone:
        assert played(new_url(together), steps) == played(new_url(alone), [step for step in steps if step[0]])


def script() -> Iterator[tuple[bool, str, str, str]]:
    """Everything that can be done, by the rival first."""
    for by_acme in (False, True):
        for operation in DOES:
            for name in "abc":
                yield by_acme, operation, name, "a" if name == "a" else "b"


def test_everything_that_one_account_does_leaves_the_other_as_it_was(database_url: str) -> None:
    with Database.open(database_url) as database:
        open_accounts(database)
        acme, rival = (Caller(database, database_url, *who) for who in ((ACME, "acme", "q"), (RIVAL, "rival", "z")))
        before = acme.ask()
        for by_acme, *operation in script():
            if not by_acme:
                rival.do(*operation)
        assert acme.ask() == before
        for by_acme, *operation in script():
            if by_acme:
                acme.do(*operation)
        same = [(*each[:3], str(each[3]).replace("'z", "'q")) for each in rival.answers]  # type: ignore[index]
        assert [(*each[:3], str(each[3])) for each in acme.answers if each[0] != "open_job"] == [  # type: ignore[index]
            each for each in same if each[0] != "open_job"
        ]


def test_another_accounts_asset_is_missing_in_the_very_same_words(database_url: str) -> None:
    with Database.open(database_url) as database:
        open_accounts(database)
        with database.write() as conn:
            assets.add_asset(conn, RIVAL, Asset("abcd" * 5, "abcd" * 16, Kind.IMAGE, "image/png", 1))
        with database.read() as conn:
            there, missing = (
                told(lambda name=name: assets.get_asset(conn, ACME, name)) for name in ("abcd" * 5, "abce" * 5)
            )
            assert there == (missing[0], missing[1].replace("abce", "abcd"))  # type: ignore[index]
            assert told(lambda: assets.get_asset(conn, ACME, "abcd")) == (
                "NotFound",
                "there is no asset 'abcd': `pressroom assets list` shows them",
            )


def test_every_function_that_takes_an_account_is_tried() -> None:
    public = {
        name
        for room in (library, runs, buying)
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
        for name, function in inspect.getmembers(importlib.import_module(found.name), inspect.isfunction)
        if function.__module__ == found.name and "account_id" in inspect.signature(function).parameters
        if not name.startswith("_")
    }
    reading = {name for name, _ in inspect.getmembers(PlanReader, inspect.isfunction) if not name.startswith("_")}

    assert public - PARTS <= DOES.keys() | ASKS.keys()
    assert public >= PARTS
    assert reading == READS.keys()
