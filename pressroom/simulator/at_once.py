"""How a simulated vendor answers an order with its file: once it is made, and in the format that was asked for."""

from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from pathlib import Path

from PIL import Image

from pressroom.domain.media import Kind
from pressroom.media.encoding.wav import as_wav
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.simulator.books import Sold
from pressroom.simulator.world import World


async def made(world: World, sold: Sold) -> Sold:
    """The order once it has ended; nobody else waits meanwhile."""
    while (found := await asyncio.to_thread(world.look, sold)).state == "running":
        await asyncio.sleep(max(0.001, sold.ready_at - world.clock()))
    return found


async def made_within(world: World, sold: Sold, seconds: float) -> Sold:
    """The order once it has ended, or as it is after so long."""
    with suppress(TimeoutError):
        return await asyncio.wait_for(made(world, sold), seconds)
    return world.look(sold)


def file_of(world: World, sold: Sold, picture_format: str = "png") -> bytes:
    """The file of an order that was made, or what a fault puts in its place."""
    return spoiled(world.faults.draw(sold.vendor, "file"), _in_format(sold.files[0], picture_format))


def spoiled(fault: str, data: bytes) -> bytes:
    """What is delivered in place of a file."""
    if fault == "html":
        return b"<html><body>Sign in to go on</body></html>"
    if fault == "other_kind":
        return _sound() if kind_in(data) is Kind.IMAGE else _picture()
    if fault == "noise":
        return bytes(255 - byte for byte in data)
    half = data[: len(data) // 2]
    return {"empty": b"", "gone": b"", "truncated": half, "shortened": half}.get(fault, data)


def kind_in(data: bytes) -> Kind | None:
    """What kind of media the bytes are; None for no known one."""
    found = sniff(data[:HEAD_BYTES])
    return None if found is None else found.kind


def _picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 64), "gray").save(written, "PNG")
    return written.getvalue()


def _sound() -> bytes:
    """A tenth of a second of silence."""
    return as_wav(bytes(1_600), 8_000)


def _in_format(path: Path, name: str) -> bytes:
    """A picture as png, jpeg or webp; any other file as it is."""
    if path.suffix != ".png" or name == "png":
        return path.read_bytes()
    written = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(written, name.upper())
    return written.getvalue()
