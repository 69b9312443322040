"""What a person looks at before deciding about a run: what has changed since the last good one, and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pressroom.database.engine import Database
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import Principal
from pressroom.domain.states import Decision
from pressroom.services.launch_run import see_through
from pressroom.services.review import changed_since, review_of, suspended_summary, thumbnails
from pressroom.services.run_lease import alive
from pressroom.services.suspend_run import Verdict, decide, suspension_of
from pressroom.services.take_up_run import take_up
from tests.support.studio import Studio, open_studio

TEXT = """
name: seen
approval: always
inputs: {photo: {type: image, default: photo.png}}
steps:
  warm: {uses: tint, model: simulated/brush, with: {image: "{{ inputs.photo }}"}}
  scene: {uses: draw, model: simulated-direct/ink, count: 2, with: {prompt: "{{ each.take }}"}}
"""


@pytest.fixture
def studio(tmp_path: Path, sqlite_url: str) -> Iterator[Studio]:
    with Database.open(sqlite_url) as database:
        found = open_studio(tmp_path / "home", database, sqlite_url)
        Image.new("RGB", (40, 30), "#804020").save(found.home / "photo.png")
        yield found


def approved(studio: Studio, text: str) -> str:
    """The id of a run that was approved, and has ended."""
    run = studio.begin(studio.plan(text))
    decide(studio.principal, studio.context, run.id, Verdict(Decision.APPROVED, "a test"))
    taken = take_up(studio.principal, studio.context, run.id)
    assert taken is not None
    with alive(studio.context, taken) as life:
        see_through(studio.context, taken, life)
    return run.id


def test_what_has_changed_since_the_last_good_run_and_what_that_cost(studio: Studio) -> None:
    first = approved(studio, TEXT)
    assert changed_since(studio.principal, studio.context, first) is None
    rejected = studio.begin(studio.plan(TEXT.replace("name: seen", "name: seen\ntitle: other")))
    decide(studio.principal, studio.context, rejected.id, Verdict(Decision.REJECTED, "a test"))

    text = TEXT.replace("count: 2", "count: 3").replace(
        '"{{ each.take }}"', "\"{{ each.take ~ 'x' if each.take == 2 else each.take }}\""
    )
    run = studio.begin(studio.plan(text.replace("warm:", "hot:")))
    found = changed_since(studio.principal, studio.context, run.id)

    assert found is not None
    assert (found.run_id, found.changes.added, found.changes.removed) == (first, ("hot", "scene[take=3]"), ("warm",))
    assert (found.changes.changed, found.changes.same) == (("scene[take=2]",), 1)
    assert "it may cost 2 credits, that one 4 credits and has paid 4 credits" in str(found)
    waiting = suspension_of(studio.principal, studio.context, run.id)
    assert suspended_summary(studio.principal, studio.context, waiting)["changes"]["since"] == first


def test_inputs_and_what_is_there_already_are_shown_as_pictures(studio: Studio) -> None:
    approved(studio, TEXT)
    run = studio.begin(studio.plan(TEXT.replace("count: 2", "count: 3")))

    found = review_of(studio.principal, studio.context, run.id)
    pictures = thumbnails(studio.principal, studio.context, found.shown)

    assert [each.what for each in found.shown] == ["input photo.png", "warm", "scene[take=1]", "scene[take=2]"]
    assert [each.is_input for each in found.shown] == [True, False, False, False]
    assert pictures.keys() == {each.asset.id for each in found.shown}
    assert all(each.startswith("data:image/webp;base64,") for each in pictures.values())
    with pytest.raises(NotFound):
        review_of(Principal("other"), studio.context, run.id)
