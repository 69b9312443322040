"""Who acts, and for which account: the first argument of every use case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """What a token may be used for. The command line acts for its account with all of them."""

    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    CREDITS_READ = "credits:read"
    AGENT = "agent"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Principal:
    """An account by name, and who acts for it: `user` is empty where nobody logs in (the command line, a schedule)."""

    account: str
    user: str = ""
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
