"""The contact sheet shows all of a run, trusts none of its texts and loads nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Problem
from pressroom.domain.media_limits import MediaLimits
from pressroom.reporting.contact_sheet import render_contact_sheet
from pressroom.reporting.house import House
from pressroom.reporting.model import AssetReport, BrandReport, NodeReport, RunReport

MOST_PAGE_BYTES = 25_000_000
HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}"


class Page(HTMLParser):
    """The page's elements and its text, read by a parser that is not ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str, css_class: str = "") -> list[dict[str, str]]:
        wanted = {css_class} - {""}
        return [attrs for name, attrs in self.elements if name == tag and wanted <= set(attrs.get("class", "").split())]


@pytest.fixture
def sheet(ffmpeg: str) -> Callable[[RunReport], str]:
    return lambda run: "".join(render_contact_sheet(run, ffmpeg=ffmpeg, limits=MediaLimits()))


def test_every_deliverable_is_there_once_with_its_real_size(run: RunReport, sheet: Callable[..., str]) -> None:
    page = Page(sheet(run))

    tiles = page.all("figure", "tile")
    delivered = [asset for node in run.nodes for asset in node.assets if asset.delivered]
    assert len(tiles) == len(delivered) == 5
    for asset in delivered:
        assert f"{asset.width} × {asset.height}" in page.text
    shown = [(int(e["width"]), int(e["height"])) for tag in ("img", "video") for e in page.all(tag)]
    assert sorted(shown) == sorted((asset.width, asset.height) for asset in delivered)


def test_variants_of_a_placement_stand_in_one_row(run: RunReport, sheet: Callable[..., str]) -> None:
    html = sheet(run)

    row = html.split("<h3>Feed square</h3>")[1].split("<h3>")[0]
    assert re.findall(r"<b>(.*?)</b>", row) == ["linen", "forest"]


def test_what_went_wrong_is_named(run: RunReport, sheet: Callable[..., str]) -> None:
    text = Page(sheet(run)).text

    assert "headline does not fit: 90 of 40 characters" in text
    assert "row 4 has no price" in text
    assert "products.csv :5" in text or "products.csv:5" in text


def test_a_run_without_trouble_shows_no_trouble(run: RunReport, sheet: Callable[..., str]) -> None:
    fine = replace(run, nodes=tuple(node for node in run.nodes if not node.failed), plan_problems=(), state="completed")

    assert "What went wrong" not in Page(sheet(fine)).text


def test_a_note_is_shown_and_the_run_stays_good(run: RunReport, sheet: Callable[..., str]) -> None:
    note = Problem("variety", "2 of 3 pictures look nearly the same", "vary the seed", step="scene", fatal=False)
    fine = replace(
        run,
        nodes=tuple(node for node in run.nodes if not node.failed),
        plan_problems=(),
        notes=(note,),
        state="completed",
    )

    page = Page(sheet(fine))

    assert "Worth a look scene 2 of 3 pictures look nearly the same vary the seed" in page.text
    assert "What went wrong" not in page.text
    assert [badge["class"] for badge in page.all("span", "state")] == ["state good"]


@pytest.mark.parametrize("name", ["scene[place=beach]", "scene"])
def test_a_note_that_names_its_nodes_does_not_name_their_step_before(
    run: RunReport, sheet: Callable[..., str], name: str
) -> None:
    note = Problem("uncertain", f"{name}: the outline is uncertain", step="scene", fatal=False)

    assert f"Worth a look {name}: the outline" in Page(sheet(replace(run, notes=(note,)))).text


def test_a_run_that_failed_is_not_made_good_by_a_note(run: RunReport, sheet: Callable[..., str]) -> None:
    page = Page(sheet(replace(run, notes=(Problem("variety", "they look the same", fatal=False),))))

    assert "What went wrong" in page.text
    assert "Worth a look" in page.text
    assert [badge["class"] for badge in page.all("span", "state")] == ["state bad"]


def test_a_file_that_breaks_its_placement_is_marked(
    run: RunReport, picture: Callable[..., AssetReport], sheet: Callable[..., str]
) -> None:
    small = picture("small.png", (500, 500), (1, 2, 3), placement="instagram.feed_square", delivered=True)
    wrong = replace(run, nodes=(NodeReport("w", "formats", "resize", "done", "create", assets=(small,)),))

    text = Page(sheet(wrong)).text

    assert "must be 1080 × 1080 pixels" in text
    assert "must be JPEG" in text


