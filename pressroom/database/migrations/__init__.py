"""Schema revisions, run by alembic; see `pressroom.database.migrate`."""

from __future__ import annotations

from typing import Final

# Kept here so that finding the schema up to date does not import alembic. A test compares it with the revisions.
HEAD: Final = "0032"
VERSION_TABLE: Final = "pressroom_alembic_version"
