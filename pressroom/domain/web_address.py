"""Addresses of the web as a campaign may name them: https, without user name and password, and never repeated with one."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from pressroom.domain.errors import Invalid

HTTPS_PORT: Final = 443
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

    @classmethod
    def of(cls, text: str) -> WebAddress:
        """Raises Invalid for anything but a plain https URL, without repeating what may be a password."""
        parts = _split(text)
        if parts.username is not None or parts.password is not None:
            raise Invalid("a URL with a user name or password is refused", hint="use a link that needs none")
        if parts.scheme != "https":
            raise Invalid(f"a URL must begin with https://, not {parts.scheme[:20]}:", hint="use the https link")
        query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
        return cls(_host(parts), _port(parts), (quote(parts.path, safe=_SAFE) or "/") + query)

    def redirected(self, location: str) -> WebAddress:
        """Where an answer sends us on to; credentials in it are dropped. Raises Invalid for anything but https."""
        parts = _split(location, self.url)
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        return WebAddress.of(plain.geturl())

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 address."""
        return f"{_bracketed(self.host)}:{self.port}"

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
        port = "" if self.port == HTTPS_PORT else f":{self.port}"
        return f"https://{_bracketed(self.host)}{port}"


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
    return port or HTTPS_PORT


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
