"""A stranger adds an operation and a vendor by the lists of CONTRIBUTING alone, in a copy of the checkout, and runs both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parents[1]
TIMEOUT_SECONDS = 240
NEEDED = ("pressroom", "flows", "tasks", "blocks", "docs", "deployments", "prefect.toml", "pyproject.toml")
TESTED = ("tests/conftest.py", "tests/servers.py", "tests/support", "tests/operations")

INVERT = '''"""invert: a picture in its complementary colours."""

from __future__ import annotations

from pressroom.domain.media import Kind
from pressroom.domain.operation import ImageSlot, Operation, Params, one_picture, size_of


class InvertParams(Params):
    """One picture in, its negative as PNG out."""

    image: ImageSlot


def expect(params, inputs, placements):
    return one_picture(inputs[params.image], size_of(inputs[params.image]))


def run(params, work):
    from PIL import ImageOps

    from pressroom.media.editing.saving import saved
    from pressroom.media.files.images import open_image

    picture = open_image(work.inputs[params.image], work.limits).convert("RGB")
    return [saved(ImageOps.invert(picture), work.folder / "inverted.png")]


OPERATION = Operation("invert", 1, "image", InvertParams, Kind.IMAGE, "Complementary colours.", expect, run)
'''
INVERT_ROW = """
- {model: negative, operation: invert, tier: free, quality: 60, unit: image, credits: 0, usd: 0, latency_seconds: 0.5,
   source: "pressroom/operations/invert.py", as_of: "2026-11-30"}
"""
ACME = '''"""Acme: answers every order for a picture with one, painted blue."""

from __future__ import annotations

import io

from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.providers.base import Billed, Delivered, Unknowable, VendorFile


class Acme:
    name = "acme"

    def submit(self, order):
        painted = io.BytesIO()
        Image.new("RGB", (order.params["width"], order.params["height"]), "#0000ff").save(painted, "PNG")
        painted.seek(0)
        return Delivered([VendorFile(painted, "image/png")], Billed(20_000, {"image": 1.0}, {"invoice": "A-1"}))

    def look_up(self, lost):
        return Unknowable()

    def status(self, job):
        raise Permanent("Acme answers at once")

    def fetch(self, job, sink):
        raise Permanent("Acme answers at once")

    def cancel(self, job):
        return None
'''
ACME_FILE = """
providers:
- {name: acme, title: Acme Pictures, sells: true, keys: [ACME_KEY], answers: bytes}

models:
- {model: blue, operation: generate_image, tier: premium, quality: 95, unit: image, credits: 2, usd: 0.02, latency_seconds: 1,
   limits: {formats: [png], max_outputs: 1}, charged_on_refusal: no, source: "Acme's price list", as_of: "2026-11-30"}
"""
RUN = """
import json, sys
from pathlib import Path
from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.identity import Principal
from pressroom.services.launch_run import InProcess
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import settings_for

file = Path(sys.argv[1])
settings = settings_for(file.parent)
principal, planning = Principal(settings.account), open_planning(settings)
planned = plan_campaign(principal, planning, RunRequest(file=str(file)))
problems = [str(problem) for problem in planned.verdict.problems]
models = [f"{node.provider}/{node.model}" for node in planned.plan.nodes]
if planned.verdict.allowed:
    InProcess(planning, open_context(settings)).launch_planned(principal, planned)
