"""One small file of every format that Pressroom writes, and what independent programs say of a file."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from tests.support.media import ffmpeg

SVG = (
    '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1h7v7z"/></svg>\n'
)

_OTHERS_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.2N"/></rdf:RDF></x:xmpmeta>'
)


def write_samples(folder: Path) -> dict[str, Path]:
    """Name -> file; the name's part before the dot tells variants of one format apart."""
    pixels = np.random.default_rng(7).integers(0, 255, (12, 17, 3), dtype=np.uint8)
    picture = Image.fromarray(np.kron(pixels, np.ones((6, 6, 1), np.uint8)))
    clear = picture.copy()
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    exif = Image.Exif()
    exif[0x0112] = 1
    wanted: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "plain.jpg": (picture, {"quality": 85}),
        "exif.jpg": (picture, {"exif": exif, "progressive": True}),
        "clear.png": (clear, {}),
        "lossy.webp": (picture, {}),
        "clear.webp": (clear, {"lossless": True}),
        "lossless.webp": (picture, {"lossless": True}),
        "still.gif": (picture, {}),
        "moving.gif": (picture, {"save_all": True, "append_images": [picture.rotate(180)], "loop": 0}),
        "plain.avif": (picture, {}),
        "told.avif": (picture, {"xmp": _OTHERS_XMP}),
        "clear.avif": (clear, {}),
        "plain.tiff": (picture, {}),
        "packed.tiff": (clear, {"compression": "tiff_deflate"}),
        "plain.bmp": (picture, {}),
    }
    for name, (image, options) in wanted.items():
        image.save(folder / name, **options)
    (folder / "drawing.svg").write_text(SVG)
    video = ["-f", "lavfi", "-i", "testsrc=d=0.4:s=64x48:r=10", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    ffmpeg(*video, folder / "clip.mp4")
    ffmpeg(*video[:-2], folder / "late.mp4")
    ffmpeg(*video[:-1], "frag_keyframe+empty_moov", folder / "parts.mp4")
    ffmpeg(*video, folder / "clip.mov")
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", folder / "tone.wav")
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.5", folder / "tone.mp3")
    picture.save(folder / "sheet.pdf", resolution=300)
    return {path.name: path for path in sorted(folder.iterdir())}


def content_of(path: Path) -> str:
    """SHA-256 of what a viewer shows or plays, whatever else is in the file."""
    if path.suffix in (".mp4", ".mov", ".wav", ".mp3"):
        program = shutil.which("ffmpeg") or _bundled()
        form = "rawvideo" if path.suffix in (".mp4", ".mov") else "s16le"
        decoded = [program, "-v", "error", "-i", str(path), "-f", form, "-"]
        return sha256(subprocess.run(decoded, capture_output=True, check=True).stdout).hexdigest()
    if path.suffix == ".svg":
        from resvg_py import svg_to_bytes

        return sha256(bytes(svg_to_bytes(svg_string=path.read_text()))).hexdigest()
    if path.suffix == ".pdf":
        import pikepdf

        with pikepdf.open(path) as pdf:
            return sha256(
                b"".join(image.read_raw_bytes() for page in pdf.pages for image in page.get_images().values())
            ).hexdigest()
    with Image.open(path) as image:
        frames = [np.asarray(frame.convert("RGBA")).tobytes() for frame in ImageSequence.Iterator(image)]
    return sha256(b"".join(frames)).hexdigest()


def _bundled() -> str:
    from pressroom.media.files.ffmpeg import ffmpeg_program

    return ffmpeg_program("")


def exiftool(path: Path) -> dict[str, Any]:
    """Every tag that exiftool finds, by group and name; an empty dict where exiftool is not installed."""
    program = shutil.which("exiftool")
    if program is None:
        return {}
    done = subprocess.run([program, "-j", "-G", "-s", str(path)], capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout)[0])
