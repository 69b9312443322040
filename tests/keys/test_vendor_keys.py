"""Keys of vendors: from the environment, a file or the home, by the names that the catalog gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from pressroom.catalog.load import Catalog, load_catalog
from pressroom.keys.vendor_keys import Keys
from pressroom.planning.offers import configured_providers
from tests.support.planning import chooser_of, loaded, plan_of

NOWHERE = Path("/nowhere")  # a home in which nothing is
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
CAMPAIGN = """policy: {tier: premium, providers: [acme, simulated, local]}
steps: {large: {uses: upscale, with: {image: photo.jpg}}}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump({"providers": [ACME], "models": [MODEL]}))
    return load_catalog(path)


def test_a_key_is_known_by_any_of_its_names(catalog: Catalog) -> None:
    assert Keys({"ACME_TOKEN": "x", "OTHER": "y"}, NOWHERE).known(catalog) == {"ACME_TOKEN"}


def test_a_key_may_stand_in_a_file(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret\n")
    keys = Keys({"ACME_KEY_FILE": str(tmp_path / "key")}, NOWHERE)

    assert keys.known(catalog) == {"ACME_KEY"}
    key = keys.read(["ACME_KEY"])
    assert key is not None
    assert key.get_secret_value() == "secret"
    assert "secret" not in repr(key)


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"\xff\xfe"])
def test_a_file_without_a_key_is_no_key(catalog: Catalog, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    assert Keys({"ACME_KEY_FILE": str(path), "ACME_TOKEN": "  "}, NOWHERE).known(catalog) == frozenset()


def test_the_environment_comes_before_what_the_home_keeps(catalog: Catalog, tmp_path: Path) -> None:
    names = ["ACME_KEY", "ACME_TOKEN"]
    (tmp_path / "keys.json").write_text('{"ACME_KEY": {"key": "kept"}}')
    kept, both = Keys({}, tmp_path), Keys({"ACME_TOKEN": "given"}, tmp_path)

    assert (kept.known(catalog), kept.origin(names)) == ({"ACME_KEY"}, ("ACME_KEY", "file"))
    assert kept.read(names) == SecretStr("kept")
    assert both.origin(names) == ("ACME_TOKEN", "environment")
    assert both.read(names) == SecretStr("given")
    assert set(both.secrets(catalog)) == {"given", "kept"}
    assert (Keys({}, NOWHERE).origin(names), Keys({}, NOWHERE).read(names)) == (None, None)


def test_a_model_without_its_key_is_passed_over_and_the_plan_names_the_command(catalog: Catalog) -> None:
    (node,) = plan_of(CAMPAIGN, catalog=catalog).nodes

    assert (node.provider, node.model) == ("simulated", "enlarge")
    assert "acme/big needs a key of Acme: pressroom providers set acme" in node.why


def test_with_its_key_the_model_is_used(catalog: Catalog) -> None:
    configured = configured_providers(catalog, Keys({"ACME_KEY": "x"}, NOWHERE).known(catalog))
    chooser = chooser_of(loaded(CAMPAIGN), catalog, configured=configured)

    (node,) = plan_of(CAMPAIGN, catalog=catalog, chooser=chooser).nodes

    assert (node.provider, node.model) == ("acme", "big")
    assert node.why == "the premium model that fits"


def test_a_model_asked_for_by_name_without_its_key_is_refused_with_the_variables(catalog: Catalog) -> None:
    text = "steps: {large: {uses: upscale, model: acme/big, with: {image: photo.jpg}}}\n"

    (problem,) = plan_of(text, catalog=catalog).problems

    assert problem.code == "provider_not_configured"
    assert problem.hint.startswith("or set ACME_KEY or ACME_TOKEN (or one of them with _FILE")
