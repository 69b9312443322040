"""The documentation tells the truth: nothing is missing from it, its examples plan, its links lead somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.__main__ import names
from docs.generate import PARTS, pages, regenerated
from docs.parts.commands import command_line
from docs.parts.flows import flows_stub
from pressroom.bootstrap import open_planning, open_vendors
from pressroom.campaign.deployment import DeploySpec, ScheduleSpec
from pressroom.campaign.expressions.evaluate import FILTERS
from pressroom.campaign.models import BrandSpec, Budget, Campaign, InputSpec, Policy, Step
from pressroom.catalog.load import load_catalog
from pressroom.cli import console, interrupts
from pressroom.domain import errors
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import Principal
from pressroom.domain.media_limits import MediaLimits
from pressroom.keys.vendor_keys import Keys
from pressroom.operations import ALL
from pressroom.providers.simulator.vendor import FAULTS
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import ENV_PREFIX, Settings, settings_for
from pressroom.sources.folder import FolderSource
from tests.support.pages import DOCS, ROOT, text_of

PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
EXAMPLE_FILES = ROOT / "deployments" / "campaigns" / "catalogue"
REGENERATE = "run `python docs/generate.py` and commit what it writes"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# generated parts


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_generated_tables_are_as_the_code_has_them_now(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert regenerated(text) == text, f"{name_of(path)} is out of date: {REGENERATE}"


def test_the_signatures_of_operations_in_python_are_as_the_code_has_them_now() -> None:
    assert (ROOT / "pressroom" / "flows" / "__init__.pyi").read_text(encoding="utf-8") == flows_stub(), REGENERATE


def test_every_generated_part_has_its_place_in_exactly_one_page() -> None:
    opened = [name for path in pages() for name in re.findall(r"<!-- generated: ([\w-]+) -->", path.read_text("utf-8"))]
    closed = [name for path in pages() for name in re.findall(r"<!-- end of ([\w-]+) -->", path.read_text("utf-8"))]

    assert sorted(opened) == sorted(PARTS)
    assert opened == closed


# nothing is left out


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_has_a_section_with_all_its_parameters(operation: Any) -> None:
    section = text_of("operations.md").partition(f"\n## {operation.name}\n")[2].partition("\n## ")[0]

    assert operation.summary in section, REGENERATE
    for parameter, field in operation.params.model_fields.items():
        assert f"| `{parameter}` |" in section, f"{parameter}: {REGENERATE}"
        assert field.description, f"{operation.name}.{parameter} has no description"


def test_every_provider_model_plan_and_pack_is_in_the_catalog_page() -> None:
    catalog = load_catalog()
    names = [*catalog.providers, *catalog.models, *catalog.plans, *catalog.packs]

    missing = [name for name in names if f"`{name}`" not in text_of("catalog.md")]

    assert not missing, REGENERATE


def test_the_catalog_lists_the_providers_that_are_built(tmp_path: Path) -> None:
    built = open_vendors(settings_for(tmp_path, {}), load_catalog(), "", Keys({}, tmp_path))

    assert {"local", *built} == set(load_catalog().providers)


def test_every_placement_has_its_row() -> None:
    missing = [name for name in load_catalog().placements if f"| `{name}` |" not in text_of("placements.md")]

    assert not missing, REGENERATE


def test_every_setting_is_there_with_both_of_its_names() -> None:
    names = [name for name in Settings.model_fields if name != "limits"]
    pairs = [(f"{ENV_PREFIX}{name.upper()}", name) for name in names]
    pairs += [(f"{ENV_PREFIX}LIMITS_{name.upper()}", f"limits.{name}") for name in MediaLimits.model_fields]

    missing = [pair for pair in pairs if f"| `{pair[0]}` | `{pair[1]}` |" not in text_of("settings.md")]

    assert not missing, REGENERATE


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_the_simulated_vendor_is_explained(fault: str) -> None:
    assert f"`{fault}`" in text_of("tutorial.md")


def error_classes() -> list[str]:
    return [name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, PressroomError)]


@pytest.mark.parametrize("name", error_classes())
def test_every_error_class_is_explained(name: str) -> None:
    assert f"| `{name}` |" in text_of("errors.md")


def test_every_command_and_option_has_its_section() -> None:
    text = text_of("commands.md")
    for name, command in command_line().items():
        section = text.partition(f"\n## pressroom {name}\n")[2].partition("\n## ")[0]
        assert command.help in section, f"{name}: {REGENERATE}"
        for option in command.params:
            if "--help" not in option.opts:
                assert option.opts[-1] in section.lower(), f"{name} {option.opts}: {REGENERATE}"


def test_every_exit_status_is_explained_where_people_look() -> None:
    codes = [
        console.DONE,
        console.BROKEN,
        console.INVALID,
        console.REFUSED,
        console.FAILED_NODES,
        interrupts.INTERRUPTED,
    ]

    for text in (text_of("commands.md"), (ROOT / "README.md").read_text(encoding="utf-8")):
        assert [code for code in codes if f"| {code} |" not in text] == []


@pytest.mark.parametrize(
    "model",
    [Campaign, InputSpec, BrandSpec, Budget, Policy, DeploySpec, ScheduleSpec, Step],
    ids=lambda model: model.__name__,
)
def test_every_key_of_the_campaign_document_is_explained(model: Any) -> None:
    text = text_of("campaign.md")

    keys = [field.alias or name for name, field in model.model_fields.items()]

    assert [key for key in keys if not re.search(rf"^\| [^|]*`{key}`", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", [*FILTERS, "default"])
def test_every_filter_is_explained(name: str) -> None:
    assert re.search(rf"^\| [^|]*`{name}[`(]", text_of("campaign.md"), re.MULTILINE)


def test_every_benchmark_has_its_place_in_the_performance_page() -> None:
    assert len(names()) > 20

    assert [
        name for name in names() if not re.search(rf"\b(bench |benchmarks[/.]){name}\b", text_of("performance.md"))
    ] == []


# examples and links


def blocks(language: str) -> list[Any]:
    """Every code block of this language, named by its page and its number there."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [
        pytest.param(block, id=f"{name_of(path)}-{number}")
        for path in PAGES
        for number, block in enumerate(pattern.findall(path.read_text(encoding="utf-8")), 1)
    ]


