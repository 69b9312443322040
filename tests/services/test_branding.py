"""How an account looks: what its admins set, with colours in which everybody can read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pressroom.web
from pressroom.domain.branding import GROUNDS, Branding, Scheme
from pressroom.domain.errors import Invalid, NotFound, Refused
from pressroom.domain.identity import SCOPES_OF, Principal, Role
from pressroom.library.search import Query
from pressroom.library.search_filter import Filter
from pressroom.media.color.spaces import AA_NORMAL, contrast
from pressroom.services.branding import (
    _nearest,
    ground_below,
    house_of,
    ink_on,
    logo_file,
    public_branding,
    set_branding,
    show_branding,
)
from pressroom.services.finding import search_assets
from tests.support.studio import Studio

ME = Principal("default")
EDITOR = Principal("default", "ed@example.com", SCOPES_OF[Role.EDITOR])
HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    sheet = (Path(pressroom.web.__file__).parent / "static" / "style.css").read_text()
    light, dark = sheet.split("@media (prefers-color-scheme:dark)")[:2]

    for text, scheme in ((light, Scheme.LIGHT), (dark, Scheme.DARK)):
        found = dict(re.findall(r"--(card|paper|well):#([0-9a-f]+)", text))
        full = tuple(
            "#" + (each * 2 if len(each) == 3 else each) for each in (found["card"], found["paper"], found["well"])
        )
        assert full == GROUNDS[scheme]


@given(color=HEX, scheme=st.sampled_from(tuple(Scheme)))
def test_the_shade_that_is_offered_can_be_read_everywhere(color: str, scheme: Scheme) -> None:
    shade = _nearest(color, scheme)

    assert min(contrast(shade, each) for each in (*GROUNDS[scheme], ground_below(shade, scheme))) >= AA_NORMAL
    assert contrast(ink_on(shade), shade) >= AA_NORMAL


def test_an_account_is_seen_as_its_admins_have_set_it(studio: Studio) -> None:
    context = studio.context
    assert show_branding(ME, context) == Branding()

    kept = set_branding(ME, context, Branding(" Kettle & Co ", "#A01040"))

    assert (kept.name, kept.accent, kept.logo) == ("Kettle & Co", "#a01040", "")
    assert contrast(kept.accent_dark, GROUNDS[Scheme.DARK][0]) >= AA_NORMAL
    assert public_branding(context, "default") == kept
    assert public_branding(context, "nobody") == Branding()
    assert show_branding(EDITOR, context) == kept
    with pytest.raises(Refused, match="admin"):
        set_branding(EDITOR, context, Branding("Mine"))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Branding(accent="#ffcc00"), r"#ffcc00 has a contrast of 1\.\d:1 on #.* of light pages"),
        (Branding(accent="#0d5a63", accent_dark="#0d5a63"), "of dark pages"),
        (Branding(accent="red"), "'red' is no colour"),
        (Branding(name="x" * 61), "61 characters"),
        (Branding(logo="nothing"), "there is no asset"),
    ],
)
def test_what_could_not_be_read_or_shown_is_refused(studio: Studio, wanted: Branding, message: str) -> None:
    with pytest.raises((Invalid, NotFound), match=message):
        set_branding(ME, studio.context, wanted)

    assert show_branding(ME, studio.context) == Branding()


def test_a_logo_is_anybodys_to_see_and_no_other_file_is(studio: Studio) -> None:
    context = studio.context
    studio.go("name: two\nsteps: {a: {uses: draw, with: {prompt: logo}}, b: {uses: draw, with: {prompt: other}}}")
    logo, other = (search_assets(ME, context, Query(Filter(step=(step,)))).items[0] for step in ("a", "b"))

    kept = set_branding(ME, context, Branding("Kettle & Co", "#a01040", logo=logo.id))

    assert kept.logo_sha256 == logo.sha256
    assert logo_file(context, logo.sha256).is_file()
    with pytest.raises(NotFound):
        logo_file(context, other.sha256)
    house = house_of(context, "default")
    assert (house.name, house.logo[8:12]) == ("Kettle & Co", b"WEBP")
    assert house.rules.startswith(":root{--accent:#a01040;--accent-ink:#ffffff}@media")
    context.store.delete(logo.sha256)
    shutil.rmtree(context.previews)
    assert house_of(context, "default").logo == b""
