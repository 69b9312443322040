"""A secret put into any setting never comes out of any command, whether the command fails over it or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from typer.testing import CliRunner

from pressroom.cli.main import app
from pressroom.settings import ENV_PREFIX, FILE_NAME, PREFECT_SECRETS, Settings
from tests.support.desks import TINY
from tests.support.media import product

# A port that nobody listens on, so that an address with a password in it can be used and fails.
NOWHERE = "127.0.0.1:9"
# Marked, so that it cannot stand in a message by chance.
SECRETS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), max_size=16).map("Zq{}7x".format)
SHAPES = (
    "{raw}",
    "http://someone:{quoted}@" + NOWHERE + "/api",
    "http://{quoted}@" + NOWHERE + "/api",
    "http://someone:{raw}@" + NOWHERE,
    "http://[{raw}",
    "s3://KEYID:{quoted}@bucket",
    "s3://{raw}@bucket",
    "s3:/{raw}@bucket",
    "S3://KEYID:{raw}@bucket",
    "postgresql://someone:{quoted}@" + NOWHERE + "/x",
    "postgresql://" + NOWHERE + "/x?password={quoted}",
    "mysql://someone:{raw}@host/x",
)
COMMANDS = (
    ("plan", "campaign.yaml"),
    ("plan", "campaign.yaml", "--json"),
    ("run", "campaign.yaml", "--json"),
    ("credits",),
    ("credits", "statement", "--json"),
    ("assets", "list"),
    ("runs", "--json"),
    ("status",),
    ("models", "--json"),
)
SENSITIVE = [  # a catalog's whole name is a file's, and is shown
    f"{ENV_PREFIX}{name.upper()}"
    for name, field in Settings.model_fields.items()
    if field.annotation is SecretStr or name in ("store", "store_endpoint")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a campaign, in which the commands run in this process."""
    found = tmp_path_factory.mktemp("desk")
    product(64, 48).save(found / "photo.png")
    (found / "campaign.yaml").write_text(TINY, encoding="utf-8")
    before = Path.cwd()
    os.chdir(found)
    yield found
    os.chdir(before)


def said(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    """Everything that a command prints. `run` can never start: what it would talk to does not answer."""
    nobody = {"PREFECT_API_URL": f"http://{NOWHERE}/api"}
    done = CliRunner().invoke(app, arguments, env={**nobody, **environment})
    assert done.exit_code in (0, 1, 2, 3), done.output
    return done.output


@pytest.mark.parametrize("name", [*SENSITIVE, *PREFECT_SECRETS])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=SECRETS, shape=st.sampled_from(SHAPES), arguments=st.sampled_from(COMMANDS), debug=st.booleans())
def test_a_secret_is_never_printed(
    folder: Path, name: str, secret: str, shape: str, arguments: tuple[str, ...], debug: bool
) -> None:
    if shape == "{raw}" and name in ("PRESSROOM_STORE", "PRESSROOM_STORE_ENDPOINT"):
        shape = "s3://KEYID:{raw}@bucket"  # a store's whole name is a folder's, and is shown
    value = shape.format(raw=secret, quoted=quote(secret, safe=""))

    shown = said(arguments, {name: value, "PRESSROOM_DEBUG": "1" if debug else ""})

    assert secret not in shown
    assert quote(secret, safe="") not in shown


@pytest.mark.parametrize("name", [name.removeprefix(ENV_PREFIX).lower() for name in SENSITIVE])
@pytest.mark.parametrize(
    "value", ['"http://someone:hunter2-and-more@h"', '["hunter2-and-more"]', '{x = "hunter2-and-more"}']
)
def test_a_secret_of_the_wrong_type_in_the_file_is_not_repeated(folder: Path, name: str, value: str) -> None:
    (folder / FILE_NAME).write_text(f"{name} = {value}\n", encoding="utf-8")
    try:
        for arguments in COMMANDS:
            assert "hunter2-and-more" not in said(arguments, {})
    finally:
        (folder / FILE_NAME).unlink()


@pytest.mark.parametrize("name", [*SENSITIVE, *PREFECT_SECRETS, "PRESSROOM_CATALOG"])
def test_the_doctor_repeats_no_secret(folder: Path, name: str) -> None:
    for shape in SHAPES[1:]:
        value = shape.format(raw="hunter2-and-more", quoted="hunter2-and-more")

        assert "hunter2-and-more" not in CliRunner().invoke(app, ["doctor"], env={name: value}).output


def test_a_prefect_server_is_named_without_its_password(folder: Path) -> None:
    shown = said(("run", "campaign.yaml"), {"PRESSROOM_PREFECT_API_URL": f"http://someone:hunter2@{NOWHERE}/api"})

    assert f"the Prefect server at http://{NOWHERE}/api cannot be reached" in shown
