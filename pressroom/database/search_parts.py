"""Which columns of an asset are searched as words, and which are mirrored in memory for filters."""

from __future__ import annotations

from typing import Final

# A hit in one of the first counts more. `tags` and `content` come from tables of their own.
TITLE_WORDS: Final = ("name", "title", "tags")
OTHER_WORDS: Final = ("description", "alt_text", "prompt", "filename", "folder", "content")
# Where one of these changes, or a tag, a shelf or an opinion, the columns in memory are read again (see library/mirror.py).
# The words are among them: what was found by them is kept in memory, too.
MIRRORED: Final = (
    *(name for name in (*TITLE_WORDS, *OTHER_WORDS) if name not in ("tags", "content")),
    *("kind", "mime", "size_bytes", "width", "height", "duration_seconds", "placement", "provider", "model"),
    *("operation", "details", "cost_credits_micros", "run_id", "campaign", "step", "source_module", "created_at"),
    *("project", "category", "is_public", "agent_visible", "state", "created_by", "uses"),
)
