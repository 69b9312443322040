"""Tell in every made file where it comes from, before it is checked and stored: what is checked is what is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pressroom.domain.content_hash import digest
from pressroom.domain.media import PROVENANCE, Made
from pressroom.planning.plan import Node
from pressroom.provenance.base import ProvenanceDraft
from pressroom.provenance.history import Ancestor, History
from pressroom.services.context import Context
from pressroom.services.origins import Origin


def history_of(context: Context, node: Node, origins: Mapping[str, Origin], inputs: Mapping[str, Path]) -> History:
    """How the node's files come to be; `inputs` are its files on this machine."""
    maker = f"{node.provider}/{node.model}"
    ancestors = {
        each.sha256: Ancestor(
            each.asset_id, each.sha256, inputs[name], each.mime, each.source_type, brought=each.brought
        )
        for name, each in origins.items()
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
