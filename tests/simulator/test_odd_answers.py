"""Answers that are not of the shape that a vendor's contract has: nothing but our own errors comes of them, and no money is lost.

What each vendor answers is recorded at the simulator, and told again with one value after the other replaced.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from pressroom.domain.errors import AnswerLost, Permanent, PressroomError
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Absent,
    Delivered,
    LostOrder,
    NoRecord,
    Order,
    Pending,
    VendorFile,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response
from tests.simulator import test_at_once, test_every_vendor
from tests.simulator.conftest import Market, Open

ODD: Final = (None, 0, "", [], {})
CLIP: Final = MediaInfo(Kind.VIDEO, mime_of("mp4"), 1280, 720, 3.0)
ORDERS: Final = {
    **{name: test_every_vendor.order(name) for name in test_every_vendor.VENDORS},
    **{name: test_at_once.order(name) for name in test_at_once.ORDERS},
    "gemini film": Order("k", "text_to_video", "gemini-omni-1.2-flash-t2v", {"prompt": "a calm sea"}, makes=CLIP),
    "gemini words": Order("k", "write_text", "gemini-3.1-flash-lite-write", {"prompt": "a calm sea"}),
    "openai words": Order("k", "write_text", "gpt-6-luna-write", {"prompt": "a calm sea"}),
    "elevenlabs speech": Order("k", "speak", "eleven-v4", {"text": "a calm sea", "voice": "v" * 20}),
}
ASKED_FOR: Final = (
    *test_every_vendor.VENDORS,
    "gemini film",
    "elevenlabs speech",
)  # the others answer with their files
every: Final = pytest.mark.parametrize("case", ORDERS)
# What a vendor may say that an order cost: nothing at all, where it is where the cost stands.
FREE_BY_ITS_WORD: Final = ("cost = 0", "cost.credits = 0", "character_count_change_to = 0", "price = 0", "nano_usd = 0")


@dataclass
class Script:
    """Carries requests to the simulator and keeps what it answers; or answers what it is given, the last again and again."""

    line: Any = None
    answers: list[Response] = field(default_factory=list)
    said: list[tuple[Request, Response]] = field(default_factory=list)

    def send(self, request: Request, key_headers: Mapping[str, str]) -> Response:
        if self.line is None:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer: Response = self.line.send(request, key_headers)
        self.said.append((request, answer))
        return answer


@dataclass(frozen=True)
class Told:
    """What comes of an answer that is odd at one place, and what came of the good one."""

    where: str
    outcome: Any
    good: Any
    placed: bool  # the order had been sent before, or was answered by this
    status: int


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    rows = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for name, inner in rows:
        yield from paths(inner, (*path, name))


def with_odd(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    found = inner = deepcopy(value)
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = odd
    return found


def outcome(call: Callable[[], Any]) -> Any:
    """What it returns, or the error of ours that it raises."""
    try:
        return call()
    except PressroomError as exc:
        return exc


def tellings(shop: Market, call: Callable[[], Any]) -> Iterator[Told]:
    """Calls once at the simulator, then once for every odd value at every place of every answer."""
    client, script = shop.vendor._client, Script(shop.vendor._client())
    shop.vendor._client = lambda: script
    good = outcome(call)
    for number, (request, answer) in enumerate(script.said):
        body, placed = answer.json_or_none(), any(asked.spends for asked, _ in script.said[: number + 1])
        for path in paths(body) if body is not None else ():
            for odd in ODD:
                answers = [given for _, given in script.said]
                answers[number] = replace(answer, body=json.dumps(with_odd(body, path, odd)).encode())
                played = Script(answers=answers)
                shop.vendor._client = lambda played=played: played  # type: ignore[misc]
                where = f"{request.method} {request.path}: {'.'.join(map(str, path))} = {odd!r}"
                yield Told(where, outcome(call), good, placed, answer.status)
    shop.vendor._client = client


def opened(market: Open, case: str, **faults: int) -> Market:
    return market(case.partition(" ")[0], **faults)


def job_of(shop: Market, case: str) -> VendorJob:
    answer = shop.vendor.submit(ORDERS[case])
    return VendorJob(str(answer.vendor_job_id), ORDERS[case].model)


@every
def test_an_order_that_was_answered_oddly_is_neither_lost_nor_free(market: Open, case: str) -> None:
    shop = opened(market, case)

    for told in tellings(shop, lambda: shop.vendor.submit(ORDERS[case])):
        found = told.outcome
        if isinstance(found, Pending):
            assert found.vendor_job_id.partition("@")[0] == told.good.vendor_job_id.partition("@")[0], told.where
        if isinstance(found, Delivered):
            assert len(found.files) == len(told.good.files), told.where
        if isinstance(found, PressroomError) and told.placed:
            assert isinstance(found, AnswerLost) or found.fields["billed"] != UNSAID, told.where
        billed = found.fields.get("billed", UNSAID) if isinstance(found, PressroomError) else found.billed
        said = told.where.endswith(FREE_BY_ITS_WORD)
        if told.placed and not said and billed.usd_micros is not None:  # what was read may be counted as nothing
            assert billed.usd_micros >= 0.9 * told.good.billed.usd_micros, told.where


@pytest.mark.parametrize("case", [case for case in ORDERS if " " not in case])
@pytest.mark.parametrize("fault", ["busy", "key", "credit", "invalid", "error", "moderated"])
def test_a_no_of_which_nothing_is_understood_is_of_the_kind_of_its_status(market: Open, case: str, fault: str) -> None:
    shop = opened(market, case, **{fault: 1})

    for told in tellings(shop, lambda: shop.vendor.submit(ORDERS[case])):
        assert isinstance(told.outcome, PressroomError), told.where
        if told.status >= 500:
            assert isinstance(told.outcome, AnswerLost), told.where
        if fault == "busy":
            assert told.outcome.fields["unsent"], told.where


@pytest.mark.parametrize("case", ASKED_FOR)
def test_a_job_of_which_odd_things_are_said_is_asked_for_again(market: Open, case: str) -> None:
    shop = opened(market, case)
    job = job_of(shop, case)

    for told in tellings(shop, lambda: shop.vendor.status(job)):
        found = told.outcome
        if isinstance(found, PressroomError):
            assert not isinstance(found, Permanent), told.where
            continue
        assert found.state in (VendorState.RUNNING, told.good.state), told.where
        said = told.where.endswith(FREE_BY_ITS_WORD)
        assert found.billed != FREE_OF_CHARGE, told.where
        assert said or found.billed.usd_micros in (None, told.good.billed.usd_micros), told.where
    for told in tellings(shop, lambda: fetched(shop, job)):
        assert isinstance(told.outcome, PressroomError) or told.outcome == told.good, told.where


def fetched(shop: Market, job: VendorJob) -> int:
    files: list[VendorFile] = []
    shop.vendor.fetch(job, files.append)
    return len(files)


@every
def test_a_list_that_is_odd_does_not_say_that_an_order_is_absent(market: Open, case: str) -> None:
    shop, wanted = opened(market, case), ORDERS[case]
    shop.vendor.submit(wanted)
    sent = datetime.now(UTC) - timedelta(seconds=1_000)
    lost = LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, sent)
    named = {"id", "request_id", "uuid", "model", "version", "model_id", "voice_id", "text", "input", "json_input"}

    for told in tellings(shop, lambda: shop.vendor.look_up(lost)):
        assert isinstance(told.outcome, PressroomError) or not isinstance(told.outcome, Exception), told.where
        place, _, odd = told.where.rpartition(" = ")
        untold = odd == "None" or (place.rpartition(".")[2] in named and odd != "{}")
        if untold or (place.endswith(("results", "items", "history")) and odd != "[]"):
            assert not isinstance(told.outcome, Absent), told.where


@every
def test_what_is_asked_of_prices_and_bills_is_understood_or_refused(market: Open, case: str) -> None:
    shop, wanted = opened(market, case), ORDERS[case]
    job, now, day = job_of(shop, case), datetime.now(UTC), timedelta(days=1)
    jobs = [job] if case in ASKED_FOR else []

    for told in tellings(shop, lambda: shop.vendor.charges(now - day, now + day, jobs)):
        if not isinstance(told.outcome, PressroomError | NoRecord):
            assert all(each.name and isinstance(each.name, str) for each in told.outcome), told.where
            assert all(isinstance(each.product, str) for each in told.outcome), told.where
    for asked in (shop.vendor.probe, shop.vendor.listed, lambda: shop.vendor.price(wanted)):
        for _ in tellings(shop, asked):
            pass  # whatever is not an error of ours is raised
