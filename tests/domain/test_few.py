"""Lists in a sentence."""

from __future__ import annotations

from pressroom.domain.few import few_of


def test_the_first_few_are_named_and_the_others_counted() -> None:
    assert few_of(["a"]) == "a"
    assert few_of(["a", "b", "c"]) == "a, b, c"
    assert few_of([str(number) for number in range(1_203)]) == "0, 1, 2 and 1,200 more"
