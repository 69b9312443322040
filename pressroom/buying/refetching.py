"""Fetch again what a vendor has delivered: to download costs nothing, to order does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from pressroom.buying import journal
from pressroom.buying.job import Job, StoredFile
from pressroom.buying.market import Market
from pressroom.buying.spooling import keep
from pressroom.domain.errors import Corrupt, Permanent, Refused, Retryable
from pressroom.domain.states import JobState

PAUSES_SECONDS: Final = (0.0, 2.0)  # before each download


def fetched_again(market: Market, job: Job) -> Iterator[Job]:
    """A delivered job with the files that its vendor hands out now, each time that these are others: twice at most.

    There is none of an order that was answered with its files at once, nor of one whose files are gone.
    """
    for seconds in PAUSES_SECONDS if job.vendor_job_id is not None else ():
        time.sleep(seconds)
        try:
            found = taken_again(market, job, JobState.DELIVERED)
        except (Permanent, Refused):
            return
        except (Retryable, Corrupt):
            continue
        if found is not None:
            yield (job := found)


def taken_again(market: Market, job: Job, *before: JobState) -> Job | None:
    """The job as delivered with what its vendor hands out now, in one of these states until then; None for the same as before.

    Raises Permanent where it is not there any more, Retryable or Corrupt where it cannot be had now, Refused where the store
    has no room. Whatever is raised, the job stays as it was.
    """
    files: list[StoredFile] = []
    market.vendor(job.provider).fetch(job.at_vendor, lambda file: files.append(keep(market, file)))
    if [file.sha256 for file in files] == [file.sha256 for file in job.delivery]:
        return None
    with market.database.write() as conn:
        return journal.mark_taken_again(conn, job.order_key, files, market.now(), before)
