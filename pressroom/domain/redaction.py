"""Secrets inside addresses and texts: found, blotted out, taken off. The one helper for everything that is shown or logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

BLOT: Final = "***"
LEAST_SECRET: Final = 4  # a shorter one is part of too many words to be blotted out of a text
_ADDRESS: Final = re.compile(r"^(?P<scheme>[A-Za-z][\w+.-]*):/+(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?")
# Anything between a scheme and an `@` before the next blank or quote; a path may have made `//` a single slash.
_IN_TEXT: Final = re.compile(r"(?P<scheme>\b[A-Za-z][\w+.-]*:/{1,2})[^\s'\"<>]*@")
# The same where nobody wrote the scheme, which a browser does without.
_BARE: Final = re.compile(r"(?<![\w/@:.-])(?P<start>(?://)?)[^\s'\"<>/@:]+:[^\s'\"<>/@]+@(?=[\w\[])")
_SECRET_QUERY: Final = re.compile(r"[?&](?:\w*password|\w*passwd|\w*secret|\w*token|\w*key)=([^&]*)", re.IGNORECASE)
_USER_IS_SECRET: Final = frozenset({"http", "https", "s3"})  # tokens and access keys; a database's user is a name


def secrets_of(address: str) -> tuple[str, ...]:
    """Every secret that an address holds, as written and as decoded, longest first."""
    match = _ADDRESS.match(address)
    found = [match["password"] or ""] if match else []
    if match and match["user"] and match["scheme"].lower() in _USER_IS_SECRET:
        found.append(match["user"])
    found += _SECRET_QUERY.findall(address)
    return longest_first({*found, *map(unquote, found)})


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """In the order in which they can be blotted out though one may be part of another; without empty ones."""
    return tuple(sorted({*secrets} - {""}, key=lambda secret: (-len(secret), secret)))


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text with each of the secrets blotted out."""
    for secret in longest_first(secrets):
        text = text.replace(secret, BLOT)
    return text


def without_credentials(text: str) -> str:
    """The text with user and password of every address in it blotted out, whosever they are."""
    if "@" not in text:
        return text
    return _BARE.sub(rf"\g<start>{BLOT}@", _IN_TEXT.sub(rf"\g<scheme>{BLOT}@", text))


def harmless(text: str, secrets: Iterable[str]) -> str:
    """The text as it may be shown or put on record: without the secrets, and without credentials in anybody's address."""
    return without_credentials(redacted(text, (secret for secret in secrets if len(secret) >= LEAST_SECRET)))


def without_folders(text: str, names: Mapping[str, str]) -> str:
    """The text with the path of each folder replaced by its name, also where it begins a longer path."""
    for folder in longest_first(names):
        text = re.sub(rf"(?<![\w./-]){re.escape(folder)}(?![\w.-])", names[folder].replace("\\", r"\\"), text)
    return text


def parted(address: str) -> tuple[str, str]:
    """The address without its credentials, and these, decoded, as `user:password`; empty where it has none."""
    match = _ADDRESS.match(address)
    if match is None or match["user"] is None:
        return address, ""
    credentials = ":".join(unquote(part) for part in (match["user"], match["password"]) if part is not None)
    return f"{match['scheme']}://{address[match.end() :]}", credentials
