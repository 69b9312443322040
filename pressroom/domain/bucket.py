"""Names of buckets, as MinIO and S3 take them (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""

from __future__ import annotations

import re
from typing import Final

SCHEME: Final = "s3://"
MOST_KEY_BYTES: Final = 1_024
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def is_bucket(name: str) -> bool:
    return bool(_BUCKET.fullmatch(name)) and ".." not in name
