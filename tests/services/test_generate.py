"""A generation is a campaign of one step that says what was asked for, word by word."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pressroom.campaign.document import read_document
from pressroom.operations import OPERATIONS
from pressroom.services.generate import Generation, request_of

LIKE_NUMBERS = st.from_regex(r"[-+]?[0-9_.:]{1,20}([eE][-+]?[0-9]{1,10})?", fullmatch=True)
TEXTS = LIKE_NUMBERS | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@given(text=TEXTS)
@example(text="43854e830306")
@example(text="0o17")
@example(text="no")
def test_what_was_asked_for_is_what_the_campaign_says(text: str) -> None:
    wanted = Generation(operation="generate_image", prompt=text, parameters={"negative_prompt": text})

    made = request_of(wanted, OPERATIONS)

    document = read_document(made.yaml or "", "generation.yaml")
    assert document.problems == ()
    for name in ("prompt", "negative_prompt"):
        assert made.inputs.get(name, document.value["steps"]["make"]["with"][name]) == text
