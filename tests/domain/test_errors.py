from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace

import pytest

from pressroom.domain import errors
from pressroom.domain.errors import (
    AnswerLost,
    Corrupt,
    Invalid,
    NotAuthenticated,
    NotFound,
    OutOfCredits,
    Permanent,
    PressroomError,
    Problem,
    Refused,
    Retryable,
    UpstreamFailed,
    WasCancelled,
    WorkedOn,
)

CLASSES = [
    PressroomError,
    Invalid,
    NotFound,
    Refused,
    NotAuthenticated,
    OutOfCredits,
    Retryable,
    Permanent,
    UpstreamFailed,
    WasCancelled,
    WorkedOn,
    AnswerLost,
    Corrupt,
]
PROBLEM = Problem("unknown_step", "there is no step 'scen'", "did you mean 'scene'?", "a.yaml", 12, 7, "posts")


def test_every_error_class_is_under_test() -> None:
    found = {item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)}

    assert found == set(CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_crosses_a_process_border_whole(cls: type[PressroomError]) -> None:
    error = cls("upscale needs 40 credits", hint="buy credits", problems=(PROBLEM,), needed=40)

    for arrived in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(arrived) is cls
        assert (arrived.message, arrived.hint, arrived.fields) == (error.message, error.hint, error.fields)
        assert str(arrived) == str(error)


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_prints_what_happened_and_what_to_do(cls: type[PressroomError]) -> None:
    assert str(cls("12 credits are missing", hint="buy credits")) == "12 credits are missing: buy credits"
    assert str(cls("12 credits are missing")) == "12 credits are missing"


def test_an_upstream_failure_is_a_definite_no() -> None:
    assert issubclass(UpstreamFailed, Permanent)
    assert not issubclass(Retryable, Permanent)


def test_invalid_counts_its_problems_and_shows_the_first() -> None:
    one, two = Invalid.of([PROBLEM]), Invalid.of([PROBLEM, PROBLEM])

    assert str(one) == f"1 problem: {PROBLEM}"
    assert str(two).startswith("2 problems: a.yaml:12:7: there is no step")
    assert two.problems == (PROBLEM, PROBLEM)
    assert Refused("no").problems == ()


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (PROBLEM, "a.yaml:12:7: there is no step 'scen' (did you mean 'scene'?)"),
        (Problem("x", "wrong", file="a.yaml", line=3), "a.yaml:3: wrong"),
        (Problem("x", "wrong", file="a.yaml"), "a.yaml: wrong"),
        (Problem("x", "wrong", "mend it"), "wrong (mend it)"),
    ],
)
def test_a_problem_prints_its_place_first(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_problem_repeats_nobodys_password() -> None:
    address = "https://ann:geheim@vendor.test/rows.csv"

    found = Problem("feed", f"the feed {address} cannot be read", f"not {address}", address)

    assert "geheim" not in f"{found} {found.as_dict()}"
    assert "vendor.test/rows.csv" in found.message


def test_a_problem_as_json_has_what_tools_rely_on() -> None:
    assert {"code", "message", "hint", "file", "line", "column", "step"} <= PROBLEM.as_dict().keys()


def test_the_json_of_a_problem_is_what_json_can_hold() -> None:
    placed = replace(PROBLEM, path=("steps", "posts", "with", "placements", 0))

    found = placed.as_dict()

    assert found["path"] == ["steps", "posts", "with", "placements", 0]
    assert json.loads(json.dumps(found)) == found
