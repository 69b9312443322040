"""WaveSpeed's contract, answer by answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Denied
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Found,
    LostOrder,
    Order,
    Pending,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Response
from pressroom.providers.wavespeed import WaveSpeed
from tests.support.conversations import answer, held, model, purchase

QWEN = "wavespeed/qwen-image-2.0"
MAKES = MediaInfo(Kind.IMAGE, mime_of("png"), 1024, 1024)
ORDER = Order("1:a:0", "generate_image", "qwen-image-2.0", {"prompt": "a calm sea", "seed": 0}, makes=MAKES)
JOB = VendorJob("abc", "qwen-image-2.0")
SENT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def data(value: Any) -> Response:
    return answer({"code": 200, "message": "success", "data": value})


def item(name: str, of: str = "wavespeed-ai/qwen-image-2.0/text-to-image") -> dict[str, Any]:
    return {"id": name, "model": of, "created_at": "2026-11-30T12:00:01Z", "status": "processing"}


def looked_up(age_seconds: float, *items: dict[str, Any], rivals: int = 0, others: frozenset[str] = frozenset()) -> Any:
    lost = LostOrder("1:a:0", "generate_image", "qwen-image-2.0", ORDER.params, SENT, others, rivals)
    _, found = held(WaveSpeed().look_up(lost, purchase(QWEN, ORDER), age_seconds), data({"page": 1, "items": items}))
    return found


def test_an_order_names_its_inputs_at_the_top_and_where_to_call() -> None:
    asked, pending = held(
        WaveSpeed().submit(purchase(QWEN, ORDER, "https://press.example/c/wavespeed/key")), data({"id": "abc"})
    )

    [sent] = asked
    assert (sent.path, sent.spends) == ("/wavespeed-ai/qwen-image-2.0/text-to-image", True)
    assert sent.query == {"webhook": "https://press.example/c/wavespeed/key"}
    assert sent.json == {"prompt": "a calm sea", "seed": 0, "size": "1024*1024", **model(QWEN).fixed}
    assert pending == Pending("abc", 1.0)


def test_a_file_is_put_where_the_ticket_says_and_named_by_its_download(tmp_path: Path) -> None:
    photo = tmp_path / "shoe.png"
    photo.write_bytes(b"pixels")
    cut = Order("k", "remove_background", "image-background-remover", {"image": "image"}, inputs={"image": photo})
    place = {"method": "PUT", "url": "https://bucket.example/put?sig=1", "headers": {"x-amz-acl": "private"}}

    asked, _ = held(
        WaveSpeed().submit(purchase("wavespeed/image-background-remover", cut)),
        data({"upload": place, "download_url": "https://cdn.example/shoe.png"}),
        answer(b""),
        data({"id": "abc"}),
    )

    ticket, put, sent = asked
    assert ticket.json["size"] == 6
    assert (put.method, put.path, put.headers, put.elsewhere) == ("PUT", place["url"], place["headers"], True)
    assert sent.json["image"] == "https://cdn.example/shoe.png"
    assert [request.spends for request in asked] == [False, False, True]


@pytest.mark.parametrize(("code", "status"), [(402, 402), (429, 429), (5004, 500), (0, 500)])
def test_a_no_inside_a_success_is_a_no_and_a_code_of_its_own_says_nothing_of_the_order(code: int, status: int) -> None:
    talk = WaveSpeed().submit(purchase(QWEN, ORDER))

    with pytest.raises(Denied) as raised:
        held(talk, answer({"code": code, "message": "no"}))

    assert raised.value.status == status


@pytest.mark.parametrize(
    ("said", "state", "trouble"),
    [
        ({"status": "created"}, VendorState.RUNNING, None),
        ({"status": "a new word"}, VendorState.RUNNING, None),
        ({"status": "completed", "outputs": ["u"], "has_nsfw_contents": [False]}, VendorState.SUCCEEDED, None),
        *(
            (
                {"status": "completed", "outputs": outputs, "has_nsfw_contents": [True]},
                VendorState.FAILED,
                Trouble.MODERATED_AFTERWARDS,
            )
            for outputs in ([], ["u"])
        ),
        ({"status": "failed", "error": "content policy"}, VendorState.FAILED, Trouble.MODERATED_AFTERWARDS),
        ({"status": "failed", "error": "out of memory"}, VendorState.FAILED, Trouble.FAILED),
        ({"status": "timeout", "error": ""}, VendorState.FAILED, Trouble.TIMED_OUT),
        ({"status": "cancelled"}, VendorState.CANCELLED, None),
    ],
)
def test_each_status_is_of_a_kind(said: dict[str, Any], state: VendorState, trouble: Trouble | None) -> None:
    _, found = held(WaveSpeed().status(JOB, model(QWEN)), data({"id": "abc", **said}))

    assert (found.state, found.trouble, found.billed) == (state, trouble, UNSAID)


def test_the_only_order_of_the_model_since_then_is_it() -> None:
    assert looked_up(2, item("abc"), item("other", "wavespeed-ai/another")) == Found("abc")
    assert looked_up(2, item("abc"), item("known"), others=frozenset({"known"})) == Found("abc")


def test_several_are_a_persons_decision() -> None:
    assert isinstance(looked_up(90, item("one"), item("two")), Unknowable)


def test_with_another_lost_order_of_the_model_even_one_is_no_answer() -> None:
    """It may be the other's: the list does not say what was ordered."""
    assert looked_up(5, item("abc"), rivals=1) == Undecided(10.0)
    assert isinstance(looked_up(90, item("abc"), rivals=1), Unknowable)


def test_what_is_not_listed_a_minute_later_never_arrived() -> None:
    assert looked_up(55) == Undecided(6.0)
    assert looked_up(61) == Absent()


def test_nothing_can_be_cancelled() -> None:
    assert list(WaveSpeed().cancel(JOB, model(QWEN))) == []


@pytest.mark.parametrize(
    ("status", "words", "trouble"),
    [
        (400, "prompt is too long", Trouble.INVALID),
        (400, "insufficient balance", Trouble.OUT_OF_CREDIT),
        (400, "violates our content policy", Trouble.MODERATED),
        (401, "invalid api key", Trouble.KEY_REFUSED),
        (403, "please top up first", Trouble.OUT_OF_CREDIT),
        (429, "rate limit", Trouble.BUSY),
        (500, "oops", Trouble.UNAVAILABLE),
    ],
)
def test_each_no_is_of_a_kind(status: int, words: str, trouble: Trouble) -> None:
    assert WaveSpeed().refusal(answer({"code": status, "message": words}, status)).trouble is trouble
