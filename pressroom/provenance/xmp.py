"""XMP packets: what ours say, and what another's says that ours carry on.

Specification: ISO 16684-1; IPTC Photo Metadata Standard 2024.1 for the terms of rights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from pressroom.provenance.layout import mapped
from pressroom.provenance.source_types import term_of, uri_of

NAMESPACES: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
MAX_PACKET_BYTES: Final = 1_000_000
_MAX_RIGHTS_CHARACTERS: Final = 300
# In SVG the description stands without its packet.
_WRAPPERS: Final = ((b"<x:xmpmeta", b"</x:xmpmeta>"), (b"<rdf:RDF", b"</rdf:RDF>"))
# Who made it, who owns it and on what terms it may be used: this travels with every derivative.
_TEXTS: Final = ("photoshop:Credit", "photoshop:Source", "xmpRights:WebStatement")
_ADDRESSES: Final = ("xmpRights:WebStatement",)
_LISTS: Final = {"dc:creator": "Seq", "dc:rights": "Alt", "xmpRights:UsageTerms": "Alt"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a packet says. `rights` maps property names (dc:creator …) to their values in order."""

    source_type: str | None = None
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """One file that another was made from, as XMP names it."""

    document_id: str
    instance_id: str


def packet(
    *, source_type: str, tool: str, instance_id: str, origins: Sequence[Origin], rights: dict[str, tuple[str, ...]]
) -> bytes:
    """An XMP packet without padding, about 0.9 kB: it is replaced as a whole, never edited in place."""
    used = (
        {"xmp", "xmpMM", "Iptc4xmpExt"}
        | {name.partition(":")[0] for name in rights}
        | ({"stRef"} if origins else set())
    )
    spaces = "".join(f' xmlns:{name}="{NAMESPACES[name]}"' for name in NAMESPACES if name in used)
    body = "".join([_origins(origins), *(_property(name, values) for name, values in rights.items())])
    text = (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}"><rdf:Description rdf:about=""{spaces} xmp:CreatorTool={quoteattr(tool)}'
        f" xmpMM:InstanceID={quoteattr(instance_id)} Iptc4xmpExt:DigitalSourceType={quoteattr(uri_of(source_type))}>"
        f'{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    return text.encode()


def _origins(origins: Sequence[Origin]) -> str:
    def reference(origin: Origin) -> str:
        return f"stRef:documentID={quoteattr(origin.document_id)} stRef:instanceID={quoteattr(origin.instance_id)}"

    if len(origins) == 1:
        return f"<xmpMM:DerivedFrom {reference(origins[0])}/>"
    items = "".join(f"<rdf:li {reference(origin)}/>" for origin in origins)
    return f"<xmpMM:Ingredients><rdf:Bag>{items}</rdf:Bag></xmpMM:Ingredients>" if origins else ""


def _property(name: str, values: Sequence[str]) -> str:
    if name not in _LISTS:
        return f"<{name}>{escape(values[0])}</{name}>"
    kind = _LISTS[name]
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    items = "".join(f"<rdf:li{language}>{escape(value)}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def packet_in(path: Path) -> bytes | None:
    """The first XMP packet of a file of any kind, found by its text; None where there is none."""
    view = mapped(path)
    for first, last in _WRAPPERS:
        begin = view.find(first)
        end = view.find(last, begin, begin + MAX_PACKET_BYTES) if begin >= 0 else -1
        if end >= 0:
            return bytes(view[begin : end + len(last)])
    return None


def read(data: bytes | None) -> Found:
    """What a packet says of its source and its rights; nothing for one that cannot be read."""
    # Entities can make a small packet huge or read files; no XMP needs them.
    if data is None or b"<!" in data:
        return Found()
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - neither DTD nor entities, see above
    except ElementTree.ParseError:
        return Found()
    properties = dict(_properties(root))
    source = properties.get("Iptc4xmpExt:DigitalSourceType", ("",))[0]
    rights = {name: _short(properties[name]) for name in (*_LISTS, *_TEXTS) if properties.get(name)}
    return Found(term_of(source), rights)


def _properties(root: ElementTree.Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and values of every property, written as attributes or as elements."""
    names = {uri: prefix for prefix, uri in NAMESPACES.items()}
    for description in root.iter(f"{{{NAMESPACES['rdf']}}}Description"):
        for name, value in description.attrib.items():
            yield _named(name, names), (value,)
        for element in description:
            items = [item.text or "" for item in element.iter(f"{{{NAMESPACES['rdf']}}}li")]
            yield _named(element.tag, names), tuple(filter(None, map(str.strip, items or [element.text or ""])))


def _named(name: str, names: dict[str, str]) -> str:
    uri, _, local = name.removeprefix("{").rpartition("}")
    return f"{names[uri]}:{local}" if uri in names else name


def _short(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value[:_MAX_RIGHTS_CHARACTERS] for value in values)


def together(found: Sequence[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """The rights of several files in one: every creator and owner once; one that has none takes nothing from the others."""
    joined: dict[str, tuple[str, ...]] = {}
    for name in (*_LISTS, *_TEXTS):
        values = tuple(dict.fromkeys(value for rights in found for value in rights.get(name, ())))
        if name == "dc:creator" or len(values) == 1:
            joined |= {name: values} if values else {}
        elif values and name not in _ADDRESSES:
            joined[name] = ("; ".join(values)[:_MAX_RIGHTS_CHARACTERS],)
    return joined
