"""The pages in a browser: at three widths, light and dark, by keyboard, without a script, and as axe judges them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from pressroom.services.edit_assets import trash_assets
from pressroom.services.selection import Selection
from tests.support.web_server import OPERATOR, Served, served

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(__file__).parents[1] / "data" / "axe-4.14.1.min.js"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="NOT TESTED: no Chromium here, no page was opened in a browser"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, open_house: Served) -> Iterator[Callable[..., Page]]:
    """A page of its own browser window; whatever the window complains of or asks of elsewhere fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=open_house.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: _note_foreign(asked.url, open_house.url, complaints))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _note_foreign(asked: str, ours: str, complaints: list[str]) -> None:
    if not asked.startswith((ours, "data:", "blob:")):
        complaints.append(f"asked {asked}")


def test_each_page_fits_three_windows_and_axe_finds_nothing_serious(
    open_page: Callable[..., Page], open_house: Served
) -> None:
    axe = AXE.read_bytes()
    assert hashlib.sha256(axe).hexdigest() == AXE_SHA256
    page = open_page(reduced_motion="reduce")
    for address in (*open_house.addresses, "/login"):
        page.goto(address)
        for width in (360, 2560, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.locator("h1").count() == 1, address
        page.evaluate(axe.decode())
        assert serious(page, RULES) == [], address
        page.emulate_media(color_scheme="dark")
        assert serious(page, ["wcag2aa"]) == [], address
        page.emulate_media(color_scheme="light")


def serious(page: Page, rules: list[str]) -> list[tuple[str, list[str]]]:
    """The rules that are broken badly, each with the elements that do."""
    found = page.evaluate("rules => axe.run({runOnly: rules})", rules)
    bad = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in bad]


