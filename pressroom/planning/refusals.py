"""Why models are not used, in few words: of many the first, and how many more there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pressroom.domain.errors import Problem

_SHOWN: Final = 3
NO_KEY: Final = "provider_not_configured"
NOT_ALLOWED: Final = "policy_provider"
_LAST: Final = (NO_KEY, NOT_ALLOWED)


def reasons_text(unfit: Mapping[str, Problem], joint: str = " ") -> str:
    """`a/b is too small; c/d has ended; 4 more`; those that only want a key come after, then what the campaign rules out."""
    ranked = sorted(unfit.items(), key=lambda item: _LAST.index(item[1].code) if item[1].code in _LAST else -1)
    return _some_of([f"{name}{joint}{reason.message}" for name, reason in ranked])


def lack_text(tier: str, unfit: Mapping[str, Problem], operation: str) -> str:
    """Why a tier has nothing for a node."""
    if not unfit:
        return f"{tier} has none for {operation}"
    return f"{tier} has none that fits ({reasons_text(unfit)})"


def passed_over(unfit: Mapping[str, Problem]) -> str:
    """Which models of the chosen tier would have fitted, and do not work now."""
    ailing = [f"{name} {reason.message}" for name, reason in unfit.items() if reason.code == "model_ailing"]
    return f"; passed over: {_some_of(ailing)}" if ailing else ""


def _some_of(reasons: Sequence[str]) -> str:
    more = f"; {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    return f"{'; '.join(reasons[:_SHOWN])}{more}"
