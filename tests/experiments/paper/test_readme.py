"""The README's five-minute tour, run as a reader would."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
COMMANDS = [line[2:] for block in re.findall(r"```console\n(.*?)```", README, re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tour")


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_tour_does_what_it_says(line, folder):
    words = shlex.split(line, comments=True)
    assert words[0] == "planb"
    done = subprocess.run(
        [sys.executable, "-m", "experiments", *words[1:]], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == (2 if "exits with 2" in line else 0), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or done.returncode == 2


def test_the_one_thing_that_is_changed_decides_the_world_of_the_tour(folder):
    stories = []
    for line in [line for line in COMMANDS if line.startswith("planb play") and "--world" in line]:
        words = [sys.executable, "-m", "experiments", *shlex.split(line)[1:], "--json"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True, timeout=300)
        stories.append(json.loads(done.stdout))
    before, after = stories
    assert before["outcome"] == "ratified_second_vote" and after["outcome"] == "ratified_first_vote"
    tallies = [
        next(event for event in story["events"] if "ballots" in event["event"] or " yes, " in event["event"])
        for story in stories
    ]
    assert tallies[0] == tallies[1]