def test_a_search_changes_the_list_and_the_address_while_one_types(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/library")
    everything = page.locator("#results .asset").count()

    page.locator("#q").press_sequentially("photo")
    page.wait_for_url("**/library?*text=photo*")
    page.wait_for_function("document.querySelectorAll('#results .asset').length < " + str(everything))

    assert page.locator("#results .asset").count() == 1
    assert page.locator("#q").evaluate("field => field === document.activeElement")


def test_a_mistake_in_the_editor_is_shown_at_its_line(open_page: Callable[..., Page], open_house: Served) -> None:
    page = open_page()
    page.goto(f"/campaigns/{open_house.document}")
    assert page.locator("#plan .state").inner_text() == "inputs wanted"  # its photo lies in no library

    page.locator("#text").fill("pressroom: 1\nname: x\nsteps:\n  a: {uses: resise}\n")
    page.locator("#plan", has_text="did you mean").locator("a[data-line='4']").click()

    selected = page.locator("#text").evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == "  a: {uses: resise}"


def test_a_thing_is_made_at_the_price_on_its_button(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/create")
    page.locator("#prompt").fill("hills at dusk")
    page.locator("#_count").fill("99")
    page.locator("#problem-_count", has_text="less than or equal to 10").wait_for()

    page.locator("#_count").fill("1")
    page.get_by_role("button", name="Make for 0 credits").click()
    page.wait_for_url("**/runs/*")

    page.locator("#live .head .state", has_text="completed").wait_for(timeout=120_000)
    assert page.locator("#live .asset img").first.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_a_campaign_runs_with_media_that_were_chosen_or_brought_along(
    open_page: Callable[..., Page], open_house: Served, tmp_path: Path
) -> None:
    page = open_page(viewport={"width": 360, "height": 800})
    page.goto(f"/campaigns/{open_house.document}")
    page.get_by_role("button", name="Choose for Photo").click()
    page.locator("#chooser-text").fill("photo")
    page.locator("#picks [data-asset]").first.wait_for()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('#chooser')")["violations"]
    assert [
        (each["id"], each["nodes"][0]["target"]) for each in found if each["impact"] in ("serious", "critical")
    ] == []
    page.locator(f"#picks [data-asset='{open_house.asset}']").click()
    page.locator("#chosen-input-photo li", has_text="photo.png").wait_for()
    page.locator("#plan .state", has_text="allowed").wait_for()

    Image.new("RGB", (70, 70), "teal").save(tmp_path / "other.png")
    page.get_by_role("button", name="Choose for Photo").click()
    page.locator("#bring-file").set_input_files(tmp_path / "other.png")
    page.locator("#chosen-input-photo li", has_text="other.png").wait_for()
    assert page.locator("#input-photo").get_attribute("aria-invalid") is None
    brought = page.locator("#input-photo").input_value()
    page.locator("#plan").get_by_role("button", name="Run for 0 credits").click()
    page.wait_for_url("**/runs/*")

    page.locator("#live .head .state", has_text="completed").wait_for(timeout=120_000)
    made = page.locator("#live .asset a").first.get_attribute("href")
    page.goto(made or "")
    assert page.locator(f".lineage a[href='/assets/{brought}']").count() == 1


def test_a_mask_is_painted_and_a_box_is_drawn_on_the_picture(
    open_page: Callable[..., Page], open_house: Served, tmp_path: Path
) -> None:
    page = open_page(viewport={"width": 360, "height": 800}, has_touch=True)
    page.goto(f"/studio/edit_image?image={open_house.made}&kind=erase")
    canvas = page.locator(".over canvas")
    canvas.wait_for()
    canvas.focus()
    for key in ("ArrowLeft", " ", "ArrowUp", " ", "Control+z"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Invert").click()
    page.get_by_role("button", name="Use this mask").click()
    page.get_by_role("status").get_by_text("The mask is in the form.").wait_for()
    mask = page.locator("#mask").input_value()
    shown = page.goto(f"/assets/{mask}/file")
    assert shown is not None
    (tmp_path / "mask.png").write_bytes(shown.body())
    with Image.open(tmp_path / "mask.png") as picture:
        grey = picture.convert("L")
        assert (grey.size, grey.getpixel((0, 0)), grey.getpixel((43, 25))) == ((90, 50), 255, 0)
    trash_assets(OPERATOR, open_house.context, Selection((mask,)))

    page.goto(f"/studio/crop?image={open_house.made}")
    page.get_by_text("Draw it on the picture").first.click()
    over = page.locator(".over").first
    over.locator("img").evaluate("picture => picture.decode()")  # before that it has not its size
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"], steps=3)
    page.mouse.up()
    over.focus()
    page.keyboard.press("ArrowRight")
    assert [round(float(page.locator(f"#box-{part}").input_value()[:-1])) for part in ("x", "y", "width")] == [
        26,
        50,
        25,
    ]
    page.get_by_role("button", name="Make for 0 credits").wait_for()


def test_picked_assets_are_tagged_and_all_that_were_found_only_after_a_question(
    open_page: Callable[..., Page], open_house: Served
) -> None:
    page = open_page()
    page.goto("/library?campaign=autumn")
    found = page.locator(".asset").count()
    assert not page.locator("#change").is_visible()

    page.locator("[name=id]").first.check()
    assert not page.locator("#value").is_visible()
    page.locator("#action").select_option("collect")
    page.locator("#names option[value='Banners']").wait_for(state="attached")
    page.locator("#action").select_option("tag")
    page.locator("#value").fill("teaser, red kettle")
    page.get_by_role("button", name="Do it to those picked").click()
    page.get_by_role("status", name="").get_by_text("Done.").wait_for()
    page.goto("/library?tag=red+kettle")
    assert page.locator(".asset").count() == 1

    with open_house.client() as client:
        token = {"form_token": page.locator("[name=form_token]").first.get_attribute("value")}
        asked = {**token, "action": "tag", "value": "all", "all": "campaign=autumn", "back": "/library?campaign=autumn"}
        question = client.post("/library/change", data=asked)
        nobody = client.get("/library?tag=all")
        done = client.post("/library/change", data={**asked, "sure": "yes"})
    assert (question.status_code, nobody.status_code, done.headers["location"]) == (
        200,
        200,
        "/library?campaign=autumn&said=done",
    )
    assert f"{found} assets" in question.text
    assert "no asset has the tag" in nobody.text
    page.goto("/library?tag=all")
    assert page.locator(".asset").count() == found


def test_words_are_edited_where_they_stand(open_page: Callable[..., Page], open_house: Served) -> None:
    page = open_page()
    page.goto(f"/assets/{open_house.asset}")
    page.locator("#title").fill("The kettle")
    page.locator("#folder").fill("spring/shop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="☆ Favourite").click()

    assert page.locator("h1").inner_text() == "The kettle"
    assert page.locator("#folder").input_value() == "spring/shop"
    assert page.get_by_role("button", name="★ Favourite").get_attribute("aria-pressed") == "true"
    page.goto("/library?favourite=yes&folder=spring")
    assert page.locator(".asset .words a").all_inner_texts() == ["The kettle"]
    page.goto(f"/assets/{open_house.asset}")
    page.locator("#title").fill("photo.png")
    page.get_by_role("button", name="Save").click()


def test_a_slider_uncovers_the_picture_below(open_page: Callable[..., Page], open_house: Served) -> None:
    page = open_page()
    page.goto(f"/assets/{open_house.made}/beside/{open_house.asset}")
    above = page.locator(".compare img").nth(1)
    assert above.evaluate("image => getComputedStyle(image).clipPath") == "inset(0px 0px 0px 50%)"

    page.locator("#slide").focus()
    page.keyboard.press("End")

    assert above.evaluate("image => image.style.clipPath") == "inset(0px 0px 0px 0%)"


def test_a_share_is_given_and_taken_back(open_page: Callable[..., Page], open_house: Served) -> None:
    page = open_page()
    page.goto(f"/shares?kind=asset&name={open_house.asset}")
    page.locator("#email").fill("guest@example.com")
    page.get_by_role("button", name="Share").click()
    page.goto("/shares")
    assert "guest@example.com" in page.locator("main").inner_text()

    page.locator("tr", has_text="guest@example.com").get_by_role("button", name="Take back").click()
    assert "guest@example.com" not in page.locator("main").inner_text()


def test_every_page_is_reached_by_keyboard_alone(open_page: Callable[..., Page], open_house: Served) -> None:
    page = open_page(viewport={"width": 1280, "height": 900})
    page.goto("/library")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the page"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id"))

    assert {"/campaigns", "/runs", "/usage", "/setup", "/team", "/tokens", "/settings", "q", "sort", "file"} <= reached
    assert any(each.startswith("/assets/") for each in reached)


def test_without_a_script_one_searches_looks_adds_and_approves_and_open_pages_are_told(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("unscripted")
    with served(folder) as house:
        page = browser.new_context(base_url=house.url, java_script_enabled=False).new_page()

        watching = {
            address: browser.new_context(base_url=house.url).new_page()
            for address in ("/runs", "/create", f"/runs/{house.waiting}")
        }
        for address, told in watching.items():
            with told.expect_response("**/events"):
                told.goto(address)

        page.goto("/library")
        page.locator("#q").fill("photo")
        page.get_by_role("button", name="Search").click()
        page.locator("#results .words a").click()
        assert page.locator("h1").inner_text() == "photo.png"

        page.goto("/campaigns/new")
        page.locator("#name").fill("poster")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Run for 0 credits").click()
        begun = page.url.rpartition("/runs/")[2]

        page.goto(f"/runs/{house.waiting}")
        page.get_by_role("button", name="Approve for 0 credits").click()
        assert page.get_by_role("status").inner_text() == "Approved. The run goes on."
        assert "approved by default from the pages" in page.locator("main").inner_text()
        # It goes on within a minute, and may have done so before the open page is told.
        asking = watching[f"/runs/{house.waiting}"].get_by_role("heading", name="Waits for your approval")
        asking.wait_for(state="detached")
        watching["/runs"].locator(f"tr:has(a[href='/runs/{begun}']) .state", has_text="completed").wait_for(
            timeout=120_000
        )
        watching["/create"].locator(f"#card-{begun} img").wait_for(timeout=120_000)
        for told in watching.values():
            told.context.close()

        page.goto("/library")
        page.locator("#file").set_input_files(folder / "photo.png")
        page.get_by_role("button", name="Add", exact=True).click()
        assert page.get_by_role("status").inner_text() == "Added."
