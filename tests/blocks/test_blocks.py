"""Blocks: stored configuration that opens what it describes and never shows a secret."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from blocks.brand_kit import BrandKit
from blocks.database import RecordsDatabase
from blocks.media_store import MediaStore
from blocks.provider_keys import ProviderKeys
from pressroom.campaign.models import BrandSpec
from pressroom.ledger.accounts import balance_of, ensure_account
from tasks.context import HomeRef

SECRET = "correct-horse-battery-staple"


def test_a_database_block_opens_its_database(tmp_path: Path) -> None:
    block = RecordsDatabase(url=SecretStr(f"sqlite:///{tmp_path}/records.db"))

    with block.open() as database, database.write() as conn:
        ensure_account(conn, "acme", 5)
        assert balance_of(conn, "acme").available_micros == 5
    assert (tmp_path / "records.db").is_file()


def test_a_media_store_block_opens_its_folder(tmp_path: Path) -> None:
    store = MediaStore(store=str(tmp_path / "media")).open()

    sha256 = store.put(BytesIO(b"picture"))

    assert store.size_bytes(sha256) == 7
    assert (tmp_path / "media").is_dir()


def test_a_brand_kit_block_opens_its_brand() -> None:
    brand = BrandSpec(name="Acme", colors={"primary": "#ff0000"})

    assert BrandKit(brand=brand).open() == brand


def test_provider_keys_are_opened_by_vendor() -> None:
    keys = ProviderKeys(keys={"stability": SecretStr(SECRET)}).open()

    assert keys["stability"].get_secret_value() == SECRET


@pytest.mark.parametrize(
    "block",
    [
        RecordsDatabase(url=SecretStr(f"postgresql://me:{SECRET}@host/db")),
        MediaStore(store="s3://media", access_key=SecretStr(SECRET), secret_key=SecretStr(SECRET)),
        ProviderKeys(keys={"stability": SecretStr(SECRET)}),
    ],
    ids=lambda block: type(block).__name__,
)
def test_no_secret_is_shown(block: RecordsDatabase | MediaStore | ProviderKeys) -> None:
    assert SECRET not in repr(block)
    assert SECRET not in str(block)
    assert SECRET not in block.model_dump_json()
    assert SECRET not in json.dumps(block.model_dump(mode="json"), default=str)


def test_a_block_overrides_the_settings_it_stands_for() -> None:
    store = MediaStore(store="s3://media", endpoint="http://127.0.0.1:9000", access_key=SecretStr("a"))

    assert store.overrides() == {
        "store": "s3://media",
        "store_endpoint": "http://127.0.0.1:9000",
        "store_access_key": SecretStr("a"),
        "store_secret_key": SecretStr(""),
        "store_region": "us-east-1",
    }
    assert RecordsDatabase(url=SecretStr("sqlite:///x.db")).overrides() == {"database_url": SecretStr("sqlite:///x.db")}


def test_a_home_is_named_by_the_campaigns_folder_or_by_itself(tmp_path: Path) -> None:
    assert HomeRef(folder=str(tmp_path)).settings().home == tmp_path / ".pressroom"
    assert HomeRef(folder=str(tmp_path), home=str(tmp_path / "other")).settings().home == tmp_path / "other"


def test_tasks_of_one_process_share_what_a_home_opens(tmp_path: Path) -> None:
    home = HomeRef(folder=str(tmp_path), home=str(tmp_path / "home"))

    assert home.open() is home.open()


def test_a_reference_to_a_home_is_a_value(tmp_path: Path) -> None:
    home = HomeRef(folder=str(tmp_path))

    assert HomeRef.model_validate_json(home.model_dump_json()) == home
    with pytest.raises(ValidationError):
        home.folder = "elsewhere"  # type: ignore[misc]
