"""Files that forms send: on disk for as long as they are looked at, or in the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import FormData, UploadFile

from pressroom.api.backend import Backend
from pressroom.delivery.names import fitted
from pressroom.domain.media import Asset
from pressroom.services.add_media import add_file
from pressroom.web.schema_form import Control, Field
from pressroom.web.visitor import Visitor


@contextmanager
def sent_file(file: UploadFile) -> Iterator[Path]:
    """The file under its own name, which is all that is believed of it."""
    with TemporaryDirectory(prefix="pressroom-") as folder:
        path = Path(folder) / fitted(Path((file.filename or "").replace("\\", "/")).name.strip(". ") or "file")
        with path.open("wb") as target:
            while piece := file.file.read(1 << 20):
                target.write(piece)
        yield path


def add_sent(backend: Backend, visitor: Visitor, file: UploadFile) -> Asset:
    """File what was sent."""
    with sent_file(file) as path:
        return add_file(visitor.principal, backend.context, path)


def media_sent(backend: Backend, visitor: Visitor, form: FormData, fields: Iterable[Field]) -> dict[str, str]:
    """What stands in fields for media once the files that were sent for them are filed, by parameter. With a script none are."""
    found = {}
    for field in fields:
        files = form.getlist(f"_{field.id}_file") if field.kinds and not field.picked else []
        ids = [add_sent(backend, visitor, each).id for each in files if isinstance(each, UploadFile) and each.filename]
        if ids:
            found[field.name] = "\n".join([*field.media, *ids] if field.control is Control.ASSETS else ids)
    return found
