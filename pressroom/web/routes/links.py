"""What whoever has a public link sees: one asset, or those of a folder or a collection, as far and as long as the link allows."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import NotAuthenticated, NotFound, PressroomError
from pressroom.domain.library import Right, Shared, Use
from pressroom.domain.media import Asset
from pressroom.library.links import PublicLink
from pressroom.services.access import Visitor
from pressroom.services.library import opened_media, show_asset
from pressroom.services.previews import MIME, preview_of
from pressroom.services.public_links import link_of_visitor, open_link, unlock_link
from pressroom.services.shared_assets import Seen, visited_assets
from pressroom.services.uses import record_use
from pressroom.web.headers import EMBEDDED_POLICY, FILE_POLICY
from pressroom.web.rendering import guest_page, named, page, see
from pressroom.web.routes.assets import file_name
from pressroom.web.visitor import Form

router = APIRouter()
_A_PAGE: Final = 60
_EMBEDDED: Final = 12
_COOKIE: Final = "pressroom-link"
WIDTH, HEIGHT = 640, 480  # of an embedded page, where nobody says another size
# The address is the secret: it goes nowhere, and no engine keeps the page.
_PRIVATE: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever holds the link `secret`, which is good now."""

    secret: str
    visitor: Visitor
    link: PublicLink

    @property
    def address(self) -> str:
        return f"/p/{self.secret}"

    def may_use(self) -> bool:
        return self.link.right is Right.USE

    @property
    def left(self) -> int | None:
        """Downloads that the link still allows; None where it does not count them."""
        most = self.link.most_downloads
        return None if most is None else max(0, most - self.link.downloads)

    @property
    def plays(self) -> bool:
        """Whether files are opened within the page: not where downloads are counted, which playing would be."""
        return self.may_use() and self.left is None


def _guest(request: Request, backend: BackendOf, secret: str) -> Guest:
    """Raises NotFound, Refused (`gone`), and NotAuthenticated for a link that wants a password."""
    visitor = open_link(backend.context, secret, unlocked=request.cookies.get(_COOKIE, ""), network=_network(request))
    return Guest(secret, visitor, link_of_visitor(backend.context, visitor))


GuestOf = Annotated[Guest, Depends(_guest)]


@router.get("/p/{secret}")
def link_page(request: Request, backend: BackendOf, secret: str, after: str = "") -> Response:
    try:
        guest = _guest(request, backend, secret)
    except NotAuthenticated:
        return _asked_for_password(request, secret)
    if guest.link.target.kind is Shared.ASSET:
        return _one(request, backend, guest, guest.link.target.target)
    seen = visited_assets(guest.visitor, backend.context, _A_PAGE + 1, after or None)
    values: dict[str, Any] = {"assets": [each.asset for each in seen[:_A_PAGE]], "more": len(seen) > _A_PAGE}
    return _private(_page(request, guest, "link.html.j2", **values))


@router.post("/p/{secret}")
def unlock(request: Request, backend: BackendOf, form: Form, secret: str) -> Response:
    try:
        key = unlock_link(backend.context, secret, str(form.get("password", "")), _network(request))
    except NotAuthenticated as exc:
        return _asked_for_password(request, secret, exc)
    answer = see(f"/p/{secret}")
    secure = request.url.scheme == "https"
    answer.set_cookie(_COOKIE, key, path=f"/p/{secret}", secure=secure, httponly=True, samesite="lax")
    return _private(answer)


@router.get("/p/{secret}/assets/{name}")
def asset_of_link(request: Request, backend: BackendOf, guest: GuestOf, name: str) -> Response:
    return _one(request, backend, guest, name)


@router.get("/p/{secret}/preview/{name}-{side}.webp")
def preview_of_link(backend: BackendOf, guest: GuestOf, name: str, side: int) -> Response:
    path = preview_of(guest.visitor, backend.context, name, side)
    # Whoever embeds the link shows its picture too: without its cookie, one that wants a password is none.
    headers = {"Cache-Control": "private, no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
    return _private(FileResponse(path, media_type=MIME, headers=headers))


@router.get("/p/{secret}/file/{name}")
def file_of_link(request: Request, backend: BackendOf, guest: GuestOf, name: str) -> Response:
    """The original, counted where it is saved; it is opened within the page only where the link counts nothing."""
    asset = show_asset(guest.visitor, backend.context, name, Right.USE)
    inline = guest.plays and "download" not in request.query_params
    with ExitStack() as stack:
        media = stack.enter_context(opened_media(guest.visitor, backend.context, asset.id))
        if not inline:
            record_use(guest.visitor, backend.context, asset.id, Use.DOWNLOAD)
        kept = stack.pop_all()
    kind = "inline" if inline else "attachment"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file_name(asset))}",
        "Content-Security-Policy": FILE_POLICY,
        "Cache-Control": "no-store",
    }
    background = BackgroundTask(kept.close)
    return _private(FileResponse(media.path.resolve(), media_type=asset.mime, headers=headers, background=background))


