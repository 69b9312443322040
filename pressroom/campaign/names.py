"""Names of rows and variants that stand beside each other."""

from __future__ import annotations


def unused_name(name: str, used: dict[str, int]) -> str:
    """The name itself the first time, then `name-2`, `name-3`; never one that is in `used`, which it joins."""
    unique = name
    while unique in used:
        used[name] += 1
        unique = f"{name}-{used[name]}"
    used[unique] = 1
    return unique
