"""A bought description gives its picture the alternative text and tags."""

from __future__ import annotations

import pytest

from pressroom.domain.library import TagOrigin
from pressroom.library.tags import tags_of
from tests.support.desks import Desk
from tests.support.finding import find_in

CAMPAIGN = """\
name: told
steps:
  banner:
    uses: resize
    {given}
    with: {{image: photo.png, width: 90, height: 50, format: png}}
  told:
    uses: describe_image
    model: simulated/reader
    with: {{image: "{{{{ steps.banner }}}}", context: a shop}}
"""


@pytest.mark.prefect
@pytest.mark.parametrize(("given", "kept"), [("title: ''", "picture in"), ("alt_text: A box.", "A box.")])
def test_a_picture_gets_the_alternative_text_unless_somebody_has_given_one(desk: Desk, given: str, kept: str) -> None:
    desk.write(CAMPAIGN.format(given=given))

    run = desk.pressroom("run", desk.campaign, "--json")

    assert run.code == 0, run.err
    context = desk.context
    with context.database.read() as conn:
        (banner,) = find_in(conn, desk.account_id, step="banner").items
        said = [each for each in tags_of(conn, desk.account_id, banner.id) if each.origin is TagOrigin.MODEL]
    assert kept in banner.alt_text
    assert said
