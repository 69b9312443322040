"""What every provider promises, asked of the local one and of the simulated vendor; then the vendor's own behaviour."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.operation import Operation, Workspace
from pressroom.providers.base import Order, Provider, VendorState
from pressroom.providers.local import LocalProvider
from pressroom.providers.simulated import METERED_FACTOR, SimulatedVendor
from tests.support.studio import OPERATIONS
from tests.support.workspaces import workspace

ROOT = Path(__file__).parents[2]
UNITS = {"call": 1.0, "image": 4.0, "megapixel": 0.5}


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return workspace(tmp_path, {})


@pytest.fixture(params=["local", "simulated"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    return LocalProvider(OPERATIONS) if request.param == "local" else SimulatedVendor(tmp_path / "books", OPERATIONS)


@pytest.fixture
def vendor(tmp_path: Path, clock: Clock) -> Callable[..., SimulatedVendor]:
    """Opens the same vendor again and again, each time as if by another process."""

    def open_again(*faults: str, latency_seconds: float = 0.0) -> SimulatedVendor:
        return SimulatedVendor(
            tmp_path / "books", OPERATIONS, latency_seconds=latency_seconds, faults=frozenset(faults), clock=clock
        )

    return open_again


def order(key: str = "node:0", model: str = "ink", files: int = 1) -> Order:
    return Order(key, "draw", model, {"prompt": "sea", "files": files}, files, UNITS)


# the contract


def test_an_order_becomes_a_job_that_succeeds_and_delivers_its_files(provider: Provider, work: Workspace) -> None:
    job_id = provider.submit(order(files=2), work)

    assert provider.status(job_id).state is VendorState.SUCCEEDED
    made = provider.collect(job_id, order(files=2), work)
    assert [item.label for item in made] == ["", "2"]
    for item in made:
        assert item.path.parent == work.folder
        with Image.open(item.path) as image:
            assert (image.size, image.format) == ((24, 16), "PNG")


def test_collecting_twice_gives_the_same_bytes(provider: Provider, work: Workspace) -> None:
    job_id = provider.submit(order(), work)

    first = [item.path.read_bytes() for item in provider.collect(job_id, order(), work)]

    assert [item.path.read_bytes() for item in provider.collect(job_id, order(), work)] == first


def test_an_order_that_was_never_sent_is_not_found(provider: Provider) -> None:
    assert provider.find("node:0") is None


def test_who_sells_finds_a_job_by_our_key(provider: Provider, work: Workspace) -> None:
    job_id = provider.submit(order("node:7"), work)

    assert provider.find("node:7") == (job_id if provider.sells else None)
    assert provider.find("node:8") is None


def test_cancelling_a_job_that_has_ended_changes_nothing(provider: Provider, work: Workspace) -> None:
    job_id = provider.submit(order(), work)

    provider.cancel(job_id)

    assert provider.status(job_id).state is VendorState.SUCCEEDED


def test_an_operation_without_an_implementation_is_a_definite_no(tmp_path: Path, work: Workspace) -> None:
    draw = OPERATIONS["draw"]
    bare = {"draw": Operation("draw", 1, "image", draw.params, draw.makes, "", draw.expect)}
    vendor = SimulatedVendor(tmp_path / "books", bare)

    with pytest.raises(Permanent, match="no local implementation"):
        LocalProvider(bare).submit(order(), work)
    with pytest.raises(Permanent, match="cannot draw"):
        vendor.collect(vendor.submit(order(), work), order(), work)


def test_only_the_vendor_sells(provider: Provider) -> None:
    assert provider.sells is (provider.name == "simulated")


# the vendor


def test_the_books_survive_the_vendors_process(tmp_path: Path, vendor: Callable[..., SimulatedVendor]) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from pressroom.providers.base import Order; from pressroom.providers.simulated import SimulatedVendor\n"
        "print(SimulatedVendor(Path(sys.argv[1]), {}).submit(Order('node:3', 'draw', 'ink', {}), None))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "books")]
    job_id = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    assert vendor().find("node:3") == job_id
    assert [job["order_key"] for job in vendor().purchases()] == ["node:3"]


def test_the_vendor_charges_for_each_order_it_takes_even_for_the_same_key(
    vendor: Callable[..., SimulatedVendor], clock: Clock, work: Workspace
) -> None:
    first = vendor().submit(order(), work)
    clock.seconds += 1
    second = vendor().submit(order(), work)

    assert first != second
    assert [job["id"] for job in vendor().purchases()] == [first, second]


def test_a_job_takes_its_time(vendor: Callable[..., SimulatedVendor], clock: Clock, work: Workspace) -> None:
    job_id = vendor(latency_seconds=5).submit(order(), work)

    clock.seconds += 4.9
    assert vendor(latency_seconds=5).status(job_id).state is VendorState.RUNNING
    clock.seconds += 0.1
    assert vendor(latency_seconds=5).status(job_id).state is VendorState.SUCCEEDED


def test_a_job_cancelled_in_time_has_failed_for_good(
    vendor: Callable[..., SimulatedVendor], clock: Clock, work: Workspace
) -> None:
    job_id = vendor(latency_seconds=5).submit(order(), work)

    vendor(latency_seconds=5).cancel(job_id)
    clock.seconds += 10

    status = vendor(latency_seconds=5).status(job_id)
    assert (status.state, status.reason) == (VendorState.FAILED, "cancelled")


def test_a_lost_answer_is_an_order_that_was_taken(vendor: Callable[..., SimulatedVendor], work: Workspace) -> None:
    with pytest.raises(Retryable, match="answer got lost"):
        vendor("lost_answer").submit(order(), work)

    [bought] = vendor().purchases()
    assert vendor().find("node:0") == bought["id"]


def test_a_rejected_order_is_not_in_the_books(vendor: Callable[..., SimulatedVendor], work: Workspace) -> None:
    with pytest.raises(Permanent, match="rejects draw"):
        vendor("reject").submit(order(), work)

    assert vendor().purchases() == []


def test_a_failing_job_says_why(vendor: Callable[..., SimulatedVendor], work: Workspace) -> None:
    status = vendor("fail").status(vendor("fail").submit(order(), work))

    assert (status.state, status.reason) == (VendorState.FAILED, "the fault 'fail' is switched on")


@pytest.mark.parametrize(("ordered", "delivered"), [(1, 0), (2, 1), (5, 2)])
def test_a_partial_delivery_is_half_of_the_order_rounded_down(
    vendor: Callable[..., SimulatedVendor], work: Workspace, ordered: int, delivered: int
) -> None:
    asked = order(files=ordered)

    made = vendor("partial").collect(vendor("partial").submit(asked, work), asked, work)

    assert [item.label for item in made] == ["", "2", "3"][:delivered]


def test_the_metered_model_bills_more_than_was_quoted(vendor: Callable[..., SimulatedVendor], work: Workspace) -> None:
    plain = vendor().status(vendor().submit(order("node:0", "ink"), work))
    metered = vendor().status(vendor().submit(order("node:1", "metered"), work))

    assert plain.units == UNITS
    assert metered.units == {name: value * METERED_FACTOR for name, value in UNITS.items()}


def test_a_job_the_vendor_never_took_is_a_definite_no(vendor: Callable[..., SimulatedVendor]) -> None:
    with pytest.raises(Permanent, match="knows no job j-1"):
        vendor().status("j-1")


def test_a_half_written_order_is_no_purchase(tmp_path: Path, vendor: Callable[..., SimulatedVendor]) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / ".job.tmp").write_text(json.dumps({"id": "half"})[:5])

    assert vendor().purchases() == []
