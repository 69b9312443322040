"""The OpenAPI document: what every answer may say of itself, keys of calls that are sent again, and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from pressroom.api.once import HEADER, REPLAYED, OnceRoute
from pressroom.api.problems import documented, schemas
from pressroom.services.answers import KEY_PATTERN, MAX_KEY_LENGTH

ANY_TYPE: Final = "*/*"
_TEXT: Final = {"type": "string"}
_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A new random text for each new call. Sent again with the same body, the call has the answer that it had and "
    "no second effect; with another body it is a 422.",
    "schema": {**_TEXT, "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": KEY_PATTERN},
}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    REPLAYED: {"description": "`true` where this call was answered before.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds after which to come again.", "schema": {"type": "integer", "minimum": 0}},
    "RateLimit-Policy": {
        "description": "The limit that this request counts to: its name, how many, seconds.",
        "schema": _TEXT,
    },
    "RateLimit": {"description": "What is left of it, and the seconds until it begins anew.", "schema": _TEXT},
}
_LATER: Final = frozenset({"429", "503"})  # statuses that say when to come again


def file_of_type(*types: str) -> dict[int | str, dict[str, Any]]:
    """What FastAPI's `responses` says of an answer that is a file of one of these types."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": "The file.", "content": {each: {"schema": schema} for each in types or (ANY_TYPE,)}}}


def elsewhere() -> dict[int | str, dict[str, Any]]:
    """What it says of an answer that sends whoever asks to the store."""
    there = {"Location": {"description": "Where the file opens for a while, without a token.", "schema": _TEXT}}
    return {307: {"description": "The file is in a bucket.", "headers": there}}


def describe(app: FastAPI, routers: Iterable[APIRouter], prefix: str) -> None:
    """The document of the application, which has these routers below the prefix; made once."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            found["components"]["schemas"] |= schemas()
            found["components"]["headers"] = _HEADERS
            for path, methods in found["paths"].items():
                for method, operation in methods.items():
                    _complete(operation)
                    if method == "post" and path in once:
                        operation.setdefault("parameters", []).append(_KEY)
                        _say(operation, REPLAYED, lambda status: status.startswith("2"))
            app.openapi_schema = found
        return app.openapi_schema

    once = {f"{prefix}{route.path}" for router in routers for route in router.routes if isinstance(route, OnceRoute)}
    app.openapi = described  # type: ignore[method-assign]


def _complete(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        if parameter["in"] == "path" and schema.get("type") == "string":
            schema.setdefault("minLength", 1)  # an address without it is another one
        if "enum" in schema and schema.get("default", schema["enum"][0]) not in schema["enum"]:
            del schema[
                "default"
            ]  # what it is where it is left out is refused: only its refusal has a status of its own
            parameter["required"] = True
    if "requestBody" in operation:
        operation["responses"] |= {str(status): said for status, said in documented(413).items()}
    _say(operation, "Retry-After", _LATER.__contains__)
    if operation.get("security"):
        for name in ("RateLimit-Policy", "RateLimit"):
            _say(operation, name, lambda status: status.startswith("2") or status == "429")


def _say(operation: dict[str, Any], header: str, of: Callable[[str], bool]) -> None:
    """Answers with these statuses may have the header."""
    for status, answer in operation["responses"].items():
        if of(status):
            answer.setdefault("headers", {})[header] = {"$ref": f"#/components/headers/{header}"}
