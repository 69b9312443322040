"""Make the fallback fonts of `pressroom/media/typography/fonts_data` from registry packages: `uv run python docs/make_fonts.py`.

Fetches the packages named below with their ordinary clients (npm and apt-get must be there), keeps the characters that
advertising needs, drops what a picture cannot use (hinting, vertical metrics, a second copy of each emoji as SVG), and
writes the fonts, their licences and their rows in fonts.json. The faces that campaigns may name are left alone, but all of Latin
letters get a slanted copy, as browsers make one for italic letters: `slanted/`, written alone by `docs/make_fonts.py slanted`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.misc.roundTools import otRound
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.ttProgram import Program

DATA = Path(__file__).parent.parent / "pressroom" / "media" / "typography" / "fonts_data"
NPM = "https://www.npmjs.com/package/"
DEBIAN = "https://packages.debian.org/bookworm/"
NOTO = "usr/share/fonts/truetype/noto/"
CJK = "usr/share/fonts/opentype/noto/"
# Simplified Chinese is the second font of Noto's collection; the others' shapes are reached by language.
SIMPLIFIED_CHINESE = 2
JAPANESE = "JAN"

# The heraldry of some flags takes up to 99 kB each; those above this size stay only where many people live under them.
MOST_FLAG_BYTES = 8_000
FLAGS_KEPT = frozenset({"ES", "MX", "PT", "HR", "EC", "RS", "DO", "GT"})
REGIONAL_A = 0x1F1E6
SKIN_TONES = range(0x1F3FB, 0x1F400)
SLANT = 0.25  # what Chromium and Firefox (Skia) make of upright letters that are to be italic
DEGREES = 14.0
LATIN = "Latn"


@dataclass(frozen=True, slots=True)
class Source:
    """One face to make: where its font lies in which package, and what of it is kept."""

    file: str
    name: str
    scripts: tuple[str, ...]
    weight: int
    package: str
    path: str
    keep: Callable[[], set[int]]
    npm: bool = False
    features: tuple[str, ...] = ("*",)
    prepare: Callable[[TTFont], None] = field(default=lambda font: None)


def everything() -> set[int]:
    return set(range(0x20, 0x110000))


def ranges(*spans: tuple[int, int]) -> Callable[[], set[int]]:
    return lambda: {code for first, last in spans for code in range(first, last + 1)}


def rows(codec: str, leads: Iterable[int], trails: Iterable[int] = range(0xA1, 0xFF)) -> set[int]:
    """What the two-byte rows of a national standard hold."""
    trails = list(trails)
    pairs = (bytes((lead, trail)) for lead in leads for trail in trails)
    return {ord(char) for pair in pairs if len(char := pair.decode(codec, "ignore")) == 1}


def east_asian() -> set[int]:
    """GB 2312 level 1, JIS X 0208 level 1, Big5 level 1, the syllables of KS X 1001, and the signs of all."""
    chinese = rows("gb2312", range(0xA1, 0xAA)) | rows("gb2312", range(0xB0, 0xD8))
    japanese = rows("euc_jp", range(0xA1, 0xA9)) | rows("euc_jp", range(0xB0, 0xD0))
    big5 = rows("big5", range(0xA1, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    korean = rows("euc_kr", range(0xB0, 0xC9))
    return chinese | japanese | big5 | korean | set(range(0x20, 0x7F)) | set(range(0x3000, 0x3100))


def _one_language(font: TTFont) -> None:
    """Shapes of Simplified Chinese, and of Japanese where the text is Japanese; nine regional sets would double the size."""
    for record in font["GSUB"].table.ScriptList.ScriptRecord:
        kept = [system for system in record.Script.LangSysRecord if system.LangSysTag.strip() == JAPANESE]
        record.Script.LangSysRecord, record.Script.LangSysCount = kept, len(kept)


def _fewer_emoji(font: TTFont) -> None:
    """Without the copy in SVG, the costliest flags, and the pairs of people in every mixture of skin colours."""
    del font["SVG "]
    names = {glyph: code for code, glyph in font.getBestCmap().items()}
    paints = {record.BaseGlyph: record.Paint for record in font["COLR"].table.BaseGlyphList.BaseGlyphPaintRecord}
    for table in _ligatures(font):
        for first, found in list(table.items()):
            table[first] = [
                one for one in found if _is_kept(font, [first, *one.Component], paints.get(one.LigGlyph), names)
            ]


def _ligatures(font: TTFont) -> Iterable[dict[str, Any]]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for part in lookup.SubTable:
            part = part.ExtSubTable if lookup.LookupType == 7 else part
            if hasattr(part, "ligatures"):
                yield part.ligatures


def _is_kept(font: TTFont, glyphs: list[str], drawing: Any, names: dict[str, int]) -> bool:
    codes = [names.get(glyph, 0) for glyph in glyphs]
    if sum(code in SKIN_TONES for code in codes) > 1:
        return False
    if not all(REGIONAL_A <= code < REGIONAL_A + 26 for code in codes):
        return True
    country = "".join(chr(code - REGIONAL_A + ord("A")) for code in codes)
    return country in FLAGS_KEPT or _drawing_bytes(font, drawing) <= MOST_FLAG_BYTES


def _drawing_bytes(font: TTFont, drawing: Any) -> int:
    """What the outlines of one colour glyph take."""
    layers = font["COLR"].table.LayerList.Paint
    outlines: set[str] = set()

    def walk(paint: Any) -> None:
        if paint.Format == 1:  # a stack of layers
            for index in range(paint.FirstLayerIndex, paint.FirstLayerIndex + paint.NumLayers):
                walk(layers[index])
        elif paint.Format == 10:  # an outline
            outlines.add(paint.Glyph)
        for below in ("SourcePaint", "BackdropPaint"):
            if hasattr(paint, below):
                walk(getattr(paint, below))
        if paint.Format not in (1, 10, 11) and hasattr(paint, "Paint"):
            walk(paint.Paint)

    walk(drawing)
    return sum(len(font["glyf"][outline].compile(font["glyf"])) for outline in outlines)


def _pair(stem: str, name: str, scripts: tuple[str, ...], **options: Any) -> list[Source]:
    """A regular and a bold face; `path` holds {} where the weight stands."""
    path = options.pop("path")
    words = ("400", "700") if options.get("npm") else ("Regular", "Bold")
    return [
        Source(f"{stem}-{style}.{path[-3:].replace('ff2', 'ttf').replace('ttc', 'otf')}", name, scripts, weight,
               path=path.format(word), **options)
        for style, weight, word in zip(("Regular", "Bold"), (400, 700), words, strict=True)
    ]  # fmt: skip


def _fontsource(slug: str, stem: str, script: str, code: str) -> list[Source]:
    return _pair(
        stem, slug, (code,), package=f"@fontsource/{slug}", npm=True, keep=everything,
        path=f"files/{slug}-{script}-{{}}-normal.woff2",
    )  # fmt: skip


SOURCES: tuple[Source, ...] = (
    *_pair("NotoSans", "noto-sans", ("Latn", "Grek", "Cyrl"), package="fonts-noto-core", path=NOTO + "NotoSans-{}.ttf",
           keep=ranges((0x20, 0x24F), (0x2B0, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x214F)),
           features=("kern", "mark", "mkmk", "ccmp", "locl", "liga")),
    *_fontsource("noto-sans-arabic", "NotoSansArabic", "arabic", "Arab"),
    *_fontsource("noto-sans-hebrew", "NotoSansHebrew", "hebrew", "Hebr"),
    *_fontsource("noto-sans-devanagari", "NotoSansDevanagari", "devanagari", "Deva"),
    *_fontsource("noto-sans-thai", "NotoSansThai", "thai", "Thai"),
    *_pair("NotoSansCJK", "noto-sans-cjk", ("Hani", "Hira", "Kana", "Hang", "Bopo"), package="fonts-noto-cjk",
           path=CJK + "NotoSansCJK-{}.ttc", keep=east_asian, features=("locl", "kern", "ccmp", "palt"),
           prepare=_one_language),
    Source("NotoSansMath-Regular.ttf", "noto-sans-math", ("Zsym",), 400, "fonts-noto-core",
           NOTO + "NotoSansMath-Regular.ttf", ranges((0x2190, 0x22FF)), features=()),
    Source("NotoSansSymbols2-Regular.ttf", "noto-sans-symbols", ("Zsym",), 400, "fonts-noto-core",
           NOTO + "NotoSansSymbols2-Regular.ttf", ranges((0x2300, 0x23FF), (0x25A0, 0x27BF), (0x2B00, 0x2BFF)),
           features=()),
    Source("NotoColorEmoji.ttf", "noto-color-emoji", ("Zsye",), 400, "@fontsource/noto-color-emoji",
           "files/noto-color-emoji-emoji-400-normal.woff2", everything, npm=True,
           prepare=_fewer_emoji),
)  # fmt: skip


def main() -> None:
    kept = [row for row in json.loads((DATA / "fonts.json").read_text(encoding="utf-8")) if not row.get("scripts")]
    with tempfile.TemporaryDirectory() as folder:
        unpacked = {(source.package, source.npm): Path() for source in SOURCES}
        versions: dict[str, str] = {}
        for package, npm in unpacked:
            unpacked[package, npm], versions[package] = (_npm if npm else _debian)(package, Path(folder))
        made = [_make(source, unpacked[source.package, source.npm], versions[source.package]) for source in SOURCES]
    text = json.dumps(kept + made, indent=2) + "\n"
    (DATA / "fonts.json").write_text(text, encoding="utf-8")
    slant()


def slant() -> None:
    """Copies of the faces with Latin letters, every point moved to the right by a quarter of its height."""
    (DATA / "slanted").mkdir(exist_ok=True)
    for row in json.loads((DATA / "fonts.json").read_text(encoding="utf-8")):
        if LATIN not in row.get("scripts", (LATIN,)):
            continue
        font = TTFont(DATA / row["file"], recalcTimestamp=False)
        _slanted(font)
        font.save(DATA / "slanted" / row["file"])
        print(f"slanted/{row['file']}: {(DATA / 'slanted' / row['file']).stat().st_size:,} bytes")


def _slanted(font: TTFont) -> None:
    outlines = font["glyf"]
    for glyph in map(outlines.__getitem__, font.getGlyphOrder()):
        if glyph.isComposite() and any(hasattr(part, "transform") for part in glyph.components):
            # A part that is turned or squeezed would have to be slanted before that.
            coordinates, glyph.endPtsOfContours, glyph.flags = glyph.getCoordinates(outlines)
            glyph.coordinates, glyph.numberOfContours = coordinates, len(glyph.endPtsOfContours)
            glyph.program = Program()
            del glyph.components
    for glyph in map(outlines.__getitem__, font.getGlyphOrder()):
        if glyph.isComposite():
            for part in glyph.components:
                part.x += otRound(SLANT * part.y)
        elif glyph.numberOfContours > 0:
            glyph.coordinates.transform(((1, 0), (SLANT, 1)))
            glyph.coordinates.toInt()
    for name in font.getGlyphOrder():
        outlines[name].recalcBounds(outlines)
        font["hmtx"].metrics[name] = (font["hmtx"].metrics[name][0], getattr(outlines[name], "xMin", 0))
    for anchor in _anchors(font):
        anchor.XCoordinate += otRound(SLANT * anchor.YCoordinate)
    font["head"].macStyle |= 1 << 1
    font["OS/2"].fsSelection = font["OS/2"].fsSelection & ~(1 << 6) | 1
    font["post"].italicAngle = -DEGREES


def _anchors(font: TTFont) -> Iterable[Any]:
    """Where accents meet letters."""
    table = font["GPOS"].table if "GPOS" in font else None
    for lookup in table.LookupList.Lookup if table else ():
        for each in lookup.SubTable:
            found = getattr(each, "ExtSubTable", each)
            for marks in ("MarkArray", "Mark1Array"):
                yield from (record.MarkAnchor for record in getattr(getattr(found, marks, None), "MarkRecord", ()))
            for bases, records, anchors in (
                ("BaseArray", "BaseRecord", "BaseAnchor"),
                ("Mark2Array", "Mark2Record", "Mark2Anchor"),
            ):
                for record in getattr(getattr(found, bases, None), records, ()):
                    yield from (anchor for anchor in getattr(record, anchors) if anchor is not None)
            for ligature in getattr(getattr(found, "LigatureArray", None), "LigatureAttach", ()):
                for record in ligature.ComponentRecord:
                    yield from (anchor for anchor in record.LigatureAnchor if anchor is not None)


def _npm(package: str, folder: Path) -> tuple[Path, str]:
    _run(["npm", "pack", "--silent", package], folder)
    stem = package.removeprefix("@").replace("/", "-")
    (archive,) = (file for file in folder.glob(f"{stem}-*.tgz") if file.stem.removeprefix(f"{stem}-")[0].isdigit())
    target = folder / stem
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")
    return target / "package", archive.stem.removeprefix(f"{stem}-")


def _debian(package: str, folder: Path) -> tuple[Path, str]:
    _run(["apt-get", "download", "-qq", package], folder)
    (archive,) = folder.glob(f"{package}_*.deb")
    target = folder / package
    _run(["dpkg-deb", "-x", archive.name, target.name], folder)
    return target, archive.stem.split("_")[1].replace("%3a", ":")


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _make(source: Source, folder: Path, version: str) -> dict[str, Any]:
    collection = {"fontNumber": SIMPLIFIED_CHINESE} if source.path.endswith(".ttc") else {}
    font = TTFont(folder / source.path, **collection)
    source.prepare(font)
    options = subset.Options(
        hinting=False, glyph_names=False, notdef_outline=True, layout_features=list(source.features),
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17],
    )  # fmt: skip
    options.drop_tables += ["DSIG", "BASE", "vhea", "vmtx", "VORG", "MATH"]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=source.keep() & set(font.getBestCmap()))
    cut.subset(font)
    font.flavor = None
    font.save(DATA / source.file)
    family = font["name"].getBestFamilyName()
    print(f"{source.file}: {(DATA / source.file).stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")
    return {
        "name": source.name, "family": family, "style": "fallback", "weight": source.weight, "file": source.file,
        "licence": _licence(source, folder, font), "source": (NPM if source.npm else DEBIAN) + source.package, "version": version,
        "scripts": list(source.scripts),
    }  # fmt: skip


def _licence(source: Source, folder: Path, font: TTFont) -> str:
    """The licence as the package has it; Debian's have only notes, so the font's own copyright over the common text."""
    file = DATA / f"{source.name}-OFL.txt"
    if source.npm:
        file.write_bytes((folder / "LICENSE").read_bytes())
    else:
        _, common = (DATA / "inter-OFL.txt").read_text(encoding="utf-8").split("\n", 1)
        file.write_text(f"{font['name'].getDebugName(0)}\n{common}", encoding="utf-8")
    return file.name


if __name__ == "__main__":
    slant() if sys.argv[1:] == ["slanted"] else main()
