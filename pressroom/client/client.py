"""The client, which sends calls and reads answers. Calls that may be repeated are, where the server is away or busy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
from pydantic import BaseModel

from pressroom.api import models, sharing
from pressroom.api.address import LOOPBACK, MOST_AT_ONCE_BYTES, PORT
from pressroom.client import calls
from pressroom.client.calls import Call, Campaign
from pressroom.client.uploads import PART_BYTES, Asked, Told, following, in_parts
from pressroom.domain.errors import Retryable
from pressroom.domain.states import GOES_ON

T = TypeVar("T", bound=BaseModel)
LOCAL: Final = f"http://{LOOPBACK}:{PORT}"
TIMEOUT_SECONDS: Final = 90.0  # longer than a call may wait
PAUSES_SECONDS: Final = (0.5, 2.0, 5.0)
LOOK_SECONDS: Final = 0.5
_BUSY: Final = frozenset({429, 503})


class Client:
    """Acts for the account of its token. Raises the errors that the services raise, with their problems.

    With `url` another server than the one of this machine; `transport` is httpx's, where another way leads there.
    """

    def __init__(self, token: str, url: str = LOCAL, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def generate(self, *, wait: float = 60, **fields: Any) -> models.GenerationView:
        """Make one operation (fields as in the API) and wait for its end, for at most so many seconds."""
        return self._send(calls.generate(fields, wait))

    def generations(self, **filters: Any) -> Iterator[models.GenerationView]:
        """What was asked for as one generation, the newest first; filters as in the API, days as texts."""
        given = _params(filters)
        while True:
            page = self._send(calls.generations(given))
            yield from page.items
            if page.next_cursor is None:
                return
            given = [*(pair for pair in given if pair[0] != "cursor"), ("cursor", page.next_cursor)]

    def share(self, kind: str, name: str, email: str, right: str = "view") -> sharing.GivenShare:
        """Share an asset, a folder or a collection with an address."""
        return self._send(calls.share({"kind": kind, "name": name, "email": email, "right": right}))

    def link(self, kind: str, name: str, **terms: Any) -> sharing.NewLink:
        """A public link: `right`, `password`, `most_downloads`, `days`. Its secret is told this once."""
        return self._send(calls.link({"kind": kind, "name": name, **terms}))

    def estimate(self, **fields: Any) -> models.Estimate:
        """What one operation would cost, and whether it may be made."""
        return self._send(calls.estimate(fields))

    def plan(self, campaign: Campaign) -> models.Plan:
        """The plan of a campaign, and the verdict on it."""
        return self._send(calls.plan(campaign))

    def run(self, campaign: Campaign, *, plan_hash: str = "", approve: bool = False) -> models.RunView:
        """Hold the credits and begin; with `plan_hash` only what was shown under it."""
        return self._send(calls.run(campaign, plan_hash, approve))

    def batch(self, campaign: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> models.BatchView:
        """Begin a run of a stored campaign for each row of inputs (`more` as in the API: refresh, approve, max_credits)."""
        return self._send(calls.batch({"campaign": campaign, "rows": list(rows), **more}))

    def estimate_batch(self, campaign: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> models.Estimate:
        """What all rows would cost, together and each."""
        return self._send(calls.estimate_batch({"campaign": campaign, "rows": list(rows), **more}))

    def show_batch(self, batch_id: str) -> models.BatchView:
        return self._send(calls.show_batch(batch_id))

    def cancel_batch(self, batch_id: str) -> models.BatchView:
        return self._send(calls.decide_batch(batch_id, "cancel"))

    def resume_batch(self, batch_id: str) -> models.BatchView:
        """Begin the rows that have no run yet."""
        return self._send(calls.decide_batch(batch_id, "resume"))

    def store(self, name: str, text: str) -> models.Campaign:
        """Keep a version of a campaign."""
        return self._send(calls.store(name, text))

    def show_run(self, run_id: str) -> models.RunView:
        return self._send(calls.show_run(run_id))

    def wait(self, run_id: str, seconds: float = 3_600) -> models.RunView:
        """The run when it has ended or waits for a person. Raises Retryable where it still goes on then."""
        until = time.monotonic() + seconds
        while (found := self.show_run(run_id)).state in GOES_ON:
            if time.monotonic() > until:
                raise Retryable(f"run {run_id} goes on", hint="wait longer")
            time.sleep(LOOK_SECONDS)
        return found

    def cancel(self, run_id: str) -> models.RunView:
        return self._send(calls.decide(run_id, "cancel"))

    def approve(self, run_id: str, **said: Any) -> models.RunView:
        """Approve a run that waits for it: `drop`, `cap`, `plan_hash`."""
        return self._send(calls.decide(run_id, "approve", said))

    def reject(self, run_id: str) -> models.RunView:
        return self._send(calls.decide(run_id, "reject"))

    def resume(self, run_id: str, cap: float | None = None, usd: float | None = None) -> models.RunView:
        return self._send(calls.decide(run_id, "resume", {"cap": cap, "usd": usd}))

    def find(self, **filters: Any) -> Iterator[Any]:
        """Every asset that fits, page by page; names and values as in the API, lists for several values."""
        given = _params(filters)
        while True:
            page = self._send(calls.find(given))
            yield from page.items
            if page.next_cursor is None:
                return
            given = [*(pair for pair in given if pair[0] != "cursor"), ("cursor", page.next_cursor)]

    def asset(self, name: str) -> Any:
        """An asset's record, by its id or SHA-256 or the beginning of either."""
        return self._send(calls.show_asset(name))

    def upload(self, path: Path, *, part_bytes: int | None = None) -> Any:
        """Bring a file into the library. A large one goes in parts, as any does with `part_bytes`: cut off, it goes on."""
        if part_bytes is None and path.stat().st_size <= MOST_AT_ONCE_BYTES:
            return self._send(calls.upload(path))
        steps = in_parts(path, part_bytes or PART_BYTES)
        asked, asset_id = following(steps, None)
        while asked is not None:
            time.sleep(asked.pause)
            asked, asset_id = following(steps, self._step(asked))
        return self.asset(asset_id)

    def download(self, name: str, target: Path) -> None:
        """Write an asset's file to `target`."""
        with self._http.stream("GET", calls.content_path(name), follow_redirects=True) as answer:
            if not answer.is_success:
                answer.read()
                raise calls.error_of(answer.status_code, _told(answer))
            with target.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)

    def edit(self, ids: Sequence[str], **words: Any) -> models.Changed:
        """Change words, folder, project and metadata (fields as in the API) of one or many."""
        return self._send(calls.change("edit", ids, **words))

    def tag(self, ids: Sequence[str], tags: Sequence[str | int]) -> models.Changed:
        return self._send(calls.change("tag", ids, tags=list(tags)))

    def favourite(self, ids: Sequence[str], favourite: bool = True) -> models.Changed:
        """Make them favourites of whoever the token stands for, or no longer."""
        return self._send(calls.change("favourite", ids, favourite=favourite))

    def delete(self, ids: Sequence[str]) -> models.Changed:
        """Put them into the trash, from which `restore` takes them."""
        return self._send(calls.change("trash", ids))

    def restore(self, ids: Sequence[str]) -> models.Changed:
        return self._send(calls.change("restore", ids))

    def use(self, name: str, kind: str, *, key: str = "", **details: Any) -> bool:
        """Say that an asset was used (`post`, `email`, `presentation` …); False for a use of the same key that is known."""
        return self._send(calls.use(name, kind, key, details)).recorded

    def credits(self) -> models.Credits:
        return self._send(calls.credits())

    def usage(self, by: str = "day", *, begins: date | None = None, ends: date | None = None) -> models.Usage:
        """What was used by tier, model, operation, user or day, from one day up to another; this month unless said otherwise."""
        return self._send(calls.usage(by, begins, ends))

    def statement(self) -> Iterator[models.StatementLine]:
        """Every movement of the account, newest first."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._send(calls.statement(cursor))
            yield from page.items
            cursor = page.next_cursor

    def _step(self, asked: Asked) -> Told | None:
        """The answer to one request of an upload; None where it was lost."""
        for pause in (*PAUSES_SECONDS, None) if asked.may_be_repeated else (None,):
            try:
                answer = self._http.request(asked.method, asked.path, headers=asked.headers, content=asked.content)
                return Told(answer.status_code, answer.headers, _told(answer))
            except httpx.TransportError:
                if pause is not None:
                    time.sleep(pause)
        return None

    def _send(self, call: Call[T]) -> T:
        for pause in (*PAUSES_SECONDS, None):
            try:
                answer = self._http.request(
                    call.method,
                    call.path,
                    json=call.json,
                    params=list(call.params),
                    headers=call.headers,
                    content=call.file.read_bytes() if call.file else None,
                )
            except httpx.TransportError as exc:
                if pause is None or not call.may_be_repeated:
                    raise Retryable(
                        f"the server cannot be reached: {exc}", hint="is `pressroom serve` running?"
                    ) from exc
            else:
                if answer.status_code not in _BUSY or pause is None or not call.may_be_repeated:
                    return _read(call, answer)
                pause = float(answer.headers.get("Retry-After") or pause)
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


class AsyncClient:
    """`Client`, to be awaited."""

    def __init__(self, token: str, url: str = LOCAL, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def generate(self, *, wait: float = 60, **fields: Any) -> models.GenerationView:
        """As `Client.generate`."""
        return await self._send(calls.generate(fields, wait))

    async def generations(self, **filters: Any) -> AsyncIterator[models.GenerationView]:
        """As `Client.generations`."""
        given = _params(filters)
        while True:
            page = await self._send(calls.generations(given))
            for item in page.items:
                yield item
            if page.next_cursor is None:
                return
            given = [*(pair for pair in given if pair[0] != "cursor"), ("cursor", page.next_cursor)]

    async def share(self, kind: str, name: str, email: str, right: str = "view") -> sharing.GivenShare:
        """As `Client.share`."""
        return await self._send(calls.share({"kind": kind, "name": name, "email": email, "right": right}))

    async def link(self, kind: str, name: str, **terms: Any) -> sharing.NewLink:
        """As `Client.link`."""
        return await self._send(calls.link({"kind": kind, "name": name, **terms}))

    async def estimate(self, **fields: Any) -> models.Estimate:
        """As `Client.estimate`."""
        return await self._send(calls.estimate(fields))

    async def plan(self, campaign: Campaign) -> models.Plan:
        """As `Client.plan`."""
        return await self._send(calls.plan(campaign))

    async def run(self, campaign: Campaign, *, plan_hash: str = "", approve: bool = False) -> models.RunView:
        """As `Client.run`."""
        return await self._send(calls.run(campaign, plan_hash, approve))

    async def batch(self, campaign: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> models.BatchView:
        """Begin a run of a stored campaign for each row of inputs (`more` as in the API: refresh, approve, max_credits)."""
        return await self._send(calls.batch({"campaign": campaign, "rows": list(rows), **more}))

    async def estimate_batch(self, campaign: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> models.Estimate:
        """What all rows would cost, together and each."""
        return await self._send(calls.estimate_batch({"campaign": campaign, "rows": list(rows), **more}))

    async def show_batch(self, batch_id: str) -> models.BatchView:
        return await self._send(calls.show_batch(batch_id))

    async def cancel_batch(self, batch_id: str) -> models.BatchView:
        return await self._send(calls.decide_batch(batch_id, "cancel"))

    async def resume_batch(self, batch_id: str) -> models.BatchView:
        """Begin the rows that have no run yet."""
        return await self._send(calls.decide_batch(batch_id, "resume"))

    async def show_run(self, run_id: str) -> models.RunView:
        return await self._send(calls.show_run(run_id))

    async def wait(self, run_id: str, seconds: float = 3_600) -> models.RunView:
        """As `Client.wait`."""
        until = time.monotonic() + seconds
        while (found := await self.show_run(run_id)).state in GOES_ON:
            if time.monotonic() > until:
                raise Retryable(f"run {run_id} goes on", hint="wait longer")
            await asyncio.sleep(LOOK_SECONDS)
        return found

    async def store(self, name: str, text: str) -> models.Campaign:
        """As `Client.store`."""
        return await self._send(calls.store(name, text))

    async def cancel(self, run_id: str) -> models.RunView:
        return await self._send(calls.decide(run_id, "cancel"))

    async def approve(self, run_id: str, **said: Any) -> models.RunView:
        """As `Client.approve`."""
        return await self._send(calls.decide(run_id, "approve", said))

    async def reject(self, run_id: str) -> models.RunView:
        return await self._send(calls.decide(run_id, "reject"))

    async def resume(self, run_id: str, cap: float | None = None, usd: float | None = None) -> models.RunView:
        """As `Client.resume`."""
        return await self._send(calls.decide(run_id, "resume", {"cap": cap, "usd": usd}))

    async def find(self, **filters: Any) -> AsyncIterator[Any]:
        """As `Client.find`."""
        given = _params(filters)
        while True:
            page = await self._send(calls.find(given))
            for item in page.items:
                yield item
            if page.next_cursor is None:
                return
            given = [*(pair for pair in given if pair[0] != "cursor"), ("cursor", page.next_cursor)]

    async def asset(self, name: str) -> Any:
        """As `Client.asset`."""
        return await self._send(calls.show_asset(name))

    async def upload(self, path: Path, *, part_bytes: int | None = None) -> Any:
        """As `Client.upload`."""
        if part_bytes is None and path.stat().st_size <= MOST_AT_ONCE_BYTES:
            return await self._send(calls.upload(path))
        steps = in_parts(path, part_bytes or PART_BYTES)
        asked, asset_id = await asyncio.to_thread(following, steps, None)
        while asked is not None:
            await asyncio.sleep(asked.pause)
            asked, asset_id = await asyncio.to_thread(following, steps, await self._step(asked))
        return await self.asset(asset_id)

    async def edit(self, ids: Sequence[str], **words: Any) -> models.Changed:
        """As `Client.edit`."""
        return await self._send(calls.change("edit", ids, **words))

    async def tag(self, ids: Sequence[str], tags: Sequence[str | int]) -> models.Changed:
        return await self._send(calls.change("tag", ids, tags=list(tags)))

    async def favourite(self, ids: Sequence[str], favourite: bool = True) -> models.Changed:
        """As `Client.favourite`."""
        return await self._send(calls.change("favourite", ids, favourite=favourite))

    async def delete(self, ids: Sequence[str]) -> models.Changed:
        """As `Client.delete`."""
        return await self._send(calls.change("trash", ids))

    async def restore(self, ids: Sequence[str]) -> models.Changed:
        return await self._send(calls.change("restore", ids))

    async def use(self, name: str, kind: str, *, key: str = "", **details: Any) -> bool:
        """As `Client.use`."""
        return (await self._send(calls.use(name, kind, key, details))).recorded

    async def download(self, name: str, target: Path) -> None:
        """As `Client.download`."""
        async with self._http.stream("GET", calls.content_path(name), follow_redirects=True) as answer:
            if not answer.is_success:
                await answer.aread()
                raise calls.error_of(answer.status_code, _told(answer))
            with target.open("wb") as file:
                async for chunk in answer.aiter_bytes():
                    await asyncio.to_thread(file.write, chunk)

    async def credits(self) -> models.Credits:
        return await self._send(calls.credits())

    async def usage(self, by: str = "day", *, begins: date | None = None, ends: date | None = None) -> models.Usage:
        """As `Client.usage`."""
        return await self._send(calls.usage(by, begins, ends))

    async def statement(self) -> AsyncIterator[models.StatementLine]:
        """As `Client.statement`."""
        cursor: str | None = ""
        while cursor is not None:
            page = await self._send(calls.statement(cursor))
            for item in page.items:
                yield item
            cursor = page.next_cursor

    async def _step(self, asked: Asked) -> Told | None:
        """As `Client._step`."""
        for pause in (*PAUSES_SECONDS, None) if asked.may_be_repeated else (None,):
            try:
                answer = await self._http.request(
                    asked.method, asked.path, headers=asked.headers, content=asked.content
                )
                return Told(answer.status_code, answer.headers, _told(answer))
            except httpx.TransportError:
                if pause is not None:
                    await asyncio.sleep(pause)
        return None

    async def _send(self, call: Call[T]) -> T:
        for pause in (*PAUSES_SECONDS, None):
            try:
                answer = await self._http.request(
                    call.method,
                    call.path,
                    json=call.json,
                    params=list(call.params),
                    headers=call.headers,
                    content=await asyncio.to_thread(call.file.read_bytes) if call.file else None,
                )
            except httpx.TransportError as exc:
                if pause is None or not call.may_be_repeated:
                    raise Retryable(
                        f"the server cannot be reached: {exc}", hint="is `pressroom serve` running?"
                    ) from exc
            else:
                if answer.status_code not in _BUSY or pause is None or not call.may_be_repeated:
                    return _read(call, answer)
                pause = float(answer.headers.get("Retry-After") or pause)
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")


def _read(call: Call[T], answer: httpx.Response) -> T:
    if not answer.is_success:
        raise calls.error_of(answer.status_code, _told(answer))
    return call.answer.model_validate_json(answer.content)


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _params(filters: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, given in filters.items()
        for value in (given if isinstance(given, list) else [given])
    ]
