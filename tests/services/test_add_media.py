"""Files and URLs come into the library of one account, and campaigns stand on them as on assets like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pressroom.catalog.load import load_catalog
from pressroom.database.engine import Database
from pressroom.database.plan_reader import plan_reader_for
from pressroom.domain.errors import Corrupt, Invalid, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.library.assets import get_asset
from pressroom.library.contents import Content, content_in
from pressroom.providers.download import Downloader
from pressroom.providers.guard import Guard
from pressroom.providers.http.client import HttpTransport
from pressroom.services.add_media import add_file, add_url
from pressroom.services.fetch_inputs import planned_with_inputs
from pressroom.services.plan_campaign import Planned, PlanningContext, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.services.shared_assets import read_asset
from tests.support.desks import Desk, set_up
from tests.support.finding import find_in
from tests.support.https_server import WebServer, body, serve
from tests.support.studio import Studio, open_studio

ME, OTHER = Principal("default"), Principal("other")
CAMPAIGN = "name: c\nsteps: {a: {uses: tint, with: {image: 'asset:%s'}}}\n"


def picture(seed: int = 0) -> bytes:
    found = BytesIO()
    Image.new("RGB", (40, 30), (seed, 90, 120)).save(found, "PNG")
    return found.getvalue()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    with serve(tmp_path / "web") as server:
        yield server


@pytest.fixture
def connected(tmp_path: Path, sqlite_url: str, web: WebServer) -> Iterator[Studio]:
    """A studio whose downloader may go to the test server."""
    hosts = frozenset({web.authority})
    downloader = Downloader(max_bytes=100_000, seconds=10, guard=Guard(hosts), transport=HttpTransport(web.trust))
    with Database.open(sqlite_url) as database:
        yield open_studio(tmp_path / "home", database, sqlite_url, downloader=downloader)


def assets_of(studio: Studio) -> list[Asset]:
    with studio.context.database.read() as conn:
        return list(find_in(conn, studio.account_id).items)


def test_a_file_is_filed_once_under_the_name_of_its_bytes(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(picture())

    first, second = (add_file(ME, studio.context, tmp_path / "a b.png") for _ in range(2))

    assert first == second
    assert (first.kind, first.mime, first.width, first.title) == (Kind.IMAGE, "image/png", 40, "a b.png")
    assert studio.context.store.has(first.sha256)


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [("rows.csv", b"name\na\n", "text/csv"), ("rows.json", b'[{"name": "a"}]', "application/json")],
)
def test_a_feed_is_filed_as_one(studio: Studio, tmp_path: Path, name: str, data: bytes, mime: str) -> None:
    (tmp_path / name).write_bytes(data)

    assert (found := add_file(ME, studio.context, tmp_path / name)).kind is Kind.TEXT
    assert found.mime == mime


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.png", b"no picture", Corrupt),
        ("a.png", picture()[:60], Corrupt),
        ("a.csv", b"", Invalid),
        ("a.ttf", b"x", Corrupt),
    ],
)
def test_what_cannot_be_used_is_not_filed(
    studio: Studio, tmp_path: Path, name: str, data: bytes, error: type[Exception]
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(error):
        add_file(ME, studio.context, tmp_path / name)
    with pytest.raises(Invalid, match="there is no file"):
        add_file(ME, studio.context, tmp_path / "none.png")


def test_an_asset_made_of_an_asset_has_it_as_its_parent_and_nothing_is_filed_twice(
    studio: Studio, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    photo = add_file(ME, studio.context, tmp_path / "a.png")

    planned = planned_here(studio, CAMPAIGN % photo.id)
    run = studio.begin(planned.plan, account=studio.account)
    studio.walk(run)

    made, brought = assets_of(studio)
    assert (made.parents, brought.id) == ((photo.id,), photo.id)
    again = planned_here(studio, CAMPAIGN % made.id)
    studio.walk(studio.begin(again.plan))
    assert assets_of(studio)[0].parents == (made.id,)


def planned_here(studio: Studio, text: str, **request: object) -> Planned:
    """The plan of this text by the service, in the studio's home and with its operations."""
    path = studio.home / "c.yaml"
    path.write_text(text)
    context = studio.context

    planning = PlanningContext(
        settings=context.settings,
        catalog=replace(context.catalog, plans=load_catalog().plans),
        configured=frozenset({"local", "simulated"}),
        operations=context.operations,
        reader=lambda account: plan_reader_for(studio.url, account),
        has_media=context.store.has,
        media_path=context.store.local_path,
        check_signing=lambda: None,
        now=lambda: datetime.now(UTC),
    )
    asked = RunRequest.model_validate({"file": str(path), **request})
    return planned_with_inputs(ME, lambda: context, lambda: plan_campaign(ME, planning, asked))


# from the web


def test_a_url_is_fetched_before_planning_once_and_kept(connected: Studio, web: WebServer) -> None:
    web.answers["/a.png?sig=hunter2"] = body(picture())
    text = f"name: c\nsteps: {{a: {{uses: tint, with: {{image: '{web.url('/a.png?sig=hunter2')}'}}}}}}\n"

    first, second = planned_here(connected, text).plan, planned_here(connected, text).plan

    assert len(web.asked) == 1
    assert first.hash == second.hash
    (asset,) = assets_of(connected)
    assert (asset.title, asset.source_module) == ("a.png", "input")
    assert list(first.files) == [f"asset:{asset.id}"]
    connected.walk(connected.begin(first))
    assert assets_of(connected)[0].parents == (asset.id,)
    everything = (
        connected.context.settings.sqlite_path.read_bytes() if connected.context.settings.sqlite_path.is_file() else b""
    )
    assert b"hunter2" not in everything


