"""Sharing: with people by their addresses, and with whoever has a link."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter, methodcaller
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import ConfigDict, Field, SecretStr

from pressroom.api import models, sharing
from pressroom.api.asking import AssetsReader, AssetsWriter
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page, page_of
from pressroom.api.once import SecretOnceRoute, secret_seed
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH
from pressroom.domain.library import Right, Shared
from pressroom.library.sharing import Share
from pressroom.people.members import MAX_EMAIL_LENGTH
from pressroom.people.passwords import MAX_LENGTH
from pressroom.services.deliver_asset import take_shared_asset
from pressroom.services.public_links import LEAST_PASSWORD, create_link, list_links, revoke_link
from pressroom.services.shared_assets import Seen, count_shared, shared_assets, shared_with, sharing_of
from pressroom.services.sharing import list_shares, share, unshare

router = APIRouter(route_class=SecretOnceRoute, tags=["sharing"], responses=documented(404, 409))
MOST_NAME: int = 1_000
Name = Annotated[
    str, Query(min_length=1, max_length=MOST_NAME, description="An asset's id, a folder's path or a collection's name.")
]
Number = Annotated[int, Path(ge=1, lt=2**63)]
Email = Annotated[str, Query(max_length=MAX_EMAIL_LENGTH)]


class _Named(Asked):
    model_config = ConfigDict(extra="forbid")

    kind: Shared
    name: str = Field(
        min_length=1, max_length=MOST_NAME, description="An asset's id, a folder's path or a collection's name."
    )


class WantedShare(_Named):
    """Who may see, use or edit what."""

    email: str = Field(max_length=MAX_EMAIL_LENGTH)
    right: Right = Right.VIEW


class WantedLink(_Named):
    """What whoever has the link may see or use, until when and how often."""

    right: Right = Field(Right.VIEW, description="view or use: nobody edits by a link.")
    password: SecretStr | None = Field(None, min_length=LEAST_PASSWORD, max_length=MAX_LENGTH)
    most_downloads: int | None = Field(None, ge=1, le=2**31 - 1)
    days: int | None = Field(None, ge=1, le=3_650, description="After so many days it ends.")


@router.get("/shares", response_model=PageOf[sharing.Share])
def shares(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """What the account shares with people, the newest first."""
    return page_of(list_shares(principal, backend.context), limit, cursor, _name_of, Share.as_dict)


@router.post("/shares", status_code=201, response_model=sharing.GivenShare)
def give(wanted: WantedShare, principal: AssetsWriter, backend: BackendOf, called: Request) -> Any:
    """Share something; sharing again changes the right. Nothing is sent to anybody."""
    return share(
        principal,
        backend.context,
        wanted.kind,
        wanted.name,
        wanted.email,
        wanted.right,
        seed=secret_seed(called),
    ).as_dict()


@router.delete("/shares", status_code=204)
def take(kind: Shared, name: Name, email: Email, principal: AssetsWriter, backend: BackendOf) -> None:
    """Take a share back, at once."""
    unshare(principal, backend.context, kind, name, email)


@router.get("/shares/received", response_model=PageOf[sharing.Share])
def received(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """What other accounts share with whoever asks."""
    return page_of(shared_with(principal, backend.context), limit, cursor, _name_of, Share.as_dict)


def _name_of(share: Share) -> str:
    return f"{share.account}/{share.kind}/{share.name}/{share.email}"


@router.get("/shares/received/assets", response_model=PageOf[models.Asset])
def received_assets(
    account: Annotated[str, Query(max_length=ACCOUNT_NAME_LENGTH, description="Whose it is.")],
    kind: Shared,
    name: Name,
    principal: AssetsReader,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Any:
    """What one of these shares covers, the newest first, without how it was made or what it cost."""
    found = sharing_of(principal, backend.context, account, kind, name)
    seen = shared_assets(principal, backend.context, found, limit + 1, cursor or None)
    count = count_shared(principal, backend.context, found)
    return page(seen, limit, count, attrgetter("asset.id"), Seen.as_dict)


@router.post("/shares/received/assets/{asset_id}/take", status_code=201, response_model=models.Asset)
def take_over(asset_id: str, principal: AssetsWriter, backend: BackendOf) -> Any:
    """File a shared asset as the account's own, so that its campaigns can take it; it stays when the share ends."""
    return take_shared_asset(principal, backend.context, asset_id).as_dict(principal.account)


@router.get("/links", response_model=PageOf[sharing.Link])
def links(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The account's public links, the newest first, with those that open nothing any more."""
    found = list_links(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("id"), methodcaller("as_dict"))


@router.post("/links", status_code=201, response_model=sharing.NewLink)
def link(wanted: WantedLink, principal: AssetsWriter, backend: BackendOf, called: Request) -> Any:
    """A public link; its secret is in this answer and nowhere else."""
    return create_link(
        principal,
        backend.context,
        wanted.kind,
        wanted.name,
        right=wanted.right,
        password=wanted.password.get_secret_value() if wanted.password else "",
        most_downloads=wanted.most_downloads,
        expires_at=None if wanted.days is None else backend.context.now() + timedelta(days=wanted.days),
        seed=secret_seed(called),
    ).as_dict()


@router.delete("/links/{number}", response_model=sharing.Link)
def revoke(number: Number, principal: AssetsWriter, backend: BackendOf) -> Any:
    """End a link, at once; harmless when repeated."""
    return revoke_link(principal, backend.context, number).as_dict()
