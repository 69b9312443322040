"""What a backup is made of, with the digest of each file, so that a damaged one is never restored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Corrupt, Refused

MANIFEST: Final = "manifest.json"
OBJECTS: Final = "objects.jsonl.gz"
MEDIA: Final = "media"


class TableFile(BaseModel):
    """One table: its rows are in tables/NAME.jsonl.gz."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rows: int
    sha256: str


class Manifest(BaseModel):
    """`tables` are in the order in which they can be filled; `violations` is what was wrong with the books at the time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["pressroom-backup-1"] = "pressroom-backup-1"
    pressroom: str
    database: str
    revision: str
    created_at: datetime
    tables: tuple[TableFile, ...]
    objects_sha256: str
    objects: int
    object_bytes: int
    missing: int
    media: bool
    violations: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.tables)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a whole backup. Raises Refused for what is none, Corrupt for one that is damaged."""
        try:
            found = cls.model_validate_json((folder / MANIFEST).read_bytes())
        except OSError as exc:
            raise Refused(
                f"{folder} is no backup: {MANIFEST} cannot be read ({exc.strerror})",
                hint="name the folder that `pressroom backup` has written",
            ) from exc
        except ValidationError as exc:
            raise Refused(
                f"{folder} is no backup that this version of Pressroom knows: {exc.errors()[0]['msg']}",
                hint="name the folder that `pressroom backup` has written, or update Pressroom",
            ) from exc
        wanted = {table_path(folder, each.name): each.sha256 for each in found.tables}
        for path, sha256 in {**wanted, folder / OBJECTS: found.objects_sha256}.items():
            if not path.is_file() or file_digest(path) != sha256:
                raise Corrupt(
                    f"the backup in {folder} is damaged: {path.name} is not what was written",
                    hint="restore another one; nothing was changed",
                )
        return found


def table_path(folder: Path, name: str) -> Path:
    return folder / "tables" / f"{name}.jsonl.gz"
