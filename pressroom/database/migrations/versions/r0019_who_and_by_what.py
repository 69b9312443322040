"""Who started a run, and by what each of its nodes was made: what usage is told by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MADE_BY = """
UPDATE run_node SET model = COALESCE((
    SELECT asset.provider || '/' || asset.model FROM asset JOIN run ON run.account_id = asset.account_id
    WHERE run.id = run_node.run_id AND asset.node_key = run_node.key AND asset.run_id = run_node.run_id AND asset.ordinal = 0
), '') WHERE state = 'done'
"""


def upgrade() -> None:
    op.add_column("run", sa.Column("created_by", sa.Text(), server_default="", nullable=False))
    op.add_column("run_node", sa.Column("model", sa.Text(), server_default="", nullable=False))
    op.execute(_MADE_BY)
