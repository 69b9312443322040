"""A node's private folder with its inputs, opened for the work and deleted afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pressroom.delivery.names import fitted
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.operation import Workspace
from pressroom.planning.plan import Node
from pressroom.services.context import Context
from pressroom.services.origins import Origin, known_name
from pressroom.services.running import RunningRun


@contextmanager
def opened(context: Context, run: RunningRun, node: Node, origins: Mapping[str, Origin]) -> Iterator[Workspace]:
    """A folder of its own each time: a process that took the node up works beside one that is late to let go of it.

    What killed processes leave goes with the run's folder (see `recover_runs`).
    """
    of_run = context.work / run.id
    of_run.mkdir(parents=True, exist_ok=True)
    brand_files = run.plan.brand_files.items()
    prefix = f"{digest(node.id)[:16]}-{os.getpid()}-"
    own = tempfile.TemporaryDirectory(prefix=prefix, dir=of_run, ignore_cleanup_errors=True)
    with own as folder:
        out, inside = Path(folder, "out"), Path(folder, "in")
        out.mkdir()
        inside.mkdir()
        yield Workspace(
            folder=out,
            inputs={key: _fetch(context, inside, key, each.name, each.sha256) for key, each in origins.items()},
            files={key: _fetch(context, inside, key, known_name(each), each.sha256) for key, each in brand_files},
            brand=run.plan.brand,
            placements=context.catalog.placements,
            limits=context.settings.limits,
            ffmpeg=context.ffmpeg,
            words={key: each.places.words for key, each in origins.items() if each.places.words},
            subjects={key: each.places.subjects for key, each in origins.items() if each.places.subjects},
        )


def abandon(context: Context, run_id: str) -> None:
    """Remove the folders that this process has open for a run, as it goes with its threads at work in them."""
    for folder in (context.work / run_id).glob(f"*-{os.getpid()}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(context: Context, folder: Path, key: str, name: str, sha256: str) -> Path:
    # Under the name that its owner knows: that is the name which messages say, and not the store's.
    target = folder / digest(key)[:16] / fitted(name)
    target.parent.mkdir(exist_ok=True)
    if (local := context.store.local_path(sha256)) is not None:
        target.symlink_to(local)
        return target
    try:
        context.store.get(sha256, target)
    except KeyError as exc:
        raise Permanent(f"{name} ({key}) is not in the store", hint="run again with --refresh") from exc
    except Corrupt as exc:
        message = f"{name} ({key}) is damaged in the store: {exc.fields.get('sha256', '')[:12]}"
        raise Corrupt(message, hint=exc.hint) from exc
    return target
