"""What is shared is seen, used and edited as far as it was said, by whom it was said, and not a moment longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pressroom.database.schema import asset
from pressroom.domain.errors import Invalid, NotAuthenticated, NotFound, PressroomError, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.library import Right, Use
from pressroom.library.editing import Edit
from pressroom.people.invitations import is_known
from pressroom.services import uses
from pressroom.services.deliver_asset import deliver_asset, take_shared_asset
from pressroom.services.edit_assets import edit_assets, move_assets, trash_assets
from pressroom.services.invitations import accept_invitation
from pressroom.services.library import opened_media, show_asset, trace_asset
from pressroom.services.people import add_member
from pressroom.services.previews import preview_of
from pressroom.services.public_links import create_link, list_links, open_link, revoke_link
from pressroom.services.selection import Selection
from pressroom.services.shared_assets import see_asset, shared_assets, shared_with, visited_assets
from pressroom.services.sharing import list_shares, share, unshare
from tests.support.studio import Studio

ME = Principal("default")
ANN = "ann@bob.example"
GUEST = Principal("bob", ANN)
CAMPAIGN = """
name: two
steps:
  scene: {uses: draw, with: {prompt: a secret kettle, width: 64, height: 48}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""


@pytest.fixture
def filled(studio: Studio) -> Studio:
    """Two pictures of one account, and another account whose member is ann."""
    studio.go(CAMPAIGN)
    run = studio.begin(studio.plan("name: other\nsteps: {b: {uses: draw, with: {prompt: of bob}}}"), account="bob")
    studio.walk(run)
    add_member(Principal("bob"), studio.context, ANN, "editor")
    move_assets(ME, studio.context, Selection((step_of(studio, "scene"),)), "for/ann")
    return studio


def step_of(studio: Studio, step: str) -> str:
    with studio.context.database.read() as conn:
        return str(conn.execute(select(asset.c.id).where(asset.c.step == step)).scalar_one())


def allowed(studio: Studio, name: str) -> list[str]:
    """What ann can do with an asset, by trying."""
    context, one = studio.context, Selection((name,))

    def fetch() -> None:
        with opened_media(GUEST, context, name) as media:
            media.path.read_bytes()

    tries = {
        "view": lambda: show_asset(GUEST, context, name),
        "preview": lambda: preview_of(GUEST, context, name, 320),
        "use": fetch,
        "take": lambda: uses.record_use(GUEST, context, name, "download"),
        "edit": lambda: edit_assets(GUEST, context, one, Edit(title="Hers")),
    }
    found = []
    for what, attempt in tries.items():
        with suppress(NotFound):
            attempt()
            found.append(what)
    return found


def test_rights_go_as_far_as_they_were_given_and_end_at_once(filled: Studio) -> None:
    scene, dusk = step_of(filled, "scene"), step_of(filled, "dusk")
    assert allowed(filled, scene) == []
    with pytest.raises(NotFound, match=f"there is no asset '{scene}'"):
        show_asset(GUEST, filled.context, scene)

    seen = ["view", "preview"]
    for right, can in (("view", seen), ("use", [*seen, "use", "take"]), ("edit", [*seen, "use", "take", "edit"])):
        given = share(ME, filled.context, "folder", "for", ANN.upper(), right)
        assert (given.invitation, given.share.right) == ("", right)
        assert allowed(filled, scene) == can
        assert allowed(filled, dusk) == []
    assert [each.right for each in list_shares(ME, filled.context)] == [Right.EDIT]
    assert show_asset(ME, filled.context, scene).title == "Hers"

    unshare(ME, filled.context, "folder", "for", ANN)
    assert allowed(filled, scene) == []
    assert shared_with(GUEST, filled.context) == []


def test_a_guest_is_not_told_how_it_was_made_or_what_it_cost(filled: Studio) -> None:
    scene = step_of(filled, "scene")
    share(ME, filled.context, "asset", scene, ANN, "edit")

    (mine,) = shared_with(GUEST, filled.context)
    (listed,) = shared_assets(GUEST, filled.context, mine)
    seen = see_asset(GUEST, filled.context, scene)

    assert listed == seen
    assert (seen.account, seen.asset.width, seen.asset.step) == ("default", 64, "scene")
    assert "secret" not in str(seen.as_dict())
    assert (seen.asset.params, seen.asset.run_id, seen.asset.cost_usd_micros) == ({}, "", 0)
    with pytest.raises(NotFound):
        trace_asset(GUEST, filled.context, scene)
    with pytest.raises(NotFound):
        uses.list_uses(GUEST, filled.context, scene)


def test_who_may_edit_may_trash_and_take_out_of_it(filled: Studio) -> None:
    scene = step_of(filled, "scene")
    share(ME, filled.context, "asset", scene, ANN, "edit")
    share(ME, filled.context, "folder", "for/ann", "bea@bob.example", "use")

    trash_assets(GUEST, filled.context, Selection((scene,)))

    assert show_asset(GUEST, filled.context, scene).state == "trashed"
    with pytest.raises(NotFound):
        show_asset(Principal("bob", "bea@bob.example"), filled.context, scene)


def test_a_shared_asset_is_taken_over_with_the_same_object_and_its_owner_sees_that(filled: Studio) -> None:
    scene = step_of(filled, "scene")
    share(ME, filled.context, "asset", scene, ANN, "use")

    taken = take_shared_asset(GUEST, filled.context, scene)
    take_shared_asset(GUEST, filled.context, scene)

    assert taken.sha256 == show_asset(ME, filled.context, scene).sha256
    assert show_asset(GUEST, filled.context, taken.id).created_by == ANN
    assert uses.count_uses(ME, filled.context, scene)[Use.CAMPAIGN] == 1


def test_an_unknown_address_is_invited_for_seven_days(filled: Studio) -> None:
    scene = step_of(filled, "scene")

    first = share(ME, filled.context, "asset", scene, "zoe@new.example").invitation
    second = share(ME, filled.context, "asset", scene, "zoe@new.example").invitation
    later = replace(filled.context, now=lambda: filled.context.now() + timedelta(days=8))

    for context, secret in ((filled.context, first), (later, second), (filled.context, "never")):
        with pytest.raises(NotFound, match="not good any more"):
            accept_invitation(context, secret)
    assert accept_invitation(filled.context, second).email == "zoe@new.example"
    with pytest.raises(NotFound):
        accept_invitation(filled.context, second)
    with filled.context.database.read() as conn:
        assert is_known(conn, "zoe@new.example")
    zoe = Principal("zoes own", "zoe@new.example")
    assert show_asset(zoe, filled.context, scene).id == scene


def test_a_link_opens_what_it_covers_until_it_ends(filled: Studio) -> None:
    context, scene, dusk = filled.context, step_of(filled, "scene"), step_of(filled, "dusk")
    until = context.now() + timedelta(days=1)
    made = create_link(ME, context, "folder", "for", right="use", password="open sesame", expires_at=until)
    assert made.secret not in repr(made)

    for wrong in ("", "open simsim"):
        with pytest.raises(NotAuthenticated):
            open_link(context, made.secret, wrong)
    visitor = open_link(context, made.secret, "open sesame")
    assert [each.asset.id for each in visited_assets(visitor, context)] == [scene]
    with opened_media(visitor, context, scene) as media:
        assert media.path.is_file()
    for not_theirs in (dusk, str(Path(__file__))):
        with pytest.raises(NotFound):
            show_asset(visitor, context, not_theirs)

    later = replace(context, now=lambda: until)
    with pytest.raises(Refused, match="ended at"):
        open_link(later, made.secret, "open sesame")
    revoke_link(ME, context, made.link.id)
    with pytest.raises(Refused, match="was revoked") as told:
        open_link(context, made.secret, "open sesame")
    assert told.value.problems[0].code == "gone"
    with pytest.raises(NotFound):
        open_link(context, made.secret[:-1] + "x")
    assert list_links(Principal("bob"), context) == []


def test_no_two_take_the_last_download(filled: Studio) -> None:
    context, scene = filled.context, step_of(filled, "scene")
    made = create_link(ME, context, "asset", scene, right="use", most_downloads=3)
    visitor = open_link(context, made.secret)

    def take(_: int) -> bool:
        try:
            return uses.record_use(visitor, context, scene, "download")
        except PressroomError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 3
    assert [each.downloads for each in list_links(ME, context)] == [3]
    assert uses.count_uses(ME, context, scene)[Use.DOWNLOAD] == 3


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"right": "edit"}, "nobody edits by a link"),
        ({"password": "short"}, "8 to 256"),
        ({"most_downloads": 0}, "at least one"),
        ({"right": "own"}, "no right 'own'"),
    ],
)
def test_terms_of_a_link_that_cannot_be(filled: Studio, terms: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        create_link(ME, filled.context, "asset", step_of(filled, "scene"), **terms)  # type: ignore[arg-type]


def test_a_purged_asset_is_gone_for_its_owner_alone(filled: Studio) -> None:
    from pressroom.services.purge_assets import purge_assets

    scene = step_of(filled, "scene")
    trash_assets(ME, filled.context, Selection((scene,)))
    purge_assets(ME, filled.context, Selection((scene,)))

    with pytest.raises(Refused, match="was purged"):
        show_asset(ME, filled.context, scene)
    with pytest.raises(NotFound):
        show_asset(GUEST, filled.context, scene)


def test_an_asset_is_delivered_once_more_without_being_made(filled: Studio, tmp_path: Path) -> None:
    scene = step_of(filled, "scene")

    lies = deliver_asset(ME, filled.context, scene, str(tmp_path / "again"))

    assert Path(lies).name == show_asset(ME, filled.context, scene).filename
    with pytest.raises(Refused, match="there is a file"):
        deliver_asset(ME, filled.context, scene, str(tmp_path / "again"))
