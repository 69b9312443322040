"""Words on pictures: whether they fit, whether they can be read, and how long it takes. Peer: Pillow's ImageDraw.

uv run python -m benchmarks.overlay [--all] [--sheet FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Workspace
from pressroom.domain.placement import Placement
from pressroom.media.color.oklab import LINEAR
from pressroom.media.color.spaces import AA_NORMAL, luminance
from pressroom.media.typography.fonts import DATA
from pressroom.operations import OPERATIONS

SEED = 9300  # nothing was tuned on it
GROUND = "#26364a"
POSITIONS = ("bottom", "top", "center", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right")
SCRIPTS = {
    "Latin": ("Made for slow mornings", "Freshly roasted, Überraschend gut", "New", "Shop now", "€ 12.90"),
    "Arabic": ("قهوة الصباح الهادئ", "محمصة طازجة كل يوم", "جديد", "اشتر الآن", "١٢٫٩٠ $"),
    "Hebrew": ("קפה לבקרים שקטים", "נקלה טרי בכל יום", "חדש", "קנו עכשיו", "₪ 49.90"),
    "Devanagari": ("धीमी सुबह की कॉफ़ी", "हर दिन ताज़ा भुनी हुई", "नया", "अभी खरीदें", "₹ 499"),
    "Thai": ("กาแฟสำหรับเช้าที่เงียบสงบ", "คั่วสดใหม่ทุกวันเพื่อคุณ", "ใหม่", "ซื้อเลย", "฿ 199"),
    "CJK": ("为安静的早晨而做的咖啡", "毎日焙煎する新鮮な豆", "新品", "立即购买", "￥ 68"),
    "emoji": ("Good morning ☕️🌞", "Fresh 🫘 every day 👩‍🍳", "🔥 New", "Go 🚀", "💶 12"),
}
STYLES: dict[str, dict[str, Any]] = {
    "plain": {"scrim": "none"},
    "scrim": {"scrim": "always"},
    "card": {"style": "card", "panel": GROUND},
    "band": {"style": "band", "panel": GROUND},
    "price tag": {"price_style": "tag"},
    "burst": {"badge_style": "burst"},
}
LONG_SIDE = 640  # of the pictures that the fit is tried on
OVER = 1.5  # pixels that antialiasing may add to a box


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="every placement with every script in every style")
    parser.add_argument("--sheet", type=Path, help="write the pictures of the contrast test here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        _speed(bench)
        _fit(bench, every=asked.all)
        _contrast(bench, asked.sheet)


class Bench:
    """Runs overlays in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, count()
        self.placements = load_catalog().placements
        self.operation = OPERATIONS["overlay"]

    def picture(self, pixels: np.ndarray[Any, Any]) -> Path:
        path = self.folder / f"{next(self.numbers)}.png"
        Image.fromarray(pixels).save(path, compress_level=1)
        return path

    def overlay(self, path: Path, **params: Any) -> tuple[Path, dict[str, Any]]:
        folder = self.folder / f"run-{next(self.numbers)}"
        folder.mkdir()
        work = Workspace(folder, {"image": path}, {}, Brand(), self.placements, MediaLimits(), "")
        assert self.operation.run is not None
        (made,) = self.operation.run(self.operation.params(image="image", **params), work)
        return made.path, made.details


def words(script: str, style: str) -> dict[str, str]:
    headline, text, badge, cta, price = SCRIPTS[script]
    found = {"headline": headline, "text": text, "cta": cta}
    if style == "price tag":
        found["price"] = price
    if style in ("burst", "plain"):
        found["badge"] = badge
    return found


# speed


def _speed(bench: Bench) -> None:
    pixels = np.asarray(Image.fromarray(noise(SEED)).resize((1080, 1350), Image.Resampling.BICUBIC))
    path = bench.picture(pixels)
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    for script in ("Latin", "Arabic", "CJK"):
        ours, theirs = [], []
        for _ in range(6):
            started = time.perf_counter()
            _, details = bench.overlay(path, **words(script, "scrim"))
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            _by_pillow(path, bench.folder / "peer.png", details, script, engine)
            theirs.append(time.perf_counter() - started)
        ratio = min(ours) / min(theirs)
        print(f"| {script} | {min(ours):.3f} s | {min(theirs):.3f} s, {engine.name.lower()} | {ratio:.2f} |")


def _by_pillow(source: Path, target: Path, details: dict[str, Any], script: str, engine: ImageFont.Layout) -> None:
    """The same lines at the same places in white: no scrim, no button, no colour chosen, no fit searched."""
    face = {"Arabic": "NotoSansArabic-Bold.ttf", "CJK": "NotoSansCJK-Bold.otf"}.get(script, "Inter-Bold.ttf")
    with Image.open(source) as image:
        picture = image.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for box in details["boxes"]:
        if not box["lines"]:
            continue
        font = ImageFont.truetype(DATA / face, box["size"], layout_engine=engine)
        for number, line in enumerate(box["lines"]):
            draw.text((box["box"][0], box["box"][1] + number * box["size"] * 1.15), line, "white", font)
    picture.save(target)


# fit


