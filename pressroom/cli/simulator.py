"""`pressroom simulator`: the vendors' APIs on this machine, with play money."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from pressroom.cli.console import border, note, usage, write
from pressroom.cli.options import here


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the APIs; 0 takes any that is free.")] = 0,
    files_port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the finished files.")] = 0,
    host: Annotated[
        str, typer.Option(help="Name or address to listen at, by which others reach it; default: this machine alone.")
    ] = "",
    faults: Annotated[Path | None, typer.Option(help="YAML list of what goes wrong, see docs/vendors.md.")] = None,
    seed: Annotated[int, typer.Option(help="Decides which requests meet the faults that have a share.")] = 0,
    latency: Annotated[float, typer.Option(min=0, max=3_600, help="How many seconds a job takes.")] = 1.0,
) -> None:
    """Play the vendors' APIs on this machine, with real files and play money, until Ctrl-C.

    Prints what to set so that everything is bought here; GET /_bill says what was charged for it.
    """
    from pressroom.bootstrap import open_world
    from pressroom.simulator.faults import Faults, read_faults
    from pressroom.simulator.serve import LOOPBACK, SPOKEN, serving

    with border():
        drawn = read_faults(faults, seed, SPOKEN) if faults is not None else Faults(seed=seed)
        try:
            ports = (port, files_port, host or LOOPBACK)
            with serving(lambda folder: open_world(here(), folder, drawn, latency), *ports) as (address, _):
                write("".join(f"export {name}={value}\n" for name, value in address.environment().items()))
                note(f"bill: {address.bill_url}  (Ctrl-C ends it)\n")
                threading.Event().wait()
        except OSError as exc:
            raise usage(f"port {port} cannot be used: {exc.strerror}", "--port 0 takes any that is free") from exc
