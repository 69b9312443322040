"""Words over a clip: shown in the frames of their time, faded, and never longer than the clip."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pressroom.operations
from pressroom.domain.errors import Permanent
from pressroom.domain.operation import Brand
from pressroom.media.files.captions import Caption
from pressroom.media.geometry import Box
from pressroom.media.lettering.stack import Words
from pressroom.media.motion.camera import plan_shot
from pressroom.media.motion.frame_source import Reel, Take
from pressroom.media.motion.words import Setting, Title, showings_of
from pressroom.media.subject.focal import Focus
from pressroom.media.typography.typefaces import fonts_for

SIZE = (480, 360)
TEMPLATES = Path(pressroom.operations.__file__).parent / "templates"
FOCUS = Focus(0.5, 0.5, "given", np.ones((2, 2), np.float32))
HELLO = Words("Hello", "", "", "", "")


@pytest.fixture
def reel() -> Reel:
    picture = Image.new("RGB", SIZE, "#305080")
    return Reel([Take(lambda: plan_shot(picture, SIZE, "hold", "subtle", FOCUS), True)], SIZE, 40)


@pytest.fixture
def setting() -> Setting:
    return Setting(Box(20, 20, 440, 320), fonts_for(Brand(), {}), {}, TEMPLATES)


def test_titles_fade_and_captions_do_not(reel: Reel, setting: Setting) -> None:
    title, caption = showings_of([Title(HELLO, 1, 3, "center")], [Caption(0.5, 2, "said")], reel, 10, setting)

    assert (title.first, title.end, title.fade) == (10, 30, 4)
    assert (caption.first, caption.end, caption.fade) == (5, 20, 0)


def test_what_lasts_beyond_the_clip_ends_with_it(reel: Reel, setting: Setting) -> None:
    (title,) = showings_of([Title(HELLO, 3, 9, "center")], [], reel, 10, setting)

    assert (title.first, title.end) == (30, 40)


def test_a_caption_of_too_many_lines_is_named(reel: Reel, setting: Setting) -> None:
    long = "word " * 200

    with pytest.raises(Permanent, match=re.escape(f"the caption {long[:40]!r} is too long for three lines")):
        showings_of([], [Caption(0, 1, long)], reel, 10, setting)
