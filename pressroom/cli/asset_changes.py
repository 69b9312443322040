"""`pressroom assets edit|tag|…`: changes to assets by their ids or by a filter. Without --yes each says what it would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.asset_search import pair_of
from pressroom.cli.console import REFUSED, border, note, print_json, table, usage, write
from pressroom.cli.options import Account, Json, acting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pressroom.services.selection import Changed, Selection

changes = typer.Typer()  # joins the commands of pressroom.cli.assets

SHOWN = 20
PARTICIPLES: dict[str, str] = {
    "edit": "edited",
    "tag": "tagged",
    "untag": "untagged",
    "favourite": "marked",
    "rate": "rated",
    "move": "moved",
    "archive": "archived",
    "trash": "put into the trash",
    "restore": "restored",
    "purge": "purged",
    "add to the collection": "added to the collection",
    "remove from the collection": "removed from the collection",
}

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ASSET]...", help="Ids, or their beginnings.")]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Instead of ids: all that this filter of `assets list` finds; repeat it."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")]


def chosen(ids: list[str] | None, where: list[str] | None = None) -> Selection:
    """The assets that a command is for."""
    from pressroom.library.search_words import query_of
    from pressroom.services.selection import Selection

    pairs = [pair_of(each) for each in where or ()]
    return Selection(tuple(ids or ()), query_of(pairs).which if pairs else None)


def told(found: Changed, as_json: bool) -> None:
    """Say what was done, or would be. Exit status 3 where everything that was named stays as it is."""
    if as_json:
        print_json(found.as_dict())
    else:
        count = f"{len(found.assets):,} asset{'' if len(found.assets) == 1 else 's'}"
        shown = ": " * bool(found.assets) + " ".join(found.assets[:SHOWN]) + (" …" if len(found.assets) > SHOWN else "")
        write(f"{count} {PARTICIPLES[found.action]}\n" if found.done else f"would {found.action} {count}{shown}\n")
        for asset_id, why in list(found.kept.items())[:SHOWN]:
            note(f"{asset_id} stays: {why}\n")
        if not found.done:
            note("nothing was changed: --yes does it\n")
    if found.kept and not found.assets:
        raise typer.Exit(REFUSED)


@changes.command("edit")
def edit_command(
    ids: Ids = None,
    where: Where = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    filename: Annotated[str | None, typer.Option(help="The name that downloads have.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title, for publishing.")] = None,
    description: Annotated[str | None, typer.Option(help="Its description.")] = None,
    alt_text: Annotated[str | None, typer.Option(help="What it shows, for who does not see it.")] = None,
    project: Annotated[str | None, typer.Option(help="The project that it belongs to.")] = None,
    category: Annotated[
        str | None, typer.Option(help="product, marketing, social, presentation, email, agent or other.")
    ] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="A keyword for search engines; repeat it.")] = None,
    metadata: Annotated[str | None, typer.Option(help="A JSON object, merged: a key set to null goes.")] = None,
    public: Annotated[bool | None, typer.Option("--public/--private", help="Whether anybody may see it.")] = None,
    for_agents: Annotated[
        bool | None, typer.Option("--for-agents/--not-for-agents", help="Whether agents find it.")
    ] = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Change what is said of assets."""
    from pressroom.library.editing import Edit
    from pressroom.services.edit_assets import edit_assets

    with border(as_json):
        edit = Edit(
            name=name,
            filename=filename,
            title=title,
            description=description,
            alt_text=alt_text,
            project=project,
            category=category,
            seo_keywords=tuple(keyword) if keyword is not None else None,
            metadata=None if metadata is None else _object(metadata),
            is_public=public,
            agent_visible=for_agents,
        )
        told(edit_assets(*acting(account), chosen(ids, where), edit, dry_run=not yes), as_json)


