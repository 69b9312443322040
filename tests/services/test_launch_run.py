"""A campaign planned, run, read and cancelled in this process, with nothing of an entry point."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from pressroom.bootstrap import open_context, open_planning
from pressroom.database.schema import run
from pressroom.domain.errors import Invalid, Permanent, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.states import RunState
from pressroom.ledger.accounts import account_id_of, balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.providers.base import Order, PriceNow, Vendor
from pressroom.providers.simulator.books import Books
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.reporting.summary import summary_of
from pressroom.runs.records import run_of
from pressroom.services.add_media import add_file
from pressroom.services.documents import show_document, store_document
from pressroom.services.launch_run import InProcess, Launched, recordable_error
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import settings_for

CAMPAIGN = """
name: small
steps:
  big: {uses: upscale, model: simulated/enlarge, with: {image: photo.png, scale: 2}}
  square: {uses: resize, with: {image: "{{ steps.big }}", placements: [instagram.feed_square]}}
  other: {uses: resize, with: {image: photo.png, width: 20, height: 20, format: png}}
"""
ACME = Principal("acme")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(tmp_path / "photo.png")
    return tmp_path


def launch(folder: Path, principal: Principal = ACME, name: str = "", **settings: object) -> Launched:
    chosen = settings_for(folder, {}, **settings)
    return InProcess(open_planning(chosen), open_context(chosen)).launch(
        principal, RunRequest(file=str(folder / "campaign.yaml"), run_id=name)
    )


def test_a_run_makes_delivers_and_pays_for_the_account_it_is_for(folder: Path) -> None:
    report = launch(folder).report

    assert report is not None
    assert report.state == RunState.COMPLETED
    assert (report.held_micros, report.captured_micros, report.balance_micros) == (2_000_000, 2_000_000, 8_000_000)
    assert (folder / "out" / "@acme" / "small" / "other.png").is_file()
    with open_context(settings_for(folder, {})).database.read() as conn:
        assert check_invariants(conn) == []
        assert balance_of(conn, "acme").available_micros == 8_000_000


class Telling(SimulatedVendor):
    """The simulated vendor, which says what an order costs now."""

    def __init__(self, vendor: Vendor, usd_micros: int) -> None:
        self.__dict__.update(vendor.__dict__)
        self.usd_micros = usd_micros

    def price(self, order: Order) -> PriceNow:
        return PriceNow(Decimal(self.usd_micros))


def launch_at(folder: Path, usd_micros: int) -> Launched:
    settings = settings_for(folder, {})
    context = open_context(settings)
    telling = {"simulated": Telling(context.vendors["simulated"], usd_micros)}
    launcher = InProcess(open_planning(settings), replace(context, vendors={**context.vendors, **telling}))
    return launcher.launch(ACME, RunRequest(file=str(folder / "campaign.yaml")))


def test_what_vendors_say_of_their_prices_is_told_with_the_run(folder: Path) -> None:
    report = launch_at(folder, 20_000).report

    assert report is not None
    assert (report.state, report.locked) == (RunState.COMPLETED, {"simulated/enlarge": 20_000})
    assert summary_of(report)["locked_usd_micros"] == {"simulated/enlarge": 20_000}


def test_a_run_whose_prices_have_risen_is_refused_before_anything_is_held(folder: Path) -> None:
    with pytest.raises(Refused, match=r"simulated/enlarge costs .* now, the plan holds"):
        launch_at(folder, 90_000)

    context = open_context(settings_for(folder, {}))
    with context.database.read() as conn:
        assert conn.execute(select(run)).all() == []
    assert Books(context.settings.home / "simulated").purchases() == []


def test_a_failure_fails_what_needs_it_and_nothing_else(folder: Path) -> None:
    report = launch(folder, simulated_faults="fail").report

    assert report is not None
    assert report.state == RunState.COMPLETED_WITH_FAILURES
    assert {node.id: node.state for node in report.nodes} == {
        "big": "failed",
        "square": "failed",
        "other": "done",
    }
    assert report.balance_micros == 10_000_000


def test_a_refused_campaign_leaves_no_run(folder: Path) -> None:
    with pytest.raises(Refused, match="account 'acme' has 1"):
        launch(folder, grant_credits=1)

    with open_context(settings_for(folder, {}, grant_credits=1)).database.read() as conn:
        assert conn.execute(select(run.c.id)).all() == []


def test_a_folder_that_cannot_be_written_refuses_before_anything_is_bought(folder: Path) -> None:
    (folder / "out").write_text("a file")

    with pytest.raises(Refused, match="cannot be put into"):
        launch(folder)

    assert not list((folder / ".pressroom" / "simulated").glob("*.json"))


def test_no_entry_point_is_imported_on_the_way(folder: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.identity import Principal
from pressroom.services.launch_run import InProcess
from pressroom.services.run_request import RunRequest
from pressroom.settings import settings_for

settings = settings_for(Path({str(folder)!r}), {{}})
launched = InProcess(open_planning(settings), open_context(settings)).launch(
    Principal("acme"), RunRequest(file={str(folder / "campaign.yaml")!r})
)
assert launched.report.state == "completed"
print(sorted({{"typer", "rich", "prefect", "fastapi"}} & sys.modules.keys()))
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_two_accounts_may_choose_one_name_for_a_run_and_neither_learns_of_the_other(folder: Path) -> None:
    name = "r0123456789abcdef"
    launched = {account: launch(folder, Principal(account), name) for account in ("acme", "bob")}

    database = open_context(settings_for(folder, {})).database
    with database.read() as conn:
        own = {account: run_of(conn, account_id_of(conn, account), name) for account in launched}
        ids = {record.id for record in own.values()}
        with pytest.raises(Invalid, match="there is no run"):
            run_of(conn, account_id_of(conn, "bob"), own["acme"].id)
    assert {each.run_id for each in launched.values()} == {name}
    assert {record.state for record in own.values()} == {RunState.COMPLETED}
    assert len(ids | {name}) == 3


@pytest.mark.parametrize("taken_by", ["acme", "nobody"])
def test_naming_a_run_as_another_accounts_run_is_called_is_as_naming_it_anything_else(
    folder: Path, taken_by: str
) -> None:
    theirs = launch(folder).run_id if taken_by == "acme" else "r0123456789abcdef"

    report = launch(folder, Principal("bob"), theirs).report

    assert report is not None
    assert (report.state, report.run_id == theirs) == (RunState.COMPLETED, False)


def test_a_name_means_one_run_of_an_account(folder: Path) -> None:
    name = "r0123456789abcdef"
    launch(folder, name=name)

    with pytest.raises(Permanent, match="already a run"):
        launch(folder, name=name)


def shown(folder: Path) -> RunRequest:
    """The campaign as its plan was shown before anything was made."""
    request = RunRequest(file=str(folder / "campaign.yaml"))
    settings = settings_for(folder, {})
    plan = plan_campaign(ACME, open_planning(settings), request).plan
    return request.model_copy(update={"plan_hash": plan.hash})


def test_runs_of_one_shown_plan_that_start_together_all_run_and_buy_each_node_once(folder: Path) -> None:
    settings, request = settings_for(folder, {}), shown(folder)
    launcher = InProcess(open_planning(settings), open_context(settings))

    with ThreadPoolExecutor(3) as pool:
        launched = list(pool.map(lambda _: launcher.launch(ACME, request), range(3)))
    later = launcher.launch(ACME, request)

    reports = [each.report for each in (*launched, later) if each.report]
    assert [report.state for report in reports] == [RunState.COMPLETED] * 4
    assert sum(report.captured_micros for report in reports) == 2_000_000
    assert len(list((folder / ".pressroom" / "simulated").glob("*.json"))) == 1


def test_a_shown_plan_that_would_make_something_else_or_be_dearer_is_refused_before_any_hold(folder: Path) -> None:
    settings, request = settings_for(folder, {}), shown(folder)
    launcher = InProcess(open_planning(settings), open_context(settings))
    launcher.launch(ACME, request)
    free = shown(folder)

    for refused, why in (
        (request.model_copy(update={"plan_hash": "0" * 64}), "something else"),
        (free.model_copy(update={"refresh": ["*"]}), "it may cost 2 credits, 0 credits was shown"),
    ):
        with pytest.raises(Refused, match=why):
            launcher.launch(ACME, refused)
    with open_context(settings).database.read() as conn:
        assert len(conn.execute(select(run.c.id)).all()) == 1


ART = """
name: art
policy: {tier: budget}
steps:
  art: {uses: generate_image, count: 3, with: {prompt: the sea, width: 256, height: 256}}
