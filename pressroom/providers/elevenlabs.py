"""ElevenLabs: speech and sound effects, answered at once. Contract: elevenlabs.io/docs/api-reference and SDK 2.78.0, 2026-11-29.

What was said is listed with its words, sound effects are not: an order for speech whose answer got lost is found in the history
by voice, model, words and time, and fetched from there. An order's name is its request's, its place the item of the history.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from pressroom.catalog.models import Model
from pressroom.providers.api import Answered, Inline, Output, Purchase, Said, Talk
from pressroom.providers.at_once import BLOCKING_SECONDS, AnswersAtOnce
from pressroom.providers.base import (
    Absent,
    Billed,
    Charge,
    Found,
    Listed,
    LostOrder,
    NoRecord,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.reading import counted, named, rows_of, seconds_of, token_bill, token_billed, usual_trouble

MODELS: Final = "/v1/models"
SETTLED_SECONDS: Final = BLOCKING_SECONDS + 60  # what is not listed so long after it was sent was never said
LOOK_SECONDS: Final = 10.0
_COUNT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
PAGE_SIZE: Final = 1_000
MOST_PAGES: Final = 5
_EARLIER: Final = timedelta(minutes=2)  # as far as two clocks agree
_CHARACTERS: Final = ("character_count_change_from", "character_count_change_to")
_VOICE: Final = ("speed", "stability")
_NAMED: Final = {
    "quota_exceeded": Trouble.OUT_OF_CREDIT,
    "bad_prompt": Trouble.MODERATED,
    "voice_not_found": Trouble.INVALID,
    "max_character_limit_exceeded": Trouble.INVALID,
}


class ElevenLabs(AnswersAtOnce):
    """The base address has no version in it."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        return {"xi-api-key": key}

    def submit(self, purchase: Purchase) -> Talk[Answered]:
        fields = dict(purchase.fields)
        query = {"output_format": str(fields.pop("output_format"))}
        path = "/v1/sound-generation"
        if _is_speech(purchase.model):
            path = f"/v1/text-to-speech/{quote(fields.pop('voice_id'), safe='')}"
            fields = _spoken(fields)
        body = {"model_id": purchase.model.id, **fields}
        response = yield Request("POST", path, query, json=body, spends=True, seconds=BLOCKING_SECONDS)
        return Answered([Inline(response.body)], _billed(purchase.model, response.headers), _named(response.headers))

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        if not _is_speech(purchase.model):
            return (yield from super().look_up(lost, purchase, age_seconds))
        since = lost.sent_at - _EARLIER
        listed = yield from _history(since, voice_id=str(purchase.fields["voice_id"]))
        if listed is None:
            return Unknowable("its history is too long to be read")
        seen = [item for item in listed if _name(item) not in lost.other_names]
        same = [item for item in seen if _is_of(item, purchase)]
        if len(same) == 1:
            return Found(_id(same[0]))
        if same or any(_hides(item) for item in seen):
            ids = ", ".join(_name(item) for item in same or seen)
            return Unknowable(f"several of its orders may be this one: {ids}")
        left = SETTLED_SECONDS - age_seconds
        return Absent() if left <= 0 else Undecided(min(left + 1, LOOK_SECONDS))

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        item = (yield Request("GET", _path(job))).json()
        evidence = {"history_item": _place(job), **{name: item.get(name) for name in _CHARACTERS}}
        return Status(VendorState.SUCCEEDED, token_billed(model, lambda: {"character": _cost(item)}, evidence))

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        return [Inline((yield Request("GET", f"{_path(job)}/audio")).body)]

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        """The characters of all that was said, to be priced by the catalog."""
        listed = yield from _history(since, date_before_unix=str(int(until.timestamp())))
        if listed is None:
            return NoRecord("its history is too long to be read")
        return [_charge(item) for item in listed]

    def refusal(self, response: Response) -> Said:
        words, name = _words(response)
        usual = usual_trouble(response.status)
        return Said(_NAMED.get(name, usual), words, seconds_of(response))

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """Which models speak, and what a thousand characters cost: by how much it multiplies them, at the plan's price."""
        there = {str(row["model_id"]): row for row in (yield Request("GET", MODELS)).json()}
        return [_listed(model, there.get(model.id)) for model in models if _is_speech(model)]

    def probe(self) -> Talk[str]:
        (yield Request("GET", MODELS)).json()
        return ""


