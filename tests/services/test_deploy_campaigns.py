"""What a campaign's file says of its deployment: the price, and the queue that follows from it."""

from __future__ import annotations

import pytest

from pressroom.bootstrap import open_planning
from pressroom.domain.identity import Principal
from pressroom.services.deploy_campaigns import Carried, read_for_deployment
from tests.support.desks import TINY, Desk, set_up

FREE = "pressroom: 1\nname: free\nsteps: {art: {uses: generate_image, model: local/vector, with: {prompt: sea}}}\n"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return set_up(tmp_path_factory.mktemp("deployed"))


@pytest.mark.parametrize(
    ("text", "price", "queue"),
    [
        (TINY, "Costs about 4 credits", "paid"),
        (TINY.replace(", default: photo.png", ""), "The price depends on the inputs.", "paid"),
        (FREE, "Costs nothing: all of it is computed.", "light"),
    ],
)
def test_a_price_is_told_where_it_does_not_depend_on_what_a_run_is_given(
    desk: Desk, text: str, price: str, queue: str
) -> None:
    desk.write(text)

    found = read_for_deployment(
        Principal("default"),
        open_planning(desk.settings),
        lambda: desk.context,
        desk.folder / "campaign.yaml",
        carried=Carried.TEXT,
        group="g",
    )

    assert price in found.body["description"]
    assert found.queue.name == queue
