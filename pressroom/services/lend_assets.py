"""Assets and stored campaigns of one home for work in another, such as a rehearsal: read there, and copied when a plan uses them.

The home that lends is only read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pressroom.database.plan_reader import PlanReader
from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset, MediaInfo
from pressroom.domain.money import micros
from pressroom.ledger.accounts import account_id_of, ensure_account
from pressroom.library.assets import add_asset, assets_by_id
from pressroom.planning.plan import FileSource, Plan
from pressroom.services.context import Context
from pressroom.services.plan_campaign import PlanningContext


class BorrowingReader(PlanReader):
    """What one home holds of an account, and where it has no such asset or campaign, what another one holds of it."""

    def __init__(self, own: PlanReader, other: PlanReader) -> None:
        super().__init__(own._rows, own._account)
        self._other = other

    def assets_named(self, name: str) -> list[tuple[str, MediaInfo]]:
        return super().assets_named(name) or self._other.assets_named(name)

    def uploaded(self, upload_id: str) -> tuple[str, MediaInfo] | None:
        return super().uploaded(upload_id) or self._other.uploaded(upload_id)

    def document(self, name: str) -> tuple[str, str, str, str, datetime] | None:
        return super().document(name) or self._other.document(name)


def borrowing(planning: PlanningContext, lender: PlanningContext) -> PlanningContext:
    """Planning in one home with the assets and stored campaigns of another."""

    @contextmanager
    def reader(account: str) -> Iterator[PlanReader]:
        with planning.reader(account) as own, lender.reader(account) as other:
            yield BorrowingReader(own, other)

    def media_path(sha256: str) -> Path | None:
        return planning.media_path(sha256) or lender.media_path(sha256)

    return replace(planning, reader=reader, media_path=media_path)


def borrowed_in(plan: Plan) -> list[str]:
    """Ids of the library's assets that a plan takes."""
    sources = [*(source for node in plan.nodes for source in node.inputs.values()), *plan.brand_files.values()]
    return list(dict.fromkeys(each.asset_id for each in sources if isinstance(each, FileSource) and each.asset_id))


def lend_assets(principal: Principal, lender: Context, borrower: Context, asset_ids: Sequence[str]) -> None:
    """Copy the account's assets with their files; what the other home has already stays.

    A copy has neither the parents nor the run of the original. Raises Refused or Retryable where a file cannot be had.
    """
    settings = borrower.settings
    with borrower.database.write() as conn:
        mine = ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)
        there = assets_by_id(conn, mine, asset_ids)
    with lender.database.read() as conn:
        theirs = account_id_of(conn, principal.account)
        found = assets_by_id(conn, theirs, [each for each in asset_ids if each not in there])
    for asset in found.values():
        _copy(lender, borrower, asset)
        with borrower.database.write() as conn:
            add_asset(conn, mine, replace(asset, parents=(), node_key="", run_id=""))


def _copy(lender: Context, borrower: Context, asset: Asset) -> None:
    path = lender.store.local_path(asset.sha256)
    if path is not None:
        borrower.store.put(path, asset.mime)
        return
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        fetched = Path(folder) / asset.sha256
        lender.store.get(asset.sha256, fetched)
        borrower.store.put(fetched, asset.mime)
