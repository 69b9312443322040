"""Voice agents: a spoken question, and what of the library may be shown in answer."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import Field

from pressroom.api import models
from pressroom.api.asking import Agent
from pressroom.api.backend import BackendOf
from pressroom.api.document import elsewhere, file_of_type
from pressroom.api.problems import documented
from pressroom.api.routes.assets import HARMLESS, file_of
from pressroom.domain.library import Right, Use
from pressroom.domain.media import Kind
from pressroom.services.agent_search import MOST, Address, FoundForAgent, open_for_agents, search_for_agents
from pressroom.services.previews import MIME, preview_of
from pressroom.services.uses import record_use

router = APIRouter(prefix="/agents", tags=["agents"])
_USUAL: Final = 5
_SIDE: Final = 320
# It ends: nobody is to keep it longer.
_FOR_NOW: Final = {"Cache-Control": "private, max-age=600", "Referrer-Policy": "no-referrer"}


class FoundAsset(models.Answer):
    """What an agent may show, and how."""

    id: str
    name: str
    description: str
    alt_text: str
    kind: Kind
    mime: str
    size_bytes: int
    width: int | None
    height: int | None
    duration_seconds: float | None
    origin: Literal["generated", "photo", "recorded"] = Field(description="Whether a generative model took part in it.")
    url: str = Field(description="Opens the file for an hour, as long as the token is good, for whoever has it.")
    thumbnail_url: str | None = Field(description="A small WebP picture of it, as long; null where it shows nothing.")


def _given(
    by: Annotated[str, Query(max_length=16)],
    until: Annotated[int, Query(ge=0, le=2**40)],
    signature: Annotated[str, Query(max_length=64)],
) -> Address:
    return Address(by, until, signature)


Signed = Annotated[Address, Depends(_given)]


@router.get("/search", response_model=list[FoundAsset])
def search(
    principal: Agent,
    backend: BackendOf,
    called: Request,
    query: Annotated[
        str, Query(max_length=500, description="As it was asked, in English or German; empty: the newest.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = _USUAL,
) -> Any:
    """Ready assets that agents may see, the nearest to a spoken question first. Reads only."""
    found = search_for_agents(principal, backend.context, query, limit)
    return [{**each.as_dict(), **_addresses(called, each)} for each in found]


@router.get(
    "/media/{asset_id}",
    response_class=FileResponse,
    responses={**file_of_type(), **elsewhere(), **documented(404, 410)},
)
def media(asset_id: str, given: Signed, backend: BackendOf) -> Response:
    """The file of an asset that a search has found, by the address that it gave."""
    principal, found = open_for_agents(backend.context, asset_id, given, Right.USE)
    answer = file_of(backend, found, headers=_FOR_NOW)
    record_use(principal, backend.context, found.id, Use.AGENT)
    return answer


@router.get(
    "/media/{asset_id}/thumbnail", response_class=FileResponse, responses={**file_of_type(MIME), **documented(404, 410)}
)
def thumbnail(asset_id: str, given: Signed, backend: BackendOf) -> Response:
    """A small picture of it, by the address that a search gave."""
    principal, found = open_for_agents(backend.context, asset_id, given, Right.VIEW)
    path = preview_of(principal, backend.context, found.id, _SIDE)
    return FileResponse(path, media_type=MIME, headers={**HARMLESS, **_FOR_NOW})


def _addresses(called: Request, found: FoundForAgent) -> dict[str, str | None]:
    by = found.address
    signed = {"by": by.by, "until": by.until, "signature": by.signature}
    own = called.url_for("media", asset_id=found.asset.id).include_query_params(**signed)
    small = called.url_for("thumbnail", asset_id=found.asset.id).include_query_params(**signed)
    return {"url": str(own), "thumbnail_url": str(small) if found.as_dict()["has_thumbnail"] else None}
