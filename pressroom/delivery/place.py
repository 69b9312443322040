"""Where a run's deliverables go: no account ever replaces what another one delivered."""

from __future__ import annotations

import re
from pathlib import Path

from pressroom.domain.content_hash import digest
from pressroom.domain.identity import DEFAULT_ACCOUNT

_PLAIN = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?")
_MARK_CHARACTERS = 16


def delivery_folder(out: Path, account: str, campaign: str) -> Path:
    """`out/CAMPAIGN` for the account `default`, `out/@ACCOUNT/CAMPAIGN` for every other one.

    No campaign's name begins with @. A name that is not safe as a folder on every file system is shortened to what is, with
    a mark of its own after a ~, which no safe name has.
    """
    if account == DEFAULT_ACCOUNT:
        return out / campaign
    return out / f"@{_safe(account)}" / campaign


def _safe(account: str) -> str:
    if _PLAIN.fullmatch(account):
        return account
    kept = re.sub(r"[^a-z0-9]+", "-", account.lower()).strip("-")
    return f"{kept}~{digest(account)[:_MARK_CHARACTERS]}"
