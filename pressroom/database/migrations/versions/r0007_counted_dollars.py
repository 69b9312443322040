"""What of a job's dollars counts against the month's allowance, and through which hold.

Until now dollars counted with the first capture of a job's credits, from the hold that it was captured from.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("counted_usd_micros", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("job", sa.Column("counted_hold_id", sa.BigInteger(), nullable=True))
    # Not more than the hold says: a job of before may have been captured without its dollars.
    op.get_bind().exec_driver_sql(
        "UPDATE job SET counted_usd_micros = spent_usd_micros, counted_hold_id = captured_hold_id "
        "WHERE captures > 0 AND EXISTS (SELECT 1 FROM hold_allowance a WHERE a.hold_id = job.captured_hold_id "
        "AND a.family = 'usd' AND a.captured >= (SELECT SUM(j.spent_usd_micros) FROM job j "
        "WHERE j.captures > 0 AND j.captured_hold_id = job.captured_hold_id))"
    )
