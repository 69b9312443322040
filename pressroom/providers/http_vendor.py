"""Any vendor whose API is spoken to over HTTP: carries out the conversations of its file, and words its errors.

The paid request is sent once. What certainly never arrived may be sent again, what the vendor definitely refuses has failed, and
everything between is a lost answer. A vendor's own words are quoted as such: its "please try again" is no advice of ours.
"""

from __future__ import annotations

import base64
import binascii
import io
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import unquote_to_bytes, urljoin

from pydantic import SecretStr

from pressroom.catalog.models import Model, ProviderRow
from pressroom.domain.errors import AnswerLost, Corrupt, Invalid, Permanent, PressroomError, Refused, Retryable
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Operation
from pressroom.domain.printable import printable
from pressroom.media.files.sniff import HEAD_BYTES, Format, sniff
from pressroom.media.files.truncation import check_whole
from pressroom.providers.api import (
    Denied,
    Inline,
    Link,
    Output,
    Purchase,
    QuotesOrders,
    Said,
    SignsCalls,
    Talk,
    TellsPrices,
    VendorApi,
)
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Absent,
    Charge,
    Delivered,
    Found,
    Listed,
    LostOrder,
    NoRecord,
    Order,
    Pending,
    PriceNow,
    Sink,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorFile,
    VendorJob,
)
from pressroom.providers.call_secrets import CallSecrets
from pressroom.providers.http.messages import MAX_REDIRECTS, REDIRECTS, Request, Response
from pressroom.providers.reading import usual_trouble
from pressroom.providers.translation import sought, translated
from pressroom.providers.webhooks import READERS

MOST_WORDS: Final = 300  # of a vendor's, in characters
CALL_SECONDS: Final = 60.0  # within which a vendor calls about what has ended
RUNS_TIMES: Final = 10  # what runs so many times as long as its model usually takes has ended
LOOK_SECONDS: Final = 5.0  # between looks for an order that only a call tells of
BUSY_SECONDS: Final = 5.0  # until a vendor that is busy is asked again, where it does not say
_HINTS: Final = {
    Trouble.KEY_REFUSED: "check its key ({keys}): pressroom providers set {name}",
    Trouble.OUT_OF_CREDIT: "add credit to the account there",
    Trouble.MODERATED: "change the prompt or the pictures",
    Trouble.MODERATED_AFTERWARDS: "change the prompt or the pictures",
    Trouble.INVALID: "another model may take it",
    Trouble.CUT_OFF: "allow it more (max_tokens), or ask for less",
}
# Refused before anything was made; an order is gone where what it is for is not sold there.
_FREE: Final = (Trouble.KEY_REFUSED, Trouble.OUT_OF_CREDIT, Trouble.INVALID, Trouble.GONE)
# No word on a job that the vendor has: it can be asked again once the key or the account is in order, or what it was asked is
# understood. Only what is gone is no more there.
_NOT_OF_THE_JOB: Final = (Trouble.KEY_REFUSED, Trouble.OUT_OF_CREDIT, Trouble.INVALID)

if TYPE_CHECKING:
    from pressroom.providers.download import Downloader

T = TypeVar("T")
_MISUNDERSTOOD: Final = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError)


class Sends(Protocol):
    """What carries one request; `pressroom.providers.http.client.ApiClient` is the real one."""

    def send(self, request: Request, key_headers: Mapping[str, str]) -> Response: ...


@dataclass
class _Progress:
    """How far a conversation has come: whether its last request spends, and whether one that does was answered."""

    spends: bool = False
    placed: bool = False


