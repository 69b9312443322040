"""The generated parts of the documentation: tables, the campaign's schema and the stub of `pressroom.flows`, from the code and
the data that they describe.

    python docs/generate.py            writes every part anew
    python docs/generate.py --check    writes nothing; exits 1 and names the pages that are out of date

A page marks where a part goes with a pair of HTML comments; everything around them is written by hand. The parts themselves
are in `docs/parts/`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.parts import catalog, commands, finding, flows, operations, placements  # noqa: E402
from pressroom.campaign.schema import schema_text  # noqa: E402

DOCS: Final = ROOT / "docs"
_PART: Final = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end of \w[\w-]* -->\n)", re.DOTALL)

PARTS: Final[dict[str, Callable[[], str]]] = {
    "operations": operations.operations,
    "templates": operations.templates,
    "models": catalog.models,
    "providers": catalog.providers,
    "plans": catalog.plans,
    "packs": catalog.packs,
    "presets": catalog.presets,
    "former": catalog.former,
    "placements": placements.placements,
    "filters": finding.filters,
    "showing": finding.showing,
    "settings": commands.settings,
    "limits": commands.limits,
    "commands": commands.command_pages,
}


def pages() -> list[Path]:
    return sorted(path for path in DOCS.rglob("*.md") if "<!-- generated: " in path.read_text(encoding="utf-8"))


def regenerated(text: str) -> str:
    """The page with every generated part as the code has it now."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]()}\n{match[3]}", text)


def wanted() -> dict[Path, str]:
    """Every generated file and page, as the code has it now."""
    others = {DOCS / "campaign.schema.json": schema_text(), ROOT / "pressroom/flows/__init__.pyi": flows.flows_stub()}
    return {path: regenerated(path.read_text(encoding="utf-8")) for path in pages()} | others


def main(arguments: Sequence[str]) -> int:
    check = "--check" in arguments
    stale = {path: text for path, text in wanted().items() if path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
