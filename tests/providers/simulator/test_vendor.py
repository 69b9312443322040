"""The simulated vendor in its three styles, held to what every vendor promises; then its own behaviour."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import AnswerLost, Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Operation
from pressroom.providers.base import (
    Absent,
    Delivered,
    Found,
    LostOrder,
    Order,
    Pending,
    Unknowable,
    VendorFile,
    VendorJob,
    VendorState,
)
from pressroom.providers.simulator.vendor import METERED_FACTOR, SimulatedVendor, Style, Tools
from tests.support.clocks import Clock
from tests.support.studio import OPERATIONS

ROOT = Path(__file__).parents[3]
UNITS = {"call": 1.0, "image": 4.0, "megapixel": 0.5}
TOOLS = Tools({}, MediaLimits(), "")
Open = Callable[..., SimulatedVendor]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor(tmp_path: Path, clock: Clock) -> Open:
    """Opens the same vendor again and again, each time as if by another process."""

    def open_again(*faults: str, style: Style = Style.POLLED, latency_seconds: float = 0.0) -> SimulatedVendor:
        return SimulatedVendor(
            tmp_path / "books",
            OPERATIONS,
            TOOLS,
            style=style,
            latency_seconds=latency_seconds,
            faults=frozenset(faults),
            charge=lambda model, units, facts: round(units["image"] * 10_000),
            clock=clock.seconds,
            pause=clock.pause,
            later=clock.later,
        )

    return open_again


def order(key: str = "node:0", model: str = "ink", files: int = 1) -> Order:
    return Order(key, "draw", model, {"prompt": "sea", "files": files}, files, UNITS, callback_key=f"secret-{key}")


def taken(vendor: SimulatedVendor, placed: Order) -> str:
    answer = vendor.submit(placed)
    assert isinstance(answer, Pending)
    return answer.vendor_job_id


def at(job_id: str) -> VendorJob:
    return VendorJob(job_id, "ink")


def lost(key: str) -> LostOrder:
    return LostOrder(key, "draw", "ink", {}, datetime(2026, 11, 30, tzinfo=UTC))


def fetched(vendor: SimulatedVendor, job_id: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    vendor.fetch(at(job_id), lambda file: found.append((file.label, _bytes(file))))
    return found


def _bytes(file: VendorFile) -> bytes:
    return file.source.read_bytes() if isinstance(file.source, Path) else file.source.read()


# what every vendor promises


@pytest.mark.parametrize("style", [Style.POLLED, Style.CALLBACK])
def test_an_order_becomes_a_job_that_succeeds_and_delivers_its_files(
    vendor: Open, style: Style, tmp_path: Path
) -> None:
    job_id = taken(vendor(style=style), order(files=2))

    assert vendor().status(at(job_id)).state is VendorState.SUCCEEDED
    files = fetched(vendor(), job_id)
    assert [label for label, _ in files] == ["", "2"]
    (tmp_path / "one.png").write_bytes(files[0][1])
    with Image.open(tmp_path / "one.png") as image:
        assert (image.size, image.format) == ((24, 16), "PNG")
    assert fetched(vendor(), job_id) == files


def test_one_that_answers_directly_answers_with_the_files_and_the_bill(vendor: Open, clock: Clock) -> None:
    began = clock.seconds()

    answer = vendor(style=Style.DIRECT, latency_seconds=5).submit(order(files=2))

    assert isinstance(answer, Delivered)
    assert [file.label for file in answer.files] == ["", "2"]
    assert answer.billed.usd_micros == 40_000
    assert clock.seconds() - began == pytest.approx(5)


def test_an_order_is_found_by_our_key_where_orders_can_be_listed(vendor: Open) -> None:
    job_id = taken(vendor(), order("node:7"))

    assert vendor().look_up(lost("node:7")) == Found(job_id)
    assert vendor().look_up(lost("node:8")) == Absent()
    assert isinstance(vendor(style=Style.DIRECT).look_up(lost("node:7")), Unknowable)


def test_cancelling_a_job_that_has_ended_changes_nothing(vendor: Open) -> None:
    job_id = taken(vendor(), order())

    vendor().cancel(at(job_id))

    assert vendor().status(at(job_id)).state is VendorState.SUCCEEDED


def test_a_job_cancelled_in_time_is_cancelled_for_good_and_free(vendor: Open, clock: Clock) -> None:
    job_id = taken(vendor(latency_seconds=5), order())

    vendor(latency_seconds=5).cancel(at(job_id))
    clock.pause(10)

    status = vendor(latency_seconds=5).status(at(job_id))
    assert (status.state, status.billed.usd_micros) == (VendorState.CANCELLED, 0)
    assert vendor().books.billed_usd_micros() == 0


def test_an_operation_without_an_implementation_is_a_definite_no(tmp_path: Path) -> None:
    draw = OPERATIONS["draw"]
    bare = {"draw": Operation("draw", 1, "image", draw.params, draw.makes, "", draw.expect)}
    vendor = SimulatedVendor(tmp_path / "books", bare, TOOLS)

    with pytest.raises(Permanent, match="cannot draw"):
        fetched(vendor, taken(vendor, order()))


# its own behaviour


def test_the_books_survive_the_vendors_process(tmp_path: Path, vendor: Open) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from pressroom.providers.base import Order; from pressroom.providers.simulator.books import Books\n"
        "print(Books(Path(sys.argv[1])).take(Order('node:3', 'draw', 'ink', {}), now=1.0, faults=frozenset())['id'])"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "books")]
    job_id = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    assert vendor().look_up(lost("node:3")) == Found(job_id)
    assert [job["order_key"] for job in vendor().purchases()] == ["node:3"]


def test_what_was_sent_along_is_kept_until_it_is_needed(tmp_path: Path, vendor: Open) -> None:
    """The customer's own file may be gone by the time the picture is made."""
    photo = tmp_path / "photo.png"
    Image.new("RGB", (8, 4), "red").save(photo)
    tint = Order("node:0", "tint", "brush", {"image": "image"}, inputs={"image": photo}, units=UNITS, brand=Brand("b"))
    job_id = taken(vendor(), tint)
    photo.unlink()

    assert len(fetched(vendor(), job_id)) == 1


