"""HTML templates and what all of them may ask: amounts, sizes and times as people read them, escaped wherever they stand."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pressroom.domain.media import label_of
from pressroom.domain.money import credits_text, in_credits, usd_text
from pressroom.reporting.format import bytes_text, count_text, dollars_text, seconds_text, words_of


def html_templates(folder: Path) -> Environment:
    """The templates of a folder; what is undefined is an error, and no empty place on a page."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        credits=credits_text,
        in_credits=in_credits,
        usd=usd_text,
        dollars=dollars_text,
        size=bytes_text,
        seconds=seconds_text,
        format=label_of,
        words=words_of,
    )
    environment.globals.update(count=count_text)
    return environment
