"""Press Cancel and Suspend on Prefect's pages, in a real browser, at each kind of moment of a run.

    python benchmarks/ui_drill.py [MOMENT ...] [--pictures FOLDER]      the named moments only, such as `film`

Starts the production stack of deployments/stack.py with servers of its own and a server that vendors call. For each moment it
starts a run, waits for the moment, and presses. It says how many seconds pass until Prefect's state, the run's and its hold are
right and until the run's processes are gone, what became of the orders, and what is left of the work. Then Retry or Resume
is pressed, and the run has to complete. The exit status is 0 when everything was right within 10 s, and in the end nothing is
held, the vendors' bills are what the books have, and store and library agree.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from benchmarks.drill_stack import (
    ENDED,
    ENDS_WITHIN_SECONDS,
    PRESSROOM,
    STARTS_WITHIN_SECONDS,
    Desk,
    Ground,
    bought,
    disagreements,
    headed,
    standing,
    still,
    wait_for,
    with_children,
)
from pressroom.bootstrap import open_database
from pressroom.database.schema import hold, hold_left, job, run, run_node
from pressroom.providers.http.client import reach
from tests.servers import free_port

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
RIGHT_WITHIN_SECONDS = 10
WATCHED_SECONDS = 90  # how long one waits for what comes late
VENDOR_SECONDS = 25  # that a vendor works
CANCEL, SUSPEND = "Cancel", "Pause"  # as the menu of a flow run's page has them
PREFECT_IS = {CANCEL: "CANCELLED", SUSPEND: "PAUSED"}
RUN_IS = {CANCEL: "cancelled", SUSPEND: "suspended"}
CONFIRM = {CANCEL: "Cancel Flow Run", SUSPEND: "Pause Flow Run"}
GO_ON = {CANCEL: "Retry", SUSPEND: "Resume"}
IMAGE = """\
  lettered: {uses: overlay, with: {image: "{{ inputs.photo }}", headline: "{{ inputs.mood }}"}}
  big: {uses: upscale, model: local/edge-filters, with: {image: "{{ steps.lettered }}", width: 8000}}
"""
FILM = """\
  film:
    uses: image_to_video
    model: local/camera
    count: COUNT
    with: {image: "{{ inputs.photo }}", duration: SECONDS, titles: [{headline: "{{ inputs.mood }} {{ each.take }}"}]}
"""


def films(count: int, seconds: int) -> str:
    return FILM.replace("COUNT", str(count)).replace("SECONDS", str(seconds))


@dataclass(frozen=True)
class Seen:
    """How a run stands in the books: its hold in micro-credits, its jobs and nodes by state."""

    run_id: str = ""
    state: str = ""
    holder: str = ""
    held: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    nodes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Moment:
    """What a run is made of and when it has come so far. `frozen` stands still from the start, `freezes` from the moment on."""

    steps: str
    has_come: Callable[[Seen], bool]
    more: str = ""
    block: str = "stack"
    frozen: str = ""
    freezes: str = ""
    after_seconds: float = 3
    presses: tuple[str, ...] = (CANCEL, SUSPEND)


def computes(seen: Seen) -> bool:
    return seen.nodes["running"] > 0


def has_ordered(seen: Seen) -> bool:
    return seen.jobs["submitted"] > 0


MOMENTS = {
    "image": Moment(IMAGE + bought("replicate/flux-schnell", 2), computes),
    "film": Moment(films(2, 12) + bought("replicate/flux-schnell", 2), computes),
    "polled": Moment(bought("replicate/flux-schnell", 2), has_ordered),
    "called": Moment(bought("fal/flux-schnell", 2), has_ordered, block="called"),
    "ordering": Moment(bought("replicate/flux-schnell", 2), lambda seen: seen.jobs["intent"] > 0, frozen="simulator"),
    "filing": Moment(
        bought("replicate/flux-schnell", 2), has_ordered, freezes="minio", after_seconds=VENDOR_SECONDS + 5
    ),
    "in-line": Moment(bought("wavespeed/qwen-image-2.0", 4), has_ordered),
    "approval": Moment(
        bought("replicate/flux-schnell", 2),
        lambda seen: seen.state == "suspended",
        "approval: always",
        presses=(CANCEL,),
    ),
    "shared": Moment(
        films(4, 8) + bought("replicate/flux-schnell", 2), computes, "deploy: {workers: 2}", after_seconds=25
    ),
}


@dataclass(frozen=True)
class Browser:
    """Prefect's pages, as somebody who watches runs has them open."""

    page: Page
    address: str

    def press(self, flow_run_id: str, what: str, confirm: str) -> float:
        """Choose it in the menu of the flow run's page and confirm; the moment of that."""
        self.page.goto(f"{self.address}/v2/runs/flow-run/{flow_run_id}")
        self.page.locator("button[aria-haspopup=menu]").last.click(timeout=60_000)
        self.page.get_by_role("menuitem", name=what, exact=True).click()
        button = self.page.get_by_role("button", name=confirm, exact=True)
        button.wait_for()
        pressed = time.monotonic()
        button.click()
        button.wait_for(state="detached", timeout=30_000)
        return pressed


