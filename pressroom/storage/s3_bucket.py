"""How a bucket is set up for media: versions, what is cleared away by itself, encryption, and the rights of its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from minio.commonconfig import ENABLED, Filter
from minio.error import S3Error
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    LifecycleConfig,
    NoncurrentVersionExpiration,
    Rule,
)
from minio.sseconfig import Rule as EncryptionRule
from minio.sseconfig import SSEConfig
from minio.versioningconfig import VersioningConfig

from pressroom.storage.s3_connection import S3Connection, limits

# How servers say that they have no such feature: MinIO clears broken uploads away by itself and has no rule for it.
_NOT_OFFERED: Final = ("NotImplemented", "InvalidArgument", "MalformedXML", "InvalidRequest")


def set_up(conn: S3Connection) -> list[str]:
    """Make the bucket where it is not there, and set what it lacks; what was done, line by line. Harmless when repeated."""
    with conn.errors():
        made = _made(conn)
        conn.client.set_bucket_versioning(conn.bucket, VersioningConfig(ENABLED))
        cleared = _offered(lambda: conn.client.set_bucket_lifecycle(conn.bucket, _lifecycle(incomplete=True)))
        if not cleared:
            conn.client.set_bucket_lifecycle(conn.bucket, _lifecycle(incomplete=False))
        encrypted = _offered(
            lambda: conn.client.set_bucket_encryption(conn.bucket, SSEConfig(EncryptionRule.new_sse_s3_rule()))
        )
    return [
        f"bucket {conn.place} {'created' if made else 'was there'}",
        "versioning on",
        f"versions that were replaced or deleted go after {limits()['noncurrent_days']} days",
        f"uploads that were broken off go after {limits()['incomplete_days']} days"
        if cleared
        else "uploads that were broken off are cleared away by the server itself (MinIO: after a day)",
        "encrypted by the server (SSE-S3)" if encrypted else "not encrypted: this server has no keys for it",
    ]


def describe(conn: S3Connection) -> list[str]:
    """The same of a bucket as it is."""
    with conn.errors():
        versioning = conn.client.get_bucket_versioning(conn.bucket).status
        lifecycle = conn.client.get_bucket_lifecycle(conn.bucket)
        encryption = conn.client.get_bucket_encryption(conn.bucket)
    rules = [rule for rule in (lifecycle.rules if lifecycle else []) if rule.status == ENABLED]
    kept = [rule.noncurrent_version_expiration for rule in rules if rule.noncurrent_version_expiration]
    return [
        "versioning on" if versioning == ENABLED else "versioning off: what is overwritten or deleted is gone",
        f"versions that were replaced or deleted go after {kept[0].noncurrent_days} days"
        if kept
        else "versions that were replaced or deleted are kept for ever",
        "encrypted by the server" if encryption else "not encrypted by the server",
    ]


def policy(bucket: str) -> dict[str, Any]:
    """The least rights with which Pressroom works in a bucket that is set up, as an IAM policy."""
    found: dict[str, Any] = json.loads(json.dumps(_policy()).replace("BUCKET", bucket))
    return found


@lru_cache(maxsize=1)
def _policy() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("s3_policy.yaml").read_text(encoding="utf-8"))
    return found


def _made(conn: S3Connection) -> bool:
    try:
        conn.client.get_bucket_versioning(conn.bucket)
    except S3Error as exc:
        if exc.code != "NoSuchBucket":
            raise
        conn.client.make_bucket(conn.bucket, location=conn.region)
        return True
    return False


def _offered(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except S3Error as exc:
        if exc.code not in _NOT_OFFERED:
            raise
        return False
    return True


def _lifecycle(*, incomplete: bool) -> LifecycleConfig:
    everything = Filter(prefix="")
    rules = [
        Rule(
            ENABLED,
            everything,
            rule_id="pressroom-versions",
            noncurrent_version_expiration=NoncurrentVersionExpiration(noncurrent_days=limits()["noncurrent_days"]),
            expiration=Expiration(expired_object_delete_marker=True),
        )
    ]
    if incomplete:
        abort = AbortIncompleteMultipartUpload(days_after_initiation=limits()["incomplete_days"])
        rules.append(Rule(ENABLED, everything, rule_id="pressroom-uploads", abort_incomplete_multipart_upload=abort))
    return LifecycleConfig(rules)
