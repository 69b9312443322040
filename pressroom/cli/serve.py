"""`pressroom serve`: the HTTP API and the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom.api.address import LOOPBACK, PORT
from pressroom.cli.console import border, note, usage, write
from pressroom.cli.options import Account, customer


def serve(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen at; 0 takes any that is free.")] = PORT,
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but this machine's own needs TLS or --behind-proxy.")
    ] = LOOPBACK,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front ends TLS, and says who asks (X-Forwarded-*).")
    ] = False,
    certificate: Annotated[Path | None, typer.Option(help="Certificate chain for TLS, a PEM file.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key, a PEM file.")] = None,
    allow_paths: Annotated[
        list[Path] | None,
        typer.Option("--allow-paths", help="A folder in which callers may name media by path; may be given again."),
    ] = None,
    account: Account = None,
) -> None:
    """Serve the HTTP API and the pages until Ctrl-C."""
    from pressroom.api.backend import open_backend
    from pressroom.serving.app import create_app
    from pressroom.serving.server import listen, serve

    with border():
        if (certificate is None) != (key is None):
            raise usage("TLS needs a certificate and its key", "give both --certificate and --key")
        tls = (str(certificate), str(key)) if certificate and key else None
        is_here = host in (LOOPBACK, "localhost", "::1")
        if not is_here and not (tls or behind_proxy):
            raise usage(
                f"at {host} passwords and tokens would travel in clear",
                "give --certificate and --key, or --behind-proxy where a proxy ends TLS",
            )
        _, context = customer(account)
        trusted = is_here and not behind_proxy
        app = create_app(open_backend(context.settings, _folders(allow_paths or [])), trusts_this_machine=trusted)
        with listen(host, port) as listening:
            scheme, at = "https" if tls else "http", listening.getsockname()[1]
            write(f"{scheme}://{host}:{at}\n")
            note("Ctrl-C ends it\n")
            serve(app, listening, behind_proxy=behind_proxy, tls=tls)


def _folders(given: list[Path]) -> tuple[Path, ...]:
    """Links resolved: what is allowed is the folder that they lead to now."""
    for folder in given:
        if not folder.is_dir():
            raise usage(f"--allow-paths: {folder} is no folder", "name one that is there")
    return tuple(folder.resolve() for folder in given)