def test_adding_a_url_again_fetches_it_again(connected: Studio, web: WebServer) -> None:
    web.answers["/a.png"] = body(picture(1))
    first = add_url(ME, connected.context, web.url("/a.png"))
    web.answers["/a.png"] = body(picture(2))

    second = add_url(ME, connected.context, web.url("/a.png#x"))

    text = f"name: c\nsteps: {{a: {{uses: tint, with: {{image: '{web.url('/a.png')}'}}}}}}\n"
    assert first.sha256 != second.sha256
    assert list(planned_here(connected, text).plan.files.values()) == [second.sha256]


def test_what_one_account_fetched_another_has_not(connected: Studio, web: WebServer) -> None:
    web.answers["/a.png"] = body(picture())

    theirs = add_url(OTHER, connected.context, web.url("/a.png"))
    mine = add_url(ME, connected.context, web.url("/a.png"))

    assert (theirs.id != mine.id, theirs.sha256) == (True, mine.sha256)
    with connected.context.database.read() as conn, pytest.raises(Invalid):
        get_asset(conn, connected.account_id, theirs.id)


def test_a_private_address_in_a_campaign_is_refused_and_nothing_is_filed(connected: Studio, web: WebServer) -> None:
    text = f"name: c\nsteps: {{a: {{uses: tint, with: {{image: 'https://localhost:{web.port}/a.png'}}}}}}\n"

    with pytest.raises(Refused, match="not public"):
        planned_here(connected, text)

    assert web.asked == []


@pytest.fixture
def home(tmp_path: Path) -> Desk:
    return set_up(tmp_path)


def test_the_command_adds_files_and_urls_and_a_plan_makes_no_request(home: Desk, web: WebServer) -> None:
    web.answers["/a.png"] = body(picture())
    allowed = {"PRESSROOM_PRIVATE_HOSTS": web.authority, "SSL_CERT_FILE": str(web.ca_file)}
    named = ("-i", f"photo={web.url('/a.png')}")

    before = home.pressroom("plan", home.campaign, *named, **allowed)
    assert (before.code, web.asked) == (2, []) or (before.code, web.asked) == (3, [])
    assert "fetch it first: pressroom assets add URL" in " ".join(before.err.split())

    added = home.pressroom("assets", "add", web.url("/a.png"), **allowed)
    assert added.out.startswith("asset:i"), added.err
    assert len(web.asked) == 1
    after = home.pressroom("plan", home.campaign, *named, "--json")
    assert (after.code, after.json["problems"], len(web.asked)) == (0, [], 1)
    by_id = home.pressroom("plan", home.campaign, "-i", f"photo={added.out.strip()}", "--json")
    assert [node["key"] for node in by_id.json["nodes"]] == [node["key"] for node in after.json["nodes"]]
    assert home.pressroom("assets", "add", "photo.png").out.startswith("asset:i")


def test_a_run_fetches_what_it_names_and_a_second_run_needs_the_web_no_more(home: Desk, web: WebServer) -> None:
    web.answers["/a.png"] = body(picture())
    # Nothing that is made costs anything or needs a flow: the second run finds all of it.
    home.write(f"name: c\nsteps: {{a: {{uses: flip, with: {{image: '{web.url('/a.png')}'}}}}}}\n")
    allowed = {"PRESSROOM_PRIVATE_HOSTS": web.authority, "SSL_CERT_FILE": str(web.ca_file)}

    refused = home.pressroom("run", home.campaign, "--json")
    done = home.pressroom("run", home.campaign, "--json", **allowed)
    again = home.pressroom("run", home.campaign, "--json")
    home.pressroom("down")

    assert (refused.code, len(web.asked)) == (3, 1), refused.err
    assert (done.code, again.code) == (0, 0), done.err + again.err
    assert [node["state"] for node in again.json["nodes"]] == ["reused"]


def test_a_password_in_a_url_is_never_repeated(home: Desk) -> None:
    for named in ("https://me:hunter2@x.example/a.png", "http://me:hunter2@x.example/a.png"):
        for arguments in (("plan", home.campaign, "-i", f"photo={named}"), ("assets", "add", named)):
            found = home.pressroom(*arguments)
            assert found.code in (2, 3), found
            assert "hunter2" not in found.out + found.err


@pytest.mark.parametrize(
    ("name", "data", "charset"),
    [
        ("brief.txt", "Tee für schwarzen Granit".encode(), "utf-8"),
        ("brief.srt", b"1\n00:00:01,000 --> 00:00:02,000\nschwarzen Granit\n", "utf-8"),
    ],
)
def test_a_text_is_kept_with_its_words_and_found_by_them(
    studio: Studio, tmp_path: Path, name: str, data: bytes, charset: str
) -> None:
    (tmp_path / name).write_bytes(data)

    found = add_file(ME, studio.context, tmp_path / name)

    content = read_asset(ME, studio.context, found.id)
    assert (content.text.encode(), content.charset, found.kind) == (data, charset, Kind.TEXT)
    with studio.context.database.read() as conn:
        assert [each.id for each in find_in(conn, studio.account_id, text="granit").items] == [found.id]


@pytest.mark.parametrize(
    ("data", "text", "charset"),
    [
        ("Tee".encode("utf-16"), "Tee", "utf-16"),
        (b"\xef\xbb\xbfTee", "Tee", "utf-8"),
        ("Grüße".encode("windows-1252"), "Grüße", "windows-1252"),
    ],
)
def test_words_are_read_in_the_charset_of_their_bytes(tmp_path: Path, data: bytes, text: str, charset: str) -> None:
    (tmp_path / "words").write_bytes(data)

    assert content_in(tmp_path / "words", MediaInfo(Kind.TEXT, "text/plain")) == Content(text, charset)
