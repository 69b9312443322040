"""Which hosts may be connected to: public ones, and those of a private network that the operator names exactly."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pressroom.domain.errors import Refused, Retryable
from pressroom.domain.web_address import WebAddress

# What `is_global` lets pass: Azure's WireServer, which answers virtual machines with their secrets; addresses of
# protocols, among them Oracle's metadata (older Pythons know only a part of them as private); local-use NAT64.
_CLOSED: Final = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48")))
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine sees it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """`private_hosts` are the host:port pairs that may have addresses which are not public, and may speak plain http."""

    private_hosts: frozenset[str] = frozenset()
    resolve: Resolve = system_resolve

    def addresses(self, address: WebAddress) -> tuple[str, ...]:
        """What to connect to: resolved once, and all of it public. Raises Refused, or Retryable where nothing is found."""
        try:
            found = tuple(self.resolve(address.host, address.port))
        except (OSError, UnicodeError) as exc:
            raise Retryable(f"the host {address.host} cannot be found", hint="check the address, try again") from exc
        if not found:
            raise Retryable(f"the host {address.host} has no address", hint="check the address, try again")
        if address.authority not in self.private_hosts and not all(map(is_public, found)):
            hint = f"the operator may allow exactly {address.authority} with the setting 'private_hosts'"
            raise Refused(f"{address.shown} has an address that is not public", hint=hint)
        return found


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet: not private, local, shared, reserved, multicast or for metadata."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    inner = _embedded(address)
    if inner is not None:
        return is_public(str(inner))
    closed = (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or any(address in network for network in _CLOSED)
    )
    return address.is_global and not closed


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
