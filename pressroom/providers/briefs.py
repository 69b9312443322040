"""What models that read and write are asked for, and what of their answer becomes the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pressroom.domain.media import mime_of

_TEXTS: Final = "texts"
_KINDS: Final[Mapping[str, str]] = {
    "caption": "a caption for a social network",
    "headline": "a headline",
    "description": "a description",
    "script": "a script to be spoken",
}


@dataclass(frozen=True, slots=True)
class Brief:
    """The words of an order, and the JSON Schema of its answer."""

    text: str
    schema: Mapping[str, Any]


def brief_of(operation: str, params: Mapping[str, Any]) -> Brief:
    """`params` are the operation's, its defaults among them; what the user says of the matter comes last."""
    return _described(params) if operation == "describe_image" else _written(params)


def file_of(operation: str, params: Mapping[str, Any], answer: str) -> tuple[bytes, str]:
    """The bytes of the file that an answer becomes, and its type. Raises ValueError for one that is not what was asked for."""
    found = _object_in(answer)
    if operation == "describe_image":
        described = {name: found.get(name) for name in ("alt_text", "description", "tags")}
        words, tags = (described["alt_text"], described["description"]), described["tags"]
        if not _are_texts(list(words)) or not _are_texts(tags):
            raise ValueError("its answer is no alternative text with a description and tags")
        if not str(described["alt_text"]).strip():
            raise ValueError("the alternative text is empty")
        return _json(described), mime_of("json")
    if not _are_texts(found.get(_TEXTS)):
        raise ValueError("its answer is no list of texts")
    texts = [text.strip() for text in found[_TEXTS]]
    if not any(texts):
        raise ValueError("nothing is written")
    if params["format"] == "json":
        return _json(texts), mime_of("json")
    return ("\n".join(texts) + "\n").encode(), mime_of("text")


def _object_in(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as exc:
        raise ValueError(
            "its answer is not in the form that was asked for" if answer else "it answers nothing"
        ) from exc
    return found if isinstance(found, dict) else {}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _described(params: Mapping[str, Any]) -> Brief:
    asked = (
        f"Describe the picture in the language {params['language']}: an alternative text of at most "
        f"{params['max_characters']} characters for people who do not see it, a description, and at most {params['tags']} tags."
    )
    words = {"type": "string"}
    schema = _object(
        alt_text={**words, "maxLength": params["max_characters"]},
        description=words,
        tags={"type": "array", "items": words, "maxItems": params["tags"]},
    )
    return Brief(_paragraphs(asked, params["context"]), schema)


def _written(params: Mapping[str, Any]) -> Brief:
    count, most = params["count"], params["max_characters"]
    asked = f"Write {_KINDS[params['kind']]} in the language {params['language']}"
    asked += f", {count} to choose from" if count > 1 else ""
    asked += f", each of at most {most} characters" if most else ""
    asked += f". It sounds {params['tone']}." if params["tone"] else "."
    asked += " It goes with the picture." if params.get("image") else ""
    words = {"type": "string", **({"maxLength": most} if most else {})}
    schema = _object(**{_TEXTS: {"type": "array", "items": words, "minItems": count, "maxItems": count}})
    return Brief(_paragraphs(asked, params["prompt"]), schema)


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(filter(None, (" ".join(part.split()) for part in parts)))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
