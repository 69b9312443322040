"""Files that must not be opened: bombs, broken ones, disguises and traps. Made on the spot, the same every time.

Each module yields (name, bytes); the name says what is wrong. None of them is dangerous to keep: the bombs are small until
somebody decodes them, and the addresses they name (example.invalid) never resolve.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.hostile import disguises, drawings, pictures, recordings


def corpus() -> Iterator[tuple[str, bytes]]:
    """Every hostile file that may be passed where a picture, video or sound is expected."""
    for module in (pictures, drawings, recordings, disguises):
        family = module.__name__.rpartition(".")[2]
        for name, data in module.files():
            yield f"{family}: {name}", data
