"""The client against a server, with exactly the scopes that it documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pressroom.api.backend import open_backend
from pressroom.client import AsyncClient, Client
from pressroom.client.calls import Campaign
from pressroom.domain.errors import Invalid, NotAuthenticated, NotFound, Refused, Retryable
from pressroom.domain.identity import Principal, Scope
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from tests.api.routes.test_events import served
from tests.api.routes.test_runs import SMALL
from tests.support.desks import Desk, eventually, set_up

SCOPES = (Scope.ASSETS_READ, Scope.ASSETS_WRITE, Scope.RUNS_READ, Scope.RUNS_WRITE, Scope.CREDITS_READ)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return set_up(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def token(desk: Desk) -> str:
    open_account(Principal("default"), desk.context)
    return create_token(Principal("default"), desk.context, "t", scopes=SCOPES).secret


@pytest.fixture(scope="module")
def url(desk: Desk) -> Iterator[str]:
    assert open_backend(desk.settings)
    with served(desk) as address:
        yield address.removesuffix("/api/v1")


def test_a_campaign_from_the_photo_to_the_file(token: str, url: str, desk: Desk, tmp_path: Path) -> None:
    with Client(token, url) as client:
        photo = client.upload(desk.folder / "photo.png")
        campaign = Campaign(yaml=SMALL, inputs={"photo": f"asset:{photo.id}"})
        plan = client.plan(campaign)
        before = client.credits().balance
        run = client.wait(client.run(campaign, plan_hash=plan.plan_hash).id)
        found = list(client.find(run=run.id, format="jpeg", limit=1))
        client.download(found[0].id, tmp_path / "thumb.jpg")

        assert (plan.allowed, run.state, run.credits.captured) == (True, "completed", 2)
        assert client.credits().balance == before - 2
        assert (tmp_path / "thumb.jpg").stat().st_size == found[0].size_bytes
        assert [line.credits for line in client.statement()][:1] != []
        made = client.generate(operation="resize", image=photo.id, width=20, height=20)
        assert [each.id for each in client.generations(operation="resize", limit=1)] == [made.id]
        assert client.usage("operation").total.credits == 2
        assert client.share("asset", photo.id, "zoe@example.com").invitation
        assert client.link("asset", photo.id, days=1).secret


def test_errors_are_those_of_the_services(token: str, url: str, desk: Desk) -> None:
    with Client(token, url) as client, Client("prt_" + "0" * 43, url) as stranger:
        with pytest.raises(NotFound, match="there is no asset 'none'"):
            client.asset("none")
        with pytest.raises(Invalid) as wrong:
            client.generate(operation="generate_image", prompt="x", width=10**9)
        photo = client.upload(desk.folder / "photo.png")
        with pytest.raises(Refused, match="the run needs up to 2 credits") as dear:
            client.generate(operation="upscale", model="simulated/enlarge", image=photo.id, max_credits=0)
        with pytest.raises(NotAuthenticated):
            stranger.credits()
    assert wrong.value.problems[0].path == ("width",)
    assert dear.value.problems[0].code == "budget_credits"


def test_a_call_whose_answer_was_lost_is_sent_again_and_has_one_effect(token: str, url: str) -> None:
    class Losing(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST" and not self.lost:
                self.lost += 1
                answer.close()
                raise httpx.ReadError("cut off", request=request)
            return answer

    with Client(token, url, transport=Losing()) as client:
        made = client.generate(media_type="image", prompt="once", width=64, height=64)
        runs = [each.id for each in client.find(text="once")]

    assert (made.state, len(runs)) == ("completed", len(made.assets))


def test_a_server_that_is_away_is_told(token: str) -> None:
    with Client(token, "http://127.0.0.1:9") as client, pytest.raises(Retryable, match="cannot be reached"):
        client.credits()


def test_the_same_to_be_awaited(token: str, url: str) -> None:
    async def made() -> tuple[str, bool, int]:
        async with AsyncClient(token, url) as client:
            found = await client.estimate(media_type="image", prompt="x", width=64, height=64)
            one, other = await asyncio.gather(
                *(client.generate(media_type="image", prompt=text, width=64, height=64) for text in "ab")
            )
            assets = [each async for each in client.find(text="a", limit=1)]
            return one.state + other.state, found.allowed, len(assets)

    states, allowed, count = asyncio.run(made())
    assert (states, allowed, count >= 2) == ("completedcompleted", True, True)


def test_assets_are_found_kept_used_and_deleted(token: str, url: str, desk: Desk, tmp_path: Path) -> None:
    """By both clients in turn, each of which sees what the other did."""

    async def other(photo: str, run_id: str) -> tuple[bool, int, str, str]:
        async with AsyncClient(token, url) as client:
            used = await client.use(photo, "post", key="insta 7", platform="instagram")
            await client.download(photo, tmp_path / "again.png")
            await client.tag([photo], ["kept", 7])
            state = (await client.approve(run_id)).state
            await client.wait(run_id)
            lines = [line async for line in client.statement()]
            return used, len(lines), state, (await client.delete([photo])).action

    with Client(token, url) as client:
        photo = client.upload(desk.folder / "photo.png").id
        client.edit([photo], title="Kept kettle", folder="shelf")
        client.favourite([photo])
        waiting = client.run(
            Campaign(yaml=SMALL.replace("inputs:", "approval: always\ninputs:"), inputs={"photo": f"asset:{photo}"})
        )
        used = client.use(photo, "post", key="insta 7", platform="instagram")
        again, lines, state, done = asyncio.run(other(photo, waiting.id))

        assert (used, again, state, done) == (True, False, "suspended", "trash")
        assert lines > 0
        assert (tmp_path / "again.png").read_bytes() == (desk.folder / "photo.png").read_bytes()
        assert [each.id for each in client.find(favourite="yes", state="trashed", tag=["kept", "7"])] == [photo]
        assert client.restore([photo]).count == 1
        assert client.asset(photo).title == "Kept kettle"


def test_a_batch_from_its_price_to_its_end(token: str, url: str, desk: Desk) -> None:
    with Client(token, url) as client:
        photo = client.upload(desk.folder / "photo.png")
        client.store("small", SMALL)
        rows = [{"photo": f"asset:{photo.id}"}, {"photo": f"asset:{photo.id}"}]
        priced = client.estimate_batch("small", rows)
        batch = client.batch("small", rows, max_credits=4)
        assert eventually(lambda: client.show_batch(batch.id).state != "running", 60)
        done = client.show_batch(batch.id)

        assert (priced.allowed, len(priced.rows), done.state, done.counts) == (True, 2, "completed", {"completed": 2})
        assert client.resume_batch(batch.id).rows == done.rows
        assert client.cancel_batch(batch.id).counts == {"completed": 2}, "what has ended stays so"
