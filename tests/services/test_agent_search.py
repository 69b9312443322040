"""What agents may show: found by spoken questions, of this account, visible to agents and ready; opened by addresses that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import NotFound, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right
from pressroom.services import tokens
from pressroom.services.accounts import open_account
from pressroom.services.add_media import add_file
from pressroom.services.agent_search import open_for_agents, search_for_agents
from pressroom.services.edit_assets import Edit, archive_assets, edit_assets, tag_assets
from pressroom.services.selection import Selection
from tests.support.studio import Studio

OPERATOR = Principal("default")
# Name -> description, tags, whether agents may see it.
ASSETS = {
    "slab": ("Polished black galaxy", ("granite",), True),
    "kettle": ("A steel kettle on a stove", ("kitchen", "red"), True),
    "harbour": ("Boats by night", ("hafen",), True),
    "secret": ("A black granite slab that is not out yet", ("granite",), False),
    "old": ("Black granite, the old shot", ("granite",), True),
}


@pytest.fixture
def shown(studio: Studio, tmp_path: Path) -> Studio:
    open_account(OPERATOR, studio.context)
    for number, (name, (description, tags, visible)) in enumerate(ASSETS.items()):
        Image.new("RGB", (64, 48), (40 * number, 90, 120)).save(tmp_path / f"{name}.png")
        one = Selection(ids=(add_file(OPERATOR, studio.context, tmp_path / f"{name}.png").id,))
        edit = Edit(name=name, description=description, alt_text=f"it shows {name}", agent_visible=visible)
        edit_assets(OPERATOR, studio.context, one, edit)
        tag_assets(OPERATOR, studio.context, one, tags)
        if name == "old":
            archive_assets(OPERATOR, studio.context, one)
    return studio


def agent(shown: Studio, account: str = "default") -> Principal:
    open_account(Principal(account), shown.context)
    made = tokens.create_token(Principal(account), shown.context, "voice", scopes=[Scope.AGENT])
    return tokens.authenticate(shown.context, made.secret, shown.context.now())


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Do you have images of black granite?", {"slab"}),
        ("show me a picture with a kettle", {"kettle"}),
        ("Pictures of kettles, please", {"kettle"}),
        ("photos of red kitchens", {"kettle"}),
        ("Haben Sie Bilder vom Hafen?", {"harbour"}),
        ("Zeigen Sie mir Boote", set()),
        ("do you have videos of granite", set()),
        ("what pictures do you have?", {"slab", "kettle", "harbour"}),
        ("", {"slab", "kettle", "harbour"}),
        ("a picture of a unicorn", set()),
        ('";DROP TABLE asset; --', set()),
    ],
)
def test_spoken_questions_find_what_agents_may_see_and_is_ready(shown: Studio, question: str, names: set[str]) -> None:
    found = search_for_agents(agent(shown), shown.context, question, 20)

    assert {each.asset.name for each in found} == names


def test_an_answer_says_what_it_shows_and_whether_it_is_a_photo(shown: Studio) -> None:
    (found,) = search_for_agents(agent(shown), shown.context, "kettle", 20)

    told = found.as_dict()
    assert (told["name"], told["description"], told["alt_text"]) == (
        "kettle",
        "A steel kettle on a stove",
        "it shows kettle",
    )
    assert (told["kind"], told["width"], told["height"], told["origin"]) == ("image", 64, 48, "photo")
    assert len(search_for_agents(agent(shown), shown.context, "", 2)) == 2


def test_an_account_is_shown_its_own_alone_and_a_reader_nothing(shown: Studio) -> None:
    assert search_for_agents(agent(shown, "bob"), shown.context, "granite", 20) == []
    reader = replace(agent(shown), scopes=frozenset({Scope.ASSETS_READ}))
    with pytest.raises(Refused, match="needs the scope 'agent'"):
        search_for_agents(reader, shown.context, "granite", 20)
    with pytest.raises(Refused, match="signed with a token"):
        search_for_agents(OPERATOR, shown.context, "granite", 20)


def test_an_address_opens_one_asset_until_it_ends_or_its_token_does(shown: Studio) -> None:
    asking = agent(shown)
    slab, kettle = (search_for_agents(asking, shown.context, name, 1)[0] for name in ("granite", "kettle"))

    who, asset = open_for_agents(shown.context, slab.asset.id, slab.address, Right.USE)

    assert (who.account, asset.id) == ("default", slab.asset.id)
    later = replace(slab.address, until=slab.address.until + 1)
    for name, address in (
        (kettle.asset.id, slab.address),
        (slab.asset.id, later),
        (slab.asset.id, replace(later, by="prt_0")),
    ):
        with pytest.raises(NotFound, match="nothing at this address"):
            open_for_agents(shown.context, name, address, Right.USE)
    hour = replace(shown.context, now=lambda: shown.context.now() + timedelta(hours=1))
    with pytest.raises(Refused, match="has ended") as ended:
        open_for_agents(hour, slab.asset.id, slab.address, Right.USE)
    assert ended.value.problems[0].code == "gone"
    edit_assets(OPERATOR, shown.context, Selection(ids=(slab.asset.id,)), Edit(agent_visible=False))
    with pytest.raises(NotFound):
        open_for_agents(shown.context, slab.asset.id, slab.address, Right.USE)
    tokens.revoke_token(OPERATOR, shown.context, asking.user)
    with pytest.raises(NotFound):
        open_for_agents(shown.context, kettle.asset.id, kettle.address, Right.USE)
