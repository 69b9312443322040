"""What the prompt calls a phone is drawn as one, on any canvas."""

from __future__ import annotations

import pytest

from pressroom.art.wireframe import is_phone


@pytest.mark.parametrize(
    ("prompt", "ratio", "phone"),
    [
        ("mobile app screen", 1.0, True),
        ("iPhone mockup of a bank", 1.78, True),
        ("wireframe of a page", 0.56, True),
        ("wireframe of a page", 1.0, False),
        ("desktop dashboard", 0.56, False),
    ],
)
def test_a_phone_is_what_the_prompt_calls_one(prompt: str, ratio: float, phone: bool) -> None:
    assert is_phone(prompt, ratio) is phone
