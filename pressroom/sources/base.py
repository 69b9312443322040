"""The port behind which campaigns live: their text, and the files and feeds that they name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Protocol

from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded, WrongNames
from pressroom.domain.operation import Operation
from pressroom.planning.plan import Files

DOCUMENT: Final = "document:"  # before the name of a stored campaign, where a file could stand


class CampaignSource(Protocol):
    """One campaign, wherever it is kept. Reads and never writes; makes no request.

    What the campaign itself names stays within the source: it may come from a stranger. What the caller passed (`given`)
    is the caller's own choice and may be anything that the source can reach at all.
    """

    @property
    def name(self) -> str:
        """What problems call it: the path of its file, or the name of its document."""
        ...

    def load(
        self,
        *,
        operations: Mapping[str, Operation[Any]] | None = None,
        placements: Collection[str] | None = None,
        names: WrongNames | None = None,
    ) -> Loaded:
        """The checked campaign. Raises Invalid carrying every problem found."""
        ...

    def feeds(self, loaded: Loaded, given: Mapping[str, str], max_rows: int) -> dict[str, Feed]:
        """The rows of every feed by dimension; `given` are the caller's, in place of the campaign's.

        A feed that cannot be read is a problem of the line that names it. Raises Invalid for a dimension without a feed.
        """
        ...

    def files(self, given: Iterable[str] = ()) -> Files:
        """Media and fonts, for the planner; `given` are the texts that the caller passed, whose paths may lead anywhere."""
        ...
