"""The pages on a port of this machine, of a home with a run that has ended, one that waits, and a stored campaign."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from pressroom.api.backend import open_backend
from pressroom.domain.identity import Principal, Role
from pressroom.services import people
from pressroom.services.accounts import open_account
from pressroom.services.add_media import add_file
from pressroom.services.collections import add_to_collection, create_collection
from pressroom.services.context import Context
from pressroom.services.documents import store_document
from pressroom.services.launch_run import InProcess
from pressroom.services.public_links import create_link
from pressroom.services.run_overview import overview_of_run
from pressroom.services.run_request import RunRequest
from pressroom.services.selection import Selection
from pressroom.services.sharing import share
from pressroom.services.sign_in import set_password
from pressroom.serving.app import create_app
from pressroom.settings import settings_for
from tests.support.media import product

PASSWORD = "my grey kettle sings at six"
OPERATOR = Principal("default")
RIVAL = "rita@rival.example"  # of an account called as her address ends
MADE = """\
pressroom: 1
name: {name}
{head}inputs:
  photo: {{type: image, default: photo.png}}
steps:
  banner:
    uses: resize
    for_each: {{size: [90, 60]}}
    with: {{image: "{{{{ inputs.photo }}}}", width: "{{{{ each.size }}}}", height: 50, format: png}}
"""


@dataclass(frozen=True)
class Served:
    """Where the pages are, what is in their home, and the ids that their addresses need."""

    url: str
    context: Context
    ended: str
    waiting: str
    asset: str
    made: str
    document: str
    link: str
    invitation: str

    def client(self) -> httpx.Client:
        """A browser's requests, without one: what it says of itself is said, cookies are kept."""
        return httpx.Client(base_url=self.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of every page."""
        pictures = (f"/assets/{self.made}", f"/assets/{self.made}/beside/{self.asset}")
        own = (
            f"/assets/{self.asset}",
            *pictures,
            f"/runs/{self.ended}",
            f"/runs/{self.waiting}",
            f"/campaigns/{self.document}",
        )
        house = ("/setup", "/team", "/tokens", "/webhooks", "/shares", "/settings")
        making = ("/create", "/create?type=video", "/studio", "/studio/resize")
        return (
            "/library",
            "/library?view=list",
            "/library/searches",
            "/library/shared",
            "/collections",
            "/collections/Banners",
            "/runs",
            *making,
            "/campaigns",
            "/campaigns/new",
            "/usage",
            f"/studio/edit_image?image={self.asset}",
            f"/p/{self.link}",
            f"/p/{self.link}/embed",
            f"/invitations/{self.invitation}",
            *house,
            *own,
        )


@contextmanager
def served(folder: Path, *, trusts_this_machine: bool = True) -> Iterator[Served]:
    """Until the context ends."""
    settings = settings_for(folder, {}, home=str(folder / "home"), provenance="off")
    backend = open_backend(settings)
    context = backend.context
    open_account(OPERATOR, context)
    product(64, 48).save(folder / "photo.png")
    launcher = InProcess(backend.planning(), context)
    runs = []
    for name, head in (("autumn", ""), ("winter", "approval: always\n")):
        (folder / f"{name}.yaml").write_text(MADE.format(name=name, head=head))
        request = RunRequest(file=str(folder / f"{name}.yaml"), out=str(folder / "out"))
        with ThreadPoolExecutor(1) as pool:  # this thread may have an event loop of a browser's
            runs.append(pool.submit(launcher.launch, OPERATOR, request).result().run_id)
    asset = add_file(OPERATOR, context, folder / "photo.png")
    made = overview_of_run(OPERATOR, context, runs[0]).delivered[0]
    create_collection(OPERATOR, context, "Banners")
    add_to_collection(OPERATOR, context, "Banners", Selection((made.id, asset.id)))
    document = store_document(OPERATOR, context, "spring", MADE.format(name="spring", head=""))
    with _running(create_app(backend, trusts_this_machine=trusts_this_machine)) as url:
        link = create_link(OPERATOR, context, "asset", made.id, right="use", most_downloads=100).secret
        invitation = share(OPERATOR, context, "asset", made.id, "guest@new.example").invitation
        yield Served(url, context, *runs, asset.id, made.id, document.id, link, invitation)


def with_passwords(context: Context) -> None:
    """A member of each role, who signs in with PASSWORD."""
    for role in Role:
        people.add_member(OPERATOR, context, f"{role.value}@example.com", role.value)
        set_password(OPERATOR, context, f"{role.value}@example.com", PASSWORD)


def another_account(context: Context) -> None:
    """With one member, who signs in with PASSWORD."""
    theirs = Principal(RIVAL.partition("@")[2])
    open_account(theirs, context)
    people.add_member(theirs, context, RIVAL, Role.OWNER.value)
    set_password(theirs, context, RIVAL, PASSWORD)


@contextmanager
def signed_in(house: Served, email: str) -> Iterator[httpx.Client]:
    with house.client() as client:
        client.post("/login", data={"email": email, "password": PASSWORD})
        yield client


def token_of(client: httpx.Client) -> str:
    """What the forms of this session carry."""
    return client.get("/library").text.split('name="form_token" value="')[1].split('"')[0]


@contextmanager
def _running(app: object) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))  # type: ignore[arg-type]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)
