"""Uploads in parts: what has arrived lies in the home and stays there, whatever is killed, until it is filed or has expired.

How far an upload is, its file says: what was written is there. Requests for one upload take turns by a lock of that file, which
ends with the process that holds it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from sqlalchemy import delete, func, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import asset, upload
from pressroom.delivery.names import fitted
from pressroom.domain.errors import Corrupt, Invalid, NotFound, Refused, refusal
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import AssetState, Right
from pressroom.domain.media import Asset
from pressroom.ledger.accounts import account_id_of
from pressroom.library.sharing import places_of, shares_with
from pressroom.services.access import permitted
from pressroom.services.add_media import add_file
from pressroom.services.context import Context
from pressroom.services.deliver_asset import take_shared_asset
from pressroom.storage.streams import disk_errors, make_folder

MOST_OPEN: Final = 100  # uploads of an account that are not finished
CHECKSUMS: Final = ("sha256", "sha1", "md5")


@dataclass(frozen=True, slots=True)
class Upload:
    """`offset` bytes have arrived; `asset_id` is what it became, None before; `failure` is why it became nothing."""

    id: str
    filename: str
    size_bytes: int
    offset: int
    expires_at: datetime
    asset_id: str | None
    failure: str

    @property
    def has_arrived(self) -> bool:
        return self.offset == self.size_bytes

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "filename": self.filename,
            "size_bytes": self.size_bytes,
            "offset": self.offset,
            "expires_at": self.expires_at.isoformat(),
            "asset": self.asset_id,
        }


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request are said to hash to."""

    algorithm: str
    digest: bytes


class WrongChecksum(Corrupt):
    """The bytes of a request are others than were sent; none of them was kept."""


def most_bytes(context: Context) -> int:
    """The largest file that is taken."""
    return context.settings.limits.max_bytes


def file_name_of(filename: str) -> str:
    """A file's name as a sender writes it, as one that a folder takes."""
    return fitted(filename.replace("/", "-").replace("\0", "").strip(". ")) or "upload"


def begin_upload(
    principal: Principal, context: Context, filename: str, size_bytes: int, *, sha256: str = "", name: str = ""
) -> Upload:
    """An upload of so many bytes; finished at once where the account has a file of this SHA-256, or may use somebody else's: that
    becomes the account's own. Under the same `name` it is one.

    Raises Refused with the code `upload_size` for a file that is too large, `uploads_open` for one upload too many.
    """
    principal.require(Scope.ASSETS_WRITE)
    if not 0 < size_bytes <= most_bytes(context):
        text = f"a file has 1 to {most_bytes(context):,} bytes here, not {size_bytes:,}"
        raise refusal("upload_size", text, "send a smaller file")
    there = _there(principal, context, sha256) if sha256 else None
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        mine = upload.c.account_id == account_id
        unfinished = (mine, upload.c.asset_id.is_(None), upload.c.failure == "", upload.c.expires_at > context.now())
        if conn.execute(select(func.count()).where(*unfinished)).scalar_one() >= MOST_OPEN:
            raise refusal("uploads_open", f"{MOST_OPEN} uploads are not finished", "finish some, or end them")
        row = {
            "id": f"u{name[1:] if name else secrets.token_hex(8)}",
            "account_id": account_id,
            "filename": filename,
            "size_bytes": size_bytes,
            "asset_id": there,
            "failure": "",
            "created_by": principal.user,
            "created_at": context.now(),
            "expires_at": _expiry(context),
        }
        conn.execute(insert_new(conn, upload).values(**row))
    return upload_of(principal, context, str(row["id"]))


