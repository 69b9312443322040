"""Files that forms send, on disk for as long as they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile

from pressroom.delivery.names import fitted


@contextmanager
def sent_file(file: UploadFile) -> Iterator[Path]:
    """The file under its own name, which is all that is believed of it."""
    with TemporaryDirectory(prefix="pressroom-") as folder:
        path = Path(folder) / fitted(Path((file.filename or "").replace("\\", "/")).name.strip(". ") or "file")
        with path.open("wb") as target:
            while piece := file.file.read(1 << 20):
                target.write(piece)
        yield path
