from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.content_hash import canonical, digest, file_digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert canonical(turned) == canonical(value)


@given(VALUES, VALUES)
def test_equal_bytes_mean_equal_values(left: Any, right: Any) -> None:
    assert (canonical(left) == canonical(right)) == (
        json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
    )


@given(VALUES)
def test_what_is_written_is_json_of_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


def test_text_is_utf_8_and_nothing_is_padded() -> None:
    assert canonical({"b": [1, 2.5, None], "a": "Grün 東京"}) == '{"a":"Grün 東京","b":[1,2.5,null]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_numbers_that_json_does_not_have_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(value)


def test_a_digest_is_the_sha_256_of_the_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "file").write_bytes(data)

    assert file_digest(tmp_path / "file") == hashlib.sha256(data).hexdigest()
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()
