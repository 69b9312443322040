"""ObjectStore in a bucket of MinIO or S3: `objects/ab/<sha256>`, with its mime type.

The hash must be known before the key, so a stream of unknown content is spooled to a temporary file while it is hashed.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import urllib3
from minio.error import S3Error

from pressroom.domain.content_hash import CHUNK_BYTES
from pressroom.domain.errors import Corrupt
from pressroom.domain.media import UNKNOWN_MIME
from pressroom.storage import s3_bucket
from pressroom.storage.s3_connection import DENIED, S3Connection, limits
from pressroom.storage.s3_upload import put_parts, put_whole
from pressroom.storage.streams import copy_hashed, disk_errors, object_name, opened, require_same, written_whole

PART_BYTES: int = limits()["part_bytes"]


class S3Store:
    """Opening makes no request; the first put creates a missing bucket where `create_bucket` allows it."""

    def __init__(
        self,
        bucket: str,
        endpoint: str,
        *,
        access_key: str = "",
        secret_key: str = "",
        region: str = "us-east-1",
        create_bucket: bool = True,
        read_seconds: float = limits()["read_seconds"],
    ) -> None:
        self._conn = S3Connection(
            bucket, endpoint, access_key=access_key, secret_key=secret_key, region=region, read_seconds=read_seconds
        )
        self._create_bucket = create_bucket
        self._bucket_seen = False

    def put(self, source: Path | BinaryIO, mime: str = UNKNOWN_MIME) -> str:
        with _rewindable(source) as (file, sha256, size_bytes):
            held_bytes = self._held_bytes(sha256)
            if held_bytes != size_bytes:
                self._upload(file, sha256, size_bytes, mime, is_new=held_bytes is None)
        return sha256

    def get(self, sha256: str, target: Path) -> None:
        with written_whole(target) as sink, self._conn.errors(sha256):
            hashed = hashlib.sha256()
            for chunk in self._chunks(object_key(sha256)):
                hashed.update(chunk)
                sink.write(chunk)
            require_same(sha256, hashed.hexdigest(), self._conn.place)

    def has(self, sha256: str) -> bool:
        return self._held_bytes(sha256) is not None

    def size_bytes(self, sha256: str) -> int:
        key = object_key(sha256)
        with self._conn.errors(sha256):
            return self._conn.stat_size(key)

    def local_path(self, sha256: str) -> Path | None:
        object_name(sha256)
        return None

    def delete(self, sha256: str) -> None:
        key = object_key(sha256)
        try:
            with self._conn.errors(sha256):
                self._conn.client.remove_object(self._conn.bucket, key)
        except KeyError:
            return

    def check(self) -> str:
        probe = f"pressroom check {secrets.token_hex(16)}".encode()
        sha256 = self.put(BytesIO(probe))
        try:
            with tempfile.TemporaryDirectory() as folder:
                self.get(sha256, Path(folder) / "probe")
        finally:
            self.delete(sha256)
        return f"bucket {self._conn.place}: written and read back"

    def link(self, sha256: str, seconds: int) -> str:
        """As in LinkingStore."""
        return link_to(self._conn, object_key(sha256), seconds)

    def set_up(self) -> list[str]:
        """As in BucketStore."""
        return s3_bucket.set_up(self._conn)

    def describe(self) -> list[str]:
        """As in BucketStore."""
        return s3_bucket.describe(self._conn)

    def policy(self) -> dict[str, Any]:
        """As in BucketStore."""
        return s3_bucket.policy(self._conn.bucket)

    def _held_bytes(self, sha256: str) -> int | None:
        try:
            return self.size_bytes(sha256)
        except KeyError:
            return None

    def _chunks(self, key: str) -> Iterator[bytes]:
        """The object's bytes; where the connection breaks it goes on from there, as long as that brings anything."""
        received_bytes, breaks = 0, 0
        while True:
            response = self._conn.client.get_object(self._conn.bucket, key, offset=received_bytes)
            try:
                for chunk in response.stream(CHUNK_BYTES):
                    received_bytes += len(chunk)
                    breaks = 0
                    yield chunk
                return
            except urllib3.exceptions.HTTPError:
                breaks += 1
                if breaks > limits()["resumes"]:
                    raise
            finally:
                response.close()
                response.release_conn()

    def _upload(self, file: BinaryIO, sha256: str, size_bytes: int, mime: str, *, is_new: bool) -> None:
        with self._conn.errors():
            self._make_bucket()
            # Of two processes that put the same, one adds no second version.
            only_new = {"If-None-Match": "*"} if is_new else {}
            upload(self._conn, object_key(sha256), _Unchanged(file, sha256, size_bytes), mime, only_new)

    def _make_bucket(self) -> None:
        if self._bucket_seen or not self._create_bucket:
            return
        try:
            if not self._conn.client.bucket_exists(self._conn.bucket):
                self._conn.client.make_bucket(self._conn.bucket, location=self._conn.region)
        except S3Error as exc:
            # Keys that may only touch objects cannot ask; another process may have been quicker.
            if exc.code not in (DENIED, "BucketAlreadyOwnedByYou"):
                raise
        self._bucket_seen = True


