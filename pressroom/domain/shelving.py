"""What a tag and the name of a collection may be: asked before anything is made or bought, and again where they are kept."""

from __future__ import annotations

from typing import Final

from pressroom.domain.errors import Invalid

MAX_TAG_LENGTH: Final = 100
MAX_COLLECTION_LENGTH: Final = 200


def checked_tag(tag: str) -> str:
    """The tag without outer blanks. Raises Invalid for an empty or overlong one."""
    stripped = tag.strip()
    if not 0 < len(stripped) <= MAX_TAG_LENGTH:
        raise Invalid(f"a tag has 1 to {MAX_TAG_LENGTH} characters, not {len(stripped)}: {stripped[:20]!r}")
    return stripped


def checked_collection(name: str) -> str:
    """The name without outer blanks. Raises Invalid for an empty or overlong one."""
    stripped = name.strip()
    if not 0 < len(stripped) <= MAX_COLLECTION_LENGTH:
        raise Invalid(
            f"a collection needs a name of 1 to {MAX_COLLECTION_LENGTH} characters, not {len(stripped)}: {stripped[:20]!r}"
        )
    return stripped
