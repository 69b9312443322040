"""ObjectStore in a bucket of MinIO or S3: `objects/ab/<sha256>`, with its mime type.

The hash must be known before the key, so a stream of unknown content is spooled to a temporary file while it is hashed.
Killed uploads of several parts are invisible but take room: MinIO removes them after a day, S3 with a lifecycle rule.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError

from pressroom.domain.content_hash import CHUNK_BYTES
from pressroom.domain.errors import Corrupt, Invalid, PressroomError, Refused, Retryable
from pressroom.domain.media import UNKNOWN_MIME
from pressroom.storage.streams import copy_hashed, disk_errors, object_name, opened, require_same, written_whole

PART_BYTES = 8 * 1024 * 1024  # one part is in memory; with S3's 10,000 parts the largest object has 80 GiB
CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
RETRIES = 2
BACKOFF_SECONDS = 0.2

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUSY_STATUS = (429, 500, 502, 503, 504)
_MISSING = frozenset({"NoSuchKey", "NoSuchBucket"})
_KEY_RIGHTS = "give the access key the right to read, write and delete in this bucket"
_KEYS = "check store_access_key and store_secret_key"
_ROOM = "make room on the server or raise the quota"
_HINTS = {
    "AccessDenied": _KEY_RIGHTS,
    "AllAccessDisabled": _KEY_RIGHTS,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "NoSuchBucket": "create the bucket, or let the access key create it",
    "BucketAlreadyExists": "the name belongs to somebody else: choose another bucket",
    "AuthorizationHeaderMalformed": "check store_region",
    "PermanentRedirect": "check store_endpoint and store_region",
    "RequestTimeTooSkewed": "set this machine's clock",
    "XMinioStorageFull": _ROOM,
    "QuotaExceeded": _ROOM,
    "XMinioAdminBucketQuotaExceeded": _ROOM,
}
_NOT_S3 = "check store_endpoint: what answers there does not speak S3"


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
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._bucket = _checked_bucket(bucket)
        host, secure = _checked_endpoint(endpoint)
        self._place = f"s3://{bucket} at {host}"
        self._region = region
        self._create_bucket = create_bucket
        self._bucket_seen = False
        self._client = Minio(
            host,
            access_key or None,
            secret_key or None,
            secure=secure,
            region=region,
            http_client=_pool(read_seconds),
        )

    def put(self, source: Path | BinaryIO, mime: str = UNKNOWN_MIME) -> str:
        with _rewindable(source) as (file, sha256, size_bytes):
            if not self._holds(sha256, size_bytes):
                self._upload(file, sha256, size_bytes, mime)
        return sha256

    def get(self, sha256: str, target: Path) -> None:
        key = _key(sha256)
        with written_whole(target) as sink, self._errors(sha256):
            hashed = hashlib.sha256()
            response = self._client.get_object(self._bucket, key)
            try:
                for chunk in response.stream(CHUNK_BYTES):
                    hashed.update(chunk)
                    sink.write(chunk)
            finally:
                response.close()
                response.release_conn()
            require_same(sha256, hashed.hexdigest(), self._place)

    def has(self, sha256: str) -> bool:
        try:
            self.size_bytes(sha256)
        except KeyError:
            return False
        return True

    def size_bytes(self, sha256: str) -> int:
        key = _key(sha256)
        with self._errors(sha256):
            return self._client.stat_object(self._bucket, key).size or 0

    def local_path(self, sha256: str) -> Path | None:
        object_name(sha256)
        return None

    def delete(self, sha256: str) -> None:
        key = _key(sha256)
        try:
            with self._errors(sha256):
                self._client.remove_object(self._bucket, key)
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
        return f"bucket {self._place}: written and read back"

    def _holds(self, sha256: str, size_bytes: int) -> bool:
        try:
            return self.size_bytes(sha256) == size_bytes
        except KeyError:
            return False

    def _upload(self, file: BinaryIO, sha256: str, size_bytes: int, mime: str) -> None:
        unchanged = cast(BinaryIO, _Unchanged(file, sha256, size_bytes))
        with self._errors():
            self._make_bucket()
            self._client.put_object(
                self._bucket,
                _key(sha256),
                unchanged,
                size_bytes,
                content_type=mime,
                part_size=PART_BYTES,
                num_parallel_uploads=1,
            )

    def _make_bucket(self) -> None:
        if self._bucket_seen or not self._create_bucket:
            return
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket, location=self._region)
        except S3Error as exc:
            # Keys that may only touch objects cannot ask; another process may have been quicker.
            if exc.code not in ("AccessDenied", "BucketAlreadyOwnedByYou"):
                raise
        self._bucket_seen = True

    @contextmanager
    def _errors(self, missing: str = "") -> Iterator[None]:
        """Turns the SDK's errors into ours; what is not there becomes KeyError(missing) where `missing` is given."""
        try:
            yield
        except S3Error as exc:
            if missing and exc.code in _MISSING:
                raise KeyError(missing) from exc
            raise self._error(exc.code or "", exc.message or "", exc.response.status) from exc
        except ServerError as exc:
            raise self._error("", "", exc.status_code) from exc
        except InvalidResponseError as exc:
            raise self._error("", "", exc._code) from exc
        except (ParseError, ValueError) as exc:
            raise Refused(f"{self._place} gave an answer that cannot be read: {exc}", hint=_NOT_S3) from exc
        except urllib3.exceptions.HTTPError as exc:
            raise Retryable(f"{self._place} cannot be reached: {_cause(exc)}", hint="is the server up?") from exc

    def _error(self, code: str, message: str, status: int) -> PressroomError:
        text = f"{self._place} answered {status}" + (f" {code}: {message.rstrip('.')}" if code else "")
        if code in _HINTS:
            return Refused(text, hint=_HINTS[code], code=code)
        if status in _BUSY_STATUS:
            return Retryable(text, hint="the server is busy or starting", code=code)
        return Refused(text, hint="" if code else _NOT_S3, code=code)


