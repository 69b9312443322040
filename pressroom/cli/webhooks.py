"""`pressroom webhooks`: addresses that are told what happens, and what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, write
from pressroom.cli.options import Account, Json, acting
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.services.webhooks import NewSecret
    from pressroom.webhooks.deliveries import Delivery

webhooks = typer.Typer(
    cls=WholeHelp, help="Addresses that the server tells what happens, in signed messages.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Its id, as `list` shows it.")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", help="What it is told of: run.completed, run.*, generation.*, asset.*, ...; repeat it."),
]
AtOnce = Annotated[bool, typer.Option("--at-once", help="The secret before ends now, not in a day.")]


@webhooks.command("create")
def create_command(
    url: Annotated[str, typer.Argument(help="An https address.")],
    event: Events = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Have an address told what happens from now on; without --event of everything. Its secret is shown now and never again."""
    from pressroom.services.webhooks import create_webhook

    with border(as_json):
        made = create_webhook(*acting(account), url, event or ["*"])
        assert made.endpoint is not None, "it is what was made"
        _tell(made, f"{made.endpoint.id} is told of {', '.join(made.endpoint.events)}", as_json)


@webhooks.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """The account's webhooks, newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.services.webhooks import list_webhooks

    with border(as_json):
        found = list_webhooks(*acting(account))
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [
            (
                each.id,
                each.url,
                " ".join(each.events),
                f"disabled {each.disabled_why}" if each.disabled_at else "told",
            )
            for each in found
        ]
        prose = [Column(name, prose=True) for name in ("address", "events", "state")]
        table(("webhook", *prose), rows)


@webhooks.command("edit")
def edit_command(
    name: Name,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    event: Events = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether it is told at all; what it misses stays untold.")
    ] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Change where a webhook is, what it is told of, or whether it is told at all."""
    from pressroom.services.webhooks import Change, change_webhook

    with border(as_json):
        change = Change(url, event, None if enabled is None else not enabled)
        found = change_webhook(*acting(account), name, change)
        if as_json:
            print_json(found.as_dict())
            return
        state = "disabled" if found.disabled_at else f"told of {', '.join(found.events)}"
        write(f"{found.id} at {found.url}: {state}\n")


@webhooks.command("rotate")
def rotate_command(name: Name, at_once: AtOnce = False, account: Account = None, as_json: Json = False) -> None:
    """Make a new secret; both sign for a day."""
    from pressroom.services.webhooks import rotate_secret

    with border(as_json):
        made = rotate_secret(*acting(account), name, at_once=at_once)
        _tell(made, f"{name} has a new secret", as_json)


@webhooks.command("secret")
def secret_command(at_once: AtOnce = False, account: Account = None, as_json: Json = False) -> None:
    """Make the account's own secret, which signs what goes to the `webhook` of single generations."""
    from pressroom.services.webhooks import rotate_secret

    with border(as_json):
        _tell(rotate_secret(*acting(account), at_once=at_once), "the account has a new secret", as_json)


@webhooks.command("delete")
def delete_command(name: Name, account: Account = None, as_json: Json = False) -> None:
    """End a webhook, with its secrets and what it was told."""
    from pressroom.services.webhooks import delete_webhook

    with border(as_json):
        found = delete_webhook(*acting(account), name)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.id}: deleted\n")


@webhooks.command("ping")
def ping_command(name: Name, account: Account = None, as_json: Json = False) -> None:
    """Send a message that tells of nothing, now and once."""
    from pressroom.domain.states import DeliveryState
    from pressroom.services.webhooks import ping_webhook

    with border(as_json):
        found = ping_webhook(*acting(account), name)
        if as_json:
            print_json(found.as_dict())
        else:
            write(f"{_outcome(found)}\n")
        if found.state is not DeliveryState.DELIVERED:
            raise typer.Exit(1)


@webhooks.command("deliveries")
def deliveries_command(
    state: Annotated[str, typer.Option(help="waiting, delivered or dead: those that nobody took.")] = "",
    webhook: Annotated[str, typer.Option(help="Only of this webhook.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 50,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """What webhooks were told or are to be, newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.services.webhooks import list_deliveries

    with border(as_json):
        found = list_deliveries(*acting(account), state=state, webhook=webhook, limit=limit)
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [(each.id, each.webhook_id, each.type, str(each.attempts), _outcome(each)) for each in found]
        table(("delivery", "webhook", "event", "attempts", Column("state", prose=True)), rows)


@webhooks.command("redeliver")
def redeliver_command(
    name: Annotated[str, typer.Argument(help="The delivery's id, as `deliveries` shows it.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Have the server send a delivery again."""
    from pressroom.services.webhooks import redeliver

    with border(as_json):
        found = redeliver(*acting(account), name)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.id}: sent again by the server\n")


def _tell(made: NewSecret, what: str, as_json: bool) -> None:
    if as_json:
        found = {} if made.endpoint is None else made.endpoint.as_dict()
        print_json({**found, "secret": made.secret})
        return
    note(f"{what}\n")
    write(f"{made.secret}\n")


def _outcome(found: Delivery) -> str:
    said = f"{found.answer_status or ''} {found.answer.splitlines()[0][:60] if found.answer else ''}".strip()
    when = f", next {found.next_at:%Y-%m-%d %H:%M}" if found.next_at else ""
    return f"{found.state.value}{when}{f': {said}' if said else ''}"
