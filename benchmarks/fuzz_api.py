"""The HTTP API asked whatever its document allows, by schemathesis with all of its checks, on each database for some minutes.

    just fuzz-api 30

A server of its own, with a home of its own, is started for each database. Streams of events never end, and are left out; what
schemathesis found is printed, and the command fails where it found something.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from benchmarks.fuzz_hooks import ENDLESS
from pressroom.bootstrap import open_context
from pressroom.domain.identity import ALL_SCOPES, Principal
from pressroom.domain.money import micros
from pressroom.services.accounts import grant_credits, open_account
from pressroom.services.tokens import create_token
from pressroom.settings import settings_for
from tests.conftest import postgres_database

HERE: Final = Path(__file__).parent
POSTGRES: Final = "PRESSROOM_TEST_POSTGRES_URL"


@contextmanager
def served(home: Path, database_url: str) -> Iterator[tuple[str, str]]:
    """The address of a server, and a token that may everything."""
    # Without limits of requests: refused by them, nothing else of an operation is tried.
    environ = {
        "PRESSROOM_HOME": str(home),
        "PRESSROOM_RATE_FACTOR": "0",
        **({"PRESSROOM_DATABASE_URL": database_url} if database_url else {}),
    }
    given = {"home": str(home), **({"database_url": database_url} if database_url else {})}
    context = open_context(settings_for(home, {}, **given))
    me = Principal("default")
    open_account(me, context)
    grant_credits(me, context, micros(1_000), memo="to be spent")
    token = create_token(me, context, "fuzz", scopes=ALL_SCOPES).secret
    program = Path(sys.executable).with_name("pressroom")
    process = subprocess.Popen(
        [program, "serve", "--port", "0"], env={**os.environ, **environ}, cwd=home, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), token
    finally:
        process.kill()
        process.communicate()


def asked(url: str, token: str, seconds: int) -> int:
    """What schemathesis says in the end: 0 where nothing was found."""
    command = [
        *(
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            "fuzz.toml",
            "run",
            f"{url}/api/v1/openapi.json",
        ),
        *("--header", f"Authorization: Bearer {token}", "--checks", "all", "--phases", "coverage,fuzzing,stateful"),
        *("--max-time", f"{seconds}", "--workers", "1", "--continue-on-failure", "--exclude-path-regex", f"{ENDLESS}$"),
    ]
    environ = {**os.environ, "FUZZ_TOKEN": token, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(HERE)}
    return subprocess.run(command, cwd=HERE, env=environ, check=False).returncode


def main(minutes: float) -> int:
    failed = 0
    databases = {"SQLite": nullcontext(""), **({"PostgreSQL": postgres_database()} if POSTGRES in os.environ else {})}
    for name, opened in databases.items():
        with (
            opened as url,
            tempfile.TemporaryDirectory(prefix="fuzz-") as home,
            served(Path(home), url) as (address, token),
        ):
            print(f"{name}: {address}", flush=True)
            failed |= asked(address, token, int(minutes * 60))
    return failed


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 30))
