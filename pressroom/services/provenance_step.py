"""Tell in every made file where it comes from, before it is checked and stored: what is checked is what is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.content_hash import digest
from pressroom.domain.media import PROVENANCE, Asset, Made
from pressroom.library.assets import INPUT, assets_of_node, get_asset, input_id
from pressroom.planning.plan import Node, NodeSource
from pressroom.provenance.base import ProvenanceDraft
from pressroom.provenance.history import Ancestor, History
from pressroom.services.context import Context


def history_of(context: Context, account_id: int, node: Node, inputs: Mapping[str, Path]) -> History:
    """How the node's files come to be; `inputs` are its files on this machine."""
    maker = f"{node.provider}/{node.model}"
    with context.database.read() as conn:
        ancestors = {
            a.sha256: a for name, path in inputs.items() if (a := _ancestor(conn, account_id, node, name, path))
        }
    return History(
        operation=node.operation,
        version=node.version,
        maker=maker,
        params_digest=digest(dict(node.params)),
        # A network of the user's that enlarges pictures may invent detail; no catalog row knows of it.
        generative=context.catalog.is_generative(maker) or bool(node.params.get("network")),
        bought=context.catalog.providers[node.provider].sells,
        ancestors=tuple(ancestors.values()),
    )


def _ancestor(conn: Connection, account_id: int, node: Node, name: str, path: Path) -> Ancestor | None:
    source = node.inputs[name]
    if not isinstance(source, NodeSource):
        if source.asset_id:
            filed = get_asset(conn, account_id, source.asset_id)
            is_brought = filed.source_module == INPUT
            return Ancestor(filed.id, filed.sha256, path, filed.mime, _known_type(filed), brought=is_brought)
        brought = input_id(conn, account_id, source.sha256)
        return Ancestor(brought, source.sha256, path, source.info.mime, brought=True)
    asset = next((asset for asset in assets_of_node(conn, account_id, source.key) if asset.label == ""), None)
    return None if asset is None else Ancestor(asset.id, asset.sha256, path, asset.mime, _known_type(asset))


def _known_type(asset: Asset) -> str | None:
    record = asset.details.get(PROVENANCE)
    return record.get("source_type") if isinstance(record, dict) else None


def attest(context: Context, draft: ProvenanceDraft, made: Sequence[Made]) -> list[Made]:
    """The same files with their provenance in them and on record. Files that several placements share are done once."""
    records: dict[Path, dict[str, Any]] = {}
    limits = _limits(context, made)
    for item in made:
        if item.path not in records:
            records[item.path] = draft.attach(item.path, item.mime, limits.get(item.path))
    return [
        replace(item, details={**item.details, PROVENANCE: records[item.path]}) if records[item.path] else item
        for item in made
    ]


def _limits(context: Context, made: Sequence[Made]) -> dict[Path, int]:
    """The smallest limit of the placements that each file is for."""
    found: dict[Path, int] = {}
    for item in made:
        limit = context.catalog.placements[item.placement].max_bytes if item.placement else None
        if limit is not None:
            found[item.path] = min(limit, found.get(item.path, limit))
    return found


def unsigned_note(made: Sequence[Made]) -> str:
    """What a person should know of files that should have been signed and are not; empty when all is well."""
    reasons = dict.fromkeys(
        record["reason"]
        for item in made
        if isinstance(record := item.details.get(PROVENANCE), dict)
        and record.get("reason", "").startswith(("could not", "with its manifest"))
    )
    return f"not signed: {'; '.join(reasons)}" if reasons else ""
