"""The rows of how accounts look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from pressroom.database.schema import account, asset, branding
from pressroom.domain.branding import Branding
from pressroom.domain.library import AssetState


def find_branding(conn: Connection, account_name: str) -> Branding:
    """As it comes for an account that has set nothing, and for one that there is not. A logo that is gone is none."""
    there = (asset.c.account_id == branding.c.account_id, asset.c.id == branding.c.logo)
    logo = select(asset.c.sha256).where(*there, asset.c.state != AssetState.TRASHED).scalar_subquery()
    query = select(branding, logo.label("logo_sha256")).join(account, account.c.id == branding.c.account_id)
    row = conn.execute(query.where(account.c.name == account_name)).one_or_none()
    if row is None:
        return Branding()
    return Branding(row.name, row.accent, row.accent_dark, row.logo if row.logo_sha256 else "", row.logo_sha256 or "")


def keep_branding(conn: Connection, account_id: int, new: Branding, by: str, now: datetime) -> None:
    """In place of an earlier one."""
    conn.execute(delete(branding).where(branding.c.account_id == account_id))
    row = {"name": new.name, "accent": new.accent, "accent_dark": new.accent_dark, "logo": new.logo}
    conn.execute(insert(branding).values(account_id=account_id, **row, set_by=by, set_at=now))


def whose_logo(conn: Connection, sha256: str) -> tuple[str, str] | None:
    """An account whose logo is this file, and the asset's id; None where it is nobody's."""
    query = select(account.c.name, asset.c.id).select_from(branding).join(account)
    query = query.join(asset, (asset.c.account_id == branding.c.account_id) & (asset.c.id == branding.c.logo))
    row = conn.execute(query.where(asset.c.sha256 == sha256, asset.c.state != AssetState.TRASHED).limit(1)).first()
    return None if row is None else (row.name, row.id)
