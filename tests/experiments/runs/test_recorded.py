"""What happened in the first worlds of every point is told in one file, the same to the byte however it was run."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from command import call
from pyarrow import parquet

from experiments.runs.checking import verify
from experiments.runs.designs import Grid
from experiments.runs.events import first_worlds, write_events
from experiments.runs.loop import Options
from experiments.runs.runner import resume, run
from experiments.runs.study import Study
from sim import load_scenario
from sim.errors import WrongInput

CASE, TRUST, TACTIC = "boston-globe-2009", "members.trust", "governor.tactic"
HERE = Options(workers=1, part_rows=20)
DESIGN = Grid(vary={TRUST: [0.5, 1.5], TACTIC: ["linear", "boulware"]})
STUDY = Study(name="s", scenario=CASE, worlds=30, record=12, design=DESIGN)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(STUDY, tmp_path_factory.mktemp("runs") / "whole", options=HERE).folder


def told(folder):
    return (folder / "events.parquet").read_bytes()


def test_every_recorded_world_is_told_as_the_table_has_it(whole):
    events, runs = pd.read_parquet(whole / "events.parquet"), pd.read_parquet(whole / "runs.parquet")
    early = runs[runs["world"] < 12]
    keys = events[["point", "world"]].drop_duplicates()
    assert keys.to_numpy().tolist() == early[["point", "world"]].to_numpy().tolist()
    ballots = events[events["happening"] == "Ballots"].set_index(["point", "world"])["amounts"]
    ratified = ballots.map(lambda amounts: dict(amounts)["ratified"]).groupby(level=[0, 1]).max()
    of_table = early.set_index(["point", "world"])[["ratified_1", "ratified_2"]].any(axis=1)
    assert ratified[ratified == 1].index.tolist() == of_table[of_table].index.tolist()
    assert len(ratified) > ratified.sum() > 0


@pytest.mark.parametrize("how", [{"block": 3}, {"part_rows": 7}, {"workers": 2, "block": 16}])
def test_the_record_is_the_same_however_the_study_is_run(whole, tmp_path, how):
    run(STUDY, tmp_path / "r", options=replace(HERE, **how))
    assert told(tmp_path / "r") == told(whole)


def test_the_record_is_the_same_after_a_kill(whole, tmp_path, monkeypatch):
    child = os.fork()
    if child == 0:
        import experiments.runs.events as events

        events.put_in_place = lambda *_: os._exit(9)  # killed when all is told and nothing has its name yet
        run(STUDY, tmp_path / "r", options=HERE)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not (tmp_path / "r" / "events.parquet").exists()
    assert resume(tmp_path / "r", options=HERE).state == "complete"
    assert told(tmp_path / "r") == told(whole)
    assert not list((tmp_path / "r").rglob("*.tmp"))


def test_a_record_that_was_changed_is_noticed_and_made_again(whole, tmp_path):
    out = tmp_path / "r"
    run(STUDY, out, options=HERE)
    assert [check["sound"] for check in verify(out)["checks"] if check["check"] == "record"] == [True]
    (out / "events.parquet").write_bytes(told(out)[:-1])
    assert not verify(out)["sound"]
    assert resume(out, options=HERE).ran_now == 0
    assert told(out) == told(whole)


def test_a_record_of_something_else_is_found_even_under_fitting_hashes(whole, tmp_path, monkeypatch):
    import experiments.runs.recorded as recorded

    def otherwise(batch, seed):
        return recorded.happenings(batch, seed + 1)

    monkeypatch.setattr("experiments.runs.events.happenings", otherwise)
    run(STUDY, tmp_path / "r", options=HERE)
    found = {check["check"]: check["sound"] for check in verify(tmp_path / "r")["checks"]}
    assert found == {"files": True, "table": True, "summary": True, "replay": True, "record": False}


def test_an_ensemble_tells_the_same_of_its_worlds(tmp_path):
    """One engine: a point with nothing varied is the case as `ensemble` runs it."""
    run(Study(name="s", scenario=CASE, worlds=12, record=12), tmp_path / "r", options=HERE)
    write_events(tmp_path / "e.parquet", first_worlds(load_scenario(CASE), 12), seed=2011)
    of_study = parquet.read_table(tmp_path / "r" / "events.parquet")
    assert of_study.drop_columns("point").equals(parquet.read_table(tmp_path / "e.parquet"))
    assert np.all(of_study["point"].to_numpy() == 0)


def test_an_ensemble_s_record_replaces_no_other_and_is_there_only_when_it_is_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ("ensemble", CASE, "--worlds", "20", "--record", "5")
    assert call(*few)[0] == 0
    before = (tmp_path / "events.parquet").read_bytes()
    code, said = call(*few)
    assert code == 2 and "events.parquet: is here already" in said
    assert (tmp_path / "events.parquet").read_bytes() == before
    (tmp_path / "events.parquet").unlink()

    def struck(batch, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.runs.events.happenings", struck)
    with pytest.raises(KeyboardInterrupt):
        write_events(tmp_path / "events.parquet", first_worlds(load_scenario(CASE), 12), seed=2011)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "more, how, says",
    [
        ({}, {"shard": (1, 2)}, "a shard has no table to record"),
        ({"worlds": 10**6, "record": 10**6}, {}, "1,000,000 worlds at 4 points are more than .*may be 250,000 here"),
    ],
)
def test_what_cannot_be_recorded_is_refused_before_anything_runs(tmp_path, more, how, says):
    with pytest.raises(WrongInput, match=says):
        run(STUDY.model_copy(update=more), tmp_path / "r", options=replace(HERE, **how))
    assert not (tmp_path / "r").exists()
