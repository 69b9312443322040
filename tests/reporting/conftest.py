"""A small finished run: one photo, a cut-out, two scenes, three placements, one video, one failure."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.reporting.model import AssetReport, BrandReport, NodeReport, RunReport

STARTED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PLACED = ("instagram.feed_square", "blog.header")
SCENES = {"linen": (216, 195, 165), "forest": (45, 74, 58)}


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    return ffmpeg_program()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., AssetReport]:
    """Make a picture file and its report."""

    def make(name: str, size: tuple[int, int], color: tuple[int, ...], **fields: object) -> AssetReport:
        path = tmp_path / name
        Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(path)
        return described(path, Kind.IMAGE, Image.MIME[Image.registered_extensions()[path.suffix]], size, **fields)

    return make


def described(path: Path, kind: Kind, mime: str, size: tuple[int, int], **fields: object) -> AssetReport:
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    report = AssetReport(f"asset-{path.stem}", sha256, kind, mime, len(data), size[0], size[1], path=path)
    return replace(report, **fields)


@pytest.fixture
def run(tmp_path: Path, picture: Callable[..., AssetReport], ffmpeg: str) -> RunReport:
    placements = load_catalog().placements
    photo = picture("photo.jpg", (200, 250), (200, 190, 180), label="product")
    cutout = picture("cutout.png", (200, 250), (10, 60, 40, 120), parents=(photo.id,))
    nodes = [
        NodeReport("n-cut", "cutout", "remove_background", "done", "create", model="local/matting", assets=(cutout,))
    ]
    for scene, color in SCENES.items():
        master = picture(f"{scene}.png", (400, 500), color, parents=(cutout.id,))
        files = tuple(
            picture(
                f"{scene}-{name}.jpg", (placements[name].width, placements[name].height), color,
                parents=(master.id,), placement=name, label=name, href=f"{scene}/{name}.jpg", delivered=True,
                provenance="Local processing: resize",
            )
            for name in PLACED
        )  # fmt: skip
        variant = {"scene": scene}
        nodes.append(
            NodeReport(f"s-{scene}", "scene", "replace_background", "done", "create", variant, assets=(master,))
        )
        nodes.append(NodeReport(f"f-{scene}", "formats", "resize", "done", "reuse", variant, assets=files))
    film = NodeReport(
        "film", "film", "image_to_video", "done", "create", {"scene": "linen"}, "simulated", "simulated/film",
        credits_micros=2_500_000,
        usd_micros=50_000, usd_quoted_micros=40_000, usd_billed_micros=50_000, seconds=3.2,
        why="the best of tier premium that fits", assets=(_video(tmp_path, ffmpeg),),
    )  # fmt: skip
    failed = NodeReport(
        "bad", "poster", "overlay", "failed", "create", error="headline does not fit: 90 of 40 characters"
    )
    return RunReport(
        "run-7d1f", "autumn-launch", "completed with failures", STARTED, STARTED + timedelta(seconds=71),
        (*nodes, film, failed), "Autumn launch", "One photo, two scenes.", "acme", 4_000_000, 2_500_000, 1_500_000,
        7_500_000, 50_000, "ab12cd34", (Problem("row", "row 4 has no price", "add one", "products.csv", 5, fatal=False),),
        BrandReport("Varn & Vale", {"primary": "#1f3d2f", "accent": "#c8643c"}), (photo,), placements,
    )  # fmt: skip


def _video(folder: Path, ffmpeg: str) -> AssetReport:
    path = folder / "film.mp4"
    source = ["-f", "lavfi", "-i", "color=c=#d8c3a5:s=108x192:d=1:r=24"]
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", *source, "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return described(
        path, Kind.VIDEO, "video/mp4", (108, 192), duration_seconds=1.0, href="film/film.mp4", delivered=True,
        parents=("asset-linen",), provenance="Bought: simulated/film",
    )  # fmt: skip
