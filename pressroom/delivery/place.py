"""Where a run's deliverables go: no account and no other inputs ever replace what was delivered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pressroom.domain.bucket import SCHEME, is_bucket
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import DEFAULT_ACCOUNT

_PLAIN = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?")
_MARK_CHARACTERS = 16
_INPUT_MARK_CHARACTERS: Final = 8
_MOST_WORDS_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A folder in a bucket: every key that begins with `prefix` and a slash. Written s3://BUCKET/PREFIX."""

    bucket: str
    prefix: str

    @property
    def name(self) -> str:
        return self.prefix.rpartition("/")[2]

    @property
    def parent(self) -> BucketPlace:
        return BucketPlace(self.bucket, self.prefix.rpartition("/")[0])

    def __truediv__(self, name: str) -> BucketPlace:
        return BucketPlace(self.bucket, self.key(name))

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}"

    def key(self, name: str) -> str:
        """The key of a file of this name in the folder."""
        return f"{self.prefix}/{name}" if self.prefix else name


Place = Path | BucketPlace


def place_of(text: str) -> Place:
    """The folder, or the place in a bucket, that a text names. Raises Invalid for s3:// without the name of a bucket."""
    if not text.startswith(SCHEME):
        return Path(text)
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    parts = [part for part in prefix.split("/") if part]
    if not is_bucket(bucket) or not {".", ".."}.isdisjoint(parts):
        # Not quoted: people paste keys into it.
        raise Invalid.of([Problem("delivery", "--out names no place in a bucket", "write s3://BUCKET/FOLDER")])
    return BucketPlace(bucket, "/".join(parts))


def delivery_place(out: Place, account: str, folder: str) -> Place:
    """`out/FOLDER` for the account `default`, `out/@ACCOUNT/FOLDER` for every other one.

    No folder's name begins with @. A name that is not safe as a folder on every file system is shortened to what is, with
    a mark of its own after a ~, which no safe name has.
    """
    if account == DEFAULT_ACCOUNT:
        return out / folder
    return out / f"@{_safe(account)}" / folder


def folder_name(campaign: str, given: Mapping[str, Any]) -> str:
    """CAMPAIGN for a run of it as it is written, CAMPAIGN-WORDS-MARK where values were given: the same for the same ones."""
    if not given:
        return campaign
    words = _words("-".join(_word(value) for _, value in sorted(given.items())))[:_MOST_WORDS_CHARACTERS].rstrip("-")
    return "-".join(filter(None, (campaign, words, digest(given)[:_INPUT_MARK_CHARACTERS])))


def _word(value: Any) -> str:
    """What a person tells a value by; of a path or an address its last part."""
    return Path(value).stem if isinstance(value, str) else str(value)


def _safe(account: str) -> str:
    if _PLAIN.fullmatch(account):
        return account
    return f"{_words(account)}~{digest(account)[:_MARK_CHARACTERS]}"


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
