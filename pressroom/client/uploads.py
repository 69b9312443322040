"""Large files in parts: what to send next, after each answer. Whoever sends it is another matter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pressroom.api.address import API
from pressroom.client.calls import error_of, new_key
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Retryable
from pressroom.domain.media import PART_MIME

PART_BYTES: Final = 8_000_000
MOST_LOST: Final = 8  # requests in a row that bring an upload no further
PAUSE_SECONDS: Final = 0.5  # before it is asked how far it is, longer each time
_UPLOADS: Final = f"{API}/uploads"
_GONE: Final = (404, 410)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `may_be_repeated` as of calls, `pause` are seconds to wait before it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    may_be_repeated: bool = True
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """Its answer; `problem` is its JSON where it is none."""

    status: int
    headers: Mapping[str, str]
    json: Mapping[str, object]


Steps = Generator[Asked, Told | None, str]


def following(steps: Steps, told: Told | None) -> tuple[Asked | None, str]:
    """What to send after this answer (None at first); None, and the id of the asset, when it has ended."""
    try:
        return steps.send(told), ""
    except StopIteration as ended:
        return None, str(ended.value)


def in_parts(path: Path, part_bytes: int = PART_BYTES) -> Steps:
    """What to send, one after the other, for the id of the asset in the end. None as an answer: it was lost.

    The same file begun before goes on where it was, also in another process: the key of its upload is made of its bytes.
    """
    size, sha256 = path.stat().st_size, file_digest(path)
    at, offset = yield from _begun(path, size, sha256)
    lost = 0
    with path.open("rb") as file:
        while offset < size:
            file.seek(offset)
            told = yield _part(at, offset, file.read(part_bytes))
            if told is not None and told.status == 204:
                offset, lost = int(told.headers["Upload-Offset"]), 0
                continue
            if told is not None and told.status not in (409, 423, 429, 460) and told.status < 500:
                raise error_of(told.status, told.json)
            lost += 1
            if lost > MOST_LOST:
                raise Retryable(
                    f"the upload of {path.name} goes no further", hint="upload it again: it goes on from there"
                )
            told = yield Asked("HEAD", at, _says(), pause=PAUSE_SECONDS * lost)
            if told is None or told.status != 200:
                raise _problem(told)
            offset = int(told.headers["Upload-Offset"])
    return (yield from _asset(at, path))


def _begun(path: Path, size: int, sha256: str) -> Generator[Asked, Told | None, tuple[str, int]]:
    """Where the upload is, and how far."""
    names = {"filename": path.name, "sha256": sha256}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in names.items())
    wanted = {"Upload-Length": str(size), "Upload-Metadata": metadata}
    for key in (f"upload-{sha256}", new_key()):  # another one, where the first has ended or expired
        told = yield Asked("POST", _UPLOADS, _says(**wanted, **{"Idempotency-Key": key}))
        if told is None or told.status != 201:
            raise _problem(told)
        at = told.headers["Location"]
        told = yield Asked("HEAD", at, _says())
        if told is not None and told.status == 200:
            return at, int(told.headers["Upload-Offset"])
        if told is None or told.status not in _GONE:
            break
    raise _problem(told)


def _part(at: str, offset: int, data: bytes) -> Asked:
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    headers = _says(**{"Upload-Offset": str(offset), "Upload-Checksum": f"sha256 {checksum}"})
    headers["Content-Type"] = PART_MIME
    return Asked("PATCH", at, headers, data, may_be_repeated=False)


def _asset(at: str, path: Path) -> Steps:
    """It was filed with its last part; where the server was killed in between, asking for it files it."""
    for number in range(MOST_LOST):
        told = yield Asked("GET", at, pause=PAUSE_SECONDS * number)
        if told is None or told.status != 200:
            raise _problem(told)
        if told.json.get("asset"):
            return str(told.json["asset"])
    raise Retryable(f"{path.name} has arrived and is not filed yet", hint="upload it again: nothing is sent twice")


def _says(**headers: str) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0", **headers}


def _problem(told: Told | None) -> Exception:
    if told is None:
        return Retryable("the server cannot be reached", hint="is `pressroom serve` running?")
    return error_of(told.status, told.json)
