"""Errors as pages: what happened, the fix, and the way back; a fragment for the part of a page that asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from pressroom.api.problems import headers_of, status_of
from pressroom.domain.errors import NotAuthenticated, PressroomError, Problem
from pressroom.web.rendering import page, see

_LOGGER: Final = logging.getLogger("pressroom.web")
_BROKEN: Final = "Something broke here. Nothing of it is your fault."
NO_HEADERS: Final[Mapping[str, str]] = {}
# What people read in place of HTTP's own words.
_WORDS: Final = {
    404: "There is no such page.",
    405: "This page cannot be used like that.",
    422: "The address is wrong.",
}


def answer_with_pages(app: FastAPI, harmless: Callable[[str], str]) -> None:
    """Every error of the application becomes a page; `harmless` takes out of a text what is nobody's business outside."""

    @app.exception_handler(NotAuthenticated)
    def _unknown(request: Request, exc: NotAuthenticated) -> Response:
        if request.method != "GET" or _is_part(request):
            target = own_path(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
        else:
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        address = f"/login?next={quote(target, safe='')}"
        if _is_part(request):
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
        return see("/login", next=target)

    @app.exception_handler(PressroomError)
    def _pressroom(request: Request, exc: PressroomError) -> Response:
        status = status_of(exc)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return _unexpected(request, exc)
        problems = (replace(each, hint=harmless(each.hint)) for each in exc.problems)
        shown = [replace(each, message=harmless(each.message)) for each in problems]
        return failed(request, status, harmless(exc.message), harmless(exc.hint), shown, headers_of(exc))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, exc: RequestValidationError) -> Response:
        return failed(request, HTTPStatus.UNPROCESSABLE_ENTITY, _WORDS[422])

    @app.exception_handler(HTTPException)
    def _http(request: Request, exc: HTTPException) -> Response:
        return failed(request, exc.status_code, _WORDS.get(exc.status_code, str(exc.detail)))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, exc: Exception) -> Response:
        _LOGGER.error("%s %s failed", request.method, request.url.path, exc_info=exc)
        return failed(request, HTTPStatus.INTERNAL_SERVER_ERROR, _BROKEN, "Try again later.")


def failed(
    request: Request,
    status: int,
    message: str,
    hint: str = "",
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] = NO_HEADERS,
) -> Response:
    values = {"message": message, "hint": hint, "problems": problems, "back": _back(request), "code": int(status)}
    answer = page(request, None, "problem.html.j2" if _is_part(request) else "failed.html.j2", status=status, **values)
    if _is_part(request):
        answer.headers["HX-Retarget"] = "#notice"
        answer.headers["HX-Reswap"] = "innerHTML"
        answer.headers["HX-Reselect"] = "*"
    answer.headers.update(headers)
    return answer


def _is_part(request: Request) -> bool:
    """Whether a part of a page asks, not a person who goes to another."""
    return request.headers.get("hx-request") == "true"


def _back(request: Request) -> str:
    return own_path(request.headers.get("referer") or "")


def own_path(address: str) -> str:
    """Its path and query, whatever host it names: nobody is sent elsewhere."""
    parts = urlsplit(address)
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith(("//", "/\\")) else "/"
    return f"{path}?{parts.query}" if parts.query else path
