"""The block of a home: what it sets, what it leaves to the worker, and that it never shows a secret."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.types import SecretDict
from pydantic import SecretStr, ValidationError

from blocks.pressroom_home import NOT_SHARED, PressroomHome
from pressroom.domain.errors import Invalid
from pressroom.prefect_server import status
from pressroom.settings import Settings, settings_for
from tasks.context import HomeRef
from tests.support.desks import PROGRAM, Desk

SECRET = "correct-horse-battery-staple"


def test_what_is_set_in_the_block_stands_over_the_workers_settings(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text('account = "file"\nstore = "s3://theirs"\nmax_workers = 7\n')
    block = PressroomHome(account="acme", database_url=SecretStr("postgresql+psycopg://me@host/db"))

    settings = block.open(tmp_path)

    assert (settings.account, settings.url) == ("acme", "postgresql+psycopg://me@host/db")
    assert (settings.store, settings.max_workers) == ("s3://theirs", 7)


def test_a_home_that_the_request_names_stands_over_the_blocks(tmp_path: Path) -> None:
    block = PressroomHome(home=str(tmp_path / "block"))

    assert block.open(tmp_path).home == tmp_path / "block"
    assert block.open(tmp_path, str(tmp_path / "mine")).home == tmp_path / "mine"


def test_its_keys_stand_beside_the_workers() -> None:
    block = PressroomHome(keys=SecretDict({"FAL_KEY": SECRET}))

    assert block.environment({"PATH": "/bin"}) == {"PATH": "/bin", "FAL_KEY": SECRET}


def test_a_block_of_settings_gives_the_same_settings_anywhere(tmp_path: Path) -> None:
    given = {
        "database_url": f"postgresql+psycopg://me:{SECRET}@host/db",
        "store": "s3://bucket",
        "store_secret_key": SECRET,
        "account": "acme",
        "public_media_url": "https://cdn.example/media",
        "link_seconds": 600,
        "database_connections": 12,
        "plan": "pro",
        "max_workers": 9,
        "limits": {"max_pixels": 5_000},
        "ffmpeg": "/only/here/ffmpeg",
    }
    mine = settings_for(tmp_path, {}, home=str(tmp_path / "mine"), **given)

    block = PressroomHome.of(mine, {"FAL_KEY": SecretStr(SECRET)}, str(tmp_path / "theirs"))
    theirs = block.open(tmp_path / "elsewhere")

    assert theirs == mine.model_copy(update={"home": tmp_path / "theirs", "ffmpeg": ""})
    assert (block.public_media_url, block.link_seconds, block.database_connections) == (
        theirs.public_media_url,
        600,
        12,
    )
    assert block.environment({}) == {"FAL_KEY": SECRET}
    assert SECRET not in repr(block)


def test_every_secret_setting_is_kept_as_one_or_stays_here() -> None:
    """A new setting travels among the defaults, which are shown."""
    secret = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}

    assert secret <= {*PressroomHome.model_fields, *NOT_SHARED}


def test_no_secret_is_shown() -> None:
    block = PressroomHome(
        database_url=SecretStr(f"postgresql://me:{SECRET}@host/db"),
        store_access_key=SecretStr(SECRET),
        store_secret_key=SecretStr(SECRET),
        keys=SecretDict({"FAL_KEY": SECRET}),
    )

    for shown in (repr(block), str(block), block.model_dump_json(), json.dumps(block.model_dump(mode="json"))):
        assert SECRET not in shown


def test_an_unknown_value_is_refused_without_showing_a_secret(tmp_path: Path) -> None:
    block = PressroomHome(account="a" * 65, database_url=SecretStr(f"postgresql://me:{SECRET}@host/db"))

    with pytest.raises((ValidationError, Invalid)) as caught:
        block.open(tmp_path)

    assert SECRET not in str(caught.value)


@pytest.fixture
def at_the_server(desk: Desk) -> Iterator[Desk]:
    server = status(desk.home)
    assert server is not None
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        yield desk


@pytest.mark.prefect
def test_a_run_that_names_a_block_opens_what_the_block_says(at_the_server: Desk) -> None:
    desk = at_the_server
    block = PressroomHome(home=str(desk.home), account="acme", keys=SecretDict({"FAL_KEY": SECRET}))
    block.save("agency", overwrite=True)

    ref = HomeRef(folder=str(desk.folder), block="agency")

    assert (ref.settings().home, ref.settings().account) == (desk.home, "acme")
    assert ref.open().keys.read(["FAL_KEY"]) == SecretStr(SECRET)
    assert SECRET not in ref.model_dump_json()
    with get_client(sync_client=True) as client:
        shown = client.read_block_document_by_name("agency", "pressroom-home", include_secrets=False)
    assert SECRET not in str(shown.model_dump(mode="json"))


@pytest.mark.prefect
def test_a_key_that_is_set_for_a_block_is_kept_there_and_nowhere_else(at_the_server: Desk) -> None:
    desk, server = at_the_server, status(at_the_server.home)
    assert server is not None
    PressroomHome(home=str(desk.home), keys=SecretDict({"BFL_API_KEY": "theirs"})).save("studio", overwrite=True)
    command = [PROGRAM, "providers", "set", "fal", "--no-test", "--block", "studio"]

    done = subprocess.run(
        command,
        cwd=desk.folder,
        env={**os.environ, "PRESSROOM_HOME": str(desk.home), "PREFECT_API_URL": server.api_url},
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "fal: FAL_KEY is kept in the Prefect block 'studio' (not tried)\n"), (
        done.stderr
    )
    kept = PressroomHome.load("studio")
    assert isinstance(kept, PressroomHome)
    assert kept.keys.get_secret_value() == {"BFL_API_KEY": "theirs", "FAL_KEY": SECRET}
    assert not (desk.home / "keys.json").exists()
    assert SECRET not in done.stderr


@pytest.mark.prefect
def test_a_block_that_is_not_there_is_named_with_what_to_do(at_the_server: Desk) -> None:
    with pytest.raises(Invalid, match="no Pressroom home block 'nowhere'"):
        HomeRef(folder=str(at_the_server.folder), block="nowhere").settings()