def test_a_doubt_is_told_once_and_every_card_that_was_made_of_it_points_there(
    run: RunReport, sheet: Callable[..., str]
) -> None:
    cut = run.nodes[0]
    unsure = replace(cut.assets[0], details={"warning": "the outline is uncertain"})
    run = replace(run, nodes=(replace(cut, assets=(unsure,)), *run.nodes[1:]))
    variety = Problem("variety", "they look the same", step="scene", fatal=False)
    note = Problem("uncertain", f"{cut.id}: the outline is uncertain", step=cut.step, fatal=False)

    page = Page(sheet(replace(run, notes=(variety, note))))

    made_of_it = [asset for node in run.nodes for asset in node.assets if asset.delivered]
    assert [mark["href"] for mark in page.all("a", "doubt")] == ["#note-2"] * len(made_of_it)
    assert page.text.count("the outline is uncertain") == 1
    assert [item.get("id") for item in page.all("li") if item.get("id")] == ["note-1", "note-2"]


def test_a_doubt_of_a_card_that_no_note_tells_becomes_one(run: RunReport, sheet: Callable[..., str]) -> None:
    cut = run.nodes[0]
    unsure = replace(cut.assets[0], details={"warning": "the outline is uncertain"})

    page = Page(sheet(replace(run, nodes=(replace(cut, assets=(unsure,)), *run.nodes[1:]))))

    assert page.text.count("the outline is uncertain") == 1
    assert {mark["href"] for mark in page.all("a", "doubt")} == {"#note-1"}


def test_a_run_in_which_everything_was_there_took_no_time_worth_a_figure(
    run: RunReport, sheet: Callable[..., str]
) -> None:
    unchanged = replace(run, nodes=tuple(replace(node, action="reuse", seconds=0.0) for node in run.nodes))

    text = Page(sheet(unchanged)).text

    assert "Made anew nothing" in text
    assert "Took" not in text
    assert "0 s" not in text


def test_the_statement_adds_up(run: RunReport, sheet: Callable[..., str]) -> None:
    text = Page(sheet(run)).text

    assert "Held 4 Captured 2.5 Released 1.5 Balance 7.5 Provider cost $0.05" in text


def test_why_a_model_was_chosen_and_what_it_was_billed_at_are_shown(run: RunReport, sheet: Callable[..., str]) -> None:
    page = sheet(run)

    assert "the best of tier premium that fits" in page
    assert page.count('<td class="n">$0.04</td><td class="n">$0.05</td><td class="n">$0.05</td>') == 2


def test_what_no_vendor_has_billed_is_counted_as_assumed(run: RunReport, sheet: Callable[..., str]) -> None:
    nodes = tuple(replace(node, usd_billed_micros=None) for node in run.nodes)

    page = sheet(replace(run, nodes=nodes))

    assert page.count('<td class="n">$0.04</td><td class="n">–</td><td class="n">$0.05 assumed</td>') == 2


def test_lineage_leads_from_the_photo_to_the_file(run: RunReport, sheet: Callable[..., str]) -> None:
    html = sheet(run)

    making = html.split('id="making"')[1].split("</section>")[0]
    assert re.findall(r'aria-label="(\w+)"', making)[:3] == ["product", "cutout", "scene"]


def test_provenance_stands_with_every_file(run: RunReport, sheet: Callable[..., str]) -> None:
    text = Page(sheet(run)).text

    assert text.count("Local processing: resize") == 4
    assert "Bought: simulated/film" in text


def test_nothing_is_loaded_from_elsewhere(run: RunReport, sheet: Callable[..., str]) -> None:
    html = sheet(run)

    links = [
        value for _, attrs in Page(html).elements for name, value in attrs.items() if name in ("src", "href", "poster")
    ]
    assert links
    assert all(link.startswith(("data:", "./", "#")) for link in links)
    assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.", re.sub(r"data:image/webp;base64,[A-Za-z0-9+/=]+", "", html))


def test_it_looks_as_the_account_does_and_nothing_else_gets_into_its_style(run: RunReport, ffmpeg: str) -> None:
    def shown(house: House) -> str:
        return "".join(render_contact_sheet(run, ffmpeg=ffmpeg, limits=MediaLimits(), house=house))

    page = shown(House(HOSTILE, "#a01040", "#ffffff", "#e06080", "#111111", b"webp"))
    plain, bad = shown(House()), shown(House("Kettle", "red;}", "#ffffff", "#e06080", "#111111"))

    assert HOSTILE in Page(page).text
    assert Page(page).all("p", "house")
    assert "--accent:#a01040;--accent-ink:#ffffff" in page
    assert 'src="data:image/webp;base64,d2VicA=="' in page
    assert "Pressroom" not in Page(page).text
    assert "made with Pressroom" in Page(plain).text
    assert "red;}" not in bad


