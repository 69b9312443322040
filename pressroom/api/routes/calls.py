"""Where vendors call: without a token, since the address holds the secret of one order and the vendor signs what it says."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from pressroom.api.address import API
from pressroom.api.backend import BackendOf
from pressroom.api.bodies import body_of
from pressroom.api.problems import documented
from pressroom.domain.media import mime_of
from pressroom.providers.webhooks import CALLS, Delivery
from pressroom.services.vendor_calls import MOST_BYTES, take_call

router = APIRouter(prefix=CALLS.removeprefix(API), tags=["vendors"])
_BODY: Final = {
    "requestBody": {"required": True, "content": {mime_of("json"): {"schema": {"type": "object"}}}},
}
_PLACE: Final = "^[A-Za-z0-9_-]{1,64}$"
Vendor = Annotated[str, Path(pattern=_PLACE, description="The vendor that calls.")]
Key = Annotated[str, Path(pattern=_PLACE, description="The secret of one order, as the vendor was told it.")]


@router.post("/{vendor}/{key}", status_code=204, openapi_extra=_BODY, responses=documented(403, 413, 503))
async def called(vendor: Vendor, key: Key, request: Request, backend: BackendOf) -> Response:
    """A vendor says that an order has ended. Known keys and others are answered alike; only the signature decides."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    delivery = Delivery(headers, await body_of(request, MOST_BYTES))
    await run_in_threadpool(take_call, backend.context, vendor, key, delivery)
    return Response(status_code=204)
