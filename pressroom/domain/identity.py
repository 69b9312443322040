"""Who acts, and for which account: the first argument of every use case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NoReturn

from pressroom.domain.errors import refusal

DEFAULT_ACCOUNT: Final = "default"  # whose a run is where nobody names an account
ACCOUNT_NAME_LENGTH: Final = 64  # characters of an account's name at most


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
READING: Final = frozenset({Scope.ASSETS_READ, Scope.RUNS_READ, Scope.CREDITS_READ})


class Role(StrEnum):
    """What a member is to an account."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


# What members may do, at most. Owners alone make, change and remove owners.
SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.OWNER: ALL_SCOPES,
    Role.ADMIN: ALL_SCOPES,
    Role.EDITOR: ALL_SCOPES - {Scope.ADMIN},
    Role.VIEWER: READING,
}


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token with which a program acts: its number, never its secret. None is an agent on this machine, which needs none.

    `bound` says that what people decide is not for it: it has a cap, or it is an agent's.
    """

    token: int | None
    bound: bool


@dataclass(frozen=True, slots=True)
class Principal:
    """An account by name, and who acts for it.

    `user` is a member's address or, for a token that belongs to nobody, the token's prefix. It is empty where nobody logs
    in: whoever runs this installation (the command line, a schedule) may do everything. `bearer` is there where a program acts.
    """

    account: str
    user: str = ""
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    bearer: Bearer | None = field(default=None, compare=False)

    @property
    def operates(self) -> bool:
        """Whether it is the one who runs this installation, not one of its customers."""
        return not self.user

    @property
    def token(self) -> int | None:
        """The number of the token with which it acts, where there is one."""
        return None if self.bearer is None else self.bearer.token

    def require_person(self, what: str) -> None:
        """Raises Refused for a program that is capped, and for an agent: neither decides what people decide."""
        if self.bearer is not None and self.bearer.bound:
            text = f"{what} is not for a token that has caps or is an agent's"
            raise refusal("person", text, "ask a person of the account")

    def require(self, scope: Scope) -> None:
        """Raises Refused without this scope."""
        if scope not in self.scopes:
            text = f"this needs the scope {scope.value!r}, {self.user or self.account!r} has {scopes_text(self.scopes)}"
            _forbid(text, "ask an admin of the account")

    def require_operator(self, what: str) -> None:
        """Raises Refused for every customer: an account never gives itself credits or a plan."""
        self.require(Scope.ADMIN)
        if not self.operates:
            _forbid(f"{what} is for whoever runs this installation", "use its command line")


def _forbid(text: str, hint: str) -> NoReturn:
    raise refusal("scope", text, hint)


def scopes_text(scopes: Iterable[Scope]) -> str:
    return ", ".join(sorted(scopes)) or "none"
