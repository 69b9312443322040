"""A network between a client and a server on loopback that counts what passes and breaks when it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


@dataclass
class Relay:
    """`sent_bytes` went to the server and `received_bytes` came back; beyond a limit every connection is cut, once set."""

    address: tuple[str, int]
    endpoint: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    cut_sent: int | None = None
    cut_received: int | None = None
    stays_down: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, sent: int, received: int) -> bool:
        """Whether the network goes on."""
        with self._lock:
            self.sent_bytes += sent
            self.received_bytes += received
            over = (self.cut_sent is not None and self.sent_bytes > self.cut_sent) or (
                self.cut_received is not None and self.received_bytes > self.cut_received
            )
            if over and not self.stays_down:
                self.cut_sent = self.cut_received = None
            return not over


@contextmanager
def relay_to(endpoint: str) -> Iterator[Relay]:
    """A relay in front of `endpoint`, http://HOST:PORT."""
    parts = urlsplit(endpoint)
    relay = Relay((str(parts.hostname), int(parts.port or 80)))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        threading.Thread(target=_accept, args=(listening, relay), daemon=True).start()
        yield relay


def _accept(listening: socket.socket, relay: Relay) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            server = socket.create_connection(relay.address)
            for pair, way in (((client, server), (1, 0)), ((server, client), (0, 1))):
                threading.Thread(target=_pass, args=(*pair, relay, way), daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket, relay: Relay, way: tuple[int, int]) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            if not relay.count(way[0] * len(data), way[1] * len(data)):
                break
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
