"""The environment variables of the local server and of the processes that talk to it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pressroom.prefect_server.record import server_folder

LOOPBACK = "127.0.0.1"

# What holds for the embedded server only. The settings that suit every server are in prefect.toml.
EMBEDDED = {
    "PREFECT_PROFILE": "local",  # a profile that the user has active elsewhere does not exist in our home
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

# Records go to the server's log pages; the terminal belongs to the command's own progress display.
QUIET = {"PREFECT_LOGGING_LEVEL": "INFO", "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}

# Two requests less before the first flow run: server and client come from one installation, without CSRF tokens.
CLIENT = {
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
}


def tuned_settings(file: Path) -> dict[str, str]:
    """prefect.toml as environment variables: [server.ui] api_url becomes PREFECT_SERVER_UI_API_URL."""
    return dict(_flatten("PREFECT", tomllib.loads(file.read_text(encoding="utf-8"))))


def client_environment(home: Path, api_url: str) -> dict[str, str]:
    """Variables to set before Prefect is imported by a process that uses the local server of `home`."""
    bypass = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), LOOPBACK]))
    return {
        **_common(home),
        **CLIENT,
        **QUIET,
        "PREFECT_API_URL": api_url,
        "NO_PROXY": bypass,
        "no_proxy": bypass,
    }


def server_environment(
    home: Path, port: int, environ: Mapping[str, str] | None = None, *, withheld: Collection[str] = ()
) -> dict[str, str]:
    """The whole environment of the server process: none of the user's PREFECT_* reaches it, so it never opens another
    server's database, and nothing of these names."""
    environ = os.environ if environ is None else environ
    inherited = {
        name: value for name, value in environ.items() if not name.startswith("PREFECT_") and name not in withheld
    }
    return {
        **inherited,
        **_common(home),
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
    }


def _common(home: Path) -> dict[str, str]:
    from pressroom.project import project_root

    own = {**EMBEDDED, "PREFECT_HOME": str(server_folder(home))}
    return {**tuned_settings(project_root() / "prefect.toml"), **own, **home_variable(home)}


def home_variable(home: Path) -> dict[str, str]:
    """HOME, where the user has none (a container under a bare number, cron): Prefect cannot be imported without it."""
    try:
        Path.home()
    except RuntimeError:
        return {"HOME": str(server_folder(home))}
    return {}


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        variable = f"{prefix}_{name.upper()}"
        if isinstance(value, Mapping):
            yield from _flatten(variable, value)
        else:
            yield variable, str(value).lower() if isinstance(value, bool) else str(value)
