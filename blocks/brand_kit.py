"""A brand kit that several campaigns share."""

from __future__ import annotations

from prefect.blocks.core import Block
from pydantic import Field

from pressroom.campaign.models import BrandSpec


class BrandKit(Block):
    """Colours, fonts and the logo of one brand."""

    _block_type_name = "Pressroom brand kit"
    _block_type_slug = "pressroom-brand-kit"

    brand: BrandSpec = Field(default_factory=BrandSpec)

    def open(self) -> BrandSpec:
        return self.brand
