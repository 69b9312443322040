"""What the API answers with about shares and public links."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from pressroom.api.models import Answer
from pressroom.domain.library import Right, Shared


class Share(Answer):
    account: str
    kind: Shared
    name: str
    email: str
    right: Right
    created_by: str
    created_at: datetime


class GivenShare(Share):
    invitation: str | None = Field(
        description="A secret, where nobody signs in with this address yet; shown this once, good for some days."
    )


class Link(Answer):
    """A public link, without its secret."""

    id: int
    account: str
    kind: Shared
    name: str
    right: Right
    has_password: bool
    most_downloads: int | None
    downloads: int
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewLink(Link):
    secret: str = Field(description="Shown this once.")
