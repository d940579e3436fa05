"""A run as a film: a frame a moment, each the stage as the page draws it; nothing half is left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
from command import call
from PIL import Image

from experiments.page.run import record
from experiments.page.views.stage import draw_stage
from sim.scenario.scenario import load_scenario

CASE, WORLD, WIDE = "single-union", 1, 980  # at this width a pixel is a unit of the stage
# continuous integration installs the extra, and must not pass without it
rasterises = pytest.mark.skipif(
    not (os.environ.get("CI") or find_spec("resvg_py")), reason="the film is an extra: pip install 'planb[film]'"
)


@pytest.fixture(scope="module")
def moments():
    return record(load_scenario(CASE), 2011, WORLD).snapshots


@pytest.fixture(scope="module")
def gif(tmp_path_factory):
    file = tmp_path_factory.mktemp("film") / "run.gif"
    code, told = play(file, "--width", WIDE, "--seconds", 0.5)
    assert code == 0 and f"{file}: " in told and " kB; 21 moments" in told
    with Image.open(file) as opened:
        yield opened


def fifths(moments):
    """Of the time asked for: one where nothing new is told, five where something is, fifteen at the end."""
    quiet = [before.events == now.events for before, now in pairwise(moments)]
    assert any(quiet) and not all(quiet) and len(quiet) == 20
    return [5, *(1 if nothing else 5 for nothing in quiet[:-1]), 15]


def scenes(moments):
    """The moments whose stage is another than the one before, and how long each lasts; a GIF keeps them once."""
    found = []
    for seen, lasts in zip(moments, fifths(moments), strict=True):
        if found and draw_stage(seen) == draw_stage(found[-1][0]):
            found[-1][1] += lasts
        else:
            found.append([seen, lasts])
    assert len(moments) - 3 < len(found) <= len(moments)
    return found


def play(file, *words):
    return call("play", CASE, "--world", WORLD, "--film", file, *words)


def frame(gif, place):
    """Its pixels, shape (height, width, 3)."""
    gif.seek(place)
    return np.array(gif.convert("RGB"))


@rasterises
def test_there_is_a_frame_a_moment_and_what_is_told_is_shown_for_as_long_as_asked(gif, moments):
    assert (gif.n_frames, gif.size) == (len(scenes(moments)), (WIDE, 500))
    lasts = []
    for place in range(gif.n_frames):
        gif.seek(place)
        lasts.append(gif.info["duration"])
    assert lasts == [100 * units for _, units in scenes(moments)]  # ms
    assert gif.info["loop"] == 0 and b"planb play single-union --seed 2011 --world 1" in gif.info["comment"]


@rasterises
def test_a_frame_is_the_stage_of_its_moment(gif, moments):
    """Bars have their colour where the stage has them, and the line of the day is written, in each frame another."""
    heads, bars = [], 0
    for place, (seen, _) in enumerate(scenes(moments)):
        pixels = frame(gif, place)
        heads.append(pixels[:38].tobytes())  # what happened and who is next
        assert (pixels[2:20, 4:200].min(axis=2) < 90).any()
        for x, y, wide, high in re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="#0072B2">', draw_stage(seen)
        ):
            inside = pixels[round(float(y) + float(high) / 2), round(float(x) + float(wide) / 4)]
            assert np.abs(inside - np.array([0, 0x72, 0xB2])).max() < 12
            bars += 1
    assert bars > 0 and len(set(heads)) == len(heads)
    assert (frame(gif, 0) != frame(gif, len(heads) - 1)).mean() > 0.01


@rasterises
@pytest.mark.parametrize("at", ["experiments.page.film.picture", "experiments.runs.files.os.fsync"])
def test_interrupted_it_leaves_what_was_there_and_nothing_half(tmp_path, monkeypatch, at):
    file = tmp_path / "run.gif"
    file.write_text("before")

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(at, interrupted)
        code, told = play(file, "--width", 320)
    assert code == 1 and "Aborted" in told
    assert file.read_text() == "before" and list(tmp_path.iterdir()) == [file]
    assert play(file, "--width", 320)[0] == 0  # and not interrupted it is replaced, as a page is
    with Image.open(file) as opened:
        assert opened.size[0] == 320
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Puts a stand-in on PATH that notes how many pictures it is given and what it is told, or fails."""

    def put(*, fails: bool = False) -> None:
        program = tmp_path / "bin" / "ffmpeg"
        program.parent.mkdir(exist_ok=True)
        end = "sys.exit('Unknown encoder\\nConversion failed!')" if fails else "open(sys.argv[-1], 'w').write(noted)"
        noted = "json.dumps([sys.stdin.buffer.read().count(b'IHDR'), sys.argv[1:]])"
        program.write_text(f"#!{sys.executable}\nimport json, sys\nnoted = {noted}\n{end}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    return put


@rasterises
def test_ffmpeg_is_given_every_moment_and_its_failure_is_told_in_a_line(tmp_path, moments, ffmpeg):
    file = tmp_path / "run.mp4"
    ffmpeg()
    assert play(file, "--width", 321, "--seconds", 2)[0] == 0
    count, told = json.loads(file.read_text())
    assert count == sum(fifths(moments))
    assert told[told.index("-framerate") + 1] == "2.500000"  # fifths of 2 s
    ffmpeg(fails=True)
    assert play(file) == (2, "ffmpeg could not make the film: Conversion failed!")
    assert json.loads(file.read_text())[0] == count  # it is as it was
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "run.mp4"}


@rasterises
@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_an_mp4_lasts_as_long_as_its_moments_and_has_even_sides(tmp_path, moments):
    file = tmp_path / "run.mp4"
    assert play(file, "--width", 321, "--seconds", 0.2)[0] == 0
    told = subprocess.run(["ffmpeg", "-i", str(file)], capture_output=True, text=True).stderr
    lasts = float(re.search(r"Duration: 00:00:([\d.]+)", told)[1])  # s
    assert lasts == pytest.approx(0.2 * sum(fifths(moments)) / 5, abs=0.1)
    assert "322x164" in told


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("run.avi", "write FILE.gif or FILE.mp4"),
        ("none/run.gif", "there is no folder"),
        ("run.mp4", "needs ffmpeg, and there is none on PATH"),
        ("run.gif", 'needs more packages (resvg_py): pip install "planb[film]"'),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_line_before_anything_is_played(tmp_path, monkeypatch, name, says):
    monkeypatch.setitem(sys.modules, "resvg_py", None if name == "run.gif" else object())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("experiments.page.run.record", lambda *given: pytest.fail("it was played"))
    code, told = play(tmp_path / name)
    assert code == 2 and says in told and "\n" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_film_of_no_width_or_no_time_is_refused(tmp_path):
    assert play(tmp_path / "run.gif", "--width", 10)[0] == play(tmp_path / "run.gif", "--seconds", 0)[0] == 2
