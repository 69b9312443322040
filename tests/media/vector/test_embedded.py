"""A drawing within a drawing is drawn as browsers draw it, and counts as a part of it."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import data_uri
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.vector import budget, references
from pressroom.media.vector.budget import MAX_WITHIN
from pressroom.media.vector.reading import Drawing, read_svg
from pressroom.media.vector.render import rasterize_svg_file

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
BLUE = (
    f'<svg {NS} viewBox="0 0 10 10"><style>.a{{fill:#00f}}</style><rect class="a" id="r" width="10" height="10"/></svg>'
)


def as_base64(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def showing(address: str, around: str = "") -> str:
    image = f'<image id="i" x="10" y="10" width="20" height="20" href="{address}"/>'
    return f'<svg {NS} width="40" height="40">{image}{around}</svg>'


def read(svg: str) -> Drawing:
    return read_svg(svg.encode(), MediaLimits())


def drawn(folder: Path, svg: str) -> Image.Image:
    (folder / "logo.svg").write_text(svg, encoding="utf-8")
    return rasterize_svg_file(folder / "logo.svg", MediaLimits())


@pytest.mark.parametrize(
    "address",
    [
        as_base64(BLUE),
        "data:image/svg+xml;charset=utf-8;base64," + base64.b64encode(BLUE.encode()).decode(),
        "data:image/svg+xml," + quote(BLUE),
        "data:image/svg+xml;utf8," + quote(BLUE),
        "DATA:image/SVG+XML," + quote(BLUE),
    ],
)
def test_it_is_drawn_in_its_place(tmp_path: Path, address: str) -> None:
    found = drawn(tmp_path, showing(address))

    assert found.getpixel((20, 20)) == (0, 0, 255, 255)
    assert found.getpixel((5, 20))[3] == found.getpixel((35, 20))[3] == 0  # type: ignore[index]


def test_neither_knows_the_styles_and_names_of_the_other(tmp_path: Path) -> None:
    around = '<style>.a,rect{fill:#f00}#r{opacity:0}</style><rect class="a" width="5" height="5"/>'

    found = drawn(tmp_path, showing(as_base64(BLUE), around))

    assert (found.getpixel((2, 2)), found.getpixel((20, 20))) == ((255, 0, 0, 255), (0, 0, 255, 255))


def test_pictures_and_letters_in_it_are_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), (255, 0, 0)).save(tmp_path / "red.png")
    red = data_uri((tmp_path / "red.png").read_bytes(), "image/png")
    inner = f'<svg {NS} width="20" height="20"><image width="20" height="20" href="{red}" preserveAspectRatio="none"/></svg>'
    middle = f'<svg {NS} width="20" height="20"><image width="20" height="20" href="{as_base64(inner)}"/></svg>'

    assert drawn(tmp_path, showing(as_base64(middle))).getpixel((20, 20)) == (255, 0, 0, 255)


def test_what_of_it_cannot_be_drawn_is_noted() -> None:
    inner = f'<svg {NS}><foreignObject/><text font-family="Myriad Pro">A</text></svg>'

    notes = read(showing(as_base64(inner))).notes

    assert any("<foreignObject>" in note for note in notes)
    assert any("'Myriad Pro'" in note for note in notes)


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (f"<svg {NS}><script>1</script></svg>", "<script> is not allowed"),
        (f'<svg {NS}><image href="https://example.org/a.png"/></svg>', "leads outside the file"),
        (f'<svg {NS} onload="1"/>', "onload is not allowed"),
        (f'<svg {NS} width="99999" height="99999"/>', "declares 99999 x 99999 pixels"),
        ("<html/>", "not <svg>"),
        ("<svg", "not well-formed"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', ""),
    ],
)
def test_what_no_drawing_may_hold_it_may_not_hold(inner: str, said: str) -> None:
    with pytest.raises(Corrupt, match=f"^SVG line 1.*: an embedded drawing: .*{said}"):
        read(showing(as_base64(inner)))


@pytest.mark.parametrize("address", ["data:image/svg+xml;base64,!!!", "data:image/svg+xml;base64,abc"])
def test_base64_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Corrupt, match="SVG line 1: an embedded drawing is broken"):
        read(showing(address))


def test_they_nest_as_deep_as_is_allowed() -> None:
    svg = BLUE
    for _ in range(MAX_WITHIN):
        svg = showing(as_base64(svg))
    read(svg)

    with pytest.raises(Corrupt, match=f"embedded deeper than {MAX_WITHIN}"):
        read(showing(as_base64(svg)))


def test_all_of_them_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_ELEMENTS", 30)
    ten = as_base64(f"<svg {NS}>{'<g/>' * 9}</svg>")
    read(f'<svg {NS}>{f"""<image href="{ten}"/>""" * 2}</svg>')

    with pytest.raises(Corrupt, match="more than 30 elements"):
        read(f'<svg {NS}>{f"""<image href="{ten}"/>""" * 3}</svg>')


def test_one_that_is_used_many_times_counts_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_EXPANDED", 60)
    ten = as_base64(f"<svg {NS}>{'<g/>' * 9}</svg>")
    read(showing(ten, '<use href="#i"/>' * 3))

    with pytest.raises(Corrupt, match="multiply to more than 60 elements"):
        read(showing(ten, '<use href="#i"/>' * 5))
