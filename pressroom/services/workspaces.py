"""A node's private folder with its inputs, opened for the work and deleted afterwards."""

from __future__ import annotations

import shutil
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
def opened(
    context: Context, run: RunningRun, node: Node, origins: Mapping[str, Origin], purpose: str = ""
) -> Iterator[Workspace]:
    """`purpose` tells apart what is done for one node at the same time."""
    folder = context.work / run.id / digest(f"{node.id}{purpose}")[:16]
    out, inside = _emptied(folder)
    brand_files = run.plan.brand_files.items()
    try:
        yield Workspace(
            folder=out,
            inputs={key: _fetch(context, inside, key, each.name, each.sha256) for key, each in origins.items()},
            files={key: _fetch(context, inside, key, known_name(each), each.sha256) for key, each in brand_files},
            brand=run.plan.brand,
            placements=context.catalog.placements,
            limits=context.settings.limits,
            ffmpeg=context.ffmpeg,
            words={key: each.words for key, each in origins.items() if each.words},
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _emptied(folder: Path) -> tuple[Path, Path]:
    """Its folders for what comes out and for what goes in; what an attempt that was killed left there is gone."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    out, inside = folder / "out", folder / "in"
    out.mkdir()
    inside.mkdir()
    return out, inside


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
