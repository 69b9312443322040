"""The contract of a campaign source: both kinds pass the same tests, and one campaign gives one plan from either."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.planning.plan import Plan
from pressroom.services.add_media import add_file
from pressroom.services.context import Context
from pressroom.services.documents import store_document
from pressroom.services.plan_campaign import Planned, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings
from pressroom.sources.folder import FolderSource
from pressroom.sources.library_media import LibraryMedia

ME = Principal("default")
CAMPAIGN = """\
name: both
inputs: {{photo: {{type: image, default: "asset:{photo}"}}}}
brand: {{logo: "asset:{photo}"}}
steps:
  a:
    uses: resize
    feed: asset:{feed}
    with: {{image: "{{{{ inputs.photo }}}}", width: "{{{{ each.row.width }}}}", height: 10, format: png}}
"""


class House:
    """A home with a photo and a feed in its library, and the same campaign as a file and as a document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home")
        self.context: Context = open_context(self.settings)
        Image.effect_noise((40, 30), 50).save(folder / "photo.png")
        (folder / "rows.csv").write_text("name,width\nx,20\ny,30\n")
        self.photo = add_file(ME, self.context, folder / "photo.png").id
        self.feed = add_file(ME, self.context, folder / "rows.csv").id

    def place(self, kind: str, text: str, who: Principal) -> dict[str, str]:
        """How a request names the campaign, put there."""
        if kind == "folder":
            (self.folder / "c.yaml").write_text(text)
            return {"file": str(self.folder / "c.yaml")}
        return {"document": store_document(who, self.context, "both", text).id}

    def planned(self, kind: str, text: str = "", who: Principal = ME, **request: object) -> Planned:
        text = text or CAMPAIGN.format(photo=self.photo, feed=self.feed)
        asked = RunRequest.model_validate({**self.place(kind, text, who), **request})
        return plan_campaign(who, open_planning(self.settings), asked)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


KINDS = pytest.mark.parametrize("kind", ["folder", "stored"])


def essence(plan: Plan) -> Plan:
    return replace(plan, file="")


def test_the_same_campaign_gives_the_same_plan_from_both(house: House) -> None:
    plans = [house.planned(kind).plan for kind in ("folder", "stored")]

    assert essence(plans[0]) == essence(plans[1])
    assert [node.id for node in plans[0].nodes] == ["a[row=x]", "a[row=y]"]
    assert plans[0].problems == ()


@KINDS
def test_assets_are_named_by_id_by_bytes_and_by_a_beginning_of_either(house: House, kind: str) -> None:
    text = CAMPAIGN.replace("photo}}", "photo}}", 1)
    sha256 = house.planned(kind).plan.nodes[0].inputs["image"].key
    keys = set()
    for name in (house.photo, house.photo[:8], sha256, sha256[:8]):
        plan = house.planned(kind, text.format(photo=name, feed=house.feed)).plan
        assert plan.problems == ()
        keys.add(plan.nodes[0].key)

    assert len(keys) == 1


@KINDS
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "there is no asset 'nothing'"),
        ("i", "there is no asset 'i'"),
        ("../x", "is no id"),
        ("", "is no id"),
    ],
)
def test_an_asset_that_is_not_there_is_a_problem_of_the_line_that_names_it(
    house: House, kind: str, name: str, says: str
) -> None:
    problem = house.planned(kind, CAMPAIGN.format(photo=name, feed=house.feed)).plan.problems[0]

    assert says in problem.message
    assert problem.line == 2


@KINDS
def test_the_assets_of_another_account_are_not_there(house: House, kind: str) -> None:
    add_file(Principal("other"), house.context, house.folder / "rows.csv")

    told = [problem.message for problem in house.planned(kind, who=Principal("other")).plan.problems]

    assert (
        f"input 'photo': there is no asset {house.photo!r} in the library: `pressroom assets list` shows them" in told
    )


@KINDS
def test_a_url_that_is_not_in_the_library_is_to_be_fetched_first(house: House, kind: str) -> None:
    text = CAMPAIGN.replace("asset:{photo}", "https://x.example/a.png?sig=hunter2", 1).replace(
        "asset:{photo}", "asset:{photo}"
    )
    planned = house.planned(kind, text.format(photo=house.photo, feed=house.feed))

    (problem,) = planned.plan.problems
    assert (
        "https://x.example/a.png?… is not in the library yet: fetch it first: pressroom assets add URL"
        in problem.message
    )
    assert "hunter2" not in str(problem)
    assert planned.files.unfetched == ("https://x.example/a.png?sig=hunter2",)


@KINDS
@pytest.mark.parametrize("path", ["/etc/hostname", "../photo.png", "~/photo.png"])
def test_the_campaign_reaches_no_file_outside(house: House, kind: str, path: str) -> None:
    text = CAMPAIGN.format(photo=house.photo, feed=house.feed).replace(
        f'default: "asset:{house.photo}"', f"default: {path}"
    )

    (problem,) = house.planned(kind, text).plan.problems

    assert "leads out of the campaign's folder" in problem.message or "has no folder" in problem.message
    assert problem.line == 2


def test_the_caller_of_a_stored_campaign_reaches_no_file_of_this_machine_either(house: House) -> None:
    problems = house.planned(
        "stored", inputs={"photo": str(house.folder / "photo.png")}, feeds={"row": "/etc/hostname"}
    )

    assert ["has no folder" in str(problem) for problem in problems.plan.problems] == [True, True]


@KINDS
def test_a_mistake_names_its_source(house: House, kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        house.planned(kind, "name: both\nstepz: {}\n")

    assert caught.value.problems[0].file.startswith(str(house.folder) if kind == "folder" else "document:d")


def test_a_stored_campaign_has_no_brand_file(house: House) -> None:
    with pytest.raises(Invalid, match="no file beside this campaign"):
        house.planned(
            "stored", "name: both\nbrand: brand.yaml\nsteps: {a: {uses: generate_image, with: {prompt: x}}}\n"
        )


def test_without_a_library_nothing_is_found(tmp_path: Path) -> None:
    assert "there is no asset" in FolderSource(tmp_path / "c.yaml").files().media("asset:abcd").problem
    assert isinstance(LibraryMedia.unfetched, property)
