"""What a node is made from: looked up once, for its workspace, its provenance and its lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import UpstreamFailed
from pressroom.domain.media import PROVENANCE
from pressroom.library.assets import INPUT, get_asset, input_id, main_file_of_node
from pressroom.planning.plan import FileSource, Node, NodeSource, Source


@dataclass(frozen=True, slots=True)
class Origin:
    """One input. `name` is what its owner knows it by: messages say that, and not the store's name.

    `source_type` is an IPTC term, None where nothing is known; `brought` marks a file of the user's.
    """

    name: str
    asset_id: str
    sha256: str
    mime: str
    source_type: str | None = None
    brought: bool = False


def origins_of(conn: Connection, account_id: int, node: Node) -> dict[str, Origin]:
    """By parameter. Raises UpstreamFailed when a node that it needs has made nothing."""
    return {name: _origin(conn, account_id, source) for name, source in node.inputs.items()}


def known_name(source: Source) -> str:
    """`my-scan.tif` for a file that was brought, the step and variant for one that was made."""
    return PurePath(source.path).name or "input" if isinstance(source, FileSource) else source.node_id


def _origin(conn: Connection, account_id: int, source: Source) -> Origin:
    name = known_name(source)
    if isinstance(source, NodeSource):
        made = main_file_of_node(conn, account_id, source.key)
        if made is None:
            raise UpstreamFailed(f"{source.node_id} has made nothing", hint="see why it failed")
        return Origin(name, made.id, made.sha256, made.mime, _known_type(made.details))
    if source.asset_id:
        filed = get_asset(conn, account_id, source.asset_id)
        brought = filed.source_module == INPUT
        return Origin(name, filed.id, filed.sha256, filed.mime, _known_type(filed.details), brought)
    own = input_id(conn, account_id, source.sha256)
    return Origin(name, own, source.sha256, source.info.mime, brought=True)


def _known_type(details: Mapping[str, Any]) -> str | None:
    record = details.get(PROVENANCE)
    return record.get("source_type") if isinstance(record, dict) else None