def upload_of(principal: Principal, context: Context, upload_id: str) -> Upload:
    """How far the account's upload is. Raises NotFound where it has none, Refused with the code `gone` for one that has ended."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.read() as conn:
        mine = upload.c.account_id == account_id_of(conn, principal.account)
        query = select(upload, asset.c.id.label("there")).outerjoin(asset, asset.c.id == upload.c.asset_id)
        row = conn.execute(query.where(mine, upload.c.id == upload_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no upload {upload_id[:40]!r}", hint="begin one")
    if row.failure:
        raise refusal("gone", f"this upload has ended: {row.failure}", "begin another one")
    if row.asset_id and row.there is None:
        raise refusal("gone", "what was uploaded was purged", "begin another one")
    if row.asset_id is None and row.expires_at <= context.now():
        raise refusal("gone", f"this upload has expired at {row.expires_at:%Y-%m-%d %H:%M}", "begin another one")
    path = _path(context, upload_id)
    offset = row.size_bytes if row.asset_id else path.stat().st_size if path.is_file() else 0
    return Upload(row.id, row.filename, row.size_bytes, offset, row.expires_at, row.asset_id, row.failure)


class Appending:
    """Takes the bytes of one request. Those with a checksum are set aside until they have proved right."""

    def __init__(self, found: Upload, file: IO[bytes], checksum: Checksum | None) -> None:
        self.offset = found.offset
        self._room = found.size_bytes - found.offset
        self._file = file
        self._checksum = checksum
        self._hash = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._aside = Path(f"{file.name}.part")
        self._target = self._aside.open("wb") if checksum else file

    def write(self, data: bytes) -> None:
        """Raises Refused with the code `upload_size` for more bytes than were announced; none of these is kept."""
        if len(data) > self._room:
            raise refusal("upload_size", "more bytes came than the upload has", "send as many as were announced")
        self._room -= len(data)
        self._target.write(data)
        if self._hash is not None:
            self._hash.update(data)
        else:
            self.offset += len(data)

    def end(self) -> None:
        """Keep what came. Raises WrongChecksum where it is not what was sent."""
        if self._checksum is not None and self._hash is not None:
            self._target.close()
            if self._hash.digest() != self._checksum.digest:
                raise WrongChecksum("the bytes are others than were sent", hint="send them again")
            with self._aside.open("rb") as file:
                shutil.copyfileobj(file, self._file)
            self.offset += self._aside.stat().st_size
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._target is not self._file:
            self._target.close()
            self._aside.unlink(missing_ok=True)


@contextmanager
def appending(
    principal: Principal, context: Context, upload_id: str, offset: int, checksum: Checksum | None = None
) -> Iterator[Appending]:
    """Let bytes come behind the `offset` that are there already; its time begins anew.

    Raises as `upload_of`; Refused with the code `upload_offset` where another number has arrived, and `upload_busy` while another
    request is at it.
    """
    _path(context, upload_id, make=True)
    upload_of(principal, context, upload_id)
    with disk_errors(context.settings.home), _locked(context, upload_id) as file:
        found = upload_of(principal, context, upload_id)
        if found.offset != offset:
            text = f"{found.offset:,} bytes have arrived, not {offset:,}"
            raise refusal("upload_offset", text, "ask how far it is, and go on from there")
        with context.database.write() as conn:
            conn.execute(update(upload).where(upload.c.id == upload_id).values(expires_at=_expiry(context)))
        taking = Appending(found, file, checksum)
        try:
            yield taking
        finally:
            taking.close()


def finish_upload(principal: Principal, context: Context, upload_id: str) -> Upload:
    """File what has arrived whole, under the guards of every other way in; harmless when repeated.

    One that is not whole, or that another request files now, is returned as it stands. Raises Invalid or Corrupt for what cannot
    be used: the upload has ended then.
    """
    found = upload_of(principal, context, upload_id)
    if found.asset_id is not None or not found.has_arrived:
        return found
    try:
        with disk_errors(context.settings.home), _locked(context, upload_id):
            made = _filed(principal, context, found)
            _set(context, upload_id, asset_id=made.id)
    except (Invalid, Corrupt) as exc:
        _set(context, upload_id, failure=context.recordable(exc.message))
        _remove(context, upload_id)
        raise
    except Refused as exc:
        if exc.problems and exc.problems[0].code == "upload_busy":
            return found
        raise
    _remove(context, upload_id)
    return upload_of(principal, context, upload_id)


def end_upload(principal: Principal, context: Context, upload_id: str) -> None:
    """Drop an upload and what has arrived of it; the asset that it became stays. Raises as `upload_of`."""
    upload_of(principal, context, upload_id)
    with context.database.write() as conn:
        conn.execute(delete(upload).where(upload.c.id == upload_id))
    _remove(context, upload_id)


def sweep_uploads(context: Context) -> int:
    """Remove expired uploads, and files of those that there are no more; how many uploads."""
    with context.database.write() as conn:
        gone = list(
            conn.execute(delete(upload).where(upload.c.expires_at <= context.now()).returning(upload.c.id)).scalars()
        )
    for upload_id in gone:
        _remove(context, upload_id)
    with context.database.read() as conn:
        known = set(conn.execute(select(upload.c.id)).scalars())
    for path in _folder(context).glob("u*"):
        if path.name.partition(".")[0] not in known:
            path.unlink(missing_ok=True)
    return len(gone)


def _filed(principal: Principal, context: Context, found: Upload) -> Asset:
    with TemporaryDirectory(prefix="upload-", dir=context.settings.home) as folder:
        path = Path(folder) / file_name_of(found.filename)
        os.link(_path(context, found.id), path)
        return add_file(principal, context, path)


def _there(principal: Principal, context: Context, sha256: str) -> str | None:
    """The account's asset of these bytes, taken over from a share where the right to use them is there.

    Who may only look, or knows a file by its checksum alone, is told nothing: knowing what it is called gives nobody the file.
    """
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        alike = select(asset.c.id).where(asset.c.sha256 == sha256, asset.c.state != AssetState.TRASHED)
        own = conn.execute(alike.where(asset.c.account_id == account_id).limit(1)).scalar()
        if own is not None or Scope.ASSETS_READ not in principal.scopes:
            return own
        givers = {each.target.account_id for each in shares_with(conn, principal.user)}
        places = list(places_of(conn, conn.execute(alike.where(asset.c.account_id.in_(givers))).scalars()).values())
        usable = permitted(conn, principal, places, Right.USE)
    shared = next((place.id for place in places if place.seq in usable), None)
    return None if shared is None else take_shared_asset(principal, context, shared).id


def _set(context: Context, upload_id: str, **values: str) -> None:
    with context.database.write() as conn:
        conn.execute(update(upload).where(upload.c.id == upload_id).values(**values))


def _expiry(context: Context) -> datetime:
    return context.now() + timedelta(days=context.settings.upload_days)


@contextmanager
def _locked(context: Context, upload_id: str) -> Iterator[IO[bytes]]:
    """The file, for appending, and for nobody else meanwhile."""
    with _path(context, upload_id).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal("upload_busy", "another request is at this upload", "wait for its end") from None
        yield file


def _remove(context: Context, upload_id: str) -> None:
    for path in (_path(context, upload_id), _path(context, f"{upload_id}.part")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _path(context: Context, upload_id: str, *, make: bool = False) -> Path:
    if make:
        make_folder(_folder(context))
    return _folder(context) / upload_id


def _folder(context: Context) -> Path:
    return context.settings.home / "uploads"