class _Unchanged:
    """Hands a hashed file to the upload, and fails before its last bytes leave when it is no longer what was hashed."""

    def __init__(self, file: BinaryIO, sha256: str, size_bytes: int) -> None:
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


def _checked_bucket(bucket: str) -> str:
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        # Not quoted: people paste keys into it.
        raise Invalid("the store is not the name of a bucket", hint="3 to 63 of a-z, 0-9, dot and dash: s3://my-bucket")
    return bucket


def _checked_endpoint(endpoint: str) -> tuple[str, bool]:
    """Host with port, and whether to use TLS. The endpoint is not quoted in errors: people paste keys into it."""
    hint = "write it as http://HOST:PORT or https://HOST; keys belong into store_access_key and store_secret_key"
    wrong = Invalid("store_endpoint is not the address of an S3 server", hint=hint)
    try:
        parts = urlsplit(endpoint)
        extra = parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not parts.hostname or extra or parts.port == 0:
            raise wrong
    except ValueError:  # a port that is no number, brackets that do not close; the cause would quote them
        raise wrong from None
    return parts.netloc, parts.scheme == "https"


def _pool(read_seconds: float) -> urllib3.PoolManager:
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
        cert_reqs="CERT_REQUIRED",
        retries=urllib3.Retry(
            total=RETRIES,
            redirect=False,  # signed requests and media go to the configured host only
            status_forcelist=_BUSY_STATUS,
            raise_on_status=False,
            backoff_factor=BACKOFF_SECONDS,
        ),
    )


def _cause(exc: urllib3.exceptions.HTTPError) -> str:
    """The innermost reason without addresses of objects in memory: `Connection refused`, `timed out`."""
    reason = getattr(exc, "reason", None) or exc
    return str(reason).rsplit(": ", 1)[-1]
