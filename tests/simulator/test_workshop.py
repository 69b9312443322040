"""What simulated vendors draw: each model its own, and the same for the same words and seed."""

from __future__ import annotations

from pathlib import Path

from pressroom.catalog.load import load_catalog
from pressroom.domain.media_limits import MediaLimits
from pressroom.operations import OPERATIONS
from pressroom.simulator.workshop import Workshop


def test_no_two_models_draw_the_same_of_the_same_words_and_seed(tmp_path: Path) -> None:
    catalog = load_catalog()
    shop = Workshop(tmp_path, catalog, OPERATIONS, MediaLimits(), "")
    fields = {"prompt": "a calm sea", "seed": 7, "width": 256, "height": 256}

    def drawn(model: str, order: str) -> bytes:
        [path] = shop.make(catalog.models[model], fields, {}, order)
        return path.read_bytes()

    assert drawn("bfl/flux-2-pro", "a") != drawn("bfl/flux-2-max", "b")
    assert drawn("bfl/flux-2-pro", "a") == drawn("bfl/flux-2-pro", "c")
