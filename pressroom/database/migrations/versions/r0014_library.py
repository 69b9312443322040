"""A library for teams: names and folders, states, opinions, uses, shares, and what becomes of what is old.

Until now an asset was a favourite of the whole account: it is now one of whoever logs in nowhere.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from pressroom.domain.media import MEDIA_TYPES

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CATEGORIES = "category IN ('product', 'marketing', 'social', 'presentation', 'email', 'agent', 'other')"
_STATES = "state IN ('ready', 'processing', 'failed', 'archived', 'trashed')"
_ORIGINS = "origin IN ('person', 'rule', 'model')"
_USES = "kind IN ('view', 'download', 'share', 'embed', 'agent', 'post', 'email', 'presentation', 'campaign')"
_SHARED = "kind IN ('asset', 'folder', 'collection')"
_NEW_COLUMNS = (
    ("name", sa.Text(), ""),
    ("filename", sa.Text(), ""),
    ("folder", sa.Text(), ""),
    ("project", sa.String(length=200), ""),
    ("category", sa.String(length=16), "other"),
    ("seo_keywords", sa.Text(), "[]"),
    ("metadata", sa.Text(), "{}"),
    ("is_public", sa.Boolean(), sa.false()),
    ("agent_visible", sa.Boolean(), sa.false()),
    ("state", sa.String(length=16), "ready"),
    ("created_by", sa.Text(), ""),
    ("views", sa.Integer(), "0"),
    ("uses", sa.Integer(), "0"),
    ("auto_tagged", sa.Integer(), "0"),
)


def upgrade() -> None:
    _drop_search()
    _opinions()
    _assets()
    _lineage()
    _tags()
    _collections()
    _endings()
    _uses()
    _sharing()


def _drop_search() -> None:
    """SQLite's index holds the old filter words and its view stands in the way of table copies: both are built again."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in ("insert", "delete", "update", "tag", "untag", "shelve", "unshelve"):
        op.execute(f"DROP TRIGGER IF EXISTS asset_fts_{name}")
    op.execute("DROP TABLE IF EXISTS asset_fts")
    op.execute("DROP VIEW IF EXISTS asset_text")