def _fit(bench: Bench, *, every: bool) -> None:
    """Ink outside the safe zone, ink outside its own box, words that no font had: over placements, scripts and styles."""
    tried = refused = outside = clipped = 0
    for placement, script, style, position in _cases(bench.placements.values(), every=every):
        scale = LONG_SIDE / max(placement.width, placement.height)
        size = max(2, round(placement.width * scale)), max(2, round(placement.height * scale))
        flat = np.full((size[1], size[0], 3), [int(GROUND[at : at + 2], 16) for at in (1, 3, 5)], np.uint8)
        tried += 1
        try:
            made, details = bench.overlay(
                bench.picture(flat),
                placement=placement.name,
                position=position,
                **words(script, style),
                **STYLES[style],
            )
        except Permanent:
            refused += 1  # said at plan time as well: too small for these words
            continue
        ink = _ink(made, flat) if style != "scrim" else np.zeros(flat.shape[:2], bool)
        boxes = [box["box"] for box in details["boxes"]]
        zone = details["safe_zone"]
        outside += any(not _inside(box, zone) for box in boxes) or bool(_left_over(ink, [zone]).any())
        clipped += bool(_left_over(ink, boxes).any()) or bool(details["not_in_any_font"])
        made.unlink()
    print(f"| fit | {tried} overlays | {refused} refused | {outside} outside the safe zone | {clipped} clipped |")


def _cases(placements: Any, *, every: bool) -> Iterator[tuple[Placement, str, str, str]]:
    """Every placement with every script; the style goes round, so that every script meets every style, unless `every`."""
    pictures = [each for each in placements if each.kind is Kind.IMAGE]
    for number, placement in enumerate(pictures):
        for at, script in enumerate(SCRIPTS):
            for style in STYLES if every else [list(STYLES)[(number + at) % len(STYLES)]]:
                yield placement, script, style, POSITIONS[(number + 2 * at) % len(POSITIONS)]


def _ink(made: Path, flat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with Image.open(made) as image:
        difference: np.ndarray[Any, Any] = np.abs(np.asarray(image.convert("RGB")).astype(int) - flat).max(axis=2) > 24
    return difference


def _inside(box: list[float], zone: list[float]) -> bool:
    ends = (box[0] + box[2], box[1] + box[3]), (zone[0] + zone[2], zone[1] + zone[3])
    return all(box[at] >= zone[at] - OVER and ends[0][at] <= ends[1][at] + OVER for at in (0, 1))


def _left_over(ink: np.ndarray[Any, Any], boxes: list[list[float]]) -> np.ndarray[Any, Any]:
    rest = ink.copy()
    for x, y, width, height in boxes:
        top, left = max(0, int(np.floor(y - OVER))), max(0, int(np.floor(x - OVER)))
        rest[top : int(np.ceil(y + height + OVER)), left : int(np.ceil(x + width + OVER))] = False
    return rest


# contrast


def noise(seed: int) -> np.ndarray[Any, Any]:
    """Patches of every colour at three scales with hard edges: as busy as a shelf in a shop."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((675, 540, 3), np.float32)
    for cells, weight in ((5, 0.4), (18, 0.35), (60, 0.25)):
        block = rng.integers(0, 256, (round(cells * 1.25), cells, 3), dtype=np.uint8)
        picture += weight * cv2.resize(block, (540, 675), interpolation=cv2.INTER_NEAREST)
    return np.clip((picture - 128) * 1.9 + 128, 0, 255).astype(np.uint8)


def _contrast(bench: Bench, sheet: Path | None, pictures: int = 24) -> None:
    """The ink's colour against the pixels around it, as rendered; a picture passes when 98 % of them reach AA."""
    rows: dict[str, list[float]] = {"auto": [], "none": []}
    for number in range(pictures):
        ground = bench.picture(noise(SEED + number))
        position = POSITIONS[number % len(POSITIONS)]
        params = {"headline": "Made for mornings", "text": "Slow coffee, fast", "position": position, "logo": False}
        flat = np.full((675, 540, 3), [int(GROUND[at : at + 2], 16) for at in (1, 3, 5)], np.uint8)
        mask, _ = bench.overlay(bench.picture(flat), scrim="none", **params)
        ink = _ink(mask, flat)
        for scrim, found in rows.items():
            made, details = bench.overlay(ground, scrim=scrim, **params)
            found.append(_legible(made, ink, details["color"]))
            if sheet and scrim == "auto":
                sheet.mkdir(parents=True, exist_ok=True)
                (sheet / f"{number:02}.png").write_bytes(made.read_bytes())
    for scrim, found in rows.items():
        passed = np.mean([share >= 0.98 for share in found])
        print(
            f"| scrim {scrim} | {passed:.0%} of {pictures} pictures | {np.mean(found):.1%} of the pixels around letters |"
        )


def _legible(made: Path, ink: np.ndarray[Any, Any], color: str) -> float:
    """The share of pixels around letters that differ enough from the ink."""
    near, far = (cv2.dilate(ink.astype(np.uint8), np.ones((side, side), np.uint8)) > 0 for side in (5, 11))
    with Image.open(made) as image:
        linear = LINEAR[np.asarray(image.convert("RGB"))[far & ~near]]
    shades, own = linear @ np.array([0.2126, 0.7152, 0.0722]), luminance(color)
    ratio = (np.maximum(shades, own) + 0.05) / (np.minimum(shades, own) + 0.05)
    return float((ratio >= AA_NORMAL).mean())


if __name__ == "__main__":
    main()
