"""What a node is made from: looked up once, for its workspace, its provenance and its lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import UpstreamFailed
from pressroom.domain.media import PROVENANCE, Edges, subjects_of, words_of
from pressroom.domain.operation import Operation
from pressroom.library.assets import INPUT, MainFile, get_asset, input_id, main_file_of_node
from pressroom.planning.plan import FileSource, Node, NodeSource, Source
from pressroom.services.running import RunningRun


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a picture steps have set words and logos, and where one has placed what it shows."""

    words: tuple[Edges, ...] = ()
    subjects: tuple[Edges, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """One input. `name` is what its owner knows it by: messages say that, and not the store's name.

    `source_type` is an IPTC term, None where nothing is known; `brought` marks a file of the user's. `places` are known of
    what steps of the plan have made: the key of such a node holds theirs, and of a file only its bytes.
    """

    name: str
    asset_id: str
    sha256: str
    mime: str
    source_type: str | None = None
    brought: bool = False
    places: Places = Places()


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the nodes of a run look up what they are made from."""

    run: RunningRun
    operations: Mapping[str, Operation[Any]]

    def origins_of(self, conn: Connection, node: Node) -> dict[str, Origin]:
        """By parameter. Raises UpstreamFailed when a node that it needs has made nothing."""
        return {name: self._origin(conn, source) for name, source in node.inputs.items()}

    def _origin(self, conn: Connection, source: Source) -> Origin:
        if not isinstance(source, NodeSource):
            return _brought(conn, self.run.account_id, source)
        made = main_file_of_node(conn, self.run.account_id, source.key)
        if made is None:
            raise UpstreamFailed(f"{source.node_id} has made nothing", hint="see why it failed")
        places = self._places(conn, source, made)
        return Origin(known_name(source), made.id, made.sha256, made.mime, _known_type(made.details), places=places)

    def _places(self, conn: Connection, source: NodeSource, made: MainFile | None) -> Places:
        """What the node has set and placed, and what of the picture that it was given it left where it was."""
        if made is None or not made.width or not made.height:
            return Places()
        own = Places(words_of(made.details, made.width, made.height), subjects_of(made.details))
        node = self.run.plan.node(source.node_id)
        before = node.inputs.get("image")
        if not self.operations[node.operation].keeps_places or not isinstance(before, NodeSource):
            return own
        earlier = self._places(conn, before, main_file_of_node(conn, self.run.account_id, before.key))
        return Places((*earlier.words, *own.words), own.subjects or earlier.subjects)


def known_name(source: Source) -> str:
    """`my-scan.tif` for a file that was brought, the step and variant for one that was made."""
    return PurePath(source.path).name or "input" if isinstance(source, FileSource) else source.node_id


def _brought(conn: Connection, account_id: int, source: FileSource) -> Origin:
    name = known_name(source)
    if source.asset_id:
        filed = get_asset(conn, account_id, source.asset_id)
        brought = filed.source_module == INPUT
        return Origin(name, filed.id, filed.sha256, filed.mime, _known_type(filed.details), brought)
    own = input_id(conn, account_id, source.sha256)
    return Origin(name, own, source.sha256, source.info.mime, brought=True)


def _known_type(details: Mapping[str, Any]) -> str | None:
    record = details.get(PROVENANCE)
    return record.get("source_type") if isinstance(record, dict) else None
