"""How a simulated vendor answers an order with its file: once it is made, and in the format that was asked for."""

from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from pathlib import Path

from PIL import Image

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
    return {"empty": b"", "gone": b"", "truncated": data[: len(data) // 2]}.get(fault, data)


def _in_format(path: Path, name: str) -> bytes:
    """A picture as png, jpeg or webp; any other file as it is."""
    if path.suffix != ".png" or name == "png":
        return path.read_bytes()
    written = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(written, name.upper())
    return written.getvalue()
