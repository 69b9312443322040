"""Where media lies: a folder or an S3 bucket."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from pressroom.bootstrap import open_store
from pressroom.settings import Settings, settings_for
from pressroom.storage.base import ObjectStore


class MediaStore(Block):
    """A folder, or a bucket of MinIO or S3."""

    _block_type_name = "Pressroom media store"
    _block_type_slug = "pressroom-media-store"

    store: str = Field(description="A folder, or s3://BUCKET.")
    endpoint: str = Field("", description="MinIO or S3 endpoint; empty for a folder.")
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    region: str = "us-east-1"

    def overrides(self) -> dict[str, object]:
        """The settings that this block stands for."""
        return {
            "store": self.store,
            "store_endpoint": self.endpoint,
            "store_access_key": self.access_key,
            "store_secret_key": self.secret_key,
            "store_region": self.region,
        }

    def open(self) -> ObjectStore:
        settings: Settings = settings_for(**self.overrides())
        return open_store(settings)