BASE = {
    "name": "docs",
    "inputs": {"product": {"type": "image", "default": "product.jpg"}},
    "steps": {"cutout": {"uses": "remove_background", "with": {"image": "{{ inputs.product }}"}}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign's folder with a photo, a brand kit, a logo and a table."""
    for path in EXAMPLE_FILES.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize("block", blocks("yaml"))
def test_every_campaign_in_the_documentation_plans_without_a_problem(block: str, folder: Path) -> None:
    """A block that is only a part of a campaign is put into a small one; a block of models is loaded as a catalog."""
    values = yaml.safe_load(block)
    if "models" in values:
        (folder / "rows.yaml").write_text(block, encoding="utf-8")
        assert load_catalog(folder / "rows.yaml").models
        return
    whole = "name" in values and "steps" in values
    if not whole:
        values = (
            BASE
            | values
            | {"inputs": BASE["inputs"] | values.get("inputs", {}), "steps": BASE["steps"] | values.get("steps", {})}
        )
    file = folder / "campaign.yaml"
    file.write_text(block if whole else yaml.safe_dump(values, sort_keys=False), encoding="utf-8")

    planned = plan_campaign(Principal("default"), open_planning(settings_for(folder, {})), RunRequest(file=str(file)))

    assert [str(problem) for problem in planned.verdict.problems if problem.fatal] == []
    assert planned.plan.nodes


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def shown_commands(path: Path) -> Iterator[tuple[str, str]]:
    """Each `pressroom WORD` of the page's code, with the word after it where that could be a command of a group."""
    code = re.findall(r"^```.*?^```|`[^`\n]+`", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for text in code:
        yield from re.findall(r"(?:^|[\s`/])pressroom ([a-z]+)(?=[\s`]|$)(?: ([a-z]+)(?=[\s`]|$))?", text)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_command_that_is_shown_exists(path: Path) -> None:
    known = command_line()
    groups = {name.partition(" ")[0] for name in known if " " in name}

    missing = [
        f"{name} {inner}".rstrip()
        for name, inner in shown_commands(path)
        if (f"{name} {inner}" not in known if name in groups and inner else name not in {*known, *groups})
    ]

    assert missing == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for link in re.findall(r"\]\((?!https?://)([^)\s#]+)", path.read_text(encoding="utf-8")):
            target = (path.parent / link).resolve()
            if target.suffix == ".md" and target.is_file() and target not in seen:
                waiting.append(target)

    assert [name_of(path) for path in PAGES if path not in seen] == []


def shown_runs() -> list[tuple[str, str]]:
    """Every command of the README that plans or runs a campaign of this checkout: the file, and the rest of the line."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"pressroom (?:plan|run) (deployments/\S+\.yaml)(.*)", text)


def test_the_readme_names_campaigns_that_are_there_and_inputs_that_they_have() -> None:
    assert shown_runs()
    for file, rest in shown_runs():
        inputs = FolderSource(ROOT / file).load().campaign.inputs
        assert set(re.findall(r"-i (\w+)=", rest)) <= set(inputs)


def test_what_the_readme_says_of_the_product_launch_is_what_it_makes(tmp_path: Path) -> None:
    """The numbers of pictures, files and placements, from the plan."""
    (file, _), *_ = shown_runs()
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    plan = plan_campaign(
        Principal("default"), open_planning(settings_for(tmp_path, {})), RunRequest(file=str(ROOT / file))
    ).plan

    files = [label for node in plan.nodes if node.deliver for label, _ in node.outputs]
    scenes = sum(node.operation == "replace_background" for node in plan.nodes)
    assert f"It makes {scenes} pictures of the product" in text
    assert f"{len(set(files))} placements: {len(files)} files" in " ".join(text.split())


@pytest.mark.parametrize("block", blocks("python"))
def test_every_python_example_runs(block: str, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(block.replace("/tmp/books.db", str(tmp_path / "books.db")), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, script], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    for expected in re.findall(r"print\(.*# ([\d_]+)", block):
        assert done.stdout.split() == [expected.replace("_", "")]
