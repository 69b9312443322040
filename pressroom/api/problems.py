"""Errors as answers: problem details after RFC 9457, with the codes of docs/errors.md and never a traceback, path or secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from pressroom.domain.errors import NotAuthenticated, NotFound, PressroomError, Problem, Refused, Retryable

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 5
_OTHERS: Final = {460: "Checksum Mismatch"}  # of tus, in no RFC
_LOGGER: Final = logging.getLogger("pressroom.api")
# Of a problem with a file of the server's: where it lies there is nobody's business.
_OF_THE_SERVER: Final = ("file",)


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457): `code` says which of the documented errors it is, `hint` what to do about it."""

    type: str = Field(description="A name for this kind of problem.", examples=["urn:pressroom:problem:balance"])
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    problems: list[dict[str, Any]] = Field(default_factory=list, description="Each single mistake, with its place.")


@lru_cache(maxsize=1)
def _statuses() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("statuses.yaml").read_text(encoding="utf-8"))
    return found


def status_of(exc: PressroomError | None) -> int:
    """By its first problem that has a status of its own, else by its class; 200 where nothing went wrong."""
    if exc is None:
        return HTTPStatus.OK
    table = _statuses()
    if isinstance(exc, Refused) and exc.problems:
        document: int = table["refused_document"]
        return int(table["problems"].get(code_of(exc), document))
    if isinstance(exc, NotFound) and exc.problems:
        return HTTPStatus.UNPROCESSABLE_ENTITY  # named in the request, not by its address
    return next(int(table["errors"][cls.__name__]) for cls in type(exc).__mro__ if cls.__name__ in table["errors"])


def code_of(exc: PressroomError) -> str:
    """That of its only problem, or of the one that decides its status; else its class in snake case."""
    codes = [str(problem.code) for problem in exc.problems if problem.fatal]
    if len(codes) == 1:
        return codes[0]
    statuses = _statuses()["problems"]
    # Money before rights before how things stand.
    deciding = sorted((code for code in codes if isinstance(exc, Refused) and code in statuses), key=statuses.get)
    return next(iter(deciding), _snake(type(exc).__name__))


def answer_to(exc: PressroomError, harmless: Callable[[str], str]) -> JSONResponse:
    """`harmless` takes out of a text what is nobody's business outside."""
    problems = (told_outside(problem) for problem in exc.problems)
    said = ("message", "hint")
    return problem_answer(
        status_of(exc),
        code_of(exc),
        harmless(exc.message),
        harmless(exc.hint),
        problems=[{**problem, **{name: harmless(problem[name]) for name in said}} for problem in problems],
        headers=headers_of(exc),
    )


def answer_to_request(exc: RequestValidationError) -> JSONResponse:
    """To a request that is not as it is documented."""
    problems = [_of_request(error) for error in exc.errors()]
    return problem_answer(422, "request", problems[0]["message"], problems=problems)


def problem_answer(
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    *,
    problems: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    details = ProblemDetails(
        type=f"urn:pressroom:problem:{code}",
        title=_phrase(status),
        status=status,
        detail=detail,
        code=code,
        hint=hint,
        problems=problems or [],
    )
    return JSONResponse(details.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def http_answer(exc: HTTPException) -> JSONResponse:
    """To what HTTP itself refuses."""
    code = _snake(HTTPStatus(exc.status_code).phrase.title().replace(" ", ""))
    return problem_answer(exc.status_code, code, str(exc.detail), headers=exc.headers)


def answer_with_problems(app: FastAPI, harmless: Callable[[str], str]) -> None:
    """Every error of the application becomes such an answer; `harmless` as for `answer_to`."""

    @app.exception_handler(PressroomError)
    def _pressroom(request: Request, exc: PressroomError) -> Response:
        if status_of(exc) == HTTPStatus.INTERNAL_SERVER_ERROR:
            return _unexpected(request, exc)
        return answer_to(exc, harmless)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, exc: RequestValidationError) -> Response:
        return answer_to_request(exc)

    @app.exception_handler(HTTPException)
    def _http(request: Request, exc: HTTPException) -> Response:
        if exc.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            exc.headers = {"Allow": _allowed(request)}
        return http_answer(exc)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, exc: Exception) -> Response:
        _LOGGER.error("%s %s failed", request.method, request.url.path, exc_info=exc)
        return problem_answer(500, "internal", "something broke here; nothing of it is your fault", "try again later")


def _allowed(request: Request) -> str:
    """The methods of this address, as they are documented: each route knows its own alone."""
    paths, path = request.app.openapi()["paths"], request.url.path
    fitting = [path] if path in paths else [each for each in paths if compile_path(each)[0].fullmatch(path)]
    return ", ".join(sorted({method.upper() for each in fitting for method in paths[each]}))


def headers_of(exc: PressroomError) -> dict[str, str]:
    """What an answer says beside its body: who may ask, and when to come again."""
    if isinstance(exc, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="pressroom"'}
    if isinstance(exc, Retryable) or "retry_after" in exc.fields:
        return {"Retry-After": str(exc.fields.get("retry_after", RETRY_AFTER_SECONDS))}
    return {}


def told_outside(problem: Problem) -> dict[str, Any]:
    """Without the folders of the server: the name of a file is the last part of its path."""
    return {**problem.as_dict(), **{name: Path(getattr(problem, name)).name for name in _OF_THE_SERVER}}


def _of_request(error: Mapping[str, Any]) -> dict[str, Any]:
    """A mistake in the request itself; what was sent is not repeated, since it may be a secret."""
    place, *path = error["loc"]
    where = ".".join(map(str, path)) or str(place)
    said = str(error["msg"]).removeprefix("Value error, ")
    return {"code": "request", "message": f"{where}: {said}", "path": list(map(_plain, error["loc"])), "hint": ""}


def _plain(part: Any) -> str | int:
    return part if isinstance(part, int) else str(part)


def _phrase(status: int) -> str:
    return _OTHERS.get(status) or HTTPStatus(status).phrase


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI's `responses` says of problems with these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": _phrase(status), "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def schemas() -> dict[str, Any]:
    """The schema that `documented` refers to."""
    found: dict[str, Any] = json.loads(json.dumps(ProblemDetails.model_json_schema()))
    return {"ProblemDetails": found}
