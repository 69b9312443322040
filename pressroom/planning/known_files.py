"""Files whose facts are already known: for planning without a disk, in tests and in tools that keep media elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pressroom.campaign.paths import is_pattern
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Kind
from pressroom.planning.plan import FileFacts


@dataclass(frozen=True)
class KnownFiles:
    """Facts by path, as the campaign writes it. Implements pressroom.planning.plan.Files.

    Fonts that are not in `fonts` count as bundled ones; a file that is not in `facts` is not there.
    """

    facts: Mapping[str, FileFacts] = field(default_factory=dict)
    fonts: Mapping[str, FileFacts] = field(default_factory=dict)

    def media(self, path: str) -> FileFacts:
        return self.facts.get(path) or FileFacts(problem=f"{path} is not there")

    def font(self, name: str) -> FileFacts:
        return self.fonts.get(name, FileFacts())

    def resolve(self, path: str) -> str:
        return path

    def matching(self, pattern: str, kind: Kind, most: int) -> tuple[str, ...]:
        wanted = pattern if is_pattern(pattern) else f"{pattern}/*"
        found = sorted(path for path in self.facts if fnmatchcase(path, wanted))
        if not 0 < len(found) <= most:
            raise Invalid(f"{pattern} finds {len(found)} files, 1 to {most} are allowed")
        return tuple(found)

    @property
    def unfetched(self) -> tuple[str, ...]:
        return ()
