"""The short form of the kills and corruptions that `docs/reliability.md` reports."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos.corruptions import corruptions, is_bad
from tests.chaos.kills import LOCAL, kills
from tests.chaos.report import DOCUMENT, document

KILLED, DAMAGED = 3, 24


def unharmed(trial):
    harm = [trial[what] for what in ("hung", "orphans", "lost", "doubled")]
    return trial["complete"] and trial["same_hash"] and not any(harm)


def test_whoever_is_killed_no_row_is_lost_or_doubled():
    found = list(kills(KILLED, seed=1, kinds=LOCAL))
    assert sum(trial["struck"] for trial in found) >= 2
    assert [trial for trial in found if not unharmed(trial)] == []


def test_a_scheduler_that_dies_is_given_up_and_the_study_goes_on_elsewhere():
    pytest.importorskip("distributed")
    [trial] = kills(1, seed=2, kinds=("dask scheduler",))
    assert trial["struck"]
    assert unharmed(trial)


def test_no_damage_goes_unnoticed():
    found = list(corruptions(DAMAGED, seed=3, studies=("precision", "case")))
    assert [trial for trial in found if is_bad(trial)] == []
    assert {trial["end"] for trial in found} == {"mended", "refused"}


def test_the_document_is_what_the_harness_writes():
    """Its words are those of the report; only its counts come from the long form."""
    kept = DOCUMENT.read_text(encoding="utf-8")
    ours = document({}, when="")
    for paragraph in ours.split("\n## What is promised")[1].split("\n- "):
        assert paragraph in kept
