"""One bucket of a server that speaks S3: how it is reached, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
import yaml
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError

from pressroom.domain.bucket import is_bucket
from pressroom.domain.errors import Invalid, PressroomError, Refused, Retryable

DENIED: Final = "AccessDenied"
_BUSY_STATUS = (429, 500, 502, 503, 504)
MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket"})
_KEY_RIGHTS = (
    "give the access key the right to read, write and delete in this bucket: `pressroom store policy` says which"
)
_KEYS = "check store_access_key and store_secret_key"
_ROOM = "make room on the server or raise the quota"
_HINTS = {
    DENIED: _KEY_RIGHTS,
    "AllAccessDisabled": _KEY_RIGHTS,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "NoSuchBucket": "create the bucket with `pressroom store setup`, or let the access key create it",
    "BucketAlreadyExists": "the name belongs to somebody else: choose another bucket",
    "AuthorizationHeaderMalformed": "check store_region",
    "PermanentRedirect": "check store_endpoint and store_region",
    "RequestTimeTooSkewed": "set this machine's clock: it is more than 15 minutes off the server's",
    "XMinioStorageFull": _ROOM,
    "QuotaExceeded": _ROOM,
    "NoSuchUpload": f"the server dropped the upload: {_ROOM}",  # MinIO, where its disk is so full that it forgets
    "XMinioAdminBucketQuotaExceeded": _ROOM,
}
_FULL = "no space left on device"  # MinIO says it so where its disk ran full while it wrote
_NOT_S3 = "check store_endpoint: what answers there does not speak S3"


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Any]:
    """The numbers of s3.yaml."""
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("s3.yaml").read_text(encoding="utf-8"))
    return found


class S3Connection:
    """Opening makes no request."""

    def __init__(
        self,
        bucket: str,
        endpoint: str,
        *,
        access_key: str,
        secret_key: str,
        region: str,
        read_seconds: float = limits()["read_seconds"],
    ) -> None:
        self.bucket = checked_bucket(bucket)
        host, secure = _checked_endpoint(endpoint)
        self.place = f"s3://{bucket} at {host}"
        self.region = region
        self.client = Minio(
            host,
            access_key or None,
            secret_key or None,
            secure=secure,
            region=region,
            http_client=_pool(read_seconds),
        )

    @contextmanager
    def errors(self, missing: str = "") -> Iterator[None]:
        """Turns the SDK's errors into ours; what is not there becomes KeyError(missing) where `missing` is given."""
        try:
            yield
        except S3Error as exc:
            if missing and exc.code in MISSING:
                raise KeyError(missing) from exc
            raise self._error(exc.code or "", exc.message or "", exc.response.status) from exc
        except ServerError as exc:
            raise self._error("", "", exc.status_code) from exc
        except InvalidResponseError as exc:
            raise self._error("", "", exc._code) from exc
        except (ParseError, ValueError) as exc:
            raise Refused(f"{self.place} gave an answer that cannot be read: {exc}", hint=_NOT_S3) from exc
        except urllib3.exceptions.HTTPError as exc:
            raise Retryable(f"{self.place} cannot be reached: {_cause(exc)}", hint="is the server up?") from exc

    def stat_size(self, key: str) -> int:
        """Inside `errors`."""
        try:
            return self.client.stat_object(self.bucket, key).size or 0
        except S3Error as exc:
            if exc.code == DENIED:
                # A wrong key, a clock that is off and a right that is missing answer HEAD alike; GET is told which.
                self.client.get_object(self.bucket, key, length=1).close()
            raise

    def _error(self, code: str, message: str, status: int) -> PressroomError:
        text = f"{self.place} answered {status}" + (f" {code}: {message.rstrip('.')}" if code else "")
        if _FULL in message:
            return Refused(text, hint=_ROOM, code=code)
        if code in _HINTS:
            return Refused(text, hint=_HINTS[code], code=code)
        if status in _BUSY_STATUS:
            return Retryable(text, hint="the server is busy or starting", code=code)
        return Refused(text, hint="" if code else _NOT_S3, code=code)


def checked_bucket(bucket: str) -> str:
    if not is_bucket(bucket):
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
        timeout=urllib3.Timeout(connect=limits()["connect_seconds"], read=read_seconds),
        cert_reqs="CERT_REQUIRED",
        retries=urllib3.Retry(
            total=limits()["retries"],
            redirect=False,  # signed requests and media go to the configured host only
            status_forcelist=_BUSY_STATUS,
            raise_on_status=False,
            backoff_factor=limits()["backoff_seconds"],
        ),
    )


def _cause(exc: urllib3.exceptions.HTTPError) -> str:
    """The innermost reason without addresses of objects in memory: `Connection refused`, `timed out`."""
    reason = getattr(exc, "reason", None) or exc
    return str(reason).rsplit(": ", 1)[-1]
