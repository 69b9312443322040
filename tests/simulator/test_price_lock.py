"""A vendor that has become dearer since its row of the catalog was written, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Refused
from pressroom.services.lock_prices import lock_prices
from tests.simulator.conftest import Open
from tests.simulator.test_faults_of_files import opened

TEXT = """
name: art
steps:
  art: {{uses: generate_image, model: {model}, with: {{prompt: a barn, width: 1024, height: 1024}}}}
"""


@pytest.mark.parametrize(
    ("vendor", "model", "now", "held"),
    [
        ("fal", "fal/flux-schnell", "$0.015", "$0.012"),  # by the unit
        ("wavespeed", "wavespeed/qwen-image-2.0", "$0.15", "$0.03"),  # for exactly these inputs
    ],
)
def test_what_is_dearer_now_than_the_plan_holds_is_refused_by_name_with_both_prices(
    market: Open, tmp_path: Path, database: Database, database_url: str, vendor: str, model: str, now: str, held: str
) -> None:
    shop = market(vendor)
    studio = opened(tmp_path, database, database_url, vendor).with_vendor(shop.vendor)
    plan = studio.plan(TEXT.format(model=model))
    assert lock_prices(studio.context, plan).keys() == {model}
    shop.world.price_factors[model] = 5.0

    with pytest.raises(Refused) as raised:
        lock_prices(studio.context, plan)

    assert f"{model} costs {now} now, the plan holds {held} for it" in raised.value.message
    assert shop.world.books.of(vendor) == []
