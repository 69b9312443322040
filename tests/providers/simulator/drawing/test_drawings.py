"""Everything that is only sold, bought from the simulated vendor in one campaign: real files, opened by other readers."""

from __future__ import annotations

import json
import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Workspace
from pressroom.operations import ALL, OPERATIONS
from pressroom.providers.simulator.drawing.drawings import DRAWINGS, drawn
from tests.support.campaigns import Campaigned, campaigned
from tests.support.media import described, product

TEXT = "Welcome to our spring collection, made by hand in small numbers."


def step(model: str, uses: str, **values: Any) -> dict[str, Any]:
    return {"uses": uses, "model": f"simulated/{model}", "with": values, "deliver": True}


STEPS = {
    "erase": step("eraser", "edit_image", image="photo.png", kind="erase", mask="mask.png"),
    "fill": step("retouch", "edit_image", image="photo.png", kind="inpaint", mask="mask.png", prompt="a blue flower"),
    "wider": step("retouch", "edit_image", image="photo.png", kind="outpaint", left=60, right=20),
    "dye": step("retouch", "edit_image", image="photo.png", kind="search_recolor", prompt="blue", search="disc"),
    "told": step("retouch", "edit_image", image="photo.png", kind="instruct", prompt="make it night"),
    "lines": step("guide", "control", image="photo.png", kind="sketch", prompt="a mountain lake"),
    "free": step("guide", "control", image="photo.png", kind="sketch", prompt="a mountain lake", strength=0),
    "face": step("portrait", "enhance_face", image="photo.png"),
    "voice": step("voice", "speak", text=TEXT),
    "rain": step("foley", "sound_effect", prompt="rain on a roof", duration=2, format="wav"),
    "host": step("presenter", "talking_avatar", image="photo.png", audio="{{ steps.voice }}", resolution="480p"),
    "dubbed": step("dubber", "lip_sync", video="{{ steps.host }}", audio="{{ steps.rain }}"),
    "solid": step("solid", "image_to_3d", image="photo.png", texture=512, vertices=300),
    "alt": step("reader", "describe_image", image="photo.png", max_characters=20, tags=2),
    "copy": step("writer", "write_text", prompt="Spring collection <b>", count=3, max_characters=60),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Campaigned:
    folder = tmp_path_factory.mktemp("bought")
    product(300, 200).save(folder / "photo.png")
    mask = Image.new("L", (300, 200), 0)
    ImageDraw.Draw(mask).ellipse((110, 60, 190, 140), fill=255)
    mask.save(folder / "mask.png")
    return campaigned(folder, STEPS)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_whoever_has_no_way_here_has_a_drawing_there() -> None:
    assert {operation.name for operation in ALL if operation.run is None} <= DRAWINGS.keys()


def test_everything_is_delivered_and_kept(done: Campaigned) -> None:
    kinds = {asset.step: asset.kind for asset in done.assets if asset.step}

    assert kinds.keys() == STEPS.keys()
    assert (kinds["solid"], kinds["alt"], kinds["voice"], kinds["host"]) == (
        *(Kind.MODEL, Kind.TEXT, Kind.AUDIO, Kind.VIDEO),
    )
    assert len([path for path in done.out.iterdir() if path.suffix != ".html" and path.name[0] != "."]) == len(STEPS)


def test_a_mask_says_where_the_picture_changes_and_where_it_stays(done: Campaigned) -> None:
    before, erased, filled = (
        pixels(done.out.parents[1] / "photo.png"),
        *map(pixels, map(done.file, ("erase.png", "fill.png"))),
    )

    assert np.abs(erased[100, 150] - before[20, 20]).max() < 30  # the disc is gone
    for after in (erased, filled):
        assert np.abs(after[:50] - before[:50]).max() == 0
    assert np.abs(filled[100, 130] - before[100, 130]).max() > 30


def test_sides_are_added_and_the_picture_stays(done: Campaigned) -> None:
    before, wider = pixels(done.out.parents[1] / "photo.png"), pixels(done.file("wider.png"))

    assert wider.shape == (200, 380, 3)
    assert np.array_equal(wider[:, 60:360], before)


def test_a_control_of_no_strength_leaves_nothing_of_its_guide(done: Campaigned) -> None:
    lines, free = pixels(done.file("lines.png")), pixels(done.file("free.png"))

    assert lines.shape == free.shape == (200, 300, 3)
    assert not np.array_equal(lines, free)


def test_speech_sounds_as_long_as_its_words_and_the_avatar_with_it(done: Campaigned) -> None:
    by_step = {asset.step: asset for asset in done.assets}
    seconds = len(TEXT) / 15

    assert "Audio: mp3" in described(done.file("voice.mp3"))
    assert by_step["voice"].duration_seconds == pytest.approx(seconds, abs=0.1)
    assert by_step["host"].duration_seconds == pytest.approx(seconds, abs=0.1)
    assert "Audio: aac" in described(done.file("host.mp4"))
    assert by_step["dubbed"].duration_seconds == pytest.approx(seconds, abs=0.1)
    assert "Audio: aac" in described(done.file("dubbed.mp4"))
    with wave.open(str(done.file("rain.wav"))) as file:
        assert file.getnframes() / file.getframerate() == 2


def test_the_model_is_a_glb_that_holds_the_picture(done: Campaigned) -> None:
    content = done.file("solid.glb").read_bytes()
    size = struct.unpack_from("<I", content, 12)[0]
    document = json.loads(content[20 : 20 + size])

    assert struct.unpack_from("<4sII", content) == (b"glTF", 2, len(content))
    assert document["accessors"][0]["count"] <= 300
    view = document["bufferViews"][document["images"][0]["bufferView"]]
    picture = content[28 + size + view["byteOffset"] :][: view["byteLength"]]
    (done.out.parent / "skin.jpg").write_bytes(picture)
    assert pixels(done.out.parent / "skin.jpg").shape == (512, 512, 3)


def test_every_face_of_the_model_looks_outwards(done: Campaigned) -> None:
    content = done.file("solid.glb").read_bytes()
    size = struct.unpack_from("<I", content, 12)[0]
    document, data = json.loads(content[20 : 20 + size]), content[28 + size :]

    def values(number: int, kind: str, width: int) -> np.ndarray:
        view = document["bufferViews"][number]
        return np.frombuffer(data[view["byteOffset"] :][: view["byteLength"]], kind).reshape(-1, width)

    places, normals, corners = values(0, "<f4", 3), values(1, "<f4", 3), values(3, "<u4", 3)
    a, b, c = (places[corners[:, index]] for index in range(3))

    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[corners[:, 0]]) > 0).all()


