"""`pressroom assets list` and `searches`: finding assets by filters, words and likeness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, time_json
from pressroom.cli.options import Account, Json, acting

if TYPE_CHECKING:
    from pressroom.domain.media import Asset
    from pressroom.library.search import Found
    from pressroom.library.search_facets import Facet


def list_assets(
    text: Annotated[str, typer.Option(help='Words to look for; "a phrase", -without, begin*.')] = "",
    campaign: Annotated[str, typer.Option(help="Only this campaign.")] = "",
    kind: Annotated[str, typer.Option(help="image, video, audio, model, text or document.")] = "",
    folder: Annotated[str, typer.Option(help="Only this folder and those below it.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only with this tag; again: and this.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other filter, as often as you like.")
    ] = None,
    like: Annotated[str, typer.Option(metavar="ASSET|FILE", help="Only what resembles it.")] = "",
    sort: Annotated[
        str, typer.Option(help="newest, oldest, name, size, cost, rating, used, relevance or similarity.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 50,
    cursor: Annotated[str, typer.Option(help="Go on after the page that said this.")] = "",
    facets: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="How many are of each kind, tag, ...; or all.")
    ] = None,
    timeline: Annotated[bool, typer.Option("--timeline", help="How many were made on each day or month.")] = False,
    saved: Annotated[str, typer.Option(metavar="NAME", help="Begin with this saved search.")] = "",
    save: Annotated[str, typer.Option(metavar="NAME", help="Keep the filters under this name.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """The account's assets that fit, the newest first."""
    from pressroom.library.search_words import query_of
    from pressroom.services.finding import save_search, saved_search, search_assets

    with border(as_json):
        principal, context = acting(account)
        given = [("text", text), ("campaign", campaign), ("kind", kind), ("folder", folder), ("sort", sort)]
        filters = [pair for pair in given if pair[1]] + [("tag", each) for each in tag or ()]
        filters += [pair_of(each) for each in where or ()]
        if saved:
            filters = [*saved_search(principal, context, saved).query, *filters]
        if save:
            save_search(principal, context, save, filters)
        picture = Path(like) if like and Path(like).is_file() else None
        shown = [("limit", str(limit)), *(("facets", each) for each in facets or ())]
        shown += [("cursor", cursor)] * bool(cursor) + [("timeline", "yes")] * timeline
        shown += [("like", like)] * bool(like and picture is None)
        found = search_assets(principal, context, query_of([*filters, *shown]), picture)
        if as_json:
            print_json(found.as_dict(principal.account))
        else:
            _show(found)


def list_searches(
    delete: Annotated[str, typer.Option(metavar="NAME", help="Delete this one instead.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Your saved searches."""
    from pressroom.services.finding import delete_saved_search, saved_searches

    with border(as_json):
        principal, context = acting(account)
        if delete:
            delete_saved_search(principal, context, delete)
        kept = saved_searches(principal, context)
        if as_json:
            print_json(
                [{"name": each.name, "query": each.query, "created_at": time_json(each.created_at)} for each in kept]
            )
            return
        table(("search", "filters"), [(each.name, " ".join(f"{a}={b}" for a, b in each.query)) for each in kept])


def named(item: Asset) -> str:
    """What a person knows it by."""
    return item.placement or " ".join(filter(None, (item.step or item.title, item.variant)))


def pair_of(text: str) -> tuple[str, str]:
    from pressroom.domain.errors import Invalid, Problem

    name, equals, value = text.partition("=")
    if not equals:
        raise Invalid.of([Problem("usage", f"--where {text!r} has no value", "write NAME=VALUE, as width=1000..2000")])
    return name.strip(), value


def _show(found: Found) -> None:
    from pressroom.cli.views.table import Column
    from pressroom.reporting.format import bytes_text

    rows = [(item.id, item.kind.value, _size(item), bytes_text(item.size_bytes), named(item)) for item in found.items]
    table(("asset", "kind", "size", Column("bytes", right=True), "for"), rows)
    for name, facet in found.facets.items():
        _show_counts(name, facet)
    if found.timeline:
        table(("made", Column("assets", right=True)), [(day, str(count)) for day, count in found.timeline])
    note(f"{len(found.items)} of {found.count}{' that are nearest' if found.count_is_capped else ''}\n")
    if found.suggestion:
        note(f"did you mean {found.suggestion!r}?\n")
    if found.next_cursor:
        note(f"more: --cursor {found.next_cursor}\n")


def _show_counts(name: str, facet: Facet) -> None:
    from pressroom.cli.views.table import Column

    if facet.values:
        more = [(f"{facet.more} others", "")] if facet.more else []
        table((name, Column("assets", right=True)), [*((value, str(count)) for value, count in facet.values), *more])


def _size(asset: Asset) -> str:
    size = f"{asset.width} x {asset.height}" if asset.width else ""
    return f"{size} {asset.duration_seconds:.1f} s" if asset.duration_seconds else size
