"""Commands that are imported when they are asked for: building all of them takes as long as most of them run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.main import get_command_from_info, get_group_from_info
from typer.models import CommandInfo, TyperInfo

if TYPE_CHECKING:
    from typer._click import Command
    from typer.core import TyperGroup


class DeferredCommands(Mapping[str, "Command"]):
    """Name of a command -> the command, made when it is first looked up.

    `places` says for each name where it is: `module.attribute` below `package`, a function or a group; further groups behind it
    join the first.
    """

    def __init__(self, package: str, places: Mapping[str, tuple[str, ...]]) -> None:
        self._package = package
        self._places = places
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            first, *more = map(self._found, self._places[name])
            self._made[name] = _group(name, first, more) if isinstance(first, typer.Typer) else _command(name, first)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _found(self, place: str) -> Any:
        module, _, attribute = place.rpartition(".")
        return getattr(import_module(f"{self._package}.{module}"), attribute)


def _group(name: str, group: typer.Typer, more: list[typer.Typer]) -> TyperGroup:
    made, *joining = (
        get_group_from_info(
            TyperInfo(each, name=name), pretty_exceptions_short=False, suggest_commands=True, rich_markup_mode=None
        )
        for each in (group, *more)
    )
    for each in joining:
        made.commands.update(each.commands)
    return made


def _command(name: str, function: Any) -> Command:
    info = CommandInfo(name=name, callback=function)
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