print(json.dumps({"problems": problems, "models": models}))
"""


class Checkout:
    """A copy of the checkout, in which files are written and lines are added."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.root.mkdir()
        for name in (*NEEDED, *TESTED):
            source, target = ROOT / name, self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def add(self, name: str, after: str, line: str) -> None:
        """Put the line behind the text that is there once."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(after) == 1, f"{name} has {after!r} {text.count(after)} times"
        self.write(name, text.replace(after, after + line))

    def python(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        found = {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")}
        env = {**found, "PYTHONPATH": str(self.root), "PRESSROOM_PROVENANCE": "off", **environ}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )

    def run(self, campaign: dict[str, Any], folder: Path, **environ: str) -> dict[str, Any]:
        """Plan the campaign and, where that is allowed, run it in the process."""
        folder.mkdir(exist_ok=True)
        Image.new("RGB", (64, 48), "#ff8000").save(folder / "photo.png")
        (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign))
        done = self.python("-c", RUN, str(folder / "campaign.yaml"), **environ)
        assert done.returncode == 0, done.stderr[-3_000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def check_docs(self) -> str:
        assert self.python("docs/generate.py").returncode == 0
        return (self.root / "docs" / "operations.md").read_text() + (self.root / "docs" / "catalog.md").read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def pixel(folder: Path) -> tuple[int, ...]:
    (path,) = (folder / "out").rglob("*.png")
    with Image.open(path) as picture:
        return tuple(picture.convert("RGB").getpixel((5, 5)))  # type: ignore[arg-type]


@pytest.mark.timeout(TIMEOUT_SECONDS)
def test_an_operation_is_added_by_the_steps_of_its_list(checkout: Checkout, tmp_path: Path) -> None:
    campaign = {"name": "negative", "steps": {"dark": {"uses": "invert", "with": {"image": "photo.png"}}}}

    checkout.write("pressroom/operations/invert.py", INVERT)
    checkout.add("pressroom/operations/__init__.py", "    image_to_video,\n", "    invert,\n")
    checkout.add("pressroom/operations/__init__.py", "    image_to_video.OPERATION,\n", "    invert.OPERATION,\n")

    # Two steps are missing: the plan says so, and the tests name the files.
    (problem,) = checkout.run(campaign, tmp_path / "early")["problems"]
    assert "no free model offers invert" in problem
    assert "add its row to a vendor's file of the catalog" in problem
    guard = checkout.python(
        *("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", "invert"),
        "tests/operations/test_operations.py",
    )
    assert "invert can be computed here, but has no row in pressroom/catalog/data/vendors/local.yaml" in guard.stdout
    assert "invert has no row in pressroom/provenance/actions.py" in guard.stdout
    assert "write tests/operations/test_invert.py" in guard.stdout

    local = "pressroom/catalog/data/vendors/local.yaml"
    checkout.write(local, (checkout.root / local).read_text() + INVERT_ROW)
    checkout.add(
        "pressroom/provenance/actions.py",
        '    "flip": Action("c2pa.orientation"),\n',
        '    "invert": Action("c2pa.color_adjustments"),\n',
    )

    assert checkout.run(campaign, tmp_path / "own") == {"problems": [], "models": ["local/negative"]}
    assert pixel(tmp_path / "own") == (0, 127, 255)
    assert "## invert" in checkout.check_docs()


@pytest.mark.timeout(TIMEOUT_SECONDS)
def test_a_vendor_is_added_by_the_steps_of_its_list(checkout: Checkout, tmp_path: Path) -> None:
    art = {"uses": "generate_image", "with": {"prompt": "the sea", "width": 256, "height": 256}}
    campaign = {"name": "blue", "policy": {"tier": "premium"}, "steps": {"art": art}}

    checkout.write("pressroom/providers/acme.py", ACME)
    checkout.write("pressroom/catalog/data/vendors/acme.yaml", ACME_FILE)

    # One step is missing: the plan says so, whatever key is there.
    early = checkout.run(
        {**campaign, "steps": {"art": {**art, "model": "acme/blue"}}}, tmp_path / "early", ACME_KEY="x"
    )
    (problem,) = early["problems"]
    assert "acme/blue cannot be bought here: this version has no adapter for Acme Pictures" in problem

    vendors = "VENDORS: Final[Mapping[str, Callable[[Shop], Vendor]]] = {\n"
    checkout.add("pressroom/providers/registry.py", vendors, '    "acme": lambda shop: Acme(),\n')
    checkout.add(
        "pressroom/providers/registry.py",
        "from pressroom.domain.web_address import WebAddress\n",
        "from pressroom.providers.acme import Acme\n",
    )

    without = checkout.run(campaign, tmp_path / "without")
    bought = checkout.run(campaign, tmp_path / "with", ACME_KEY="secret")

    assert without == {"problems": [], "models": ["simulated/studio"]}
    assert bought == {"problems": [], "models": ["acme/blue"]}
    assert pixel(tmp_path / "with") == (0, 0, 255)
    assert "Acme Pictures" in checkout.check_docs()