def _listed(model: Model, row: Mapping[str, Any] | None) -> Listed:
    times = ((row or {}).get("model_rates") or {}).get("character_cost_multiplier")
    usd = token_bill(model, {"character": 1_000})
    price = None if times is None or usd is None else round(usd * Decimal(str(times)))
    return Listed(model.model, price, unit="1k_characters", sold=row is not None)


def _is_speech(model: Model) -> bool:
    return model.operation == "speak"


def _spoken(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As the body of an order has it: how it is said in a group, and a language without its region."""
    settings = {name: fields[name] for name in _VOICE if name in fields}
    body = {name: value for name, value in fields.items() if name not in _VOICE}
    if "language_code" in body:
        body["language_code"] = body["language_code"].partition("-")[0]
    return {**body, "voice_settings": settings} if settings else body


def _named(headers: Mapping[str, str]) -> str | None:
    """What an answer says of the order's name and place, None where it says neither."""
    return "@".join(headers[name] for name in ("request-id", "history-item-id") if name in headers) or None


def _place(job: VendorJob) -> str:
    return job.place or job.name


def _path(job: VendorJob) -> str:
    return f"/v1/history/{_place(job)}"


def _name(item: Mapping[str, Any]) -> str:
    return named(item.get("request_id") or item["history_item_id"])


def _id(item: Mapping[str, Any]) -> str:
    return f"{_name(item)}@{named(item['history_item_id'])}"


def _cost(item: Mapping[str, Any]) -> int:
    """In characters. Raises KeyError, TypeError or ValueError where that cannot be read."""
    before, after = (int(item[name]) for name in _CHARACTERS)
    return counted({"character": after - before}, "character")


def _charge(item: Mapping[str, Any]) -> Charge:
    cost, at = _cost(item), datetime.fromtimestamp(item["date_unix"], UTC)
    billed = Billed(
        meters={"character": cost}, evidence={"history_item": item["history_item_id"], "character-cost": cost}
    )
    return Charge(_id(item), str(item.get("model_id") or ""), at, billed)


def _history(since: datetime, **asked: str) -> Generator[Request, Response, list[dict[str, Any]] | None]:
    """What was said since then; None where that is more than is read."""
    found: list[dict[str, Any]] = []
    first = int(since.timestamp())
    query = {**asked, "date_after_unix": str(first), "page_size": str(PAGE_SIZE)}
    for _ in range(MOST_PAGES):
        page = (yield Request("GET", "/v1/history", query)).json()
        found += [item for item in rows_of(page["history"]) if _said_at(item) >= first]
        if not page.get("has_more"):
            return found
        query = {**query, "start_after_history_item_id": str(page["last_history_item_id"])}
    return None


def _said_at(item: Mapping[str, Any]) -> int:
    """In seconds since 1970. Raises KeyError, TypeError or ValueError where the history does not say."""
    if (seconds := int(item["date_unix"])) <= 0:
        raise ValueError(f"date_unix is {seconds}")
    return seconds


def _is_of(item: Mapping[str, Any], purchase: Purchase) -> bool:
    """Whether the same voice of the same model says the same words there, however they are spaced."""
    made_by = (item.get("voice_id"), item.get("model_id")) == (purchase.fields["voice_id"], purchase.model.id)
    return made_by and str(item.get("text")).split() == str(purchase.fields["text"]).split()


def _hides(item: Mapping[str, Any]) -> bool:
    """Whether the history does not tell what was said, or by whom."""
    return not all(item.get(name) and isinstance(item[name], str) for name in ("text", "voice_id", "model_id"))


def _billed(model: Model, headers: Mapping[str, str]) -> Billed:
    names = ("character-cost", "request-id", "history-item-id")
    evidence = {name: headers[name] for name in names if name in headers}
    cost = evidence.get("character-cost", "")
    return _bill(model, Decimal(cost), evidence) if _COUNT.fullmatch(cost) else Billed(evidence=evidence)


def _bill(model: Model, cost: int | Decimal, evidence: Mapping[str, Any]) -> Billed:
    """What it counts are characters as it charges them: half a one for each that a cheaper model says."""
    return Billed(token_bill(model, {"character": cost}), evidence=evidence)


def _words(response: Response) -> tuple[str, str]:
    """What an error says, and the vendor's name of it."""
    body = response.json_or_none()
    detail = body.get("detail") if isinstance(body, dict) else None
    if isinstance(detail, dict):
        return str(detail.get("message") or ""), str(detail.get("status") or "")
    rows = detail if isinstance(detail, list) else [detail or ""]
    return "; ".join(str(row.get("msg", row)) if isinstance(row, dict) else str(row) for row in rows), ""
