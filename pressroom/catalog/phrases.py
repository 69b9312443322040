"""Kinds of edits in words, for models that have no parameters for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

import yaml

_DATA = Path(__file__).parent / "data" / "phrases.yaml"
KIND: Final = "kind"  # the parameter that says what is done


@cache
def phrases() -> Mapping[str, str]:
    found: dict[str, str] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["phrases"]
    return found


def phrased(params: Mapping[str, Any], kinds: tuple[str, ...]) -> Mapping[str, Any]:
    """The parameters with the prompt in which the kind is said, where it is one of these."""
    kind = params.get(KIND)
    return {**params, "prompt": phrases()[str(kind)].format_map(params)} if kind in kinds else params


def parameters_in(kinds: tuple[str, ...]) -> frozenset[str]:
    """The parameters that are said in words, and the kind itself."""
    said = {name for kind in kinds for _, name, *_ in Formatter().parse(phrases()[kind]) if name}
    return frozenset(said | {KIND} if kinds else ())
