"""`pressroom backup` and `pressroom restore`: a home in one folder, and out of it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import BROKEN, DONE, border, note, print_json, write
from pressroom.cli.options import Json, here, inhabited

if TYPE_CHECKING:
    from pressroom.backup.manifest import Manifest


def backup(
    folder: Annotated[Path, typer.Argument(help="New folder for the backup.", show_default=False)],
    media: Annotated[
        bool, typer.Option("--media", help="Copy the media too; without it the store has to be kept by itself.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write everything of this home that its database knows, as of one moment, into a folder; runs may go on meanwhile."""
    with border(as_json):
        from pressroom.bootstrap import open_context, open_folder
        from pressroom.services.back_up import back_up

        found = back_up(open_context(inhabited()), folder, open_folder, media=media)
        _warn(found.violations, found.missing)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return
        listed = "copied" if media else "listed, not copied"
        write(f"{_rows(found)} and {_objects(found.objects, found.object_bytes)} ({listed}) are in {folder}\n")


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder that `pressroom backup` has written.", show_default=False)],
    without_media: Annotated[
        bool, typer.Option("--without-media", help="Restore though media are neither in the backup nor in the store.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fill a new home or an empty database from a backup, and check the books and the media."""
    with border(as_json):
        from pressroom.backup.manifest import MEDIA
        from pressroom.bootstrap import open_folder, open_store
        from pressroom.services.restore import restore as restore_backup

        settings = here()
        settings.home.mkdir(parents=True, exist_ok=True)
        media = open_folder(folder / MEDIA)
        found = restore_backup(settings.url, open_store(settings), folder, media, without_media=without_media)
        _warn(found.violations, len(found.missing))
        if as_json:
            print_json(
                {
                    "manifest": found.manifest.model_dump(mode="json"),
                    "violations": list(found.violations),
                    "missing": list(found.missing),
                }
            )
        else:
            made = f"{found.manifest.created_at:%Y-%m-%d %H:%M} UTC"
            books = "the books are not right" if found.violations else "every invariant of the books holds"
            there = found.manifest.objects - len(found.missing)
            write(f"{_rows(found.manifest)} of {made} are restored; {books}; {there:,} objects are in the store\n")
        raise typer.Exit(BROKEN if found.violations or found.missing else DONE)


def _warn(violations: tuple[str, ...], missing: int) -> None:
    for sentence in violations:
        note(f"the books are not right: {sentence}\n")
    if missing:
        note(f"the store lacks {missing:,} objects that are on record\n")


def _rows(found: Manifest) -> str:
    return f"{found.rows:,} rows of {len(found.tables)} tables (schema {found.revision})"


def _objects(count: int, size_bytes: int) -> str:
    from pressroom.reporting.format import bytes_text

    return f"{count:,} objects of {bytes_text(size_bytes)}"
