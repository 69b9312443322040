"""ICC profiles: pixels through them into sRGB, and whether they change anything."""

from __future__ import annotations

import io
from typing import cast

from PIL import Image, ImageCms

from pressroom.media.files.meaning import Meaning

_SAME_LEVELS = 2  # of 255: sRGB profiles of different makers differ by rounding


def to_srgb(image: Image.Image, meaning: Meaning) -> Image.Image:
    """Convert by what the file tells of its colours; a profile that is broken or for another mode says nothing."""
    if meaning.profile:
        try:
            return _through_profile(_as_rgb(image) if meaning.is_made else image, meaning.profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return bare(_as_rgb(image))


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _transform(profile, image.mode)
    if image.mode == "RGB" and _changes_nothing(transform):
        return bare(image)
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise ValueError("the profile gave no picture")
    return bare(converted)


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        # The blackest ink becomes black, not dark grey: what viewers do and what prints of photographs are judged by.
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def means_srgb(meaning: Meaning) -> bool:
    """Whether RGB pixels are shown as they are: as `to_srgb` has it, a profile that is broken says nothing."""
    if not meaning.profile:
        return meaning.transfer is None
    try:
        return _changes_nothing(_transform(meaning.profile, "RGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """The profile is one of the many sRGBs, whatever it is called: colours all over the cube stay within a level or two."""
    steps = range(0, 256, 51)
    cube = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    colours = Image.frombytes("RGB", (len(cube) // 3, 1), cube)
    changed = cast("Image.Image", ImageCms.applyTransform(colours, transform)).tobytes()
    return max(abs(a - b) for a, b in zip(cube, changed, strict=True)) <= _SAME_LEVELS


def _as_rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")  # which copies what is RGB already


def bare(image: Image.Image) -> Image.Image:
    image.info = {}
    return image
