"""Runs that ask about what they have made: all else is made, the run waits, and it goes on with what a person has said."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.events import ApprovalWanted, Event
from pressroom.domain.identity import Bearer, Principal
from pressroom.domain.media import CHOICE, Asset
from pressroom.domain.states import Decision, WaitsFor
from pressroom.library.assets import assets_by_id
from pressroom.operations import OPERATIONS as REAL
from pressroom.planning.explain import rows_of
from pressroom.runs.approvals import approvals_of
from pressroom.runs.nodes import nodes_of
from pressroom.services.launch_run import see_through
from pressroom.services.recover_runs import Recovered, recover_runs
from pressroom.services.run_lease import alive
from pressroom.services.run_node import RunningRun
from pressroom.services.suspend_run import Suspension, Verdict, decide, suspension_of
from pressroom.services.take_up_run import take_up
from pressroom.watching.channel import Channel
from tests.support.standing import balance, state
from tests.support.studio import CATALOG, CREDIT, OPERATIONS, Studio, open_studio

ANN = Principal("default", "ann@example.com")
MODELS = {name: load_catalog().models[name] for name in ("local/eye", "local/person")}
CHOSEN = """
name: chosen
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }}"}}
  hero: {uses: choose, gather: [take], with: {images: "{{ steps.scene }}", by: person}}
  film: {uses: tint, model: simulated/brush, with: {image: "{{ steps.hero }}"}}
  other: {uses: draw, model: simulated/ink, with: {prompt: other}}
"""
APPROVED = """
name: approved
steps:
  scene: {uses: draw, model: simulated/ink, for_each: {mood: [dawn, noon, dusk]}, with: {prompt: "{{ each.mood }}"}}
  ok: {uses: approve, with: {media: "{{ steps.scene }}"}}
  film: {uses: tint, model: simulated/brush, with: {image: "{{ steps.ok }}"}}
