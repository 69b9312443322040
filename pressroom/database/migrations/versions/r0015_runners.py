"""Who takes a run up again is said in a word, not by whether it is deployed: the web server runs campaigns as well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("runner", sa.String(length=16), server_default="", nullable=False))
    op.execute("UPDATE run SET runner = 'deployment' WHERE deployed")
    op.drop_column("run", "deployed")
