"""Who asks: the one who runs the installation, and members of the studio's account."""

from __future__ import annotations

from pressroom.domain.identity import SCOPES_OF, Principal, Role
from pressroom.services import people
from pressroom.services.accounts import open_account
from tests.support.studio import Studio

OPERATOR = Principal("default")
OWNER, ADMIN, EDITOR, VIEWER = (f"{role.value}@example.com" for role in Role)


def member(email: str, role: Role | None = None, account: str = "default") -> Principal:
    """The member as a session of theirs would act: with all that the role may do."""
    found = role or Role(email.partition("@")[0])
    return Principal(account, email, SCOPES_OF[found])


def with_members(studio: Studio) -> Studio:
    """The studio with one member of each role."""
    open_account(OPERATOR, studio.context)
    for role in Role:
        people.add_member(OPERATOR, studio.context, f"{role.value}@example.com", role.value)
    return studio
