"""Vendors call the server over real HTTP: a lost answer is resolved by what they say, and by nobody else."""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from pressroom.buying.job import Job
from pressroom.database.schema import inbox
from pressroom.domain.states import JobState, RunState
from pressroom.providers.webhooks import CALLS
from pressroom.services.vendor_calls import MOST_BYTES
from pressroom.simulator.faults import Rule
from tests.support.desks import eventually
from tests.support.real_server import Shop, backend_of, shop

BFL = "bfl/flux-2-klein-4b"
WAVESPEED = "wavespeed/qwen-image-2.0"


def campaign(model: str, count: int = 1, prompt: str = "a calm sea") -> str:
    wanted = f"{{prompt: {prompt}, width: 512, height: 512}}"
    return (
        f"pressroom: 1\nname: called\nsteps:\n"
        f"  scene: {{uses: generate_image, model: {model}, count: {count}, with: {wanted}}}\n"
    )


@pytest.fixture(scope="module")
def calling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Of the first orders of BFL and WaveSpeed the answers get lost; BFL's first call comes twice."""
    rules = (
        Rule(fault="lost_answer", vendor="bfl", times=1),
        Rule(fault="call_twice", vendor="bfl", times=1),
        Rule(fault="lost_answer", vendor="wavespeed", times=2),
    )
    with shop(tmp_path_factory.mktemp("calls"), *rules) as found:
        yield found


def messages(place: Shop) -> int:
    with place.context.database.read() as conn:
        return conn.execute(select(func.count()).select_from(inbox)).scalar_one()


def of(place: Shop, vendor: str) -> list[Job]:
    return [job for job in place.jobs() if job.provider == vendor]


def signed(body: bytes, secret: str) -> dict[str, str]:
    return {"X-BFL-Signature": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"}


@pytest.mark.parametrize(("model", "count"), [(BFL, 1), (WAVESPEED, 2)])
def test_a_lost_answer_is_resolved_by_the_vendors_call(calling: Shop, model: str, count: int) -> None:
    """BFL lists nothing, and WaveSpeed's list does not tell two orders of one model apart: the calls do."""
    vendor = model.partition("/")[0]

    assert calling.ended(calling.run(campaign(model, count))) == RunState.COMPLETED

    jobs = of(calling, vendor)
    sold = calling.world.books.of(vendor)
    assert [job.state for job in jobs] == [JobState.STORED] * count
    assert {str(job.vendor_job_id).partition("@")[0] for job in jobs} == {each.id for each in sold}
    assert len(sold) == count
    assert eventually(lambda: len([1 for url, _ in calling.world.calls.made if f"/{vendor}/" in url]) >= count, 10)
    assert {status for _, status in calling.world.calls.made} == {204}


def test_doubled_and_late_calls_change_nothing(calling: Shop) -> None:
    """The fixture's first order at BFL is called about twice; both were answered alike, and one was written down."""
    assert calling.ended(calling.run(campaign(BFL, prompt="a red boat"))) == RunState.COMPLETED
    assert eventually(lambda: 2 in Counter(url for url, _ in calling.world.calls.made).values(), 10)
    before, written = of(calling, "bfl"), messages(calling)
    first = before[0]
    body = json.dumps({"id": str(first.vendor_job_id).partition("@")[0], "status": "Error"}).encode()
    address = f"{calling.url}{CALLS}/bfl/{first.callback_key}"

    answers = [httpx.post(address, content=body, headers=signed(body, first.callback_key)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert of(calling, "bfl") == before
    assert messages(calling) == written + 1, "it came, was late, and is on record once"


def test_nobody_but_the_vendor_is_believed_and_keys_are_not_told_apart(calling: Shop) -> None:
    assert calling.ended(calling.run(campaign(BFL, prompt="a grey gull"))) == RunState.COMPLETED
    before, written = calling.jobs(), messages(calling)
    known = of(calling, "bfl")[0].callback_key
    body = b'{"id": "another", "status": "Ready"}'

    def call(vendor: str, key: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = httpx.post(f"{calling.url}{CALLS}/{vendor}/{key}", content=body, headers=headers)
        return answer.status_code, answer.text

    forged = [call("bfl", key, signed(body, "guessed")) for key in (known, "0" * 32)]
    unsigned = [call(vendor, known, {}) for vendor in ("bfl", "replicate", "wavespeed", "fal", "runway", "nobody")]
    own = [call("bfl", key, signed(body, key)) for key in (known, "0" * 32)]

    assert {status for status, _ in forged + unsigned} == {403}
    assert len(set(forged + unsigned)) == 1, "whoever cannot sign sees one answer"
    assert json.loads(forged[0][1])["code"] == "signature"
    assert own == [(204, "")] * 2
    assert (calling.jobs(), messages(calling)) == (before, written)


def test_a_long_call_is_refused(calling: Shop) -> None:
    answer = httpx.post(f"{calling.url}{CALLS}/bfl/{'0' * 32}", content=b"x" * (MOST_BYTES + 1))

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("vendor", ["replicate", "fal"])
def test_vendors_that_list_call_too(calling: Shop, vendor: str) -> None:
    assert calling.ended(calling.run(campaign(f"{vendor}/flux-schnell"))) == RunState.COMPLETED

    assert eventually(lambda: any(f"/{vendor}/" in url for url, _ in calling.world.calls.made), 10)
    assert {status for url, status in calling.world.calls.made if f"/{vendor}/" in url} == {204}


def test_a_call_after_its_run_brings_the_file_and_the_next_run_buys_nothing(tmp_path: Path) -> None:
    """The run was told no address, so that its order is unknown at once; files at BFL last ten minutes, and are fetched now."""
    with shop(tmp_path, Rule(fault="lost_answer", vendor="bfl", times=1), latency_seconds=0) as place:
        silent = backend_of(place.settings.model_copy(update={"public_url": ""}), {"BFL_API_KEY": "bfl-rehearsal"})
        assert place.ended(place.run(campaign(BFL), silent)) == RunState.FAILED
        [lost] = place.jobs()
        assert lost.state == JobState.UNKNOWN
        [sold] = place.world.books.of("bfl")
        body = json.dumps({"id": sold.id, "status": "Ready"}).encode()

        answer = httpx.post(
            f"{place.url}{CALLS}/bfl/{lost.callback_key}", content=body, headers=signed(body, lost.callback_key)
        )

        assert answer.status_code == 204
        assert eventually(lambda: place.jobs()[0].state == JobState.DELIVERED, 20)
        assert place.ended(place.run(campaign(BFL), silent)) == RunState.COMPLETED
        assert (len(place.world.books.of("bfl")), place.jobs()[0].state) == (1, JobState.STORED)