class HttpVendor:
    """A vendor over HTTP. `models` are its rows by their names in the catalog; `key` is read when it is needed.

    `billing_key` is what may read what was charged, where that is not the same. `callback_base` is the public address under which
    vendors can call back; empty where there is none.
    """

    def __init__(
        self,
        api: VendorApi,
        row: ProviderRow,
        models: Mapping[str, Model],
        operations: Mapping[str, Operation[Any]],
        limits: MediaLimits,
        client: Callable[[], Sends],
        downloader: Callable[[], Downloader],
        key: Callable[[], SecretStr | None],
        *,
        billing_key: Callable[[], SecretStr | None] = lambda: None,
        callback_base: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = row.name
        self._api = api
        self._row = row
        self._models = models
        self._operations = operations
        self._limits = limits
        self._client = client
        self._downloader = downloader
        self._key = key
        self._billing_key = billing_key
        self._callback_base = callback_base if self.name in READERS else ""
        self._clock = clock
        self._call_secrets = CallSecrets(self._signing_secret, clock)

    def submit(self, order: Order) -> Pending | Delivered:
        with tempfile.TemporaryDirectory(prefix="order-") as folder:
            answer = self._ordered(self._api.submit(self._purchase(order, Path(folder))))
        if isinstance(answer, Pending):
            return answer
        try:
            files = [self._in_memory(output) for output in answer.outputs]
            if not files:
                raise Corrupt("it names no file")
            return Delivered(files, answer.billed, answer.vendor_job_id)
        except PressroomError as exc:
            # It was made, and may have been charged: whatever became of its file, it is not ordered again.
            message = f"{self._row.title} has answered, and its file cannot be had: {exc.message}"
            raise AnswerLost(message, billed=answer.billed) from exc

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        age = datetime.fromtimestamp(self._clock(), UTC) - (lost.last_sent_at or lost.sent_at)
        answer = self._asked(self._api.look_up(lost, self._sought(lost), age.total_seconds()))
        left = _called_within(self._model(lost.model)) - age.total_seconds()
        if isinstance(answer, Unknowable) and self._callback_base and left > 0:
            return Undecided(min(left, LOOK_SECONDS))  # it was told where to call when the order has ended
        return answer

    def status(self, job: VendorJob) -> Status:
        found = self._asked(self._api.status(job, self._model(job.model)))
        if found.trouble is None:
            return found
        return replace(found, reason=f"{found.trouble}{quoted(found.reason)}")

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        outputs = self._asked(self._api.outputs(job, self._model(job.model)))
        if not outputs:
            raise Corrupt(f"{self._row.title} says that it has made this, and names no file")
        with tempfile.TemporaryDirectory(prefix="vendor-") as folder:
            for number, output in enumerate(outputs):
                self._hand_over(output, Path(folder) / str(number), sink)

    def cancel(self, job: VendorJob) -> None:
        self._asked(self._api.cancel(job, self._model(job.model)))

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Sequence[Charge] | NoRecord:
        return self._asked(self._api.charges(since, until, jobs))

    def price(self, order: Order) -> PriceNow | None:
        if not isinstance(self._api, QuotesOrders):
            return None
        # Without its files: what is sent of them says nothing of a price, and to upload them takes long.
        purchase = self._purchase(replace(order, inputs={}, files={}), Path())
        return self._asked(self._api.price(purchase))

    def listed(self) -> Sequence[Listed] | None:
        """What the vendor says today of its models in the catalog; None of one that cannot be asked for that."""
        return (
            self._asked(self._api.listed(list(self._models.values()))) if isinstance(self._api, TellsPrices) else None
        )

    def call_secrets(self, callback_key: str) -> Iterator[str]:
        """What a call of this vendor may be signed with, the likeliest first; nothing for one that never calls.

        Raises Retryable where that cannot be asked now.
        """
        if isinstance(self._api, SignsCalls):
            return self._call_secrets.candidates()
        return iter((callback_key,) if self.name in READERS else ())

    def _signing_secret(self) -> str:
        assert isinstance(self._api, SignsCalls), "asked for where there is one"
        return self._asked(self._api.signing_secret())

    def probe(self) -> str:
        """Whether the key works: whose it is, where the vendor tells. Raises Permanent or Retryable where it does not."""
        try:
            return self._held(self._api.probe(), _Progress())
        except _MISUNDERSTOOD as exc:
            raise Retryable(self._misunderstood(exc), hint="try again later") from exc

    # conversations

    def _ordered(self, talk: Talk[T]) -> T:
        """The conversation of an order. What goes wrong before its paid request cost nothing, what does after it is lost."""
        progress = _Progress()
        try:
            return self._held(talk, progress)
        except _MISUNDERSTOOD as exc:
            raise (AnswerLost if progress.placed else Retryable)(self._misunderstood(exc)) from exc
        except PressroomError as exc:
            if progress.placed:
                raise AnswerLost(exc.message, billed=exc.fields.get("billed", UNSAID)) from exc
            if progress.spends or isinstance(exc, Retryable):
                raise
            raise Permanent(exc.message, hint=exc.hint, **{**exc.fields, "billed": FREE_OF_CHARGE}) from exc

    def _asked(self, talk: Talk[T]) -> T:
        """A conversation that buys nothing: a no is one about the job, or it can be asked again."""
        try:
            return self._held(talk, _Progress())
        except _MISUNDERSTOOD as exc:
            raise Retryable(self._misunderstood(exc), hint="try again later") from exc
        except Permanent as exc:
            if exc.fields.get("trouble") in _NOT_OF_THE_JOB:
                raise Retryable(exc.message, hint=exc.hint) from exc
            raise Permanent(exc.message, hint=exc.hint, trouble=exc.fields.get("trouble")) from exc

    def _held(self, talk: Talk[T], progress: _Progress) -> T:
        try:
            request = next(talk)
            while True:
                progress.spends = request.spends
                response = self._answered(request, self._key_headers(request))
                progress.placed = progress.placed or request.spends
                request = talk.send(response)
        except StopIteration as end:
            value: T = end.value
            return value
        except Denied as exc:
            progress.placed = progress.placed and not progress.spends
            raise self._no(exc.said, exc.status, progress.spends) from exc

    def _misunderstood(self, exc: Exception) -> str:
        """The answer is not of the shape that the contract has."""
        return f"{self._row.title} gives an answer that is not understood ({type(exc).__name__}: {exc})"

    def _answered(self, request: Request, key_headers: Mapping[str, str]) -> Response:
        response = self._client().send(request, key_headers)
        if response.is_success or response.status in request.answers:
            return response
        raise self._no(self._refusal(response), response.status, request.spends)

    def _refusal(self, response: Response) -> Said:
        """What a no says. One whose words are not understood is of the kind of its status."""
        try:
            return self._api.refusal(response)
        except _MISUNDERSTOOD:
            return Said(usual_trouble(response.status))

    def _no(self, said: Said, status: int | None, spends: bool) -> PressroomError:
        """What a no means, to an order or to anything else."""
        message = told(self._row.title, said, status)
        may_have_it = status is not None and (status == 408 or status >= 500)
        if spends and may_have_it and said.trouble is not Trouble.BUSY:
            return AnswerLost(message)
        if said.trouble in (Trouble.BUSY, Trouble.TIMED_OUT, Trouble.UNAVAILABLE):
            seconds = BUSY_SECONDS if said.seconds is None else said.seconds
            return Retryable(message, unsent=True, retry_after_seconds=seconds, trouble=said.trouble)
        billed = said.billed
        if spends and billed == UNSAID and said.trouble in _FREE:
            billed = FREE_OF_CHARGE
        hint = _HINTS.get(said.trouble, "").format(keys=" or ".join(self._row.keys), name=self.name)
        return Permanent(message, hint=hint, billed=billed, trouble=said.trouble)

    def _key_headers(self, request: Request) -> Mapping[str, str]:
        if request.keyless:
            return {}
        key = (self._billing_key() if request.billing else None) or self._key()
        if key is None:
            fields = {"billed": FREE_OF_CHARGE, "trouble": Trouble.KEY_REFUSED}
            raise Permanent(f"{self._row.title} needs a key", hint=f"pressroom providers set {self.name}", **fields)
        return self._api.key_headers(key.get_secret_value())

    # orders

    def _model(self, name: str) -> Model:
        model = self._models.get(name)
        if model is None:
            raise Retryable(f"the catalog has no model {self.name}/{name}", hint="add its row again")
        return model.on(datetime.fromtimestamp(self._clock(), UTC).date())

    def _purchase(self, order: Order, folder: Path) -> Purchase:
        model, operation = self._model(order.model), self._operations[order.operation]
        callback = f"{self._callback_base}/{self.name}/{order.callback_key}" if self._callback_base else ""
        return translated(order, operation, model, folder, self._limits, callback)

    def _sought(self, lost: LostOrder) -> Purchase:
        order = Order(lost.order_key, lost.operation, lost.model, lost.params)
        return sought(order, lost.inputs, self._operations[lost.operation], self._model(lost.model))

    # files

    def _in_memory(self, output: Output) -> VendorFile:
        if isinstance(output, Inline):
            return _file(output.data, output.label, output.mime)
        with tempfile.TemporaryDirectory(prefix="vendor-") as folder:
            kept: list[VendorFile] = []
            self._hand_over(output, Path(folder) / "0", lambda file: kept.append(_read(file)))
            return kept[0]

    def _hand_over(self, output: Output, target: Path, sink: Sink) -> None:
        if isinstance(output, Inline):
            sink(
                _file(output.data, output.label, output.mime)
                if output.mime
                else _whole(output.data, output.label, target)
            )
        elif output.url.startswith("data:"):
            sink(_whole(_data_of(output.url), output.label, target))
        elif output.keyed:
            with self._not_fetched():
                sink(_whole(self._shown_the_key(output.url), output.label, target))
        else:
            sink(self._downloaded(output, target))

    def _shown_the_key(self, url: str) -> bytes:
        """What is behind an address of the vendor's API, or behind one that this leads to, which is not shown the key."""
        for _ in range(MAX_REDIRECTS + 1):
            request = Request("GET", url, answers=REDIRECTS)
            response = self._answered(request, self._key_headers(request))
            if response.status not in REDIRECTS:
                return response.body
            url = urljoin(url, response.headers.get("location", ""))
        raise Corrupt(f"{self._row.title} names a file that leads from one address to the next without end")

    @contextmanager
    def _not_fetched(self) -> Iterator[None]:
        """An address that may not be asked for says nothing against the user's own settings."""
        try:
            yield
        except (Invalid, Refused) as exc:
            raise Corrupt(f"{self._row.title} names a file that is not fetched: {exc.message}", hint=exc.hint) from exc

    def _downloaded(self, link: Link, target: Path) -> VendorFile:
        try:
            with self._not_fetched():
                found = self._downloader().fetch(link.url, target)
        except Retryable as exc:
            if exc.fields.get("broken_off"):
                # It may do so for ever: a few more tries are enough, and a later run makes others.
                raise Corrupt(exc.message, hint=exc.hint) from exc
            raise
        return VendorFile(found.path, found.mime, link.label)


def _called_within(model: Model) -> float:
    """Seconds after which an order has ended, and its vendor has called, if it ever arrived."""
    return CALL_SECONDS + RUNS_TIMES * model.latency_seconds


def told(title: str, said: Said, status: int | None = None) -> str:
    """What a vendor says, in its own words and as such: `Replicate: key refused, it says "..." (status 401)`."""
    why = f" ({said.why})" if said.why else ""
    return f"{title}: {said.trouble}{why}{quoted(said.words)}" + (f" (status {status})" if status is not None else "")


def quoted(words: str) -> str:
    """A vendor's words as such, behind what they mean: `, it says "please try again"`; nothing for none."""
    line = printable(" ".join(words.split()))
    return f', it says "{line[:MOST_WORDS]}{"…" if len(line) > MOST_WORDS else ""}"' if line else ""


def _data_of(url: str) -> bytes:
    head, _, body = url.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except binascii.Error as exc:
        raise Corrupt("a delivered file is no valid data URI") from exc


def _file(data: bytes, label: str, mime: str = "") -> VendorFile:
    return VendorFile(io.BytesIO(data), mime or _known(data).mime, label)


def _known(data: bytes) -> Format:
    """Raises Corrupt for bytes that are no media."""
    found = sniff(data[:HEAD_BYTES])
    if found is None:
        raise Corrupt(f"what was delivered ({len(data):,} bytes) is no picture, video or sound that can be opened")
    return found


def _whole(data: bytes, label: str, target: Path) -> VendorFile:
    """What can be fetched again. Raises Corrupt for what breaks off; `target` is where it is looked at."""
    found = _known(data)
    target.write_bytes(data)
    check_whole(target, found)
    return VendorFile(io.BytesIO(data), found.mime, label)


def _read(file: VendorFile) -> VendorFile:
    """The same, held in memory."""
    assert isinstance(file.source, Path), "downloads are files"
    return VendorFile(io.BytesIO(file.source.read_bytes()), file.mime, file.label)
