"""The vendors of this installation, and their keys, which are never shown."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import ConfigDict, Field, SecretStr

from pressroom.api import models
from pressroom.api.asking import Admin, RunsReader
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.services.providers import Standing, list_providers, set_key

router = APIRouter(prefix="/providers", tags=["providers"])


class NewKey(Asked):
    """A vendor's key. With `test` it is kept only if the vendor takes it."""

    model_config = ConfigDict(extra="forbid")

    key: SecretStr = Field(min_length=1, max_length=10_000)
    test: bool = True


class KeptKey(models.Answer):
    """Where a key is kept now, and what the vendor said to it."""

    provider: str
    kept_in: str
    said: str


@router.get("")
def providers(principal: RunsReader, backend: BackendOf) -> list[models.Provider]:
    """Every vendor, those that can be bought from first."""
    return [_answer(each) for each in list_providers(principal, backend.providers())]


@router.put("/{name}/key", responses=documented(404))
def keep_key(name: str, given: NewKey, principal: Admin, backend: BackendOf) -> KeptKey:
    """Keep a vendor's key in this home; for whoever runs the installation."""
    kept = set_key(principal, backend.providers(), name, given.key, test=given.test)
    return KeptKey(provider=kept.provider, kept_in=kept.place, said=kept.said)


def _answer(found: Standing) -> models.Provider:
    return models.Provider(
        name=found.row.name,
        title=found.row.title,
        configured=found.configured,
        keys=list(found.row.keys),
        key_from=None if found.key is None else found.key[1],
        tiers=sorted({model.tier for model in found.models}),
        models=[model.name for model in found.models],
        usd_from_micros=found.usd_from,
        ails=found.ails,
    )
