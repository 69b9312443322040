"""`pressroom assets`: what is in the library, where it came from, and what resembles it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.asset_search import list_assets, list_searches, named
from pressroom.cli.console import BROKEN, DONE, border, note, print_json, table, write
from pressroom.cli.options import Account, Json, acting, here
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.library.similar import Answer, Similar
    from pressroom.provenance.reading import Described
    from pressroom.services.library import Media

assets = typer.Typer(cls=WholeHelp, help="The library: add, find, trace and change assets.", no_args_is_help=True)


assets.command("list")(list_assets)
assets.command("searches")(list_searches)


@assets.command("add")
def add_asset(
    name: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="A picture, video, sound, text, font or feed; or https://.")
    ],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Bring a file or a URL into the library; campaigns name it asset:ID, or by the URL."""
    from pressroom.bootstrap import open_context
    from pressroom.campaign.paths import is_reference
    from pressroom.domain.identity import Principal
    from pressroom.services.add_media import add_file, add_url

    with border(as_json):
        settings = here(account)
        principal, opened = Principal(settings.account), open_context(settings)
        found = add_url(principal, opened, name) if is_reference(name) else add_file(principal, opened, Path(name))
        if as_json:
            print_json(found.as_dict(settings.account))
            return
        write(f"asset:{found.id}\n")


@assets.command("show")
def show_asset(
    name: Annotated[str, typer.Argument(help="Id or SHA-256, or its beginning.")], account: Account = None
) -> None:
    """Everything recorded of one asset, as JSON."""
    from pressroom.services.library import show_asset as find_asset

    with border(as_json=True):
        principal, context = acting(account)
        asset = find_asset(principal, context, name)
        path = context.store.local_path(asset.sha256)
        print_json({**asset.as_dict(principal.account), "path": str(path) if path else None})


@assets.command("link")
def link_asset(
    name: Annotated[str, typer.Argument(help="Id or SHA-256, or its beginning.")],
    seconds: Annotated[int | None, typer.Option(min=1, help="How long it opens; default: link_seconds.")] = None,
    account: Account = None,
) -> None:
    """An address from which anybody may fetch an asset's file for a while, where the store is a bucket."""
    from pressroom.services.library import link_to_asset

    with border():
        write(f"{link_to_asset(*acting(account), name, seconds)}\n")


@assets.command("lineage")
def show_lineage(
    name: Annotated[str, typer.Argument(help="Id or SHA-256, or its beginning.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """What an asset was made from, and what was made from it."""
    from pressroom.services.library import trace_asset

    with border(as_json):
        principal, context = acting(account)
        asset, found = trace_asset(principal, context, name)
        groups = {"made from": found.ancestors, "this": [asset], "became": found.descendants}
        if as_json:
            owner = principal.account
            told = {word.replace(" ", "_"): [item.as_dict(owner) for item in items] for word, items in groups.items()}
            print_json({**told, "deleted": list(found.deleted)})
            return
        for word, items in groups.items():
            for item in items:
                made = item.operation or "brought"
                write(f"{word:10} {item.id:22} {made:18} {item.placement or item.variant or item.title}\n")
        write("".join(f"{'deleted':10} {each}\n" for each in found.deleted))


@assets.command("similar")
def show_similar(
    name: Annotated[str, typer.Argument(metavar="ASSET|FILE", help="Id or SHA-256, or its beginning; or a file.")],
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many groups.")] = 20,
    family: Annotated[
        bool, typer.Option("--family", help="Also what it was made from and what was made of it.")
    ] = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Pictures of the library that are nearly the same: cropped, lettered, marked, mirrored, fitted with bars."""
    from pressroom.services.library import find_similar

    with border(as_json):
        principal, context = acting(account)
        found = find_similar(principal, context, name, limit=limit, family=family)
        if as_json:
            print_json(similar_json(found.answer))
            return
        _show_answer(found.answer, found.label, found.waiting)


def similar_json(found: Answer) -> dict[str, Any]:
    def group(each: Similar) -> dict[str, Any]:
        match = each.match
        names = {"asset": each.asset.id, "step": each.asset.step, "placement": each.asset.placement, "more": each.more}
        return {**names, "bits": match.bits, "cosine": match.cosine, "variant": match.variant, "why": match.why}

    groups = {
        "duplicates": [group(each) for each in found.duplicates],
        "nearest": [group(each) for each in found.nearest],
    }
    return {**groups, "family": found.family, "compared": found.compared}


def _show_answer(found: Answer, label: str, waiting: int) -> None:
    from pressroom.cli.views.table import Column

    rows = [
        (
            each.asset.id,
            f"{max(0.0, each.match.cosine):.2f}",
            str(each.match.bits),
            each.match.why,
            named(each.asset) + (f" and {each.more} more" if each.more else ""),
        )
        for each in found.duplicates or found.nearest
    ]
    if not found.duplicates:
        write(f"nothing is nearly the same as {label}" + ("; the nearest:\n" if rows else "\n"))
    if rows:
        columns = ("asset", Column("alike", right=True), Column("bits", right=True), Column("why", prose=True), "for")
        table(columns, rows)
    kin = f", {found.family} of its own family left out (--family shows them)" if found.family else ""
    note(f"{found.compared} pictures compared{kin}\n")
    if waiting:
        note("older pictures were not looked at yet: ask again to go on\n")


@assets.command("provenance")
def show_provenance(
    name: Annotated[str, typer.Argument(metavar="ASSET|FILE", help="Id or SHA-256, or its beginning; or a file.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """What a file says of where it comes from, and whether that holds. Exit status 1 when it does not."""
    from pressroom.provenance.reading import describe

    with border(as_json):
        with _media(name, account) as media:
            found = describe(media.path, media.mime)
        if as_json:
            print_json({"file": media.label, **found.as_dict()})
        else:
            write("".join(f"{word:10} {text}\n" for word, text in _told(media.label, found)))
        raise typer.Exit(BROKEN if found.state == "invalid" else DONE)


def _told(label: str, found: Described) -> Iterator[tuple[str, str]]:
    yield "file", label
    yield "source", found.source_type or "not stated"
    yield "signed", _signed(found)
    for name, values in found.rights.items():
        yield name.partition(":")[2], ", ".join(values)
    for number, link in enumerate(found.chain):
        made = f" from {', '.join(link.ingredients)}" if link.ingredients else ""
        actions = ", ".join(action.removeprefix("c2pa.") for action in link.actions)
        yield "this" if number == 0 else "before", f"{link.agent} ({actions}){made}: {link.source_type or 'not stated'}"


def _signed(found: Described) -> str:
    if found.state == "none":
        return "no"
    trust = "" if found.state == "trusted" else ", an identity that nobody vouches for here"
    if found.state == "invalid":
        wrong = ", ".join(code for code in found.problems if code != "signingCredential.untrusted")
        return f"INVALID, this file is not what was signed: {wrong}"
    return f"valid, by {found.signer!r}{trust}"


@contextmanager
def _media(name: str, account: str | None) -> Iterator[Media]:
    """A file needs no home; an asset is one of the home that is here."""
    from pressroom.services.library import file_media, opened_media

    if Path(name).is_file():
        yield file_media(Path(name))
        return
    with opened_media(*acting(account), name) as media:
        yield media
