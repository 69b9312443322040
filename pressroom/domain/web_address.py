"""Addresses of the web as campaigns, vendors and settings name them: without user name and password, never repeated with one.

https everywhere; http only at the hosts of a private network that the operator has named, as host:port.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from pressroom.domain.errors import Invalid

HTTPS_PORT: Final = 443
PORTS: Final = {"https": HTTPS_PORT, "http": 80}
MAX_CHARACTERS: Final = 2_000
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9.])?")
_STRANGE: Final = re.compile(r"[\x00-\x20\x7f\\]")
# What may stand in a path or query as it is; everything else is escaped, escapes stay.
_SAFE: Final = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where to connect, and what to ask for there: path and query, in ASCII."""

    host: str
    port: int
    target: str
    scheme: str = "https"

    @classmethod
    def of(cls, text: str, plain_hosts: Collection[str] = ()) -> WebAddress:
        """Raises Invalid for anything but a plain https URL, without repeating what may be a password.

        `plain_hosts` are the host:port pairs at which http will do.
        """
        parts = _split(text)
        if parts.username is not None or parts.password is not None:
            raise Invalid("a URL with a user name or password is refused", hint="use a link that needs none")
        if parts.scheme not in PORTS:
            raise Invalid(f"a URL must begin with https://, not {parts.scheme[:20]}", hint="use the https link")
        query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
        target = (quote(parts.path, safe=_SAFE) or "/") + query
        address = cls(_host(parts), _port(parts), target, parts.scheme)
        if address.scheme != "https" and address.authority not in plain_hosts:
            hint = f"use the https link; a host of your own is allowed by PRESSROOM_PRIVATE_HOSTS={address.authority}"
            raise Invalid("a URL must begin with https://, not http", hint=hint)
        return address

    def redirected(self, location: str, plain_hosts: Collection[str] = ()) -> WebAddress:
        """Where an answer sends us on to; credentials in it are dropped. Raises Invalid as `of` does."""
        parts = _split(location, self.url)
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        return WebAddress.of(plain.geturl(), plain_hosts)

    def below(self, path: str, query: Mapping[str, str] | None = None) -> WebAddress:
        """The address of something under this one: `https://a/v1` and `/jobs` make `https://a/v1/jobs`."""
        base = self.target.partition("?")[0].rstrip("/")
        asked = f"?{urlencode(query)}" if query else ""
        return replace(self, target=f"{base}/{quote(path.lstrip('/'), safe=_SAFE)}{asked}")

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 address."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        """As `authority`, without the port that goes without saying."""
        return self.authority.removesuffix(f":{PORTS[self.scheme]}")

    @property
    def url(self) -> str:
        """The whole address, in the one form that stands for all its spellings."""
        return f"{self._site}{self.target}"

    @property
    def shown(self) -> str:
        """For people and records: without the query, which may hold a signature."""
        path, mark, _ = self.target.partition("?")
        return f"{self._site}{path}{'?…' if mark else ''}"

    @property
    def file_name(self) -> str:
        return self.target.partition("?")[0].rpartition("/")[2] or self.host

    @property
    def _site(self) -> str:
        return f"{self.scheme}://{self.host_header}"


def _split(text: str, base: str = "") -> SplitResult:
    if len(text) > MAX_CHARACTERS or _STRANGE.search(text):
        raise Invalid("this is no usable URL", hint=f"at most {MAX_CHARACTERS:,} characters, no blanks, no backslashes")
    try:
        return urlsplit(urljoin(base, text))
    except ValueError as exc:
        raise Invalid("this is no usable URL", hint="check the host") from exc


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError as exc:
        raise Invalid("this URL has no usable host", hint="check the part after https://") from exc
    if not _HOST.fullmatch(host):
        raise Invalid("this URL has no usable host", hint="check the part after https://")
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise Invalid("this URL has no usable port", hint="a number from 1 to 65535, or none")
    return port or PORTS[parts.scheme]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
