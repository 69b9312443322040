"""A campaign's plain values as YAML again: what `read_document` reads of it are the same values, numbers as written."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from pressroom.campaign.written import WrittenFloat, WrittenInt, number_of

_PLAIN: Final = re.compile(r"[A-Za-z_][\w ./-]*(?<! )")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_NUMBER: Final = "!number"


def dump_document(values: Any) -> str:
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML might take for something else, and shares nothing by aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """What a reader takes a plain scalar for: with that tag it is written without one."""
        if kind is yaml.ScalarNode and implicit[0] and number_of(value) is not None:
            return _NUMBER
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, None if plain else '"')


def _number(dumper: _Dumper, value: WrittenInt | WrittenFloat) -> yaml.ScalarNode:
    return dumper.represent_scalar(_NUMBER, value.written)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(WrittenInt, _number)
_Dumper.add_representer(WrittenFloat, _number)
