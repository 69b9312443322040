"""What whoever has a public link or an invitation may do: the secret in the request is all that they need."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import FileResponse, Response
from pydantic import ConfigDict, Field, SecretStr

from pressroom.api import models
from pressroom.api.backend import BackendOf
from pressroom.api.document import elsewhere, file_of_type
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page
from pressroom.api.problems import documented
from pressroom.api.routes.assets import HARMLESS, file_of
from pressroom.domain.asked import Asked
from pressroom.domain.library import Right, Use
from pressroom.people.members import MAX_NAME_LENGTH
from pressroom.people.passwords import MAX_LENGTH
from pressroom.services.access import Visitor
from pressroom.services.invitations import accept_invitation
from pressroom.services.library import show_asset
from pressroom.services.previews import MIME, preview_of
from pressroom.services.public_links import open_link
from pressroom.services.shared_assets import Seen, count_visited, see_asset, visited_assets
from pressroom.services.uses import record_use

router = APIRouter(tags=["public links"], responses=documented(404, 410, 429))
UNLISTED: Final = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}
Secret = Annotated[str, Path(max_length=100, description="The link's.")]
Password = Annotated[str, Header(alias="Link-Password", max_length=MAX_LENGTH, description="Where the link wants one.")]


def _visitor(
    secret: Secret, called: Request, response: Response, backend: BackendOf, password: Password = ""
) -> Visitor:
    response.headers.update(UNLISTED)
    return open_link(backend.context, secret, password, called.client.host if called.client else "")


ByLink = Annotated[Visitor, Depends(_visitor)]


class Invitation(Asked):
    model_config = ConfigDict(extra="forbid")

    secret: SecretStr = Field(min_length=1, max_length=100)
    name: str = Field("", max_length=MAX_NAME_LENGTH)
    password: SecretStr | None = Field(None, description="To sign in with, for who has none yet; null: set by a link.")


class Accepted(models.Answer):
    """Whose the invitation was: a person from now on, with whom things are shared."""

    email: str


@router.get("/public/{secret}", response_model=PageOf[models.Asset])
def visit(visitor: ByLink, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """What a public link shows, the newest first."""
    seen = visited_assets(visitor, backend.context, limit + 1, cursor or None)
    count = count_visited(visitor, backend.context)
    return page(seen, limit, count, attrgetter("asset.id"), Seen.as_dict)


@router.get("/public/{secret}/assets/{asset_id}", response_model=models.Asset)
def visit_asset(asset_id: str, visitor: ByLink, backend: BackendOf) -> Any:
    """One asset of a public link."""
    return see_asset(visitor, backend.context, asset_id).as_dict()


@router.get("/public/{secret}/assets/{asset_id}/preview", response_class=FileResponse, responses=file_of_type(MIME))
def visit_preview(asset_id: str, visitor: ByLink, backend: BackendOf) -> Response:
    """A small picture of it."""
    path = preview_of(visitor, backend.context, asset_id, 640)
    return FileResponse(path, media_type=MIME, headers={**HARMLESS, **UNLISTED})


@router.get(
    "/public/{secret}/assets/{asset_id}/content",
    response_class=FileResponse,
    responses={**file_of_type(), **elsewhere()},
)
def visit_content(asset_id: str, visitor: ByLink, backend: BackendOf) -> Response:
    """The file itself, where the link allows its use; counted as one of its downloads."""
    found = show_asset(visitor, backend.context, asset_id, Right.USE)
    answer = file_of(backend, found, headers=UNLISTED)
    record_use(visitor, backend.context, found.id, Use.DOWNLOAD)
    return answer


@router.post("/invitations/accept", response_model=Accepted, responses=documented(404))
def accept(given: Invitation, backend: BackendOf) -> Any:
    """Take up an invitation, once."""
    password = None if given.password is None else given.password.get_secret_value()
    found = accept_invitation(backend.context, given.secret.get_secret_value(), name=given.name, password=password)
    return {"email": found.email}
