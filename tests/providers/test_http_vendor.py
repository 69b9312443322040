"""What carries out every vendor's conversations: which errors cost nothing, which are lost answers, which are asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, PressroomError, Refused, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.codecs import png
from pressroom.operations import OPERATIONS
from pressroom.providers.api import Answered, Denied, Inline, Link, Said
from pressroom.providers.at_once import inlined_file
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Billed,
    LostOrder,
    Order,
    Pending,
    Trouble,
    Undecided,
    Unknowable,
    VendorFile,
    VendorJob,
)
from pressroom.providers.bfl import BlackForestLabs
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.http_vendor import HttpVendor
from pressroom.providers.replicate import Replicate
from tests.support.conversations import answer

CATALOG = load_catalog()
JOB = VendorJob("p1", "flux-schnell")
ORDER = Order(
    "1:a:0",
    "generate_image",
    "flux-schnell",
    {"prompt": "sea"},
    makes=MediaInfo(Kind.IMAGE, mime_of("png"), 1024, 1024),
)
NOW = 1_800_000_000.0
PNG = png(Image.new("RGB", (4, 4)))
TAKEN = answer({"id": "p1"}, 201)


class Line:
    """Answers each request by the script: a response, or an error that is raised."""

    def __init__(self, *script: Response | PressroomError) -> None:
        self.script = list(script)
        self.sent: list[tuple[Request, Mapping[str, str]]] = []

    def send(self, request: Request, key_headers: Mapping[str, str]) -> Response:
        self.sent.append((request, key_headers))
        given = self.script.pop(0)
        if isinstance(given, PressroomError):
            raise given
        return given


class Talkative(Replicate):
    """A vendor of which one asks something more after the order."""

    def submit(self, purchase: Any) -> Any:
        taken = yield from super().submit(purchase)
        yield Request("GET", f"/predictions/{taken.vendor_job_id}")
        return taken


class Careful(Replicate):
    """A vendor of which one asks something before the order."""

    def submit(self, purchase: Any) -> Any:
        yield Request("POST", "/files")
        return (yield from super().submit(purchase))


def vendor(line: Line, api: Callable[[], Replicate] = Replicate, key: str | None = "r8_x") -> HttpVendor:
    models = {row.model: row for row in CATALOG.models.values() if row.provider == "replicate"}
    secret = None if key is None else SecretStr(key)
    row = CATALOG.providers["replicate"]
    return HttpVendor(api(), row, models, OPERATIONS, MediaLimits(), lambda: line, lambda: None, lambda: secret)  # type: ignore[arg-type,return-value]


def problem(status: int) -> Response:
    return answer({"detail": "no. Please try again."}, status)


def test_an_order_that_is_taken_is_pending_and_its_key_is_shown() -> None:
    line = Line(TAKEN)

    assert vendor(line).submit(ORDER) == Pending("p1", 1.0)
    assert line.sent[0][1] == {"Authorization": "Bearer r8_x"}


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 413, 422])
def test_what_is_refused_before_it_was_taken_costs_nothing(status: int) -> None:
    with pytest.raises(Permanent) as raised:
        vendor(Line(problem(status))).submit(ORDER)

    assert raised.value.fields["billed"] == FREE_OF_CHARGE
    assert "no. Please try again." in raised.value.message
    assert "try again" not in raised.value.hint


@pytest.mark.parametrize("status", [408, 500, 501, 502, 504, 505, 520, 599])
def test_what_a_gateway_says_of_an_order_is_a_lost_answer(status: int) -> None:
    line = Line(problem(status))

    with pytest.raises(AnswerLost):
        vendor(line).submit(ORDER)

    assert len(line.sent) == 1


@pytest.mark.parametrize("status", [425, 429, 503])
def test_a_busy_vendor_has_taken_nothing(status: int) -> None:
    with pytest.raises(Retryable) as raised:
        vendor(Line(problem(status))).submit(ORDER)

    assert raised.value.fields["retry_after_seconds"] > 0


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"status": "starting"}'])
def test_an_answer_to_an_order_that_is_not_understood_is_lost(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        vendor(Line(Response(201, {}, body))).submit(ORDER)


@pytest.mark.parametrize(
    "given", [problem(404), problem(500), problem(429), Retryable("line"), Refused("host"), answer(b"<html>")]
)
def test_whatever_goes_wrong_after_the_order_the_order_is_lost_and_not_failed(given: Response | PressroomError) -> None:
    line = Line(TAKEN, given)

    # What this vendor reads afterwards is not looked at, so only what is no answer at all is lost.
    if isinstance(given, Response) and given.is_success:
        assert vendor(line, Talkative).submit(ORDER) == Pending("p1", 1.0)
        return
    with pytest.raises(AnswerLost):
        vendor(line, Talkative).submit(ORDER)


class Blocking(Replicate):
    """A vendor that answers with its file, which is none."""

    bill = Billed(33_600)

    def submit(self, purchase: Any) -> Any:
        yield Request("POST", "/pictures", spends=True)
        return Answered([Inline(b"<html>")], self.bill)


class BlockingInSilence(Blocking):
    """One that says nothing of its bill."""

    bill = UNSAID


@pytest.mark.parametrize("api", [Blocking, BlockingInSilence])
def test_a_file_that_is_none_is_a_lost_answer_with_its_bill_where_that_is_said(api: type[Blocking]) -> None:
    with pytest.raises(AnswerLost, match="its file cannot be had: what was delivered") as raised:
        vendor(Line(TAKEN), api).submit(ORDER)

    assert raised.value.fields == {"billed": api.bill}


class Damaging(Blocking):
    """One that finds the file damaged itself."""

    def submit(self, purchase: Any) -> Any:
        yield Request("POST", "/pictures", spends=True)
        return Answered([Inline(inlined_file("AAAAA", self.bill))], self.bill)


def test_a_damaged_file_is_a_lost_answer_with_its_bill() -> None:
    with pytest.raises(AnswerLost, match="it is no base64") as raised:
        vendor(Line(TAKEN), Damaging).submit(ORDER)

    assert raised.value.fields == {"billed": Billed(33_600)}


class Keyed(Replicate):
    """A vendor whose files are shown the key."""

    def outputs(self, job: VendorJob, model: Any) -> Any:
        yield Request("GET", "/job")
        return [Link("https://api.example.com/files/1?alt=media", keyed=True)]


def to(location: str) -> Response:
    return answer(b"", 302, {"location": location})


def test_a_file_that_is_shown_the_key_is_followed_to_where_it_leads() -> None:
    line, handed = Line(answer({}), to("/files/2"), to("https://cdn.example.com/a.png"), answer(PNG)), []

    vendor(line, Keyed).fetch(JOB, handed.append)

    asked = [request.path for request, _ in line.sent[1:]]
    assert asked == [
        "https://api.example.com/files/1?alt=media",
        "https://api.example.com/files/2",
        "https://cdn.example.com/a.png",
    ]
    assert [file.mime for file in handed] == ["image/png"]


@pytest.mark.parametrize(
    "script",
    [[Refused("host")], [to("http://10.0.0.1/"), Refused("host")], [to("/again")] * 6],
    ids=["private", "leads to private", "without end"],
)
def test_a_file_at_an_address_that_is_not_asked_for_is_no_delivery(script: list[Response | PressroomError]) -> None:
    with pytest.raises(Corrupt, match="Replicate names a file that"):
        vendor(Line(answer({}), *script), Keyed).fetch(JOB, lambda file: None)


@pytest.mark.parametrize("given", [problem(404), problem(413), Refused("host")])
def test_whatever_goes_wrong_before_the_order_cost_nothing(given: Response | PressroomError) -> None:
    line = Line(given)

    with pytest.raises(Permanent) as raised:
        vendor(line, Careful).submit(ORDER)

    assert (raised.value.fields["billed"], len(line.sent)) == (FREE_OF_CHARGE, 1)


def test_a_broken_line_before_the_order_may_be_tried_again() -> None:
    with pytest.raises(Retryable):
        vendor(Line(problem(500)), Careful).submit(ORDER)


def test_a_refused_key_is_named_by_the_variable_that_holds_it() -> None:
    with pytest.raises(Permanent) as raised:
        vendor(Line(problem(401))).submit(ORDER)

    assert raised.value.hint == "check its key (REPLICATE_API_TOKEN): pressroom providers set replicate"


def test_without_a_key_nothing_is_sent() -> None:
    line = Line()

    with pytest.raises(Permanent, match="providers set replicate") as raised:
        vendor(line, key=None).submit(ORDER)

    assert (raised.value.fields["billed"], line.sent) == (FREE_OF_CHARGE, [])


@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504])
def test_a_job_is_not_given_up_because_the_vendor_cannot_be_asked_now(status: int) -> None:
    with pytest.raises(Retryable):
        vendor(Line(problem(status))).status(JOB)


def test_a_job_is_not_given_up_because_its_key_or_its_row_is_gone() -> None:
    with pytest.raises(Retryable):
        vendor(Line(), key=None).status(JOB)
    with pytest.raises(Retryable, match="no model replicate/old"):
        vendor(Line()).status(VendorJob("p1", "old"))


def test_a_job_that_the_vendor_no_longer_knows_has_ended_and_nothing_is_said_of_its_bill() -> None:
    with pytest.raises(Permanent) as raised:
        vendor(Line(problem(404))).status(JOB)

    assert raised.value.fields.get("billed", UNSAID) == UNSAID


@pytest.mark.parametrize(
    ("prediction", "error"),
    [({"output": None}, Corrupt), ({"output": []}, Corrupt), ({"output": None, "data_removed": True}, Permanent)],
)
def test_what_is_said_to_be_made_and_names_no_file_is_no_delivery(
    prediction: dict[str, Any], error: type[PressroomError]
) -> None:
    handed: list[VendorFile] = []

    with pytest.raises(error):
        vendor(Line(answer(prediction))).fetch(JOB, handed.append)

    assert handed == []


def test_words_of_several_lines_are_quoted_in_one() -> None:
    said = answer({"detail": "- input: prompt is required\n- input.seed: must be\tan integer\n"}, 422)

    with pytest.raises(Permanent, match=r'it says "- input: prompt is required - input.seed: must be an integer"'):
        vendor(Line(said)).submit(ORDER)


def lost(seconds_ago: float) -> LostOrder:
    sent = datetime.fromtimestamp(NOW - seconds_ago, UTC)
    return LostOrder("1:a:0", "generate_image", "flux-2-klein-4b", {"prompt": "sea", "seed": 0}, sent)


@pytest.mark.parametrize(
    ("callback_base", "seconds_ago", "answer"),
    [
        ("https://press.example.com/api/v1/calls", 1, Undecided(5.0)),
        ("https://press.example.com/api/v1/calls", 86_400, Unknowable()),
        ("", 1, Unknowable()),
    ],
)
def test_an_order_that_only_a_call_tells_of_is_waited_for_where_there_is_an_address(
    callback_base: str, seconds_ago: float, answer: object
) -> None:
    models = {row.model: row for row in CATALOG.models.values() if row.provider == "bfl"}
    shop: Any = (
        BlackForestLabs(),
        CATALOG.providers["bfl"],
        models,
        OPERATIONS,
        MediaLimits(),
        Line,
        None,
        lambda: None,
    )

    found = HttpVendor(*shop, callback_base=callback_base, clock=lambda: NOW)

    assert found.look_up(lost(seconds_ago)) == answer


class CutsOff(Replicate):
    """A vendor that ends in the middle."""

    def submit(self, purchase: Any) -> Any:
        yield from super().submit(purchase)
        raise Denied(Said(Trouble.CUT_OFF, "A calm", billed=Billed(1_502)))


class NamesNothing(Replicate):
    """A vendor that answers at once, without a file."""

    def submit(self, purchase: Any) -> Any:
        yield from super().submit(purchase)
        return Answered([], Billed(7))


@pytest.mark.parametrize("status", [200, 500])
def test_lists_in_lists_without_end_are_no_answer(status: int) -> None:
    with pytest.raises(AnswerLost):
        vendor(Line(answer(b"[" * 100_000, status))).submit(ORDER)


def test_what_is_cut_off_says_what_to_change_and_what_it_cost() -> None:
    with pytest.raises(Permanent) as raised:
        vendor(Line(TAKEN), CutsOff).submit(ORDER)

    assert raised.value.message == 'Replicate: cut off by the limit of tokens, it says "A calm"'
    assert "max_tokens" in raised.value.hint
    assert raised.value.fields["billed"] == Billed(1_502)


def test_an_answer_that_names_no_file_is_lost_and_not_free() -> None:
    with pytest.raises(AnswerLost) as raised:
        vendor(Line(TAKEN), NamesNothing).submit(ORDER)

    assert raised.value.fields["billed"] == Billed(7)
