"""Everything belongs to an account: to the one that paid for it, else to `default`.

What several accounts shared goes to the first; the others no longer see it, and no lineage leads from one account to
another.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DEFAULT = "default"
UNFINISHED = "state IN ('intent', 'submitted', 'unknown')"
ACCOUNT_OF_RUN = "(SELECT r.account_id FROM run r WHERE r.id = {table}.run_id)"
# An input belongs to the first that made something of it.
ACCOUNT_OF_CHILD = (
    "(SELECT c.account_id FROM asset_parent p JOIN asset c ON c.seq = p.asset_seq "
    "WHERE p.parent_seq = asset.seq AND c.account_id IS NOT NULL ORDER BY c.seq LIMIT 1)"
)
ACCOUNT_OF_HOLD = "(SELECT h.account_id FROM hold h WHERE h.id = job.hold_id)"
# A shelf goes to the owner of what was put on it first.
ACCOUNT_OF_MEMBER = (
    "(SELECT a.account_id FROM collection_asset m JOIN asset a ON a.seq = m.asset_seq "
    "WHERE m.collection_id = collection.id ORDER BY a.seq LIMIT 1)"
)
ACCOUNT_OF_NAME = "(SELECT a.id FROM account a WHERE a.name = run.account AND a.id > 0)"


def upgrade() -> None:
    _drop_search()
    for table in ("run", "job", "asset", "collection"):
        op.add_column(table, sa.Column("account_id", sa.BigInteger(), nullable=True))
    _own("run", ACCOUNT_OF_NAME)
    _own("job", ACCOUNT_OF_RUN.format(table="job"), ACCOUNT_OF_HOLD)
    _own("asset", ACCOUNT_OF_RUN.format(table="asset"))
    _own("asset", ACCOUNT_OF_CHILD)
    _own("collection", ACCOUNT_OF_MEMBER)
    _give_the_rest()
    _runs()
    _jobs()
    _assets()
    _shelves()
    _tags()
    _looks()
    op.execute(
        "DELETE FROM asset_parent WHERE (SELECT account_id FROM asset WHERE seq = asset_seq) "
        "<> (SELECT account_id FROM asset WHERE seq = parent_seq)"
    )


def _drop_search() -> None:
    """SQLite's index holds the old filter words and its view stands in the way of table copies: both are built again."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER IF EXISTS asset_fts_{name}")
    op.execute("DROP TABLE IF EXISTS asset_fts")
    op.execute("DROP VIEW IF EXISTS asset_text")


def _own(table: str, *owners: str) -> None:
    """Fill in the first of these owners that there is, where there is none yet."""
    found = owners[0] if len(owners) == 1 else f"COALESCE({', '.join(owners)})"
    op.execute(f"UPDATE {table} SET account_id = {found} WHERE account_id IS NULL")  # noqa: S608 - constants


def _give_the_rest() -> None:
    """What nobody paid for belongs to `default`, which is opened without a grant only where it is needed."""
    conn = op.get_bind()
    for table in ("run", "job", "asset", "collection"):
        left = sa.text(f"SELECT 1 FROM {table} WHERE account_id IS NULL LIMIT 1")  # noqa: S608 - constants
        if conn.execute(left).first() is not None:
            give = sa.text(f"UPDATE {table} SET account_id = :owner WHERE account_id IS NULL")  # noqa: S608
            conn.execute(give, {"owner": _default_account(conn)})