def object_key(sha256: str) -> str:
    name = object_name(sha256)
    return f"objects/{name[:2]}/{name}"


def upload_file(conn: S3Connection, key: str, path: Path, mime: str) -> None:
    """Inside `conn.errors`: a file under a key of one's own."""
    with _rewindable(path) as (file, sha256, size_bytes):
        upload(conn, key, _Unchanged(file, sha256, size_bytes), mime, {})


def upload(conn: S3Connection, key: str, source: _Unchanged, mime: str, headers: dict[str, str]) -> None:
    """In parts where it is large; then the headers, which are conditions, do not count."""
    if source.size_bytes > PART_BYTES:
        put_parts(conn, key, source.parts, mime)
    else:
        put_whole(conn, key, source.read(source.size_bytes), mime, headers)


def link_to(conn: S3Connection, key: str, seconds: int) -> str:
    """An address that opens for so many seconds, at most for as long as a signature is good. Makes no request."""
    expires = timedelta(seconds=min(seconds, limits()["longest_link_seconds"]))
    return str(conn.client.presigned_get_object(conn.bucket, key, expires=expires))


class _Unchanged:
    """Hands a hashed file to the upload, and fails before its last bytes leave when it is no longer what was hashed."""

    def __init__(self, file: BinaryIO, sha256: str, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self._file = file
        self._sha256 = sha256
        self._left_bytes = size_bytes
        self._hashed = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hashed.update(data)
        self._left_bytes -= len(data)
        cut_off = size != 0 and not data and self._left_bytes > 0
        if cut_off or (self._left_bytes <= 0 and self._hashed.hexdigest() != self._sha256):
            raise Corrupt(
                f"the file changed while it was stored as {self._sha256}", hint="store it again when it is finished"
            )
        return data

    def parts(self) -> Iterator[bytes]:
        """From the start, each time."""
        self._file.seek(0)
        self._left_bytes, self._hashed = self.size_bytes, hashlib.sha256()
        while self._left_bytes > 0:
            yield self._filled(min(PART_BYTES, self._left_bytes))

    def _filled(self, size_bytes: int) -> bytes:
        """A stream may give less than it is asked for."""
        data = self.read(size_bytes)
        while len(data) < size_bytes:
            data += self.read(size_bytes - len(data))
        return data


@contextmanager
def _rewindable(source: Path | BinaryIO) -> Iterator[tuple[BinaryIO, str, int]]:
    """The bytes at their start, their SHA-256 and their size: the file itself, or a temporary copy of a stream."""
    with opened(source) as stream:
        if isinstance(source, Path):
            sha256, size_bytes = copy_hashed(stream, None)
            stream.seek(0)
            yield stream, sha256, size_bytes
            return
        with tempfile.TemporaryFile() as spool:
            with disk_errors(Path(tempfile.gettempdir())):
                sha256, size_bytes = copy_hashed(stream, cast(BinaryIO, spool))
                spool.seek(0)
            yield cast(BinaryIO, spool), sha256, size_bytes


def _key(sha256: str) -> str:
    name = object_name(sha256)
    return f"objects/{name[:2]}/{name}"
