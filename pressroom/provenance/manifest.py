"""The C2PA manifest of one file as the signer wants it: who made it with what, from which ingredients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pressroom import __version__
from pressroom.provenance.actions import action_of
from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.source_types import uri_of

AGENT: Final = "Pressroom"
PARENT, COMPONENT, INPUT = "parentOf", "componentOf", "inputTo"


def definition(
    history: History,
    urn: str,
    referenced: Mapping[str, Ancestor],
    labels: Sequence[str],
    *,
    mime: str = "",
    delivered: str | None = None,
    binding: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A manifest definition for c2pa's Builder, under the name `urn`.

    `labels` name the ingredients of the ancestors, in their order; those of `referenced` (by label) are named by hash
    only, because their own manifests are not embedded. `delivered` is the label of the file as its vendor signed it,
    where it was. `binding` is the assertion that binds the manifest to a file of type `mime`; without it c2pa makes one.
    """
    relation = relationship(history, delivered)
    actions = {"label": "c2pa.actions.v2", "data": {"actions": _actions(history, list(labels), delivered)}}
    return {
        "label": urn,
        **({"format": mime} if mime else {}),
        "claim_generator_info": [{"name": AGENT, "version": __version__}],
        "ingredients": [reference(label, ancestor, relation) for label, ancestor in referenced.items()],
        "assertions": [actions, *([binding] if binding else [])],
    }


def relationship(history: History, delivered: str | None = None) -> str:
    """One ancestor is the parent; of several none is more so than the others. A vendor's signed file is nearer than all."""
    if delivered is not None:
        return INPUT
    return PARENT if len(history.ancestors) == 1 else COMPONENT


def ingredient(label: str, ancestor: Ancestor, relation: str) -> dict[str, Any]:
    """What is said of an ancestor beside its own manifest."""
    instance = ancestor.origin.instance_id
    return {"title": ancestor.asset_id, "relationship": relation, "label": label, "instance_id": instance}


def reference(label: str, ancestor: Ancestor, relation: str) -> dict[str, Any]:
    return {**ingredient(label, ancestor, relation), "format": ancestor.mime}


def _actions(history: History, labels: list[str], delivered: str | None) -> list[dict[str, Any]]:
    source = uri_of(history.source_type)
    done = {
        "action": action_of(history.operation).name,
        "digitalSourceType": source,
        "softwareAgent": {"name": f"{AGENT} {history.operation}", "version": str(history.version)},
        "parameters": {"pressroom.model": history.maker, "pressroom.params_sha256": history.params_digest},
    }
    if delivered is not None:
        return [_on("c2pa.opened", [delivered]), done]
    if not labels:
        return [{**done, "action": "c2pa.created"}]
    if relationship(history) == PARENT:
        return [_on("c2pa.opened", labels), done]
    # What is built of several files begins as an empty frame.
    return [{"action": "c2pa.created", "digitalSourceType": source}, _on("c2pa.placed", labels), done]


def _on(action: str, labels: list[str]) -> dict[str, Any]:
    return {"action": action, "parameters": {"ingredientIds": labels}}
