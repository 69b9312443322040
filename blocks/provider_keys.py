"""Keys of the vendors that work is bought from."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field, SecretStr


class ProviderKeys(Block):
    """Vendor name -> API key."""

    _block_type_name = "Pressroom provider keys"
    _block_type_slug = "pressroom-provider-keys"

    keys: dict[str, SecretStr] = Field(default_factory=dict, description="Vendor name -> API key.")

    def open(self) -> dict[str, SecretStr]:
        return dict(self.keys)
