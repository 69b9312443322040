"""SVG that runs, reads, fetches, refers to itself or grows without end."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator

from tests.support.hostile.pictures import png

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
AWAY = "http://example.invalid/a"
RECT = '<rect width="9" height="9"'


def files() -> Iterator[tuple[str, bytes]]:
    for name, text in {**_running(), **_fetching(), **_growing(), **_broken()}.items():
        yield name, text.encode()
    yield "SVG in gzip", gzip.compress(_svg(RECT + "/>").encode())
    yield "SVG bomb in gzip", gzip.compress(_svg(" " * 100_000_000).encode())
    for encoding in ("UTF-16", "ISO-8859-1", "nobody-1"):
        text = f'<?xml version="1.0" encoding="{encoding}"?>{_svg("<desc>é</desc>")}'
        yield f"SVG in UTF-8 that declares {encoding}", text.encode()
    yield "SVG in broken UTF-8", _svg(RECT + "/>").encode() + b"\xff\xfe"


def _svg(inner: str, attributes: str = 'width="40" height="20"') -> str:
    return f"<svg {NS} {attributes}>{inner}</svg>"


def _running() -> dict[str, str]:
    inside = {
        "a script": "<script>alert(1)</script>",
        "a script from elsewhere": f'<script href="{AWAY}.js"/>',
        "a script in CDATA": "<script><![CDATA[alert(1)]]></script>",
        "a script in capitals": "<SCRIPT>alert(1)</SCRIPT>",
        "HTML with a script": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script/></body></foreignObject>',
        "an iframe": f'<iframe src="{AWAY}"/>',
        "an embedded object": f'<object data="{AWAY}"/>',
        "an event handler": RECT + ' onclick="alert(1)"/>',
        "an event handler in mixed case": RECT + ' oNmouseOver="alert(1)"/>',
        "a javascript link": '<a href="javascript:alert(1)"><text>x</text></a>',
        "a javascript link with spaces": '<a xlink:href=" java&#10;script:alert(1)"><text>x</text></a>',
        "an animation of a link": '<a><animate attributeName="href" values="javascript:alert(1)"/></a>',
        "a set element": '<set attributeName="onload" to="alert(1)"/>',
        "an XML event listener": '<listener xmlns="http://www.w3.org/2001/xml-events" event="load"/>',
        "sound": f'<audio src="{AWAY}.mp3"/>',
        "video": f'<video src="{AWAY}.mp4"/>',
    }
    return {f"SVG with {name}": _svg(body) for name, body in inside.items()}


def _fetching() -> dict[str, str]:
    nested = base64.b64encode(_svg("<script/>").encode()).decode()
    inside = {
        "a picture from the web": f'<image href="{AWAY}.png" width="9" height="9"/>',
        "a picture without a scheme": '<image href="//example.invalid/a.png" width="9" height="9"/>',
        "a picture from the disk": '<image xlink:href="file:///etc/passwd" width="9" height="9"/>',
        "a picture beside it": '<image href="../../secret.png" width="9" height="9"/>',
        "another drawing": f'<use href="{AWAY}.svg#a"/>',
        "a drawing in a data URI": f'<image href="data:image/svg+xml;base64,{nested}" width="9" height="9"/>',
        "a fill from the web": RECT + f' fill="url({AWAY}#a)"/>',
        "an escaped address in a style": r"<style>rect{fill:u\72l(http://example.invalid/#a)}</style>",
        "a filter picture from the web": f'<filter id="f"><feImage href="{AWAY}.png"/></filter>',
        "a base address": f'<g xml:base="{AWAY}"/>',
        "a cursor from the web": f'<g style="cursor:url({AWAY}.cur)"/>',
        "a mask from the disk": '<g mask="url(file:///etc/hostname#a)"/>',
        "an XInclude": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>',
    }
    documents = {
        "an external entity": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{_svg("<text>&x;</text>")}',
        "a parameter entity": f'<!DOCTYPE svg [<!ENTITY % x SYSTEM "{AWAY}.dtd"> %x;]>{_svg("")}',
        "an external DTD": f'<!DOCTYPE svg SYSTEM "{AWAY}.dtd">{_svg("")}',
        "a stylesheet instruction": f'<?xml-stylesheet href="{AWAY}.xsl" type="text/xsl"?>{_svg("")}',
    }
    return {f"SVG with {name}": _svg(body) for name, body in inside.items()} | {
        f"SVG with {name}": text for name, text in documents.items()
    }


def _growing() -> dict[str, str]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    uses = '<g id="a0"><path d="M0 0"/></g>' + "".join(
        f'<g id="a{n}">{f"<use href={chr(34)}#a{n - 1}{chr(34)}/>" * 10}</g>' for n in range(1, 9)
    )
    bomb = base64.b64encode(png(50_000, 50_000)).decode()
    chain = "".join(f'<g id="c{n}"><use href="#c{n + 1}"/></g>' for n in range(600))
    inside = {
        "multiplying references": uses + '<use href="#a8"/>',
        "a reference to itself": '<g id="a"><use href="#a"/></g>',
        "two references to each other": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        "a pattern of itself": '<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>',
        "a mask of itself": '<mask id="m"><rect mask="url(#m)" width="9" height="9"/></mask>',
        "a long chain of references": chain,
        "elements nested 100 deep": "<g>" * 100 + "</g>" * 100,
        "elements nested 100,000 deep": "<g>" * 100_000,
        "60,000 elements": "<g/>" * 60_000,
        "a blur of a billion pixels": '<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter>',
        "endless turbulence": '<filter id="f"><feTurbulence numOctaves="100000"/></filter>',
        "a matrix of 4,000 x 4,000": '<filter id="f"><feConvolveMatrix order="4000"/></filter>',
        "a spread of 100,000": '<filter id="f"><feMorphology radius="100000"/></filter>',
        "a chain of 60 filters": f'<filter id="f">{"<feOffset/>" * 60}</filter>',
        "a million attributes": f"<g {' '.join(f'a{n}=' + chr(34) * 2 for n in range(1_000_000))}/>",
        "a million letters": f"<text>{'x' * 1_000_000}</text>",
        "300 filtered elements": (RECT + ' filter="url(#f)"/>') * 300,
        "an embedded bomb": f'<image href="data:image/png;base64,{bomb}" width="9" height="9"/>',
    }
    documents = {
        "SVG with a billion laughs": f'<!DOCTYPE svg [<!ENTITY l0 "ha">{laughs}]>{_svg("<text>&l9;</text>")}',
        "SVG with 21 MB of comments": _svg(f"<!--{'x' * 21_000_000}-->"),
    }
    sizes = {"50,000 x 50,000": ("50000", "50000"), "1e30 wide": ("1e30", "9"), "900 inches": ("900in", "900in")}
    declared = {f"SVG of {name}": _svg("", f'width="{w}" height="{h}"') for name, (w, h) in sizes.items()}
    return {f"SVG with {name}": _svg(body) for name, body in inside.items()} | documents | declared


def _broken() -> dict[str, str]:
    return {
        "SVG cut off": f"<svg {NS}><rect",
        "SVG never closed": f"<svg {NS}><g>",
        "SVG of NaN size": _svg("", 'width="NaN" height="9"'),
        "SVG of negative size": _svg("", 'width="-5" height="9"'),
        "SVG inside HTML": f"<html><body>{_svg('')}</body></html>",
        "SVG with a broken embedded picture": _svg('<image href="data:image/png;base64,AAAA" width="9" height="9"/>'),
        "SVG after text": "hello " + _svg(""),
    }
