"""Every table, once, for SQLite and PostgreSQL.

Amounts are integer millionths (see pressroom.domain.money), instants are microseconds since 1970 in UTC: both sort and sum
exactly on both databases.
"""

from __future__ import annotations

from pressroom.database.schema.accounts import (
    ISSUER_ID,
    REVENUE_ID,
    SYSTEM_ACCOUNTS,
    SYSTEM_PREFIX,
    account,
    membership,
    person,
    token,
    token_day,
)
from pressroom.database.schema.alerts import alert
from pressroom.database.schema.batches import batch, batch_row
from pressroom.database.schema.branding import branding
from pressroom.database.schema.columns import EPOCH, MICROSECOND, Instant, Serial, instant, metadata, moment
from pressroom.database.schema.ledger import allowance, entry, hold, hold_allowance, hold_left, op
from pressroom.database.schema.library import (
    asset,
    asset_content,
    asset_parent,
    asset_tag,
    campaign_document,
    collection,
    collection_asset,
    fetched_url,
    fingerprint,
    opinion,
    removed_tag,
)
from pressroom.database.schema.purchases import UNFINISHED_JOB, inbox, job, vendor_pace
from pressroom.database.schema.retention import deleted_asset, object_removal, retention_rule
from pressroom.database.schema.runs import WORKING_RUN, approval, run, run_hold, run_node, run_part
from pressroom.database.schema.searches import saved_search
from pressroom.database.schema.serving import answer, event, request_count, shown_plan, upload
from pressroom.database.schema.sharing import invitation, public_link, share
from pressroom.database.schema.sign_in import password_link, person_password, session, sign_in_failure
from pressroom.database.schema.uses import asset_use
from pressroom.database.schema.webhooks import webhook, webhook_cursor, webhook_delivery, webhook_secret

__all__ = [
    "EPOCH",
    "ISSUER_ID",
    "MICROSECOND",
    "REVENUE_ID",
    "SYSTEM_ACCOUNTS",
    "SYSTEM_PREFIX",
    "UNFINISHED_JOB",
    "WORKING_RUN",
    "Instant",
    "Serial",
    "account",
    "alert",
    "allowance",
    "answer",
    "approval",
    "asset",
    "asset_content",
    "asset_parent",
    "asset_tag",
    "asset_use",
    "batch",
    "batch_row",
    "branding",
    "campaign_document",
    "collection",
    "collection_asset",
    "deleted_asset",
    "entry",
    "event",
    "fetched_url",
    "fingerprint",
    "hold",
    "hold_allowance",
    "hold_left",
    "inbox",
    "instant",
    "invitation",
    "job",
    "membership",
    "metadata",
    "moment",
    "object_removal",
    "op",
    "opinion",
    "password_link",
    "person",
    "person_password",
    "public_link",
    "removed_tag",
    "request_count",
    "retention_rule",
    "run",
    "run_hold",
    "run_node",
    "run_part",
    "saved_search",
    "session",
    "share",
    "shown_plan",
    "sign_in_failure",
    "token",
    "token_day",
    "upload",
    "vendor_pace",
    "webhook",
    "webhook_cursor",
    "webhook_delivery",
    "webhook_secret",
]
