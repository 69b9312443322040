"""`pressroom init` and `pressroom schema`: what somebody who writes a campaign begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom.cli.console import border, note, write


def schema() -> None:
    """Print the JSON Schema of campaign files, for editors."""
    from pressroom.campaign.schema import schema_text

    with border():
        write(schema_text())


def init(
    example: Annotated[str, typer.Argument(help="Which example; `pressroom init list` names them.")] = "product-launch",
    folder: Annotated[
        Path | None, typer.Option("--into", help="Folder to write it to; default: the current one.")
    ] = None,
) -> None:
    """Write an example campaign with its photo and brand kit, ready to run."""
    with border():
        from pressroom.examples import examples, write_example

        if example == "list":
            for name, summary in examples().items():
                write(f"{name:16} {summary}\n")
            return
        target = write_example(example, folder or Path.cwd())
        note(f"wrote {target.parent}\nnow: pressroom run {_shown(target)}\n")


def _shown(path: Path) -> Path:
    """Relative to where the user stands, if that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
