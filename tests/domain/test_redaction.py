"""Secrets in addresses are found, blotted out and taken off."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.redaction import parted, redacted, secrets_of, without_credentials, without_folders

SECRETS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=6, max_size=20)


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("postgresql://u@h/x", ()),
        ("postgresql://u:p%40ss@h/x", ("p%40ss", "p@ss")),
        ("postgresql://u:p@ss@h/x", ("p@ss",)),
        ("postgresql://h/x?user=u&password=hunter2&sslpassword=other-one", ("other-one", "hunter2")),
        ("http://user:hunter2@host:4200/api", ("hunter2", "user")),
        ("https://token@host/api", ("token",)),
        ("s3://AKIAKEY:hunter2@bucket", ("AKIAKEY", "hunter2")),
        ("http://host:4200/api", ()),
        ("a folder", ()),
        ("", ()),
    ],
)
def test_every_form_of_a_secret_is_known(address: str, secrets: tuple[str, ...]) -> None:
    assert secrets_of(address) == secrets


def test_secrets_are_blotted_out_of_texts() -> None:
    secrets = secrets_of("postgresql://u:p%40ss@h/x")

    assert redacted("no p@ss, no p%40ss", secrets) == "no ***, no ***"


def test_a_secret_that_is_part_of_another_leaves_nothing_of_it() -> None:
    assert redacted("key-and-more key", ("key", "key-and-more", "")) == "*** ***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot reach http://me:hunter2@host/api (refused)", "cannot reach http://***@host/api (refused)"),
        ("https:/me:hunter2@host/x.png", "https:/***@host/x.png"),
        ("two: s3://a:b@c and 'http://t@d'", "two: s3://***@c and 'http://***@d'"),
        ("no file //me:hunter2@host/a.png here", "no file //***@host/a.png here"),
        ("no file me:hunter2@host/a.png", "no file ***@host/a.png"),
        ("c.yaml:3:4: 'me:hunter2@host'", "c.yaml:3:4: '***@host'"),
        ("c.yaml:3:4: owner me@example.org", "c.yaml:3:4: owner me@example.org"),
        ("mail me@example.org", "mail me@example.org"),
        ("http://host/api", "http://host/api"),
    ],
)
def test_addresses_in_a_text_lose_their_credentials(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


@pytest.mark.parametrize(
    ("address", "plain", "credentials"),
    [
        ("http://me:p%40ss@host:4200/api", "http://host:4200/api", "me:p@ss"),
        ("https://token@host/api", "https://host/api", "token"),
        ("http://host/api", "http://host/api", ""),
        ("nonsense", "nonsense", ""),
    ],
)
def test_an_address_is_parted_from_its_credentials(address: str, plain: str, credentials: str) -> None:
    assert parted(address) == (plain, credentials)


@given(SECRETS)
def test_no_password_survives_in_an_address(secret: str) -> None:
    address = f"http://someone:{quote(secret, safe='')}@host:4200/api"

    assert parted(address) == ("http://host:4200/api", f"someone:{secret}")
    for text in (address, f"<{address}> {secret}", secret):
        shown = redacted(text, secrets_of(address))
        assert secret not in shown
        assert quote(secret, safe="") not in shown


def test_folders_are_called_by_their_names_and_nothing_else_is() -> None:
    names = {"/srv/home": "$HOME", "/srv/home/media": "$MEDIA", "/srv": "$SRV"}
    text = "/srv/home/media/ab: full, (/srv/home/work/r1), /srv/homes/x, /mnt/srv/home, /srv/home-2 '/srv/home'"

    told = without_folders(text, names)

    assert told == "$MEDIA/ab: full, ($HOME/work/r1), $SRV/homes/x, /mnt/srv/home, $SRV/home-2 '$HOME'"
    assert without_folders("nothing here", {}) == "nothing here"
