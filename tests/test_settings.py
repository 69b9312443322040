from __future__ import annotations

import re
from pathlib import Path

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.media_limits import MediaLimits
from pressroom.settings import FILE_NAME, PATHS, Settings, settings_for

SECRET = "correct-horse-battery"


def write(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_or_variables_everything_has_a_default(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {})

    assert settings.home == tmp_path / ".pressroom"
    assert settings.grant_credits == 10
    assert settings.url == f"sqlite:///{tmp_path}/.pressroom/pressroom.db"


def test_the_environment_wins_over_the_file_and_the_caller_over_both(tmp_path: Path) -> None:
    write(tmp_path, 'account = "file"\nmax_nodes = 5\nmax_workers = 2\n')
    environment = {"PRESSROOM_ACCOUNT": "environment", "PRESSROOM_MAX_NODES": "7"}

    settings = settings_for(tmp_path, environment, account="caller", plan=None)

    assert (settings.account, settings.max_nodes, settings.max_workers, settings.plan) == ("caller", 7, 2, "free")


@pytest.mark.parametrize("name", PATHS)
def test_a_home_folder_that_nobody_knows_is_said_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        settings_for(tmp_path, {f"PRESSROOM_{name.upper()}": "~nobody-by-this-name/x"})

    (problem,) = caught.value.fields["problems"]
    assert (problem.code, problem.hint) == ("setting", "write the whole path")
    assert name in problem.message
    assert "~nobody-by-this-name" in problem.message


def test_an_empty_variable_is_as_if_it_were_not_set(tmp_path: Path) -> None:
    assert settings_for(tmp_path, {"PRESSROOM_ACCOUNT": ""}).account == "default"


def test_single_limits_in_the_environment_leave_the_others_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, "[limits]\nmax_pixels = 1000\nmax_side = 50\n")

    limits = settings_for(tmp_path, {"PRESSROOM_LIMITS_MAX_SIDE": "60"}).limits

    assert (limits.max_pixels, limits.max_side, limits.max_bytes) == (1_000, 60, MediaLimits().max_bytes)


@pytest.mark.parametrize(
    ("text", "environment", "hint"),
    [
        ('acount = "x"', {}, "did you mean 'account'?"),
        ("", {"PRESSROOM_ACOUNT": "x"}, "did you mean 'account'?"),
        ("[limits]\nmax_pixel = 5", {}, "did you mean 'max_pixels'?"),
        ("", {"PRESSROOM_LIMITS_MAX_PIXEL": "5"}, "did you mean 'max_pixels'?"),
    ],
)
def test_a_misspelt_name_is_an_error_with_the_right_one(
    tmp_path: Path, text: str, environment: dict[str, str], hint: str
) -> None:
    write(tmp_path, text)

    with pytest.raises(Invalid) as raised:
        settings_for(tmp_path, environment)

    assert [problem.hint for problem in raised.value.problems] == [hint]


def test_variables_that_configure_the_tests_are_no_settings(tmp_path: Path) -> None:
    assert settings_for(tmp_path, {"PRESSROOM_TEST_S3_ENDPOINT": "x", "OTHER": "y"}).account == "default"


def test_every_wrong_value_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, 'max_nodes = 0\nmax_workers = "many"\n')

    with pytest.raises(Invalid) as raised:
        settings_for(tmp_path, {"PRESSROOM_GRANT_CREDITS": "-1"})

    text = " ".join(problem.message for problem in raised.value.problems)
    assert all(name in text for name in ("'max_nodes'", "'max_workers'", "'grant_credits'", "PRESSROOM_MAX_NODES"))


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    write(tmp_path, "account = [")

    with pytest.raises(Invalid, match=re.escape(f"{tmp_path / FILE_NAME}: not valid TOML")):
        settings_for(tmp_path, {})


@pytest.mark.parametrize("name", ["database_url", "store_access_key", "store_secret_key"])
def test_a_secret_is_never_shown(tmp_path: Path, name: str) -> None:
    settings = settings_for(tmp_path, {f"PRESSROOM_{name.upper()}": f"postgresql://u:{SECRET}@h/d"})

    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert SECRET not in shown
    assert SECRET in getattr(settings, name).get_secret_value()


@pytest.mark.parametrize(
    "text",
    [
        f'store_secret = "{SECRET}"',
        f'store_secret_key = ["{SECRET}"]',
        f'database_url = ["{SECRET}"]',
    ],
)
def test_a_secret_in_a_wrong_setting_is_not_in_the_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)

    with pytest.raises(Invalid) as raised:
        settings_for(tmp_path, {})

    assert SECRET not in str(raised.value) + repr(raised.value.problems)


def test_relative_paths_of_a_file_start_from_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'home = "state"\nstore = "media"\ncatalog = "prices.yaml"\n')

    settings = settings_for(tmp_path, {})

    assert settings.home == tmp_path / "state"
    assert (settings.store, settings.catalog) == (str(tmp_path / "media"), str(tmp_path / "prices.yaml"))


def test_a_relative_home_of_the_environment_starts_where_the_user_stands(tmp_path: Path) -> None:
    write(tmp_path, 'home = "state"\n')

    assert settings_for(tmp_path, {"PRESSROOM_HOME": "mine"}).home == Path.cwd() / "mine"


def test_a_bucket_is_no_path(tmp_path: Path) -> None:
    write(tmp_path, 'store = "s3://media"\n')

    assert settings_for(tmp_path, {}).store == "s3://media"


@pytest.mark.parametrize("model", [Settings, MediaLimits])
def test_every_setting_describes_itself(model: type[Settings] | type[MediaLimits]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []
