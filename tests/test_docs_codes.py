"""Every problem code in the source is explained in the documentation, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pressroom.catalog.load import load_catalog
from tests.support.pages import ROOT, text_of

# Which argument of these calls is the code. Functions that pass a parameter of theirs on to one of them are found below.
CARRIERS = {"Problem": 0}


VENDORS = {row.name for row in load_catalog().providers.values()}


def functions() -> Iterator[ast.FunctionDef]:
    for path in sorted((ROOT / "pressroom").rglob("*.py")):
        if path.parent.name == "simulator" and path.stem in VENDORS:
            continue  # whose answers have codes of their own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield node


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def codes_given(function: ast.FunctionDef, carriers: dict[str, tuple[int, str]]) -> Iterator[tuple[ast.expr, str]]:
    """Every expression that is given as a code in this function, and what is put before it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and called(node) in carriers:
            position, prefix = carriers[called(node)]
            for keyword in node.keywords:
                if keyword.arg == "code":
                    yield keyword.value, prefix
            if len(node.args) > position:
                yield node.args[position], prefix


def passed_on(value: ast.expr) -> tuple[str, str]:
    """`code` -> ("code", ""), `f"drift_{what}"` -> ("what", "drift_"); nothing for anything else."""
    if isinstance(value, ast.Name):
        return value.id, ""
    parts = value.values if isinstance(value, ast.JoinedStr) else []
    if len(parts) == 2 and isinstance(parts[0], ast.Constant) and isinstance(parts[1], ast.FormattedValue):
        return getattr(parts[1].value, "id", ""), str(parts[0].value)
    return "", ""


def all_carriers() -> dict[str, tuple[int, str]]:
    found = {name: (position, "") for name, position in CARRIERS.items()}
    for _ in range(3):  # a helper of a helper of a helper
        for function in functions():
            names = [argument.arg for argument in function.args.args if argument.arg != "self"]
            for value, prefix in list(codes_given(function, found)):
                name, before = passed_on(value)
                if name in names and function.name not in found:
                    found[function.name] = (names.index(name), prefix + before)
    return found


def problem_codes() -> set[str]:
    """Every code that the source can give; a code with an unknown end is given as its beginning with a star."""
    carriers = all_carriers()
    found = set()
    for function in functions():
        names = [argument.arg for argument in function.args.args]
        for value, prefix in codes_given(function, carriers):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found.add(prefix + value.value)
            elif (passed := passed_on(value))[1] and passed[0] not in names:
                found.add(f"{prefix}{passed[1]}*")
    return found


def documented_codes() -> set[str]:
    section = text_of("errors.md").partition("\n## Problems\n")[2]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


def test_codes_are_found_however_the_source_gives_them() -> None:
    assert {"yaml", "unknown_key", "unknown_model", "too_many_nodes", "drift_price", "blocked_word"} <= problem_codes()


def test_every_problem_code_in_the_source_is_explained() -> None:
    known = documented_codes() | {"parameter"}

    missing = [
        code
        for code in problem_codes()
        if code not in known and not (code.endswith("*") and any(name.startswith(code[:-1]) for name in known))
    ]

    assert sorted(missing) == []


def test_no_explained_problem_code_is_made_up() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "pressroom").rglob("*.py"))

    # drift_price is written as "price", unknown_provider as "provider".
    made_up = [
        code
        for code in documented_codes()
        if not {f'"{code}"', f'"{code.partition("_")[2]}"'} & set(re.findall(r'"\w+"', source))
    ]

    assert made_up == []
