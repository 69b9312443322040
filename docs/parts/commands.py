"""The pages of settings and commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from pydantic import SecretStr

from docs.parts.markdown import code, default_text, table
from pressroom.cli.main import app
from pressroom.domain.media_limits import MediaLimits
from pressroom.settings import ENV_PREFIX, Settings


def settings() -> str:
    rows = [_setting(name, name, field) for name, field in Settings.model_fields.items() if name != "limits"]
    return table(("in the environment", "in pressroom.toml", "default", "meaning"), rows)


def limits() -> str:
    rows = [_setting(f"limits_{name}", f"limits.{name}", field) for name, field in MediaLimits.model_fields.items()]
    return table(("in the environment", "in pressroom.toml", "default", "meaning"), rows)


def _setting(variable: str, key: str, field: Any) -> Sequence[str]:
    default = "" if field.is_required() else field.default
    shown = "" if isinstance(default, SecretStr) else default
    text = "`.pressroom` beside the campaign" if key == "home" else code(shown)
    return f"`{ENV_PREFIX}{variable.upper()}`", f"`{key}`", text, field.description or ""


def command_line() -> dict[str, Any]:
    """Full name -> command, groups after their own callback: `credits`, `credits grant`."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        group = getattr(command, "commands", {})
        if not group or command.invoke_without_command:
            found[name] = command
        found |= {f"{name} {sub}": inner for sub, inner in group.items()}
    return found


def command_pages() -> str:
    found = command_line()
    overview = table(
        ("command", "what it does"),
        [
            (f"[`pressroom {name}`](#pressroom-{name.replace(' ', '-')})", item.help or "")
            for name, item in found.items()
        ],
    )
    return "\n".join([overview, *(_command(name, item) for name, item in found.items())])


def _command(name: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option" and "--help" not in item.opts]
    shown = [item.name.upper() if item.required else f"[{item.name.upper()}]" for item in arguments]
    usage = " ".join(["pressroom", name, *(["[OPTIONS]"] if options else []), *shown])
    rows = [(f"`{item.name.upper()}`", item.help or "", default_text(item.default)) for item in arguments]
    rows += [(_option(item), item.help or "", "–" if item.is_flag else default_text(item.default)) for item in options]
    listed = "\n" + table(("option", "meaning", "default"), rows) if rows else ""
    return f"## pressroom {name}\n\n{command.help}\n\n```text\n{usage}\n```\n{listed}"


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    repeat = " ..." if option.multiple else ""
    return f"`{', '.join((*option.opts, *option.secondary_opts))}{value}{repeat}`"
