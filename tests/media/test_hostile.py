"""Hostile and broken files: each is refused by name before it is decoded, without memory, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.media.typography.fonts import load_user_font
from tests.support.hostile import corpus, fonts

MOST_GROWTH_KB = 96_000
# What the container declares is sound; only its frames show the damage.
SEEN_WHEN_DECODED = {"recordings: WebM of 16,383 x 16,383 pixels"}

# Runs in a process of its own, so that its peak of memory is that of the refusals alone. The ordinary file comes first: what
# libraries allocate once is not growth.
LOOK = """
import json, resource, sys
from pathlib import Path
from pressroom.domain.errors import PressroomError
from pressroom.media.files.images import open_image
from pressroom.media.files.probe import inspect, probe
from pressroom.domain.media_limits import MediaLimits

folder, ffmpeg, limits = Path(sys.argv[1]), sys.argv[2], MediaLimits()

def refusal(look, path):
    try:
        found = look(path)
    except PressroomError as exc:
        return [type(exc).__name__, str(exc)]
    return ["opened", repr(found)]

def peaks():
    # What getrusage says of this process counts its parent's memory from before it was started.
    status = Path("/proc/self/status")
    own = int(status.read_text().split("VmHWM:")[1].split()[0]) if status.exists() else 0
    return [own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]

looks = {
    "planned": lambda path: inspect(path, limits),
    "measured": lambda path: probe(path, limits, ffmpeg),
    "opened": lambda path: open_image(path, limits),
}
for name in ("ordinary.png", "ordinary.mp4"):
    looks["measured"](folder / name)
before = peaks()
answers = {}
for path in sorted(folder.glob("[0-9]*")):
    answers[path.name] = {name: refusal(look, path) for name, look in looks.items()}
growth = [after - start for after, start in zip(peaks(), before)]
print(json.dumps({"answers": answers, "growth_kb": growth}))
"""


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The whole corpus, looked at in one process whose temporary folder is its own."""
    from tests.support.media import FFMPEG, clip, gradient

    folder, own = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("own")
    gradient(400, 300).save(folder / "ordinary.png")
    clip(folder / "ordinary.mp4", "64x48", 0.5, 10)
    names = {}
    for number, (name, data) in enumerate(corpus()):
        # The extension lies too.
        path = folder / f"{number:03d}{('.jpg', '.mp4', '.svg', '')[number % 4]}"
        path.write_bytes(data)
        names[path.name] = name
    before = sorted(path.name for path in folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK, str(folder), FFMPEG],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(own)},
    )
    found = json.loads(done.stdout)
    return {
        "answers": {names[file]: answer for file, answer in found["answers"].items()},
        "growth_kb": found["growth_kb"],
        "left": [*(str(path) for path in own.rglob("*")), *sorted({p.name for p in folder.iterdir()} - set(before))],
        "noise": done.stderr,
    }


def test_the_corpus_holds_at_least_200_different_files() -> None:
    files = dict(corpus())

    assert len(files) >= 200
    assert len(set(files.values())) == len(files)


def test_each_file_is_refused_when_it_is_planned_with(looked: dict[str, dict[str, dict[str, list[str]]]]) -> None:
    opened = {
        name: answer["planned"] for name, answer in looked["answers"].items() if answer["planned"][0] != "Corrupt"
    }

    assert opened.keys() == SEEN_WHEN_DECODED


def test_each_file_is_refused_when_it_is_measured(looked: dict[str, dict[str, dict[str, list[str]]]]) -> None:
    assert {n: a["measured"] for n, a in looked["answers"].items() if a["measured"][0] != "Corrupt"} == {}


def test_each_file_is_refused_when_it_is_opened_as_a_picture(
    looked: dict[str, dict[str, dict[str, list[str]]]],
) -> None:
    assert {n: a["opened"] for n, a in looked["answers"].items() if a["opened"][0] != "Corrupt"} == {}


def test_refusals_say_something_short(looked: dict[str, dict[str, dict[str, list[str]]]]) -> None:
    said = [answer["planned"][1] for name, answer in looked["answers"].items() if name not in SEEN_WHEN_DECODED]

    assert all(10 < len(text) < 400 and "\n" not in text for text in said)


def test_refusing_all_of_them_takes_no_memory(looked: dict[str, list[int]]) -> None:
    own, of_children = looked["growth_kb"]

    assert own < MOST_GROWTH_KB
    assert of_children < MOST_GROWTH_KB


def test_nothing_is_left_behind_and_nothing_is_printed(looked: dict[str, object]) -> None:
    assert looked["left"] == []
    assert looked["noise"] == ""
    assert not Path("/tmp/escaped.txt").exists()


FONTS = dict(fonts.files())


@pytest.mark.parametrize("name", FONTS)
def test_a_font_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "brand.ttf"
    path.write_bytes(FONTS[name])

    with pytest.raises(Corrupt, match=r"font"):
        load_user_font(path)
