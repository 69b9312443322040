"""A campaign's plain values as YAML again: what `read_document` reads of it are the same values, numbers as written."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from pressroom.campaign.written import WrittenFloat, WrittenInt, number_of

_PLAIN: Final = re.compile(r"[A-Za-z_][\w ./-]*(?<! )")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_NUMBER: Final = "!number"


def dump_document(values: Any, *, inline: bool = False) -> str:
    """`inline`: on one line, in brackets."""
    width = 1_000_000 if inline else 120
    return yaml.dump(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=inline, width=width
    )


_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # in C where there is one: 3 ms of each price tag


class _Dumper(_Base):  # type: ignore[misc]
    """Quotes every text that some reader of YAML might take for something else, and shares nothing by aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """What a reader takes a plain scalar for: with that tag it is written without one."""
        if kind is yaml.ScalarNode and implicit[0] and _is_number(value):
            return _NUMBER
        return super().resolve(kind, value, implicit)


def _is_number(text: str) -> bool:
    try:
        return number_of(text) is not None
    except ValueError:  # one that is too long to be meant
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, None if plain else '"')


def _number(dumper: yaml.SafeDumper, value: WrittenInt | WrittenFloat) -> yaml.ScalarNode:
    return dumper.represent_scalar(_NUMBER, value.written)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(WrittenInt, _number)
_Dumper.add_representer(WrittenFloat, _number)
