"""`pressroom store`: whether the media store works, how its bucket is set up, and the rights that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pressroom.cli.console import border, print_json, usage, write
from pressroom.cli.options import Json, here
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.storage.base import BucketStore

store = typer.Typer(cls=WholeHelp, help="The media store: try it, set up its bucket.", no_args_is_help=True)


@store.command("check")
def check(as_json: Json = False) -> None:
    """Write, read and delete an object, and say how the bucket is set up."""
    with border(as_json):
        from pressroom.bootstrap import open_store
        from pressroom.storage.base import BucketStore

        opened = open_store(here())
        lines = [opened.check(), *(opened.describe() if isinstance(opened, BucketStore) else [])]
        _tell(lines, as_json)


@store.command("setup")
def setup(as_json: Json = False) -> None:
    """Create the bucket and turn on versions, what is cleared away by itself, and encryption; needs an owner's key."""
    with border(as_json):
        _tell(_bucket().set_up(), as_json)


@store.command("policy")
def policy() -> None:
    """Print the least rights that Pressroom's own key needs in the bucket, as an IAM policy."""
    with border():
        print_json(_bucket().policy())


def _bucket() -> BucketStore:
    from pressroom.bootstrap import open_store
    from pressroom.storage.base import BucketStore

    opened = open_store(here())
    if not isinstance(opened, BucketStore):
        raise usage("the store is a folder, which needs no setting up", "set PRESSROOM_STORE to s3://BUCKET")
    return opened


def _tell(lines: list[str], as_json: bool) -> None:
    if as_json:
        print_json({"store": lines})
        return
    write("".join(f"{line}\n" for line in lines))
