"""Files that an operation hands on as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from pressroom.domain.media import MOVED_WORDS, UNKNOWN_MIME, Made, suffix_for
from pressroom.domain.operation import Workspace
from pressroom.media.files.sniff import sniff_file
from pressroom.media.geometry import visible


def copied(work: Workspace, name: str, stem: str, details: Mapping[str, Any]) -> Made:
    """A copy of the input `name`, called `stem`, with these details; words stand in it where they stood."""
    source = work.inputs[name]
    found = sniff_file(source)
    mime = found.mime if found else UNKNOWN_MIME
    target = work.folder / f"{stem}{suffix_for(mime)}"
    shutil.copyfile(source, target)
    words = work.words.get(name, ())
    moved = {MOVED_WORDS: visible(words)} if words else {}
    return Made(target, mime, details={**details, **moved})
