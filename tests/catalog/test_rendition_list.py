"""The list that benchmarks/renditions.py works through is what it says it is."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.media import Kind
from tests.support.media import all_placements

LIST = Path(__file__).parents[2] / "benchmarks" / "renditions.txt"
ADS = ("ad_", "demandgen_")


def test_the_list_is_every_organic_image_placement_with_published_figures_that_takes_jpeg() -> None:
    wanted = [
        f"{row.name} {row.width} {row.height}"
        for row in all_placements().values()
        if row.kind is Kind.IMAGE
        and not row.name.partition(".")[2].startswith(ADS)
        and row.evidence != "requested"
        and "jpeg" in row.formats
    ]

    listed = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]

    assert listed == wanted
    assert len(listed) == 29