"""


def opened(home: Path, url: str) -> Iterator[Studio]:
    operations = {**OPERATIONS, "choose": REAL["choose"], "approve": REAL["approve"]}
    catalog = replace(CATALOG, models={**CATALOG.models, **MODELS})
    with Database.open(url) as database:
        yield open_studio(home, database, url, operations=operations, catalog=catalog)


@pytest.fixture
def studio(tmp_path: Path, sqlite_url: str) -> Iterator[Studio]:
    yield from opened(tmp_path / "home", sqlite_url)


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[Studio]:
    """On each database."""
    yield from opened(tmp_path / "home", database_url)


def finished(studio: Studio, run: RunningRun) -> object:
    with alive(studio.context, run) as life:
        return see_through(studio.context, run, life)


def waiting(studio: Studio, text: str, **how: object) -> tuple[RunningRun, Suspension]:
    """A run that has made all that it can, and what it waits for."""
    run = studio.begin(studio.plan(text, **how))  # type: ignore[arg-type]
    found = finished(studio, run)
    assert isinstance(found, Suspension)
    return run, found


def say(studio: Studio, run_id: str, decision: Decision = Decision.APPROVED, **how: object) -> Suspension | None:
    return decide(ANN, studio.context, run_id, Verdict(decision, "a test", **how))  # type: ignore[arg-type]


def gone_on(studio: Studio, run_id: str) -> object:
    run = take_up(studio.principal, studio.context, run_id)
    assert run is not None
    return finished(studio, run)


def states(studio: Studio, run_id: str) -> dict[str, str]:
    with studio.context.database.read() as conn:
        return {node.node_id: node.state for node in nodes_of(conn, studio.account_id, run_id)}


def made(studio: Studio, run_id: str) -> dict[str, Asset]:
    """Node id -> its first asset."""
    with studio.context.database.read() as conn:
        nodes = nodes_of(conn, studio.account_id, run_id)
        assets = assets_by_id(conn, studio.account_id, [name for node in nodes for name in node.asset_ids])
    return {node.node_id: assets[node.asset_ids[0]] for node in nodes if node.asset_ids}


def test_the_plan_says_where_it_waits_and_what_that_costs(studio: Studio) -> None:
    plan = studio.plan(CHOSEN)

    waits = {row.step: row.action_text for row in rows_of(plan) if row.waits}
    assert waits == {"hero": "create, waits for a person here"}
    assert (plan.node("hero").quote.credits_bound, plan.totals.credits_bound) == (0, 6 * CREDIT)


def test_all_else_is_made_then_the_run_waits_with_the_takes_and_their_scores(studio: Studio) -> None:
    told: list[Event] = []
    heard = replace(studio, context=replace(studio.context, events=Channel([told.append])))

    run, found = waiting(heard, CHOSEN)

    assert (found.waits_for, found.why) == (WaitsFor.DECISION, "it goes on when a person chooses hero (3 takes)")
    assert (found.spent_micros, found.held_micros, found.missing_micros) == (4 * CREDIT, 2 * CREDIT, 0)
    assert (state(studio, run.id), balance(studio)) == ("suspended", (94, 2))
    assert {name for name, now in states(studio, run.id).items() if now == "waiting"} == {"hero", "film"}
    (asked,) = found.asks
    by_node = made(studio, run.id)
    assert [take.asset_id for take in asked.takes] == [by_node[f"scene[take={take}]"].id for take in (1, 2, 3)]
    assert all(take.why.startswith(f"{take.score:.2f}: contrast ") for take in asked.takes)
    assert any(isinstance(event, ApprovalWanted) and event.reason == found.why for event in told)
    assert suspension_of(studio.principal, studio.context, run.id) == found


def test_what_was_chosen_is_what_the_rest_is_made_of_and_who_chose_it_is_on_record(studio: Studio) -> None:
    run, found = waiting(studio, CHOSEN)

    say(studio, run.id, chosen={"hero": 2}, plan_hash=found.plan_hash)
    gone_on(studio, run.id)

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (94, 0), 5)
    by_node = made(studio, run.id)
    assert by_node["hero"].details[CHOICE]["chosen"] == 1
    assert by_node["hero"].details[CHOICE]["why"] == "take 2 of 3, chosen by ann@example.com from a test"
    assert by_node["film"].parents == (by_node["hero"].id,)
    assert studio.context.store.has(by_node["hero"].sha256)
    with studio.context.database.read() as conn:
        (decision,) = approvals_of(conn, run.id)
    assert (decision.decided_by, decision.decided_from, decision.chosen) == ("ann@example.com", "a test", {"hero": 2})


def test_the_same_takes_are_asked_about_once_and_again_where_somebody_wants_it(studio: Studio) -> None:
    run, _ = waiting(studio, CHOSEN)
    say(studio, run.id, chosen={"hero": 3})
    gone_on(studio, run.id)

    assert not isinstance(finished(studio, studio.begin(studio.plan(CHOSEN))), Suspension)
    again, found = waiting(studio, CHOSEN, refresh=("hero",))
    say(studio, again.id, chosen={"hero": 1})
    gone_on(studio, again.id)

    assert found.held_micros == 2 * CREDIT, "what is made of the choice is made again"
    assert made(studio, again.id)["hero"].details[CHOICE]["chosen"] == 0


def test_a_choice_that_is_left_open_or_not_there_changes_nothing(studio: Studio) -> None:
    run, found = waiting(studio, CHOSEN)

    for wrong, why in (
        ({}, r"nothing is chosen for hero: --choose 'hero=\d'"),
        ({"hero": 4}, "hero has takes 1 to 3, not 4"),
        ({"hera": 1}, "nothing is to be chosen for 'hera'.*hero"),
    ):
        with pytest.raises(Invalid, match=why):
            say(studio, run.id, chosen=wrong)
    with pytest.raises(Refused, match="waits for approval"):
        say(studio, run.id, Decision.RESUMED)
    agent = Principal("default", "agent", bearer=Bearer(1, bound=True))
    with pytest.raises(Refused, match="not for a token that has caps or is an agent's"):
        decide(agent, studio.context, run.id, Verdict(Decision.APPROVED, "a test", chosen={"hero": 1}))
    assert suspension_of(studio.principal, studio.context, run.id) == found


def test_another_run_that_has_chosen_meanwhile_is_not_contradicted(studio: Studio) -> None:
    first, _ = waiting(studio, CHOSEN)
    second, _ = waiting(studio, CHOSEN)
    say(studio, first.id, chosen={"hero": 1})
    gone_on(studio, first.id)

    with pytest.raises(Refused, match="another run has chosen for hero meanwhile"):
        say(studio, second.id, chosen={"hero": 2})
    say(studio, second.id)
    gone_on(studio, second.id)

    assert made(studio, second.id)["film"].sha256 == made(studio, first.id)["film"].sha256
    assert (balance(studio), len(studio.vendor.purchases())) == ((94, 0), 5)


def test_nobody_who_chooses_in_time_costs_what_was_made_and_nothing_more(studio: Studio) -> None:
    run, _ = waiting(studio, CHOSEN)
    later = replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=1, seconds=1))

    assert recover_runs(later) == Recovered((run.id,))

    assert (state(studio, run.id), balance(studio)) == ("cancelled", (96, 0))


def test_some_are_approved_and_what_the_others_held_is_given_back_at_once(studio: Studio) -> None:
    run, found = waiting(studio, APPROVED)
    assert [each.node_id for each in found.asks] == ["ok[mood=dawn]", "ok[mood=noon]", "ok[mood=dusk]"]
    assert balance(studio) == (91, 6)

    say(studio, run.id, dropped=("ok[mood=noon]",))

    assert balance(studio) == (93, 4)
    gone_on(studio, run.id)
    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (93, 0), 5)
    gone = {name for name, now in states(studio, run.id).items() if now == "cancelled"}
    assert gone == {"ok[mood=noon]", "film[mood=noon]"}
    kept = made(studio, run.id)["ok[mood=dawn]"]
    assert kept.details["approved"]["by"] == "ann@example.com"


def test_what_may_be_spent_after_an_approval_is_no_more_than_its_cap(studio: Studio) -> None:
    run, _ = waiting(studio, APPROVED)

    say(studio, run.id, cap_micros=5 * CREDIT)
    found = gone_on(studio, run.id)

    assert isinstance(found, Suspension)
    assert (found.waits_for, found.spent_micros, found.missing_micros) == (WaitsFor.CREDITS, 5 * CREDIT, 4 * CREDIT)
    assert balance(studio) == (95, 0)


def test_a_rejected_run_keeps_what_it_has_made_and_holds_nothing(studio: Studio) -> None:
    run, _ = waiting(studio, APPROVED)

    assert say(studio, run.id, Decision.REJECTED) is None

    assert (state(studio, run.id), balance(studio)) == ("cancelled", (97, 0))


def test_what_was_not_made_is_not_asked_about(studio: Studio) -> None:
    text = CHOSEN.replace(
        '"{{ each.take }}"}}', "\"{{ each.take }}\", fault: \"{{ 'size' if each.take == 2 else '' }}\"}}"
    )

    run = studio.begin(studio.plan(text))
    assert not isinstance(finished(studio, run), Suspension)

    found = states(studio, run.id)
    assert (found["hero"], found["film"], found["other"]) == ("failed", "failed", "done")


def test_several_takes_go_on_where_the_step_says_how_many(studio: Studio) -> None:
    two = CHOSEN.replace("uses: choose", "uses: choose, count: 2")
    plan = studio.plan(two)
    assert plan.totals.credits_bound == 8 * CREDIT  # both films
    run, found = waiting(studio, two)
    (asked,) = found.asks
    assert (found.why, found.held_micros) == ("it goes on when a person chooses hero (2 of 3 takes)", 4 * CREDIT)
    assert (asked.node_id, asked.places) == ("hero", ("hero[take=1]", "hero[take=2]"))

    for wrong, why in (
        ({"hero": 2}, "hero keeps 2 of its takes, and 1 are chosen"),
        ({"hero": (2, 2)}, "hero keeps take 2 already"),
        ({"hero[take=1]": 1}, "hero keeps 2 of its takes, and 1 are chosen"),
    ):
        with pytest.raises(Invalid, match=why):
            say(studio, run.id, chosen=wrong)
    say(studio, run.id, chosen={"hero": (3, 1)})
    gone_on(studio, run.id)

    by_node = made(studio, run.id)
    assert [by_node[f"hero[take={take}]"].details[CHOICE]["chosen"] for take in (1, 2)] == [2, 0]
    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (92, 0), 6)
    again, more = waiting(studio, two.replace("count: 2", "count: 3"))
    assert [(each.node_id, each.best, each.gone) for each in more.asks] == [("hero[take=3]", (2,), (1, 3))]
    with pytest.raises(Invalid, match="keeps take 3 already"):
        say(studio, again.id, chosen={"hero": 3})
    say(studio, again.id, chosen={"hero": 2})
    gone_on(studio, again.id)
    assert (state(studio, again.id), len(studio.vendor.purchases())) == ("completed", 7)


@pytest.mark.both_databases
def test_of_two_who_choose_at_once_the_first_is_heard_and_the_other_told(both: Studio) -> None:
    run, _ = waiting(both, CHOSEN.replace("uses: choose", "uses: choose, count: 2"))
    together = Barrier(4)

    def chosen(takes: tuple[int, int]) -> str:
        together.wait()
        try:
            say(both, run.id, chosen={"hero": takes})
        except Refused as exc:
            return exc.message
        return ""

    pairs = [(1, 2), (2, 3), (3, 1), (2, 1)]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(chosen, pairs))
    gone_on(both, run.id)

    assert sorted(said) == ["", *[f"run {run.id} was approved by {ANN.user} from a test already"] * 3]
    by_node = made(both, run.id)
    heard = [by_node[f"hero[take={take}]"].details[CHOICE]["chosen"] + 1 for take in (1, 2)]
    assert tuple(heard) == pairs[said.index("")]
    assert (state(both, run.id), balance(both), len(both.vendor.purchases())) == ("completed", (92, 0), 6)


def test_some_of_several_takes_are_left_out(studio: Studio) -> None:
    run, _ = waiting(studio, CHOSEN.replace("uses: choose", "uses: choose, count: 2"))

    say(studio, run.id, chosen={"hero": 2}, dropped=("hero[take=2]",))
    gone_on(studio, run.id)

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (94, 0), 5)


def test_one_question_after_another(studio: Studio) -> None:
    text = CHOSEN.replace('"{{ steps.hero }}"', '"{{ steps.ok }}"')
    run, first = waiting(studio, text + '  ok: {uses: approve, with: {media: "{{ steps.hero }}"}}\n')
    assert [each.node_id for each in first.asks] == ["hero"]

    say(studio, run.id, chosen={"hero": 1})
    second = gone_on(studio, run.id)
    assert isinstance(second, Suspension)
    assert [each.node_id for each in second.asks] == ["ok"]
    say(studio, run.id)
    gone_on(studio, run.id)

    assert (state(studio, run.id), len(studio.vendor.purchases())) == ("completed", 5)
