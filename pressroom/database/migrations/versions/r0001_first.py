"""The first schema: ledger, library, job journal, runs."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SYSTEM_ACCOUNTS = ((-1, "system:issuer"), (-2, "system:revenue"))


def upgrade() -> None:
    _accounts()
    _commands()
    _assets()
    _shelves()
    _jobs()
    _runs()
    _system_accounts()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.String(length=64), server_default="free", nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held >= 0 AND balance >= held", name=op.f("ck_account_never_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'released', 'expired')", name=op.f("ck_hold_state")),
        sa.CheckConstraint("captured >= 0 AND captured <= amount", name=op.f("ck_hold_never_over_captured")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hold_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_account_id"), "hold", ["account_id"], unique=False)
    op.create_index(
        "ix_hold_open",
        "hold",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _commands() -> None:
    op.create_table(
        "op",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=True),
        sa.Column("refunds_op_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("memo", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_op_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_op_account_id")),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_op_hold_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["refunds_op_id"], ["op.id"], name=op.f("fk_op_refunds_op_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_op")),
        sa.UniqueConstraint("key", name=op.f("uq_op_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_op_account_id_id"), "op", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_op_hold_id"), "op", ["hold_id"], unique=False)
    op.create_index(op.f("ix_op_refunds_op_id"), "op", ["refunds_op_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("op_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_entry_account_id")),
        sa.ForeignKeyConstraint(["op_id"], ["op.id"], name=op.f("fk_entry_op_id")),
        sa.PrimaryKeyConstraint("op_id", "account_id", name=op.f("pk_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_entry_account_id_op_id"), "entry", ["account_id", "op_id"], unique=False)


def _assets() -> None:
    op.create_table(
        "asset",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("placement", sa.Text(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("cost_credits_micros", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd_micros", sa.BigInteger(), nullable=False),
        sa.Column("generation_seconds", sa.Float(), nullable=False),
        sa.Column("node_key", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("source_module", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("alt_text", sa.Text(), nullable=False),
        sa.Column("favourite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_asset")),
        sa.UniqueConstraint("id", name=op.f("uq_asset_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_asset_campaign_seq"), "asset", ["campaign", "seq"], unique=False)
    op.create_index(op.f("ix_asset_node_key"), "asset", ["node_key"], unique=False)
    op.create_index(op.f("ix_asset_run_id_seq"), "asset", ["run_id", "seq"], unique=False)
    op.create_index(op.f("ix_asset_sha256"), "asset", ["sha256"], unique=False)


def _shelves() -> None:
    op.create_table(
        "asset_parent",
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.Column("parent_seq", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("parent_seq < asset_seq", name=op.f("ck_asset_parent_acyclic")),
        sa.ForeignKeyConstraint(["asset_seq"], ["asset.seq"], name=op.f("fk_asset_parent_asset_seq")),
        sa.ForeignKeyConstraint(["parent_seq"], ["asset.seq"], name=op.f("fk_asset_parent_parent_seq")),
        sa.PrimaryKeyConstraint("asset_seq", "parent_seq", name=op.f("pk_asset_parent")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_asset_parent_parent_seq"), "asset_parent", ["parent_seq"], unique=False)
    op.create_table(
        "asset_tag",
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asset_seq"], ["asset.seq"], name=op.f("fk_asset_tag_asset_seq")),
        sa.PrimaryKeyConstraint("tag", "asset_seq", name=op.f("pk_asset_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_asset_tag_asset_seq"), "asset_tag", ["asset_seq"], unique=False)
    op.create_table(
        "collection",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("name", name=op.f("uq_collection_name")),
    )
    op.create_table(
        "collection_asset",
        sa.Column("collection_id", sa.BigInteger(), nullable=False),
        sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asset_seq"], ["asset.seq"], name=op.f("fk_collection_asset_asset_seq")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_collection_asset_collection_id")),
        sa.PrimaryKeyConstraint("collection_id", "asset_seq", name=op.f("pk_collection_asset")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_collection_asset_asset_seq"), "collection_asset", ["asset_seq"], unique=False)


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("node_key", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("provider_job_id", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=True),
        sa.Column("credits_bound_micros", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('intent', 'submitted', 'unknown', 'stored', 'failed')", name=op.f("ck_job_state")
        ),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_node_key_created_at"), "job", ["node_key", "created_at"], unique=False)
    op.create_index(op.f("ix_job_run_id"), "job", ["run_id"], unique=False)
    op.create_index(
        "uq_job_unfinished",
        "job",
        ["node_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('intent', 'submitted', 'unknown')"),
        postgresql_where=sa.text("state IN ('intent', 'submitted', 'unknown')"),
    )


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=True),
        sa.Column("flow_run_id", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("out_dir", sa.Text(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'running', 'completed', 'completed_with_failures', 'failed', 'cancelled', 'refused')",
            name=op.f("ck_run_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_campaign_created_at"), "run", ["campaign", "created_at"], unique=False)
    op.create_index(op.f("ix_run_created_at"), "run", ["created_at"], unique=False)
    op.create_table(
        "run_node",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("credits_micros", sa.BigInteger(), nullable=False),
        sa.Column("usd_micros", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("asset_ids", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'reused', 'failed', 'blocked', 'cancelled')",
            name=op.f("ck_run_node_state"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_node_run_id")),
        sa.PrimaryKeyConstraint("run_id", "node_id", name=op.f("pk_run_node")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_run_node_run_id_position")),
    )
    op.create_index(
        "ix_run_node_done",
        "run_node",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("state = 'done'"),
        postgresql_where=sa.text("state = 'done'"),
    )


def _system_accounts() -> None:
    account = sa.table("account", sa.column("id"), sa.column("name"), sa.column("created_at"))
    now = time.time_ns() // 1_000
    op.bulk_insert(account, [{"id": number, "name": name, "created_at": now} for number, name in SYSTEM_ACCOUNTS])
