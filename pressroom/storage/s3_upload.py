"""Bytes into a bucket: in one request that the server checks, or in parts that go on where a broken upload ended.

The SDK's own `put_object` takes no conditions and no checksum, and gives up all parts of an upload when one fails. What is
used of it here are the requests of which it is made; they are not public, so the lock file decides when they change.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from minio.datatypes import Part
from minio.error import S3Error

from pressroom.domain.errors import Corrupt
from pressroom.storage.s3_connection import MISSING, S3Connection

_TAKEN: Final = "PreconditionFailed"
_NO_CONDITIONS: Final = "NotImplemented"
_GONE: Final = "NoSuchUpload"


def put_whole(conn: S3Connection, key: str, data: bytes, mime: str, headers: dict[str, str]) -> bool:
    """Inside `conn.errors`. False where the condition in the headers did not hold."""
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    sent = {"Content-Type": mime, "x-amz-checksum-sha256": checksum}
    try:
        conn.client._put_object(conn.bucket, key, data, {**sent, **headers})
    except S3Error as exc:
        if exc.code == _TAKEN:
            return False
        if exc.code == _NO_CONDITIONS and headers:
            return put_whole(conn, key, data, mime, {})
        raise
    return True


def put_parts(conn: S3Connection, key: str, parts: Callable[[], Iterator[bytes]], mime: str) -> None:
    """Inside `conn.errors`. Parts that an earlier upload of this key has brought are not sent again.

    Raises what reading a part raises; an upload whose bytes are wrong is given up, every other is left to be gone on with.
    One that is gone was finished by a faster process, or dropped by the server, and is then sent once more.
    """
    try:
        _send_parts(conn, key, parts, mime)
    except S3Error as exc:
        if exc.code != _GONE:
            raise
        if not _is_there(conn, key):
            _send_parts(conn, key, parts, mime)


def _is_there(conn: S3Connection, key: str) -> bool:
    try:
        conn.stat_size(key)
    except S3Error as exc:
        if exc.code not in MISSING:
            raise
        return False
    return True


def _send_parts(conn: S3Connection, key: str, parts: Callable[[], Iterator[bytes]], mime: str) -> None:
    upload_id = _unfinished(conn, key)
    there = _parts_there(conn, key, upload_id) if upload_id else {}
    upload_id = upload_id or conn.client._create_multipart_upload(conn.bucket, key, {"Content-Type": mime})
    try:
        sent = [
            Part(number, _sent(conn, key, upload_id, number, data, there)) for number, data in enumerate(parts(), 1)
        ]
        conn.client._complete_multipart_upload(conn.bucket, key, upload_id, sent)
    except Corrupt:
        conn.client._abort_multipart_upload(conn.bucket, key, upload_id)
        raise


def _sent(
    conn: S3Connection, key: str, upload_id: str, number: int, data: bytes, there: dict[int, tuple[str, int]]
) -> str:
    """The part's name at the server."""
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    # Where a server's names of parts are no digests, nothing matches, and all parts are sent.
    if there.get(number) == (md5, len(data)):
        return md5
    return conn.client._upload_part(conn.bucket, key, data, None, upload_id, number)


def _unfinished(conn: S3Connection, key: str) -> str:
    found = conn.client._list_multipart_uploads(conn.bucket, prefix=key).uploads
    return next((each.upload_id or "" for each in reversed(found) if each.object_name == key), "")


def _parts_there(conn: S3Connection, key: str, upload_id: str) -> dict[int, tuple[str, int]]:
    """Number -> name and size of each part."""
    found: dict[int, tuple[str, int]] = {}
    marker: str | None = None
    while True:
        page = conn.client._list_parts(conn.bucket, key, upload_id, part_number_marker=marker)
        found |= {part.part_number: (part.etag.strip('"'), part.size or 0) for part in page.parts}
        marker = str(page.next_part_number_marker)
        if not page.is_truncated:
            return found
