"""The Prefect server that is configured, in place of the local one of a home."""

from __future__ import annotations

import os
import re
from typing import Final

from pressroom.domain.errors import Invalid, Problem, Retryable
from pressroom.domain.redaction import parted
from pressroom.settings import Settings

REACH_SECONDS: Final = 20.0
_HTTP_ADDRESS: Final = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[\w./~-]*)?")


def configured(settings: Settings) -> tuple[str, str]:
    """Address and credentials, each empty where there is none.

    The address is without its password: it is shown, logged and handed to Prefect's client.
    """
    url, credentials = parted(settings.prefect_api_url.get_secret_value() or os.environ.get("PREFECT_API_URL", ""))
    return url, credentials or os.environ.get("PREFECT_API_AUTH_STRING", "")


def require_answer(url: str) -> None:
    """Raises Retryable when nobody answers there; what the answer is, is Prefect's business. Invalid for no address."""
    from pressroom.providers.http.client import reach  # takes long to import

    if not _HTTP_ADDRESS.fullmatch(url):
        # Not quoted: what is no address may be a password.
        problem = "the address of the Prefect server is not one"
        raise Invalid.of([Problem("setting", problem, "e.g. prefect_api_url = http://127.0.0.1:4200/api")])
    failed = reach(f"{url}/health", REACH_SECONDS)
    if failed:
        hint = "check PREFECT_API_URL, or unset it: then a local server is started"
        raise Retryable(f"the Prefect server at {url} cannot be reached ({failed})", hint=hint)


def require_health(url: str, seconds: float) -> None:
    """Raises Retryable where the server does not say within this time that it is well."""
    from pressroom.providers.http.client import exchange_json

    status, _ = exchange_json("GET", f"{url}/health", seconds=seconds)
    if status != 200:
        raise Retryable(f"the Prefect server at {url} answers with status {status}")
