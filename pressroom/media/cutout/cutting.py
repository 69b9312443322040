"""Cut-outs of opened pictures: those that are transparent already keep their outline, photos get one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from pressroom.media.cutout.matting import Way, cut_out, feathered, subject_box
from pressroom.media.files.images import flatten

REAL_ALPHA_SHARE = 0.005  # fewer transparent pixels than this are a stray corner, not a cut-out
STRAY_GROUND = "#ffffff"
UNSURE = 0.8  # one in six of strange painters' pictures is below: a quarter of those miss or add parts, of the rest one in twelve
UNSURE_WARNING = (
    "the outline is uncertain, look at it before use: a calmer background that differs from the product helps"
)


@dataclass(frozen=True)
class CutPicture:
    """`picture` is RGBA. `method` is "kept" where the input's own alpha was used.

    `quality` is None there, and where a network of the user's found the outline.
    """

    picture: Image.Image
    method: str
    quality: float | None
    box: tuple[float, float, float, float]
    network_sha256: str | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether a person should look at the outline before it is used."""
        return self.quality is not None and self.quality < UNSURE

    @property
    def record(self) -> dict[str, Any]:
        """How sure the outline is, for the record of what is made with it; and whose network found it."""
        of_network = {"network_sha256": self.network_sha256} if self.network_sha256 is not None else {}
        return {"quality": self.quality} | of_network | ({"warning": UNSURE_WARNING} if self.is_unsure else {})


def cutout_of(image: Image.Image, feather: float = 0.0, way: Way | None = None) -> CutPicture:
    """The subject of an RGB or RGBA picture. Raises what `cut_out` does."""
    if has_real_alpha(image):
        return CutPicture(image, "kept", None, subject_box(np.asarray(image.getchannel("A"))))
    found = cut_out(np.asarray(flatten(image, STRAY_GROUND)), way)
    rgba = found.rgba.copy()
    rgba[..., 3] = feathered(rgba[..., 3], feather)
    rgba[rgba[..., 3] == 0] = 0
    box = subject_box(rgba[..., 3])
    return CutPicture(Image.fromarray(rgba, "RGBA"), found.method, found.quality, box, found.network_sha256)


def has_real_alpha(image: Image.Image) -> bool:
    """Whether enough of the picture is see-through for its alpha to be an outline."""
    if image.mode != "RGBA":
        return False
    return float((np.asarray(image.getchannel("A")) < 128).mean()) >= REAL_ALPHA_SHARE
