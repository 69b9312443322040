"""Numbers and names as people read them: sizes, durations, placements, file types."""

from __future__ import annotations

from collections.abc import Mapping

from pressroom.domain.money import usd_text

# Platforms count in decimal units, and the placement rows follow them.
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_PLATFORMS: Mapping[str, str] = {
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "linkedin": "LinkedIn",
    "x": "X",
    "email": "E-mail",
}


def bytes_text(count: int) -> str:
    """`412_300` -> `412 kB`, `8_000_000` -> `8 MB`."""
    for size, unit in _UNITS:
        if count >= size:
            value = count / size
            return f"{value:.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.1f} {unit}"
    return f"{count} B"


def dollars_text(amount_micros: int | None) -> str:
    """`$0.03`; a dash for what nobody has said."""
    return "–" if amount_micros is None else usd_text(amount_micros)


def cost_text(amount_micros: int, assumed_micros: int) -> str:
    """`$0.03`; `$0.03 assumed` where no vendor has said so, `$0.05, $0.02 assumed` where that is true of a part."""
    if not assumed_micros:
        return usd_text(amount_micros)
    whole = "" if assumed_micros == amount_micros else f"{usd_text(amount_micros)}, "
    return f"{whole}{usd_text(assumed_micros)} assumed"


def seconds_text(seconds: float) -> str:
    """`75.2` -> `1 min 15 s`, `4.04` -> `4 s`, `0.31` -> `0.3 s`."""
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{round(seconds, 1):g} s"


def platform_text(platform: str) -> str:
    return _PLATFORMS.get(platform, platform.capitalize())


def words_of(name: str) -> str:
    """`feed_portrait` -> `Feed portrait`."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def count_text(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
