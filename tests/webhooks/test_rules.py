"""The rules of delivering: eight more tries within a day, none of them at the same moment as another's."""

from __future__ import annotations

from datetime import timedelta

from pressroom.webhooks.rules import rules


def test_a_message_is_tried_eight_times_more_within_a_day() -> None:
    found = rules()
    longest = sum(found.retry_after_seconds) * (1 + found.jitter) + found.most_attempts * found.answer_seconds

    assert len(found.retry_after_seconds) == 8
    assert longest <= timedelta(hours=24).total_seconds()
    assert found.pause(found.most_attempts) is None


def test_tries_are_spread() -> None:
    pauses = {rules().pause(3) for _ in range(20)}
    base, most = rules().retry_after_seconds[2], 1 + rules().jitter

    assert len(pauses) > 1
    assert all(each is not None and base <= each.total_seconds() <= base * most for each in pauses)


def test_a_lease_outlives_an_attempt() -> None:
    assert rules().lease_seconds > 2 * rules().answer_seconds