"""


def test_a_vendor_that_fails_three_times_in_a_row_is_passed_over_until_it_has_had_time(folder: Path) -> None:
    (folder / "campaign.yaml").write_text(ART)
    launch(folder, simulated_faults="fail")
    planning, request = open_planning(settings_for(folder, {})), RunRequest(file=str(folder / "campaign.yaml"))
    later = replace(planning, now=lambda: datetime.now(UTC) + timedelta(minutes=11))

    now, then = (plan_campaign(ACME, each, request).plan.nodes for each in (planning, later))
    others = plan_campaign(Principal("bob"), planning, request).plan.nodes

    assert "simulated" not in {node.provider for node in now}
    assert all("is ailing: its last 3 orders went wrong" in node.why for node in now)
    assert {node.provider for node in (*then, *others)} == {"simulated"}


def test_a_provider_without_an_adapter_is_refused_before_any_hold(folder: Path) -> None:
    settings = settings_for(folder, {})
    planning = replace(open_planning(settings), unsold=frozenset({"simulated"}))
    request = RunRequest(file=str(folder / "campaign.yaml"))
    planned = plan_campaign(ACME, open_planning(settings), request)
    context = replace(open_context(settings), vendors={})

    with pytest.raises(Refused, match="this version has no adapter for"):
        InProcess(planning, context).launch(ACME, request)
    with pytest.raises(Refused, match="nothing can be bought from simulated"):
        InProcess(planning, context).launch_planned(ACME, planned)

    with context.database.read() as conn:
        assert conn.execute(select(run.c.id)).all() == []


def test_a_stored_campaign_runs_with_assets_of_the_library_for_its_own_account_only(folder: Path) -> None:
    settings = settings_for(folder, {})
    context, photo = open_context(settings), "photo.png"
    asset = add_file(ACME, context, folder / photo)
    store_document(ACME, context, "spring", CAMPAIGN.replace(photo, f"asset:{asset.id}"))
    launcher = InProcess(open_planning(settings), context)

    report = launcher.launch(ACME, RunRequest(document="spring")).report
    by_id = launcher.launch(ACME, RunRequest(document=show_document(ACME, context, "spring").id)).report

    assert report is not None
    assert by_id is not None
    assert (report.state, report.captured_micros) == (RunState.COMPLETED, 2_000_000)
    assert (by_id.state, by_id.captured_micros) == (RunState.COMPLETED, 0)
    assert (settings.home / "out" / "@acme" / "small" / "other.png").is_file()
    for account, name in (("bob", "spring"), ("acme", "autumn")):
        with pytest.raises(Invalid, match=f"there is no stored campaign '{name}'"):
            launcher.launch(Principal(account), RunRequest(document=name))


def test_what_an_engine_is_raised_has_no_secret_and_no_cause(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSROOM_STORE_SECRET_KEY", "opensesame1")
    context = open_context(settings_for(folder))
    lost = Retryable("the bucket said opensesame1", hint="ask user:pass@host", place="media")
    lost.__cause__ = ValueError("opensesame1")

    told = recordable_error(context, lost)
    strange = recordable_error(context, KeyError("opensesame1"))

    assert type(told) is Retryable
    assert told.fields == {"place": "media"}
    assert told.__cause__ is None
    assert "opensesame1" not in f"{told!r}{told}{strange!r}{strange}"
    assert str(strange).startswith("KeyError: ")