def test_words_keep_to_what_was_asked(done: Campaigned) -> None:
    found = json.loads(done.file("alt.json").read_text(encoding="utf-8"))
    lines = done.file("copy.txt").read_text(encoding="utf-8").splitlines()

    assert len(found["alt_text"]) <= 20
    assert len(found["tags"]) == 2
    assert len(lines) == 3
    assert all("Spring collection" in line and len(line) <= 60 for line in lines)


def test_texts_and_models_have_cards_in_the_contact_sheet(done: Campaigned) -> None:
    sheet = (done.out / "contact-sheet.html").read_text(encoding="utf-8")

    assert sheet.count('class="said"') == 2
    assert "Spring collection &lt;b&gt;" in sheet
    assert '<img class="solid" src="data:image/webp' in sheet
    assert "triangles</span>" in sheet


@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("a kitchen table in the first light", "abstract"),
        ("the sea at sunset", "landscape"),
        ("a poster: open", "poster"),
    ],
)
def test_a_picture_is_no_poster_of_its_words(tmp_path: Path, prompt: str, family: str) -> None:
    """As a model makes none, unless it is asked for one."""
    work = Workspace(tmp_path, {}, {}, Brand(), {}, MediaLimits(), "")

    made, *_ = drawn("generate_image", {"prompt": prompt, "width": 90, "height": 160}, work, OPERATIONS)

    assert made.details["style"] == family
