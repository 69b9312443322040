"""How an account looks: set by its admins, seen by whoever comes to its pages."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from pressroom.domain.branding import GROUNDS, MAX_NAME_LENGTH, WELL_SHARE, Branding, Scheme
from pressroom.domain.errors import Invalid, NotFound, PressroomError, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.media import Kind
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import get_asset
from pressroom.media.color.spaces import AA_NORMAL, contrast, mix, readable_on
from pressroom.people import branding as rows
from pressroom.reporting.house import House
from pressroom.services.accounts import open_account
from pressroom.services.context import Context
from pressroom.services.previews import SIZES, preview_of

_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_LOGO_SIDE: Final = next(iter(SIZES))


def show_branding(principal: Principal, context: Context) -> Branding:
    """The account's own."""
    principal.require(Scope.ASSETS_READ)
    return public_branding(context, principal.account)


def public_branding(context: Context, account: str) -> Branding:
    """For whoever comes to a page of the account."""
    with context.database.read() as conn:
        return rows.find_branding(conn, account)


def set_branding(principal: Principal, context: Context, wanted: Branding) -> Branding:
    """Change how the account looks; an accent for dark pages that is not given is found by the other.

    Raises Invalid for what is no colour, for one in which words cannot be read, and for a logo that is no picture of the account.
    """
    principal.require(Scope.ADMIN)
    accent, dark = _color(wanted.accent, "accent"), _color(wanted.accent_dark, "accent_dark")
    if accent and not dark:
        dark = _nearest(accent, Scheme.DARK)
    problems = [*_unreadable(accent, "accent", Scheme.LIGHT), *_unreadable(dark, "accent_dark", Scheme.DARK)]
    if len(wanted.name.strip()) > MAX_NAME_LENGTH:
        hint = f"at most {MAX_NAME_LENGTH} characters stand in a header"
        problems.append(
            Problem("parameter", f"the name has {len(wanted.name.strip())} characters", hint, path=("name",))
        )
    if problems:
        raise Invalid.of(problems)
    open_account(principal, context)
    new = replace(wanted, name=wanted.name.strip(), accent=accent, accent_dark=dark)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        if new.logo and get_asset(conn, account_id, new.logo).kind is not Kind.IMAGE:
            raise Invalid.of([Problem("parameter", f"{new.logo} is no picture", "a logo is one", path=("logo",))])
        rows.keep_branding(conn, account_id, new, principal.user, context.now())
        return rows.find_branding(conn, principal.account)


def logo_file(context: Context, sha256: str) -> Path:
    """A small picture of a logo, for anybody: it is on pages before one signs in. Raises NotFound for what is nobody's logo."""
    with context.database.read() as conn:
        found = rows.whose_logo(conn, sha256)
    if found is None:
        raise NotFound("there is no such logo")
    return preview_of(Principal(found[0]), context, found[1], _LOGO_SIDE)


def house_of(context: Context, account: str) -> House:
    """As reports of the account show it; a logo that cannot be shown is none, for no delivery fails for one."""
    found = public_branding(context, account)
    logo = b""
    if found.logo_sha256:
        with suppress(PressroomError, OSError):
            logo = logo_file(context, found.logo_sha256).read_bytes()
    if not found.accent:
        return House(found.name, logo=logo)
    return House(found.name, found.accent, ink_on(found.accent), found.accent_dark, ink_on(found.accent_dark), logo)


def ground_below(accent: str, scheme: Scheme) -> str:
    """What lies below words in the accent that are to stand out."""
    return mix(GROUNDS[scheme][0], accent, WELL_SHARE)


def ink_on(accent: str) -> str:
    """The colour of words on the accent."""
    return readable_on(accent)


def _color(text: str, name: str) -> str:
    color = text.strip().lower()
    if color and not _COLOR.fullmatch(color):
        hint = "write it as #rrggbb, e.g. #0d5a63"
        raise Invalid.of([Problem("parameter", f"{text[:20]!r} is no colour", hint, path=(name,))])
    return color


def _unreadable(accent: str, name: str, scheme: Scheme) -> list[Problem]:
    """Why words in the accent could not be read by everybody (WCAG 2.2, 1.4.3), with the nearest shade in which they could."""
    if not accent:
        return []
    grounds = (*GROUNDS[scheme], ground_below(accent, scheme))
    worst = min(grounds, key=lambda ground: contrast(accent, ground))
    if (found := contrast(accent, worst)) >= AA_NORMAL:
        return []
    message = f"{accent} has a contrast of {found:.1f}:1 on {worst} of {scheme} pages, words take {AA_NORMAL:g}:1"
    return [Problem("parameter", message, f"take a shade like {_nearest(accent, scheme)}", path=(name,))]


def _nearest(accent: str, scheme: Scheme) -> str:
    """A shade that can be read on all of them, also on what lies below it, which is made of it."""
    shade = readable_on(GROUNDS[scheme], accent)
    for _ in range(8):
        if contrast(shade, ground_below(shade, scheme)) >= AA_NORMAL:
            break
        shade = readable_on((*GROUNDS[scheme], ground_below(shade, scheme)), shade)
    return shade