def test_the_vendor_charges_for_each_order_it_takes_even_for_the_same_key(vendor: Open, clock: Clock) -> None:
    first = taken(vendor(), order())
    clock.pause(1)
    second = taken(vendor(), order())

    assert first != second
    for job_id in (first, second, second):
        vendor().status(at(job_id))
    assert [job["id"] for job in vendor().purchases()] == [first, second]
    assert vendor().books.billed_usd_micros() == 80_000


def test_a_job_takes_its_time_and_says_how_long(vendor: Open, clock: Clock) -> None:
    job_id = taken(vendor(latency_seconds=5), order())

    clock.pause(4.9)
    status = vendor(latency_seconds=5).status(at(job_id))
    assert (status.state, round(status.retry_after_seconds or 0, 1)) == (VendorState.RUNNING, 0.1)
    clock.pause(0.2)
    assert vendor(latency_seconds=5).status(at(job_id)).state is VendorState.SUCCEEDED


@pytest.mark.parametrize("faults", [(), ("twice",)])
def test_one_that_calls_back_calls_when_it_is_done(vendor: Open, clock: Clock, faults: tuple[str, ...]) -> None:
    calling = vendor(*faults, style=Style.CALLBACK, latency_seconds=5)
    calls: list[tuple[str, str, bytes]] = []
    calling.call_back = lambda *call: calls.append(call)
    job_id = taken(calling, order())

    clock.pause(4)
    assert calls == []
    clock.pause(4)

    assert calls == [("secret-node:0", job_id, f"{job_id} is done".encode())] * (2 if faults else 1)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize(("fault", "orders"), [("lost_order", 0), ("lost_answer", 1)])
def test_a_lost_answer_is_an_order_that_was_taken_or_not(vendor: Open, style: Style, fault: str, orders: int) -> None:
    with pytest.raises(AnswerLost, match="line"):
        vendor(fault, style=style).submit(order())

    assert len(vendor().purchases()) == orders


def test_a_rejected_order_is_not_taken(vendor: Open) -> None:
    with pytest.raises(Permanent, match="rejects draw") as caught:
        vendor("reject").submit(order())

    assert (caught.value.fields["billed"].usd_micros, vendor().purchases()) == (0, [])


@pytest.mark.parametrize(("fault", "usd"), [("fail", 0), ("charged_fail", 40_000)])
def test_a_failed_job_says_why_and_what_it_costs(vendor: Open, fault: str, usd: int) -> None:
    status = vendor().status(at(taken(vendor(fault), order())))

    assert (status.state, status.billed.usd_micros, bool(status.reason)) == (VendorState.FAILED, usd, True)
    assert vendor().books.billed_usd_micros() == usd


@pytest.mark.parametrize(("ordered", "delivered"), [(1, 0), (2, 1), (5, 2)])
def test_a_partial_delivery_is_half_of_the_order_rounded_down(vendor: Open, ordered: int, delivered: int) -> None:
    files = fetched(vendor(), taken(vendor("partial"), order(files=ordered)))

    assert [label for label, _ in files] == ["", "2", "3"][:delivered]


def test_what_is_billed_may_differ_from_what_was_quoted_or_not_be_said(vendor: Open) -> None:
    plain = vendor().status(at(taken(vendor(), order("node:0")))).billed
    metered = vendor().status(at(taken(vendor(), order("node:1", "metered")))).billed
    over = vendor().status(at(taken(vendor("overcharge"), order("node:2")))).billed
    silent = vendor().status(at(taken(vendor("silent"), order("node:3")))).billed

    assert plain.meters == UNITS
    assert metered.meters == {name: value * METERED_FACTOR for name, value in UNITS.items()}
    assert (plain.usd_micros, over.usd_micros, silent.usd_micros) == (40_000, 120_000, None)
    assert (silent.meters, silent.evidence) == ({}, {})


def test_a_job_the_vendor_never_took_is_a_definite_no(vendor: Open) -> None:
    with pytest.raises(Permanent, match="knows no job j-1"):
        vendor().status(at("j-1"))


def test_a_half_written_order_is_no_purchase(tmp_path: Path, vendor: Open) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / ".job.tmp").write_text(json.dumps({"id": "half"})[:5])

    assert vendor().purchases() == []


def test_an_order_without_a_secret_can_lose_its_way_too(vendor: Open) -> None:
    bare = replace(order(), callback_key="")
    with pytest.raises(AnswerLost):
        vendor("lost_order").submit(bare)

    assert taken(vendor("lost_order"), bare)
