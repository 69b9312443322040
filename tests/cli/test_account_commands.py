"""`account`, `users`, `tokens` and `credits refund`, each as a process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.database.engine import Database
from pressroom.ledger import capture, place_hold
from pressroom.services.sign_in import owner_of_link, sign_in
from tests.support.desks import Desk, set_up

CREDIT = 1_000_000


@pytest.fixture
def lone(tmp_path: Path) -> Desk:
    """A desk whose home needs no Prefect server."""
    return set_up(tmp_path)


def test_the_plan_of_an_account_is_shown_and_changed(lone: Desk) -> None:
    changed = lone.pressroom("account", "plan", "pro", "--memo", "paid", "--json")
    # The setting names the plan of a new account and of no other.
    shown = lone.pressroom("account", "show", PRESSROOM_PLAN="enterprise")
    budget = lone.pressroom("account", "budget", "12,5", "--json")

    assert json.loads(changed.out)["allowances"]["image"] == {"used": 0, "held": 0, "limit": 100, "left": 100}
    assert shown.out.startswith("default: plan pro, 10 credits\n")
    assert "$100.00" in shown.out
    assert json.loads(budget.out)["allowances"]["credits"] == {"used": 0, "held": 0, "limit": 12.5, "left": 12.5}
    assert "pro: paid" in lone.pressroom("credits", "statement").out


def test_a_plan_that_is_not_there_is_answered_with_the_nearest(lone: Desk) -> None:
    done = lone.pressroom("account", "plan", "por")

    assert done.code == 2
    assert "did you mean 'pro'?" in " ".join(done.err.split())


def test_captured_credits_are_refunded_in_parts(lone: Desk) -> None:
    lone.pressroom("credits")
    with Database.open(f"sqlite:///{lone.home}/pressroom.db") as database:
        with database.write() as conn:
            hold = place_hold(conn, "run", "default", 4 * CREDIT, datetime.now(UTC) + timedelta(hours=1))
        with database.write() as conn:
            capture(conn, "capture:node", hold.id, 4 * CREDIT)

    part = lone.pressroom("credits", "refund", "capture:node", "1.5")
    rest = lone.pressroom("credits", "refund", "capture:node", "--json")
    none = lone.pressroom("credits", "refund", "capture:node")
    other = lone.pressroom("credits", "refund", "capture:node", "--account", "rival")

    assert part.out == "default: 1.5 credits refunded\n"
    assert json.loads(rest.out)["refunded"] == 2.5
    assert (none.code, other.code) == (3, 2)
    assert "there is no capture" in other.err


def test_members_are_managed_from_the_command_line(lone: Desk) -> None:
    lone.pressroom("users", "add", "Ann@example.com", "--role", "owner", "--name", "Ann")
    lone.pressroom("users", "add", "bob@example.com")
    role = lone.pressroom("users", "role", "bob@example.com", "editor")
    last = lone.pressroom("users", "remove", "ann@example.com")
    gone = lone.pressroom("users", "remove", "bob@example.com")
    listed = json.loads(lone.pressroom("users", "list", "--json").out)

    assert (role.out, gone.out) == ("bob@example.com: editor\n", "bob@example.com: removed\n")
    assert (last.code, "last owner" in last.err) == (3, True)
    assert [(each["email"], each["role"], each["name"]) for each in listed] == [("ann@example.com", "owner", "Ann")]


def test_caps_of_a_token_are_set_shown_changed_and_lifted(lone: Desk) -> None:
    scopes = ("--scope", "agent", "--scope", "runs:read")
    made = lone.pressroom(
        "tokens", "create", "bot", *scopes, "--cap-run", "2", "--cap-day", "7.5", "--standing", "1", "--json"
    )
    prefix = made.json["prefix"]

    changed = lone.pressroom("tokens", "cap", prefix, "--cap-day", "9", "--lift", "run")

    assert [made.json[cap] for cap in ("cap_run", "cap_day", "standing_day")] == [2, 7.5, 1]
    assert changed.out == f"{prefix}: 9 a day, 1 a day unasked\n"


def test_a_token_is_shown_once_and_revoked_by_its_prefix(lone: Desk) -> None:
    made = lone.pressroom("tokens", "create", "ci", "--scope", "runs:write", "--scope", "runs:read")
    secret = made.out.strip()
    listed = lone.pressroom("tokens", "list", "--json")
    revoked = lone.pressroom("tokens", "revoke", secret[:12])

    assert secret.startswith("prt_")
    assert secret not in listed.out + made.err
    assert json.loads(listed.out)[0]["scopes"] == ["runs:read", "runs:write"]
    assert revoked.out == f"{secret[:12]}: revoked\n"
    assert "revoked" in lone.pressroom("tokens", "list").out


def test_a_password_comes_from_standard_input_or_by_a_link(lone: Desk) -> None:
    lone.pressroom("users", "add", "ann@example.com")
    with lone.start("users", "password", "ann@example.com", piped=True) as process:
        out, err = process.communicate("my grey kettle sings at six\n")
    link = lone.pressroom("users", "password", "ann@example.com", "--link", "--json")

    assert (out, err) == ("ann@example.com: password set\n", "")
    session = sign_in(lone.context, "ann@example.com", "my grey kettle sings at six", network="127.0.0.1")
    assert session.principal.user == "ann@example.com"
    assert owner_of_link(lone.context, link.json["path"].removeprefix("/password/")) == "ann@example.com"
    assert lone.pressroom("users", "password", "bob@example.com", "--link").code == 2