@changes.command("tag")
def tag_command(
    ids: Ids = None,
    word: Annotated[list[str] | None, typer.Option("--add", help="A tag to put on; repeat it.")] = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Put tags on assets."""
    from pressroom.services.edit_assets import tag_assets

    with border(as_json):
        which = chosen(ids, where)
        told(tag_assets(*acting(account), which, word or (), dry_run=not yes), as_json)


@changes.command("untag")
def untag_command(
    ids: Ids = None,
    word: Annotated[list[str] | None, typer.Option("--remove", help="A tag to take off; repeat it.")] = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Take tags off assets; no rule and no model puts them back."""
    from pressroom.services.edit_assets import untag_assets

    with border(as_json):
        which = chosen(ids, where)
        told(untag_assets(*acting(account), which, word or (), dry_run=not yes), as_json)


@changes.command("auto-tag")
def auto_tag_command(
    limit: Annotated[int, typer.Option(min=1, help="How many assets at most.")] = 1_000,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Tag what no rule has looked at yet: orientation, colours, light or dark, transparent, faces, placement, prompt."""
    from pressroom.services.auto_tagging import tag_automatically

    with border(as_json):
        count = tag_automatically(*acting(account), limit)
        if as_json:
            print_json({"tagged": count})
            return
        write(f"{count:,} assets tagged\n")


@changes.command("favourite")
def favourite_command(
    ids: Ids = None,
    where: Where = None,
    off: Annotated[bool, typer.Option("--off", help="Favourites no more.")] = False,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make assets your favourites."""
    from pressroom.services.edit_assets import favour_assets

    with border(as_json):
        which = chosen(ids, where)
        told(favour_assets(*acting(account), which, not off, dry_run=not yes), as_json)


@changes.command("rate")
def rate_command(
    rating: Annotated[int, typer.Argument(min=0, max=5, help="From 1 to 5; 0 takes it back.")],
    ids: Ids = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Say how good you think assets are."""
    from pressroom.services.edit_assets import rate_assets

    with border(as_json):
        which = chosen(ids, where)
        told(rate_assets(*acting(account), which, rating or None, dry_run=not yes), as_json)


@changes.command("move")
def move_command(
    folder: Annotated[str, typer.Argument(help="Where to: a/b, up to 8 folders deep; an empty one is the top.")],
    ids: Ids = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Put assets into a folder."""
    from pressroom.services.edit_assets import move_assets

    with border(as_json):
        which = chosen(ids, where)
        told(move_assets(*acting(account), which, folder, dry_run=not yes), as_json)


def _state_command(name: str, help_text: str) -> None:
    """A command that brings assets into another state."""

    @changes.command(name, help=help_text)
    def command(
        ids: Ids = None,
        where: Where = None,
        yes: Yes = False,
        account: Account = None,
        as_json: Json = False,
    ) -> None:
        from pressroom.services import edit_assets, purge_assets

        does: Mapping[str, Any] = {
            "archive": edit_assets.archive_assets,
            "trash": edit_assets.trash_assets,
            "restore": edit_assets.restore_assets,
            "purge": purge_assets.purge_assets,
        }
        with border(as_json):
            which = chosen(ids, where)
            told(does[name](*acting(account), which, dry_run=not yes), as_json)


_state_command("archive", "Keep assets, and show them only to who asks for the archive.")
_state_command("trash", "Put assets into the trash, from which they are purged after PRESSROOM_TRASH_DAYS.")
_state_command("restore", "Take assets out of the trash or the archive.")
_state_command("purge", "End assets that are in the trash, with everything recorded of them; nothing brings them back.")


@changes.command("folders")
def folders_command(account: Account = None, as_json: Json = False) -> None:
    """The folders that assets lie in."""
    from pressroom.cli.views.table import Column
    from pressroom.services.edit_assets import list_folders

    with border(as_json):
        found = list_folders(*acting(account))
        if as_json:
            print_json([{"path": each.path, "count": each.count} for each in found])
            return
        rows = [(each.path or "(top)", f"{each.count:,}") for each in found]
        table((Column("folder", prose=True), Column("assets", right=True)), rows)


@changes.command("move-folder")
def move_folder_command(
    folder: Annotated[str, typer.Argument(help="The folder.")],
    to: Annotated[str, typer.Argument(help="Its new path.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Rename a folder, or move it with all below it."""
    from pressroom.services.edit_assets import move_folder

    with border(as_json):
        count = move_folder(*acting(account), folder, to)
        if as_json:
            print_json({"folder": to, "moved": count})
            return
        write(f"{count:,} assets moved\n")


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise usage(f"--metadata is no JSON: {exc}", 'write it like {"key": "value"}') from exc
    if not isinstance(found, dict):
        raise usage(f"--metadata is no JSON object: {text[:40]}", 'write it like {"key": "value"}')
    return found
