"""A node's private folder with its inputs, opened for the work and deleted afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from pressroom.delivery.names import fitted
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Permanent, UpstreamFailed
from pressroom.domain.operation import Workspace
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import FileSource, Node, NodeSource, Source
from pressroom.services.context import Context
from pressroom.services.running import RunningRun


@contextmanager
def opened(context: Context, run: RunningRun, node: Node, purpose: str = "") -> Iterator[Workspace]:
    """`purpose` tells apart what is done for one node at the same time."""
    folder = context.work / run.id / digest(f"{node.id}{purpose}")[:16]
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in").mkdir(parents=True)
    (folder / "out").mkdir()
    brand_files = run.plan.brand_files.items()
    try:
        yield Workspace(
            folder=folder / "out",
            inputs={name: _fetch(context, run, source, folder / "in", name) for name, source in node.inputs.items()},
            files={key: _fetch(context, run, source, folder / "in", key) for key, source in brand_files},
            brand=run.plan.brand,
            placements=context.catalog.placements,
            limits=context.settings.limits,
            ffmpeg=context.ffmpeg,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(context: Context, run: RunningRun, source: Source, folder: Path, name: str) -> Path:
    sha256 = source.sha256 if isinstance(source, FileSource) else _made_by(context, run, source)
    # Under the name that its owner knows: that is the name which messages say, and not the store's.
    target = folder / digest(name)[:16] / _known_name(source)
    target.parent.mkdir(exist_ok=True)
    if (local := context.store.local_path(sha256)) is not None:
        target.symlink_to(local)
        return target
    try:
        context.store.get(sha256, target)
    except KeyError as exc:
        raise Permanent(f"{target.name} ({name}) is not in the store", hint="run again with --refresh") from exc
    return target


def _known_name(source: Source) -> str:
    """`my-scan.tif` for a file that was brought, the step and variant for one that was made."""
    return fitted(PurePath(source.path).name or "input" if isinstance(source, FileSource) else source.node_id)


def _made_by(context: Context, run: RunningRun, source: NodeSource) -> str:
    with context.database.read() as conn:
        assets = assets_of_node(conn, run.account_id, source.key)
    main = [asset for asset in assets if asset.label == ""]
    if not main:
        raise UpstreamFailed(f"{source.node_id} has made nothing", hint="see why it failed")
    return main[0].sha256
