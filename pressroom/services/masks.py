"""Masks over pictures of the library: painted or brought, made as large as the picture and black and white, and filed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.media import Asset, Kind
from pressroom.library.editing import Edit
from pressroom.services.add_media import add_file
from pressroom.services.context import Context
from pressroom.services.edit_assets import edit_assets
from pressroom.services.library import show_asset
from pressroom.services.selection import Selection

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER: Final = "masks"
_SHAPE_TOLERANCE: Final = (
    0.02  # by which the shape of a mask may differ from that of its picture: rounding, and no more
)
_HALF: Final = 128  # from this grey on something changes


def add_mask(principal: Principal, context: Context, path: Path, image: str) -> Asset:
    """File a mask for the picture `image`: white where it changes, transparent and black where it stays.

    Raises Invalid for one of another shape and for one without anything white, NotFound as `show_asset`, Corrupt for what is no
    picture.
    """
    principal.require(Scope.ASSETS_WRITE)
    from pressroom.media.files.images import open_image

    of = show_asset(principal, context, image)
    if of.kind is not Kind.IMAGE or not of.width or not of.height:
        raise _wrong(f"{of.id} is no picture", "a mask lies over one")
    painted = _grey(open_image(path, context.settings.limits))
    ratio = (painted.width / painted.height) / (of.width / of.height)
    if abs(ratio - 1) > _SHAPE_TOLERANCE:
        sizes = f"{painted.width} x {painted.height}, the picture {of.width} x {of.height}"
        raise _wrong(f"the mask is of another shape: {sizes}", "make it as large as the picture")
    whole = painted.resize((of.width, of.height)).point(lambda grey: 255 if grey >= _HALF else 0)
    if whole.getbbox() is None:
        raise _wrong("nothing in the mask is white", "paint what is to change")
    with TemporaryDirectory(prefix="pressroom-") as folder:
        target = Path(folder) / "mask.png"
        whole.save(target)
        filed = add_file(principal, context, target)
    words = Edit(title=f"Mask of {of.title or of.name or of.id}"[:200], folder=FOLDER)
    edit_assets(principal, context, Selection((filed.id,)), words)
    return show_asset(principal, context, filed.id)


def _grey(picture: Image) -> Image:
    """How white each pixel is; what is transparent is black."""
    if picture.mode != "RGBA":
        return picture.convert("L")
    from PIL import ImageChops

    return ImageChops.multiply(picture.convert("L"), picture.getchannel("A"))


def _wrong(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("parameter", message, hint, path=("mask",))])