@dataclass(frozen=True)
class Watch:
    """Looks at one flow run from everywhere."""

    desk: Desk
    flow_run_id: str

    def seen(self) -> Seen:
        with open_database(self.desk.settings) as database, database.read() as conn:
            mine = run.c.flow_run_id == self.flow_run_id
            row = conn.execute(
                select(run.c.id, run.c.state, run.c.lease_holder, run.c.hold_id).where(mine)
            ).one_or_none()
            if row is None:
                return Seen()
            held = conn.execute(select(hold_left).where(hold.c.id == row.hold_id)).scalar()
            jobs = conn.execute(select(job.c.state).where(job.c.run_id == row.id)).scalars()
            nodes = conn.execute(select(run_node.c.state).where(run_node.c.run_id == row.id)).scalars()
            return Seen(row.id, row.state, row.lease_holder or "", held or 0, Counter(jobs), Counter(nodes))

    def processes(self) -> list[psutil.Process]:
        """Those that work on the run, its helpers and what they have started among them."""
        ids = {self.flow_run_id, *self._helpers()}
        found = []
        for process in psutil.process_iter(["pid"]):
            with suppress(psutil.Error):
                if process.environ().get("PREFECT__FLOW_RUN_ID") in ids:
                    found.append(process)
        return found

    def _helpers(self) -> list[str]:
        where = {"flow_runs": {"parent_flow_run_id": {"any_": [self.flow_run_id]}}}
        return [each["id"] for each in self.desk.server.do("the helpers", "POST", "/flow_runs/filter", where)]


def seconds_until(wanted: dict[str, Callable[[], bool]], since: float) -> dict[str, float]:
    """How long it took until each was so; without those that were not, for as long as one watches."""
    took: dict[str, float] = {}
    while len(took) < len(wanted) and time.monotonic() - since < WATCHED_SECONDS:
        for what in wanted.keys() - took.keys():
            if wanted[what]():
                took[what] = time.monotonic() - since
        time.sleep(0.2)
    return took


def standing_still(what: str, desk: Desk, ground: Ground) -> AbstractContextManager[None]:
    if what == "minio":
        return still(with_children(ground.minio.process.pid))
    return still([simulator_of(desk)]) if what else nullcontext()


def simulator_of(desk: Desk) -> int:
    """The process that plays the vendors."""
    stack = psutil.Process(int((desk.stack / "pid").read_text()))
    return next(each.pid for each in stack.children() if "simulator" in each.cmdline())