def _default_account(conn: sa.Connection) -> int:
    query = sa.text("SELECT id FROM account WHERE name = :name")
    found = conn.execute(query, {"name": DEFAULT}).scalar()
    if found is None:
        new = sa.text("INSERT INTO account (name, created_at) VALUES (:name, :now)")
        conn.execute(new, {"name": DEFAULT, "now": time.time_ns() // 1000})
        found = conn.execute(query, {"name": DEFAULT}).scalar_one()
    return int(found)


def _runs() -> None:
    op.drop_index("ix_run_campaign_created_at", "run")
    op.drop_index("ix_run_created_at", "run")
    with op.batch_alter_table("run") as batch:
        batch.drop_column("account")
        _require(batch, "run")
    _index("run", "account_id", "campaign", "created_at")
    _index("run", "account_id", "created_at")


def _jobs() -> None:
    op.drop_index("uq_job_unfinished", "job")
    op.drop_index("ix_job_node_key_created_at", "job")
    with op.batch_alter_table("job") as batch:
        _require(batch, "job")
    op.create_index(
        "uq_job_unfinished",
        "job",
        ["account_id", "node_key"],
        unique=True,
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )
    _index("job", "account_id", "node_key", "created_at")


def _assets() -> None:
    for columns in ("campaign_seq", "node_key", "run_id_seq", "sha256"):
        op.drop_index(f"ix_asset_{columns}", "asset")
    with op.batch_alter_table("asset", table_kwargs={"sqlite_autoincrement": True}) as batch:
        _require(batch, "asset")
    for rest in (("seq",), ("sha256",), ("node_key",), ("campaign", "seq"), ("run_id", "seq")):
        _index("asset", "account_id", *rest)


def _shelves() -> None:
    with op.batch_alter_table("collection") as batch:
        batch.drop_constraint("uq_collection_name", type_="unique")
        batch.create_unique_constraint("uq_collection_account_id_name", ["account_id", "name"])
        _require(batch, "collection")
    # Each account gets its own shelf of the name with its own assets.
    op.execute(
        "INSERT INTO collection (account_id, name, description, created_at) "
        "SELECT DISTINCT a.account_id, c.name, c.description, c.created_at FROM collection c "
        "JOIN collection_asset m ON m.collection_id = c.id JOIN asset a ON a.seq = m.asset_seq "
        "WHERE a.account_id <> c.account_id"
    )
    op.execute(
        "UPDATE collection_asset SET collection_id = ("
        "SELECT n.id FROM collection n JOIN collection o ON o.name = n.name "
        "JOIN asset a ON a.account_id = n.account_id "
        "WHERE o.id = collection_asset.collection_id AND a.seq = collection_asset.asset_seq)"
    )


def _tags() -> None:
    _rebuild(
        "asset_tag",
        [
            sa.Column("tag", sa.String(length=100), nullable=False),
            sa.Column("asset_seq", sa.BigInteger(), nullable=False),
        ],
        ("tag", "asset_seq"),
        "SELECT a.account_id, t.tag, t.asset_seq FROM asset_tag_before t JOIN asset a ON a.seq = t.asset_seq",
        sa.ForeignKeyConstraint(["asset_seq"], ["asset.seq"], name="fk_asset_tag_asset_seq"),
        sqlite_with_rowid=False,
    )
    _index("asset_tag", "asset_seq")


def _looks() -> None:
    _rebuild(
        "fingerprint",
        [
            sa.Column("sha256", sa.String(length=64), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("hash", sa.BigInteger(), nullable=False),
            sa.Column("vector", sa.LargeBinary(), nullable=False),
        ],
        ("sha256",),
        "SELECT DISTINCT a.account_id, f.sha256, f.version, f.hash, f.vector FROM fingerprint_before f "
        "JOIN asset a ON a.sha256 = f.sha256",
    )


def _require(batch: Any, table: str) -> None:
    batch.alter_column("account_id", existing_type=sa.BigInteger(), nullable=False)
    batch.create_foreign_key(f"fk_{table}_account_id", "account", ["account_id"], ["id"])


def _rebuild(
    name: str, columns: list[sa.Column[Any]], key: tuple[str, ...], rows: str, *constraints: Any, **options: Any
) -> None:
    """The table again with the account in front of its primary key; `rows` selects from `<name>_before`."""
    before = f"{name}_before"
    if name == "asset_tag":
        op.drop_index("ix_asset_tag_asset_seq", "asset_tag")
    op.rename_table(name, before)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {before} RENAME CONSTRAINT pk_{name} TO pk_{before}")
    op.create_table(
        name,
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{name}_account_id"),
        *constraints,
        sa.PrimaryKeyConstraint("account_id", *key, name=f"pk_{name}"),
        **options,
    )
    op.execute(f"INSERT INTO {name} {rows}")
    op.drop_table(before)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
