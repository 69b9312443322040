"""Where assets, jobs and credits are recorded."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from pressroom.database.engine import Database


class RecordsDatabase(Block):
    """The SQL database of the ledger, the library and the job journal."""

    _block_type_name = "Pressroom database"
    _block_type_slug = "pressroom-database"

    url: SecretStr = Field(description="SQLAlchemy URL, e.g. postgresql+psycopg://user:password@host/name.")

    def overrides(self) -> dict[str, object]:
        return {"database_url": self.url}

    def open(self) -> Database:
        return Database.open(self.url.get_secret_value())
