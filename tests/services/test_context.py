"""Whatever an error says, no secret is put on record with it: not with a run, a node or a purchase."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from pressroom.domain.errors import AnswerLost, Permanent, Retryable
from pressroom.providers.base import Delivered, LostOrder, Order, Pending
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.runs.nodes import node_of
from pressroom.runs.records import run_of
from pressroom.services.run_node import fail_node
from pressroom.services.settle_run import settle_run
from tests.support.buying import began, job, make
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

SECRETS = {
    "store_secret_key": "Zq-store-7x",
    "database_url": "postgresql+psycopg://me:Zq-base-7x@h/x",
    "prefect_api_url": "http://me:Zq-prefect-7x@h/api",
    "store_endpoint": "https://Zq-end-7x@h",
}
SAID = (
    "cannot reach s3://AKIA:Zq-foreign-7x@bucket: Zq-store-7x, Zq-base-7x, Zq-prefect-7x, Zq-end-7x, "
    "postgresql+psycopg://me:Zq-base-7x@h/x\x1b[2J\u202e"
)


class Talkative(SimulatedVendor):
    """A vendor whose errors repeat what it was given."""

    error: Exception = Permanent(SAID)

    def submit(self, order: Order) -> Pending | Delivered:
        raise self.error

    def look_up(self, lost: LostOrder) -> object:
        raise Retryable(SAID)


@pytest.fixture
def talkative(studio: Studio) -> Studio:
    changes = {name: SecretStr(text) if name != "store_endpoint" else text for name, text in SECRETS.items()}
    context = replace(studio.context, settings=studio.context.settings.model_copy(update=changes))
    shop = replace(studio, context=context)
    return shop.with_vendor(shop.open_vendor(kind=Talkative))


def is_harmless(text: str) -> bool:
    return bool(text) and "7x" not in text and text.isprintable()


@pytest.mark.parametrize("kind", [Permanent, Retryable, AnswerLost])
def test_a_vendors_error_is_recorded_without_secrets(talkative: Studio, kind: type[Exception]) -> None:
    talkative.context.vendors["simulated"].error = kind(SAID)  # type: ignore[attr-defined]
    run = began(talkative)

    with pytest.raises(kind) as caught:
        make(talkative, run)
    fail_node(talkative.context, run, "scene", str(caught.value))
    settle_run(talkative.context, run.id, error=str(caught.value))

    with talkative.context.database.read() as conn:
        node = node_of(conn, run.account_id, run.id, "scene")
        record = run_of(conn, run.account_id, run.id)
    for text in (job(talkative, run).error, node.error, record.error):
        assert is_harmless(text), text
        assert "cannot reach s3://***@bucket" in text


def test_a_node_that_its_run_takes_along_says_why_without_secrets(talkative: Studio) -> None:
    run = began(talkative)

    settle_run(talkative.context, run.id, cancelled=True, error=SAID)

    with talkative.context.database.read() as conn:
        assert is_harmless(node_of(conn, run.account_id, run.id, "scene").error)


def test_a_vendors_key_and_what_is_too_short_to_be_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    row = studio.context.catalog.providers["simulated"].model_copy(update={"keys": ("INK_KEY",)})
    catalog = replace(studio.context.catalog, providers={**studio.context.catalog.providers, "simulated": row})
    monkeypatch.setenv("INK_KEY", "Zq-vendor-7x")
    monkeypatch.setenv("PRESSROOM_STORE_ACCESS_KEY", "a")

    context = replace(studio.context, catalog=catalog)

    assert context.recordable("a bad answer with Zq-vendor-7x\nin it") == "a bad answer with ***\nin it"


def test_what_is_told_of_an_error_says_not_where_the_homes_folders_lie(studio: Studio, tmp_path: Path) -> None:
    settings = studio.context.settings.model_copy(update={"store": str(tmp_path / "kept")})
    context = replace(studio.context, settings=settings)

    told = context.recordable(f"{settings.home}/work/r1/a.png: No space left; {tmp_path}/kept: full")

    assert told == "$PRESSROOM_HOME/work/r1/a.png: No space left; $PRESSROOM_STORE: full"
