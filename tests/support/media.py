"""Small media made on the spot, and readers that know nothing of the code under test."""

from __future__ import annotations

import re
import struct
import subprocess
import zlib
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import yaml
from PIL import Image, ImageDraw

from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Workspace
from pressroom.domain.placement import Placement

FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()
PLACEMENTS_FILE = Path(__file__).parents[2] / "pressroom" / "catalog" / "data" / "placements.yaml"


@cache
def all_placements() -> dict[str, Placement]:
    rows = yaml.safe_load(PLACEMENTS_FILE.read_text(encoding="utf-8"))["placements"]
    return {row["name"]: Placement(**row) for row in rows}


def workspace(folder: Path, limits: MediaLimits | None = None, ffmpeg: str = FFMPEG, **inputs: Path) -> Workspace:
    folder.mkdir(parents=True, exist_ok=True)
    brand = Brand(colors={"background": "#204060"})
    return Workspace(folder, inputs, {}, brand, all_placements(), limits or MediaLimits(), ffmpeg)


def gradient(width: int = 60, height: int = 40) -> Image.Image:
    """Smooth in all channels, different in every corner: orientation and colours can be told."""
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([across, down, 255 - across]).astype(np.uint8))


def noise(width: int, height: int) -> Image.Image:
    """The hardest picture to compress."""
    return Image.fromarray(np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8))


def product(width: int = 600, height: int = 400, at: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """A red disc on a grey ground with slight grain, its middle at the given shares."""
    grain = np.random.default_rng(3).normal(0, 2, (height, width, 1))
    image = Image.fromarray(np.clip(200 + grain.repeat(3, 2), 0, 255).astype(np.uint8))
    x, y, radius = at[0] * width, at[1] * height, min(width, height) * 0.16
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(200, 40, 30))
    return image


def red_middle(image: Image.Image) -> tuple[float, float]:
    """Where the red disc is, as shares of width and height."""
    pixels = np.asarray(image.convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 150) & (pixels[..., 1] < 100))
    return float(columns.mean()) / image.width, float(rows.mean()) / image.height


def psnr(one: Image.Image, other: Image.Image) -> float:
    a, b = (np.asarray(image.convert("RGB"), dtype=float) for image in (one, other))
    error = float(np.mean((a - b) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def png_bomb(path: Path, side: int = 50_000) -> Path:
    """A PNG of a few hundred bytes that declares `side` x `side` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def ffmpeg(*arguments: str | Path) -> bytes:
    command = [FFMPEG, "-y", "-v", "error", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def clip(path: Path, size: str = "160x120", seconds: float = 4, rate: int = 25, *more: str, sound: bool = True) -> Path:
    """A moving test picture with a tone."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=duration={seconds}:sample_rate=44100"] if sound else []
    ffmpeg(*source, *tone, "-pix_fmt", "yuv420p", "-preset", "ultrafast", *more, path)
    return path


def tone(path: Path, seconds: float = 4) -> Path:
    ffmpeg("-f", "lavfi", "-i", f"sine=duration={seconds}", path)
    return path


def described(path: Path) -> str:
    """What ffmpeg prints of a file: streams, rates, tags."""
    command = [FFMPEG, "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, check=False).stderr.decode()


def frames_of(path: Path, width: int, height: int) -> np.ndarray:
    """All frames as an array of (frames, height, width) grey values."""
    raw = ffmpeg("-i", path, "-map", "0:v:0", "-pix_fmt", "gray", "-f", "rawvideo", "-")
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, height, width)


def colour_at(path: Path, width: int, x: int, y: int) -> tuple[int, ...]:
    """RGB of one pixel of the first frame, read by the colour tags of the file."""
    raw = ffmpeg("-i", path, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    return tuple(raw[(y * width + x) * 3 :][:3])


def frame_types(path: Path) -> str:
    """I, P and B of every frame, in order shown."""
    command = [FFMPEG, "-hide_banner", "-i", str(path), "-vf", "showinfo", "-an", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, check=True).stderr.decode()
    return "".join(re.findall(r"\btype:([IPB])", log))


def boxes(data: bytes) -> list[str]:
    """Names of an MP4's outermost boxes in file order (ISO/IEC 14496-12, section 4.2)."""
    names, position = [], 0
    while position + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[position : position + 8])
        if size == 1:
            size = struct.unpack(">Q", data[position + 8 : position + 16])[0]
        names.append(name.decode("latin-1"))
        position += size or len(data)
    return names
