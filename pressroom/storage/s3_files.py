"""Files under readable keys in a bucket: what is delivered, beside a store or in its bucket."""

from __future__ import annotations

import tempfile
from pathlib import Path

from minio.commonconfig import CopySource

from pressroom.storage.base import ObjectStore
from pressroom.storage.s3 import link_to, object_key, upload_file
from pressroom.storage.s3_connection import S3Connection
from pressroom.storage.s3_upload import put_whole


class S3Files:
    """Opening makes no request. `media_bucket` is that of the store where the same server keeps it."""

    def __init__(self, conn: S3Connection, media_bucket: str | None) -> None:
        self._conn = conn
        self._media_bucket = media_bucket

    def read(self, key: str) -> bytes | None:
        try:
            with self._conn.errors(key):
                response = self._conn.client.get_object(self._conn.bucket, key)
                try:
                    data: bytes = response.read()
                    return data
                finally:
                    response.close()
                    response.release_conn()
        except KeyError:
            return None

    def put(self, key: str, data: bytes, mime: str) -> None:
        with self._conn.errors():
            put_whole(self._conn, key, data, mime, {})

    def copy(self, store: ObjectStore, sha256: str, key: str, mime: str) -> None:
        if self._media_bucket is not None:
            with self._conn.errors(sha256):
                source = CopySource(self._media_bucket, object_key(sha256))
                self._conn.client.copy_object(self._conn.bucket, key, source)
            return
        with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
            path = Path(folder) / sha256
            store.get(sha256, path)
            with self._conn.errors():
                upload_file(self._conn, key, path, mime)

    def delete(self, key: str) -> None:
        with self._conn.errors():
            self._conn.client.remove_object(self._conn.bucket, key)

    def link(self, key: str, seconds: int) -> str:
        return link_to(self._conn, key, seconds)