@dataclass
class Drill:
    desk: Desk
    ground: Ground
    browser: Browser
    wrong: list[str] = field(default_factory=list)

    def all(self, names: list[str]) -> None:
        for name in names:
            for press in MOMENTS[name].presses:
                try:
                    self.one(name, press)
                except Exception as exc:  # noqa: BLE001 - the other moments are tried all the same
                    self.wrong.append(f"{name}, {press}: {str(exc).splitlines()[0]}")
                    print(self.wrong[-1], flush=True)

    def one(self, name: str, press: str) -> None:
        moment = MOMENTS[name]
        with standing_still(moment.frozen, self.desk, self.ground):
            watch = Watch(self.desk, self.desk.start(f"{name} {press}".lower(), name))
            wait_for("the moment", lambda: moment.has_come(watch.seen()), STARTS_WITHIN_SECONDS)
            with standing_still(moment.freezes, self.desk, self.ground):
                time.sleep(moment.after_seconds)
                self._pressed(name, press, watch)
        self._gone_on(name, press, watch)

    def _pressed(self, name: str, press: str, watch: Watch) -> None:
        before = watch.seen()
        pressed = self.browser.press(watch.flow_run_id, press, CONFIRM[press])
        is_held = before.held > 0 and press == SUSPEND
        wanted = {
            "Prefect": lambda: self.desk.state(watch.flow_run_id) == PREFECT_IS[press],
            "run": lambda: watch.seen().state == RUN_IS[press],
            "hold": lambda: (watch.seen().held > 0) == is_held,
            "processes": lambda: not watch.processes(),
        }
        took = seconds_until(wanted, pressed)
        after = watch.seen()
        scratch = [path for path in (self.desk.stack / "scratch").rglob(f"*{after.run_id}*/**/*") if path.is_file()]
        said = ", ".join(f"{what} {took[what]:.1f} s" if what in took else f"{what} never" for what in wanted)
        print(
            f"{name}, {press}: {said}; jobs {dict(before.jobs)} -> {dict(after.jobs)}; nodes {dict(after.nodes)};"
            f" {len(scratch)} files left",
            flush=True,
        )
        late = [what for what in wanted if took.get(what, WATCHED_SECONDS) > RIGHT_WITHIN_SECONDS]
        self.wrong += [f"{name}, {press}: {what} is late" for what in late if what != "processes"]

    def _gone_on(self, name: str, press: str, watch: Watch) -> None:
        began = time.monotonic()
        confirm = GO_ON[press]
        self.browser.press(watch.flow_run_id, confirm, confirm)
        wait_for(f"{confirm} to begin", lambda: self.desk.state(watch.flow_run_id) != PREFECT_IS[press], 60)
        if MOMENTS[name].more.startswith("approval"):
            wait_for("the form", lambda: self.desk.state(watch.flow_run_id) == "PAUSED", STARTS_WITHIN_SECONDS)
            self.browser.press(watch.flow_run_id, "Resume", "Resume")
        wait_for("its end", lambda: self.desk.state(watch.flow_run_id) in ENDED, ENDS_WITHIN_SECONDS)
        state, seen = self.desk.state(watch.flow_run_id), watch.seen()
        seconds = time.monotonic() - began
        print(f"{name}, {confirm}: {state}, {seen.state}, {seconds:.0f} s; jobs {dict(seen.jobs)}", flush=True)
        if (state, seen.state, seen.held) != ("COMPLETED", "completed", 0):
            self.wrong.append(f"{name}, {confirm}: {state}, {seen.state}, {seen.held} held")


@contextmanager
def called_server(desk: Desk) -> Iterator[None]:
    """A server at an address that vendors are told to call, and the home block `called` that names it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = (desk.folder / "serve.log").open("wb")
    environment = {**desk.environment, "PRESSROOM_PUBLIC_URL": url}
    process = subprocess.Popen(
        [PRESSROOM, "serve", "--port", str(port)], cwd=desk.folder, env=environment, stdout=log, stderr=log
    )
    try:
        wait_for("the server", lambda: not reach(f"{url}/healthz", 2), STARTS_WITHIN_SECONDS)
        desk.pressroom("home", "register", "called", "--scratch", str(desk.stack / "scratch"), PRESSROOM_PUBLIC_URL=url)
        yield
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def photographed(browser: Browser, folder: Path) -> None:
    for name in ("dashboard", "runs", "deployments", "artifacts"):
        browser.page.goto(f"{browser.address}/v2/{name}")
        browser.page.wait_for_timeout(3_000)
        browser.page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def bills(desk: Desk) -> list[str]:
    """Vendors whose bill is not what the books have, order by order."""
    wrong = []
    for vendor in ("replicate", "fal", "wavespeed"):
        try:
            print(desk.pressroom("reconcile", "--vendor", vendor).strip(), flush=True)
        except RuntimeError as exc:
            wrong.append(str(exc))
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("moments", nargs="*", metavar="MOMENT", help=", ".join(MOMENTS))
    parser.add_argument("--pictures", type=Path, help="folder for pictures of Prefect's pages at the end")
    options = parser.parse_args()
    names = options.moments or list(MOMENTS)
    campaigns = {f"{name}.yaml": headed(name, MOMENTS[name].steps, MOMENTS[name].more) for name in names}
    calling = any(MOMENTS[name].block == "called" for name in names)
    with standing(campaigns, "--latency", str(VENDOR_SECONDS)) as (desk, ground), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        address = desk.environment["PREFECT_API_URL"].removesuffix("/api")
        browser = Browser(chromium.new_page(viewport={"width": 1400, "height": 1000}), address)
        drill = Drill(desk, ground, browser)
        with called_server(desk) if calling else nullcontext():
            if calling:
                desk.pressroom("deploy", "called.yaml", "--home-block", "called")
            drill.all(names)
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            photographed(browser, options.pictures)
        chromium.close()
        wrong = drill.wrong + bills(desk) + disagreements(desk)
    print(
        "\n".join(wrong) or "right within 10 s, nothing bought twice, nothing held; the bills are what the books have"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