def test_the_policy_allows_this_script_and_this_style_only(run: RunReport, sheet: Callable[..., str]) -> None:
    html = sheet(run)

    meta = next(e for e in Page(html).all("meta") if e.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in meta["content"]
    assert "unsafe" not in meta["content"]
    for tag in ("style", "script"):
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert len(blocks) == 1
        digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in meta["content"]
    assert not [attrs for _, attrs in Page(html).elements if "style" in attrs]


def hostile(run: RunReport) -> RunReport:
    """The run with hostile text in every field that a user, a file name or a vendor can fill."""
    nodes = []
    for node in run.nodes:
        assets = tuple(
            replace(
                asset, href=f"javascript:alert('{HOSTILE}')", prompt=HOSTILE, label=HOSTILE, alt_text=HOSTILE,
                provenance=HOSTILE, details={HOSTILE: HOSTILE}, id=HOSTILE + asset.id, mime="image/" + HOSTILE,
            )
            for asset in node.assets
        )  # fmt: skip
        nodes.append(
            replace(node, variant={HOSTILE: HOSTILE}, error=HOSTILE, model=HOSTILE, step=HOSTILE, assets=assets)
        )
    return replace(
        run, nodes=tuple(nodes), title=HOSTILE, description=HOSTILE, account=HOSTILE, run_id=HOSTILE, state=HOSTILE,
        plan_hash=HOSTILE, plan_problems=(Problem(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, 1, HOSTILE),),
        brand=BrandReport(HOSTILE, {"primary": "red;}</style>" + HOSTILE, HOSTILE: "#123456"}),
    )  # fmt: skip


def test_hostile_text_stays_text(run: RunReport, sheet: Callable[..., str]) -> None:
    page = Page(sheet(hostile(run)))

    assert len(page.all("script")) == 1
    assert HOSTILE in page.text
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|\b49\b", page.text)
    for _, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("href", "src"):
            assert attrs.get(name, "./").startswith(("./", "data:", "#"))


def test_transparent_pictures_lie_on_a_checkerboard(
    run: RunReport, picture: Callable[..., AssetReport], sheet: Callable[..., str]
) -> None:
    clear = picture("clear.png", (300, 200), (10, 60, 40, 0), delivered=True)
    solid = picture("solid.png", (300, 200), (10, 60, 40, 255), delivered=True)
    both = replace(
        run, nodes=(NodeReport("c", "cutout", "remove_background", "done", "create", assets=(clear, solid)),)
    )

    frames = Page(sheet(both)).all("div", "frame")

    assert ["clear" in frame["class"].split() for frame in frames] == [True, False]


def test_thumbnails_keep_the_proportions_of_their_files(run: RunReport, sheet: Callable[..., str]) -> None:
    for element in Page(sheet(run)).all("img"):
        data = base64.b64decode(element["src"].partition(",")[2])
        thumbnail = Image.open(io.BytesIO(data))

        assert abs(thumbnail.width / thumbnail.height - int(element["width"]) / int(element["height"])) < 0.02


def test_a_file_that_cannot_be_opened_gets_a_placeholder(
    run: RunReport, sheet: Callable[..., str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    asset = replace(run.nodes[2].assets[0], path=broken, sha256="0" * 64)
    page = Page(sheet(replace(run, nodes=(replace(run.nodes[2], assets=(asset,)),))))

    assert len(page.all("figure", "tile")) == 1
    assert len(page.all("span", "blank")) == 1


def test_five_hundred_nodes_make_a_page_that_a_phone_can_open(
    run: RunReport, tmp_path: Path, sheet: Callable[..., str]
) -> None:
    """Noise is the worst case for a picture encoder."""
    nodes = []
    for number in range(500):
        path = tmp_path / f"noise-{number % 50}.jpg"
        if number < 50:
            Image.effect_noise((360, 360), 90 + number).save(path, quality=90)
        data = path.read_bytes()
        asset = replace(
            run.nodes[2].assets[0], id=f"a{number}", sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), path=path
        )
        nodes.append(
            NodeReport(f"n{number}", "formats", "resize", "done", "create", {"row": f"r{number}"}, assets=(asset,))
        )

    html = sheet(replace(run, nodes=tuple(nodes)))

    assert len(Page(html).all("img")) == 500
    assert len(html.encode()) < MOST_PAGE_BYTES


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium here, the sheet was not opened in a browser")
@pytest.mark.parametrize("change", [lambda run: run, hostile], ids=["plain", "hostile"])
def test_a_browser_opens_it_from_disk_without_complaint(
    run: RunReport, sheet: Callable[..., str], tmp_path: Path, change: Callable[[RunReport], RunReport]
) -> None:
    page = tmp_path / "sheet.html"
    page.write_text(sheet(change(run)), encoding="utf-8")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *quiet, "--dump-dom"]
    command += ["--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert '<html lang="en" class="scripted">' in done.stdout
