"""Keys of vendors: from the environment or a file, by the names that the catalog gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pressroom.catalog.load import Catalog, load_catalog
from pressroom.keys import keys_known, read_key
from pressroom.planning.offers import configured_providers
from tests.support.planning import chooser_of, loaded, plan_of

ACME = {"name": "acme", "title": "Acme", "sells": True, "keys": ["ACME_KEY", "ACME_TOKEN"]}
MODEL = {
    "model": "big",
    "operation": "upscale",
    "tier": "premium",
    "quality": 90,
    "unit": "image",
    "credits": 3,
    "usd": 0.03,
    "latency_seconds": 1,
    "source": "a price list",
    "as_of": "2026-11-29",
}
CAMPAIGN = "policy: {tier: premium}\nsteps: {large: {uses: upscale, with: {image: photo.jpg}}}\n"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump({"providers": [ACME], "models": [MODEL]}))
    return load_catalog(path)


def test_a_key_is_known_by_any_of_its_names(catalog: Catalog) -> None:
    assert keys_known(catalog, {"ACME_TOKEN": "x", "OTHER": "y"}) == {"ACME_TOKEN"}


def test_a_key_may_stand_in_a_file(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n")
    environ = {"ACME_KEY_FILE": str(tmp_path / "key")}

    assert keys_known(catalog, environ) == {"ACME_KEY"}
    key = read_key(["ACME_KEY"], environ)
    assert key is not None
    assert key.get_secret_value() == "secret"
    assert "secret" not in repr(key)


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"\xff\xfe"])
def test_a_file_without_a_key_is_no_key(catalog: Catalog, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    assert keys_known(catalog, {"ACME_KEY_FILE": str(path), "ACME_TOKEN": "  "}) == frozenset()


def test_a_model_without_its_key_is_passed_over_and_the_plan_names_the_variable(catalog: Catalog) -> None:
    (node,) = plan_of(CAMPAIGN, catalog=catalog).nodes

    assert (node.provider, node.model) == ("simulated", "enlarge")
    assert "acme/big needs a key of Acme: set ACME_KEY or ACME_TOKEN" in node.why


def test_with_its_key_the_model_is_used(catalog: Catalog) -> None:
    configured = configured_providers(catalog, keys_known(catalog, {"ACME_KEY": "x"}))
    chooser = chooser_of(loaded(CAMPAIGN), catalog, configured=configured)

    (node,) = plan_of(CAMPAIGN, catalog=catalog, chooser=chooser).nodes

    assert (node.provider, node.model) == ("acme", "big")
    assert node.why == "the premium model that fits"


def test_a_model_asked_for_by_name_without_its_key_is_refused_with_the_variable(catalog: Catalog) -> None:
    text = "steps: {large: {uses: upscale, model: acme/big, with: {image: photo.jpg}}}\n"

    (problem,) = plan_of(text, catalog=catalog).problems

    assert problem.code == "provider_not_configured"
    assert problem.hint.startswith("set ACME_KEY or ACME_TOKEN (or one of them with _FILE")