@router.get("/p/{secret}/embed")
def embedded(request: Request, backend: BackendOf, secret: str) -> Response:
    """The page for frames of other sites: pictures, and a way to the page itself. It takes no password and sends no form."""
    try:
        guest = _guest(request, backend, secret)
    except NotAuthenticated as exc:
        raise NotFound("this link wants a password, and is not embedded", hint=f"open it: /p/{secret}") from exc
    seen = visited_assets(guest.visitor, backend.context, _EMBEDDED)
    for each in seen:
        record_use(guest.visitor, backend.context, each.asset.id, Use.EMBED if guest.may_use() else Use.VIEW)
    answer = _private(_page(request, guest, "embedded.html.j2", assets=[each.asset for each in seen]))
    answer.headers["Content-Security-Policy"] = EMBEDDED_POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@router.get("/oembed")
def oembed(
    request: Request,
    backend: BackendOf,
    url: Annotated[str, Query(max_length=2_000)],
    maxwidth: Annotated[int, Query(ge=1, le=10_000)] = WIDTH,
    maxheight: Annotated[int, Query(ge=1, le=10_000)] = HEIGHT,
    format: str = "json",  # noqa: A002 - a word of oEmbed's
) -> Response:
    """How the page of a link is embedded elsewhere (oEmbed 1.0, type rich); its errors are statuses without a page."""
    if format != "json":
        return Response(status_code=HTTPStatus.NOT_IMPLEMENTED)
    secret = _secret_in(request, url)
    try:
        visitor = open_link(backend.context, secret)
        link = link_of_visitor(backend.context, visitor)
        seen = visited_assets(visitor, backend.context, 1)
    except PressroomError as exc:
        return Response(status_code=HTTPStatus.NOT_FOUND if status_of(exc) != 401 else HTTPStatus.UNAUTHORIZED)
    width, height = _fitted(seen, min(WIDTH, maxwidth), min(HEIGHT, maxheight))
    guest = Guest(secret, visitor, link)
    return JSONResponse(_described(request, guest, seen, width, height), headers=_PRIVATE)


def _described(request: Request, guest: Guest, seen: tuple[Seen, ...], width: int, height: int) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    title = _title(guest, [each.asset for each in seen])
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": request.url.hostname or "",
        "provider_url": f"{base}/",
        "html": embed_code(f"{base}{guest.address}", title, width, height),
        "width": width,
        "height": height,
    }
    for each in (each.asset for each in seen if each.asset.width and each.asset.height):
        told |= {
            "thumbnail_url": f"{base}{guest.address}/preview/{each.id}-320.webp",
            "thumbnail_width": min(320, each.width or 0),
            "thumbnail_height": min(320, each.height or 0),
        }
    return told


def embed_code(address: str, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """What other sites put into their pages to show a link's."""
    source, name = escape(f"{address}/embed"), escape(title)
    return f'<iframe src="{source}" title="{name}" width="{width}" height="{height}" loading="lazy"></iframe>'


def _one(request: Request, backend: Backend, guest: Guest, name: str) -> Response:
    asset = show_asset(guest.visitor, backend.context, name)
    record_use(guest.visitor, backend.context, asset.id, Use.VIEW)
    return _private(_page(request, guest, "link_asset.html.j2", asset=asset, assets=[asset]))


def _page(request: Request, guest: Guest, template: str, *, assets: list[Asset], **values: Any) -> Response:
    own = f"{str(request.base_url).rstrip('/')}{guest.address}"
    return guest_page(
        request,
        guest.link.account,
        template,
        guest=guest,
        assets=assets,
        title=_title(guest, assets),
        oembed=f"/oembed?{urlencode({'url': own})}" if not guest.link.has_password else "",
        **values,
    )


def _title(guest: Guest, assets: list[Asset]) -> str:
    if guest.link.target.kind is Shared.ASSET and assets:
        return named(assets[0])
    return guest.link.name.rpartition("/")[2]


def _asked_for_password(request: Request, secret: str, problem: PressroomError | None = None) -> Response:
    status = HTTPStatus.UNAUTHORIZED
    return _private(page(request, None, "link_password.html.j2", status=status, secret=secret, problem=problem))


def _fitted(seen: tuple[Seen, ...], width: int, height: int) -> tuple[int, int]:
    """The shape of what is shown, within these; room for the line below it is in it."""
    if len(seen) != 1 or not (seen[0].asset.width and seen[0].asset.height):
        return width, height
    wanted = round(width * seen[0].asset.height / seen[0].asset.width) + 40
    return width, min(height, max(wanted, min(height, 160)))


def _secret_in(request: Request, url: str) -> str:
    """Of an address of ours; what is none gets what no link has."""
    parts = urlsplit(url)
    ours = parts.netloc == request.url.netloc and parts.path.startswith("/p/")
    return parts.path.removeprefix("/p/").partition("/")[0] if ours else ""


def _network(request: Request) -> str:
    return request.client.host if request.client else ""


def _private(answer: Response) -> Response:
    answer.headers.update(_PRIVATE)
    return answer