def _opinions() -> None:
    op.create_table(
        "opinion",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.String(length=254), nullable=False),
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_opinion_rating")),
        _foreign("opinion", "account_id", "account.id"),
        _foreign("opinion", "asset_seq", "asset.seq"),
        sa.PrimaryKeyConstraint("account_id", "member", "asset_seq", name=op.f("pk_opinion")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_opinion_asset_seq"), "opinion", ["asset_seq"])
    op.execute(
        "INSERT INTO opinion (account_id, member, asset_seq, favourite) "
        "SELECT account_id, '', seq, favourite FROM asset WHERE favourite"
    )


def _assets() -> None:
    with op.batch_alter_table("asset", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("favourite")
        for name, kind, default in _NEW_COLUMNS:
            batch.add_column(sa.Column(name, kind, server_default=default, nullable=False))
        batch.add_column(sa.Column("trashed_at", sa.BigInteger(), nullable=True))
        batch.create_check_constraint(op.f("ck_asset_category"), _CATEGORIES)
        batch.create_check_constraint(op.f("ck_asset_state"), _STATES)
    suffixes = " ".join(f"WHEN '{row.mime}' THEN '{row.suffix}'" for row in MEDIA_TYPES)
    of = "COALESCE(placement, label)"
    # As `pressroom.delivery.names` calls files, but for the names of variants: what was made says those as it likes.
    made = f"step || '-' || id || CASE {of} WHEN '' THEN '' ELSE '.' || {of} END || CASE mime {suffixes} ELSE '' END"
    op.execute(
        "UPDATE asset SET name = CASE title WHEN '' THEN TRIM(step || ' ' || variant) ELSE title END, "  # noqa: S608
        f"filename = CASE source_module WHEN 'input' THEN title ELSE {made} END"
    )
    op.create_index(op.f("ix_asset_account_id_folder_seq"), "asset", ["account_id", "folder", "seq"])
    where = sa.text("auto_tagged = 0")
    op.create_index("ix_asset_untagged", "asset", ["account_id", "seq"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "asset_content",
        sa.Column("asset_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("charset", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _foreign("asset_content", "asset_seq", "asset.seq"),
        sa.PrimaryKeyConstraint("asset_seq", name=op.f("pk_asset_content")),
    )


def _lineage() -> None:
    """Without its foreign keys: it stays when an asset goes."""
    with op.batch_alter_table("asset_parent", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.drop_constraint(op.f("fk_asset_parent_asset_seq"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_asset_parent_parent_seq"), type_="foreignkey")
        if op.get_bind().dialect.name == "sqlite":  # whose table copies leave it behind
            batch.create_check_constraint(op.f("ck_asset_parent_acyclic"), "parent_seq < asset_seq")


def _tags() -> None:
    with op.batch_alter_table("asset_tag", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.add_column(sa.Column("origin", sa.String(length=16), server_default="person", nullable=False))
        batch.add_column(sa.Column("confidence", sa.Float(), server_default="1", nullable=False))
        batch.create_check_constraint(op.f("ck_asset_tag_origin"), _ORIGINS)
    op.create_table(
        "removed_tag",
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        _foreign("removed_tag", "asset_seq", "asset.seq"),
        sa.PrimaryKeyConstraint("asset_seq", "tag", name=op.f("pk_removed_tag")),
        sqlite_with_rowid=False,
    )


def _collections() -> None:
    with op.batch_alter_table("collection") as batch:
        batch.add_column(sa.Column("cover_seq", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(op.f("fk_collection_cover_seq"), "asset", ["cover_seq"], ["seq"])
    op.add_column("collection_asset", sa.Column("position", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE collection_asset SET position = asset_seq")
    op.create_index(
        op.f("ix_collection_asset_collection_id_position"), "collection_asset", ["collection_id", "position"]
    )


def _endings() -> None:
    op.create_table(
        "retention_rule",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("tag", sa.String(length=100), server_default="", nullable=False),
        sa.Column("campaign", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("older_than_days", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        *_made("retention_rule", default=""),
        sa.CheckConstraint("action IN ('archive', 'trash', 'purge')", name=op.f("ck_retention_rule_action")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_retention_rule_account_id_name")),
    )
    op.create_table(
        "deleted_asset",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        _foreign("deleted_asset", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deleted_asset")),
    )
    op.create_index(op.f("ix_deleted_asset_account_id_id"), "deleted_asset", ["account_id", "id"])
    op.create_table(
        "object_removal",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_object_removal")),
    )


def _uses() -> None:
    op.create_table(
        "asset_use",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("member", sa.String(length=254), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_USES, name=op.f("ck_asset_use_kind")),
        _foreign("asset_use", "account_id", "account.id"),
        _foreign("asset_use", "asset_seq", "asset.seq"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_use")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_asset_use_account_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_asset_use_asset_seq_id"), "asset_use", ["asset_seq", "id"])
    op.create_index(op.f("ix_asset_use_account_id_id"), "asset_use", ["account_id", "id"])


def _sharing() -> None:
    op.create_table(
        "share",
        *_target(),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("access", sa.String(length=16), nullable=False),
        *_made("share"),
        sa.CheckConstraint(_SHARED, name=op.f("ck_share_kind")),
        sa.CheckConstraint("access IN ('view', 'use', 'edit')", name=op.f("ck_share_access")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint(
            "account_id", "kind", "target", "email", name=op.f("uq_share_account_id_kind_target_email")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_share_email_account_id"), "share", ["email", "account_id"])
    op.create_table(
        "public_link",
        *_target(),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("access", sa.String(length=16), nullable=False),
        sa.Column("most_downloads", sa.Integer(), nullable=True),
        sa.Column("downloads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        *_made("public_link"),
        sa.CheckConstraint(_SHARED, name=op.f("ck_public_link_kind")),
        sa.CheckConstraint("access IN ('view', 'use')", name=op.f("ck_public_link_access")),
        sa.CheckConstraint("downloads <= most_downloads", name=op.f("ck_public_link_downloads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_link")),
        sa.UniqueConstraint("hash", name=op.f("uq_public_link_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_public_link_account_id_id"), "public_link", ["account_id", "id"])
    op.create_table(
        "invitation",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        *_made("invitation"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitation_hash")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_invitation_account_id_email")),
        sqlite_autoincrement=True,
    )


def _target() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
    ]


def _made(table: str, default: str | None = None) -> list[Any]:
    """By whom and when, and whose it is."""
    return [
        sa.Column("created_by", sa.Text(), server_default=default, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _foreign(table, "account_id", "account.id"),
    ]


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))
