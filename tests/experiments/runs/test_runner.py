"""Same table for any block size, worker count, shard and resume; what raises is set apart; nothing runs twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toy_crisis import ToyScenario, dying_block, simulate_block

from experiments.runs.designs import Grid, Table
from experiments.runs.export import export
from experiments.runs.loop import Options
from experiments.runs.manifest import read_manifest, write_manifest
from experiments.runs.merging import merge
from experiments.runs.policies import Precision
from experiments.runs.runner import parse_shard, resume, run
from experiments.runs.status import plan, status
from experiments.runs.store import Folder
from experiments.runs.study import Study
from experiments.runs.tasks import Task, Work, run_task, tiles
from sim.errors import WrongInput

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(), part_rows=200)
GRID = Grid(vary={"rate": "0.1:0.9:0.2", "tactic": ["mild", "firm"], "luck": [0, 1.5]})
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=60, design=GRID)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(STUDY, tmp_path_factory.mktemp("runs") / "whole", options=HERE)


def runs(outcome):
    return pd.read_parquet(outcome.folder / "runs.parquet")


@pytest.mark.parametrize("block", [1, 7, 64, 5000])
def test_the_block_size_changes_nothing(tmp_path, whole, block):
    assert run(STUDY, tmp_path / "b", options=replace(HERE, block=block)).table_sha256 == whole.table_sha256


@pytest.mark.parametrize("part_rows", [30, 1000])
def test_the_size_of_parts_changes_nothing(tmp_path, whole, part_rows):
    assert run(STUDY, tmp_path / "p", options=replace(HERE, part_rows=part_rows)).table_sha256 == whole.table_sha256


def test_two_shards_merged_are_the_whole(tmp_path, whole):
    folders = [tmp_path / "1", tmp_path / "2"]
    for index, folder in enumerate(folders, 1):
        shard = run(STUDY, folder, options=replace(HERE, shard=(index, 2)))
        assert shard.state == "shard complete"
        assert 0 < shard.rows < whole.rows
        assert resume(folder, options=HERE).ran_now == 0
    merged = merge(folders, tmp_path / "m")
    assert (merged.table_sha256, merged.rows, merged.state) == (whole.table_sha256, whole.rows, "complete")


def test_shards_of_a_precision_study_merge_too(tmp_path):
    study = STUDY.model_copy(update={"worlds": None, "precision": Precision(half_width=0.08)})
    alone = run(study, tmp_path / "w", options=replace(HERE, part_rows=300))
    folders = [tmp_path / "1", tmp_path / "2"]
    for index, folder in enumerate(folders, 1):
        run(study, folder, options=replace(HERE, part_rows=300, shard=(index, 2)))
    assert merge(folders, tmp_path / "m").table_sha256 == alone.table_sha256


def test_shards_that_do_not_fit_are_refused(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    run(STUDY, first, options=replace(HERE, shard=(1, 2)))
    with pytest.raises(WrongInput, match="shard 2/2 is missing"):
        merge([first], tmp_path / "m")
    with pytest.raises(WrongInput, match="1/2 is given twice"):
        merge([first, first], tmp_path / "m")
    run(STUDY.model_copy(update={"seed": 1}), second, options=replace(HERE, shard=(2, 2)))
    with pytest.raises(WrongInput, match=r"of another study .*\(study.seed: null -> 1\)"):
        merge([first, second], tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_a_wrong_shard_is_refused(text):
    with pytest.raises(WrongInput, match="I/N"):
        parse_shard(text)


def test_points_that_shape_a_run_differently_share_no_block():
    seen = []

    def watching(scenario, *, seed, worlds, point):
        seen.append((scenario.settings["tactic"], len(worlds), set(point)))
        return simulate_block(scenario, seed=seed, worlds=worlds, point=point)

    values = {"rate": np.linspace(0, 1, 6), "tactic": np.array(["mild", "firm"] * 3, dtype=object)}
    work = Work(ToyScenario(), 1, block=100, shaping=("tactic",), model=watching)
    part = run_task(work, Task(0, np.arange(6), 0, 50, values))
    assert part.rows == 300
    assert {tactic for tactic, _, _ in seen} == {"mild", "firm"}
    assert all(rows <= 100 and names == {"rate"} for _, rows, names in seen)


def test_tiles_cover_every_row_once():
    task = Task(0, np.arange(7), 10, 33, {"tactic": np.array(list("abababa"), dtype=object)})
    rows = [
        (point, world)
        for points, first, end in tiles(task, Work(None, 1, block=10, shaping=("tactic",)))
        for point in points
        for world in range(first, end)
    ]
    assert sorted(rows) == [(point, world) for point in range(7) for world in range(10, 33)]


def test_all_cells_meet_the_same_worlds(whole):
    table = runs(whole)
    mild = table[(table["tactic"] == "mild") & (table["luck"] == 0)]
    wide = mild.pivot(index="world", columns="rate", values="deal").astype(int)
    assert (wide.diff(axis=1).iloc[:, 1:] >= 0).all().all()  # a higher rate never loses a paired deal


def test_a_world_of_a_study_is_the_world_alone(whole):
    row = runs(whole).query("point == 13 and world == 41").iloc[0]
    point = {"rate": row["rate"], "luck": row["luck"]}
    alone = simulate_block(
        ToyScenario().with_settings({"tactic": row["tactic"]}), seed=2011, worlds=np.array([41]), point=point
    )
    assert alone.columns["deal"][0] == row["deal"]
    assert alone.columns["posts_lost"][0] == row["posts_lost"]


def test_the_summary_is_what_the_runs_say(whole):
    summary = pd.read_csv(whole.folder / "summary.csv")
    grouped = runs(whole).groupby("point")
    assert summary["n"].tolist() == grouped.size().tolist()
    assert np.allclose(summary["deal_rate"], grouped["deal"].mean())
    assert np.allclose(summary["mean_savings"], grouped["savings"].mean(), equal_nan=True, rtol=1e-5)
    assert np.allclose(summary["ratified_first_vote"] + summary["refused"], 1)
    assert ((summary["low"] <= summary["deal_rate"]) & (summary["deal_rate"] <= summary["high"])).all()
    assert (summary["failed"] == 0).all()


def test_measures_can_be_chosen(tmp_path):
    study = STUDY.model_copy(update={"measures": ("deal", "savings")})
    table = runs(run(study, tmp_path / "r", options=HERE))
    assert list(table.columns) == ["point", "world", "rate", "tactic", "luck", "deal", "savings"]


def test_a_misspelt_measure_never_starts(tmp_path):
    study = STUDY.model_copy(update={"measures": ("deal", "savngs")})
    with pytest.raises(WrongInput, match="unknown measure 'savngs'; did you mean 'savings'"):
        run(study, tmp_path / "r", options=HERE)
    assert not (tmp_path / "r").exists()


TRAPPED = Study(
    name="trapped", scenario=ToyScenario(), worlds=150, design=Grid(vary={"rate": [0.2, 0.8], "trap": [0, 7, 1]})
)


def test_what_raises_is_set_apart_exactly_and_the_rest_goes_on(tmp_path):
    hashes = set()
    for block in (16, 1000):
        outcome = run(TRAPPED, tmp_path / str(block), options=replace(HERE, block=block))
        hashes.add(outcome.table_sha256)
    assert len(hashes) == 1
    assert outcome.state == "complete"
    assert outcome.failed_rows == 2 * (22 + 150)  # multiples of 7 below 150, and all of them
    table = runs(outcome)
    assert not ((table["trap"] == 7) & (table["world"] % 7 == 0)).any()
    lines = [json.loads(line) for line in (outcome.folder / "failures.jsonl").read_text().splitlines()]
    assert [(line["point"], line["world"], line["count"]) for line in lines] == [
        (1, 0, 22),
        (2, 0, 150),
        (4, 0, 22),
        (5, 0, 150),
    ]
    assert lines[0]["error"] == "ArithmeticError: the trap snapped"
    assert "simulate_block" in lines[0]["traceback"]
    assert lines[0]["replay"] == f"planb replay {outcome.folder} 1:0"
    assert lines[0]["parameters"] == {"rate": 0.2, "trap": 7}
    summary = pd.read_csv(outcome.folder / "summary.csv")
    assert summary["failed"].tolist() == [0, 22, 150, 0, 22, 150]
    assert summary["n"].tolist() == [150, 128, 0, 150, 128, 0]
    assert resume(outcome.folder, options=HERE).ran_now == 0


def test_now_stops_at_the_first_failure_and_resume_runs_the_rest(tmp_path):
    study = TRAPPED.model_copy(update={"on_failure": "now"})
    stopped = run(study, tmp_path / "r", options=HERE)
    assert stopped.state == "stopped"
    assert "raised ArithmeticError: the trap snapped" in stopped.why
    whole = run(TRAPPED, tmp_path / "w", options=HERE)
    for _ in range(20):
        stopped = resume(tmp_path / "r", options=HERE)
        if stopped.state == "complete":
            break
    assert stopped.table_sha256 == whole.table_sha256
    assert [resume(tmp_path / "r", options=HERE).ran_now for _ in range(2)] == [0, 0]


def test_a_data_frame_of_points_survives_a_resume(tmp_path):
    frame = pd.DataFrame({"rate": np.linspace(0, 1, 9), "trap": [0] * 8 + [1]})
    study = Study(name="frame", scenario=ToyScenario(), worlds=100, design=Table.of(frame), on_failure="now")
    stopped = run(study, tmp_path / "r", options=HERE)
    assert stopped.state == "stopped"
    while stopped.state == "stopped":
        stopped = resume(tmp_path / "r", options=HERE)
    assert (stopped.rows, stopped.failed_rows) == (800, 100)


def test_interrupted_keeps_what_is_finished_and_goes_on(tmp_path, whole):
    slow = STUDY.model_copy(update={"set": {"pause": 0.06}})
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    stopped = run(slow, tmp_path / "r", options=HERE)
    timer.join()
    assert stopped.state == "stopped"
    assert "interrupted; go on with 'planb resume" in stopped.why
    assert 0 < stopped.rows < whole.rows
    finished = resume(tmp_path / "r", options=HERE)
    assert finished.ran_now + stopped.ran_now == whole.ran_now
    assert finished.table_sha256 == whole.table_sha256


def test_a_task_that_kills_its_process_is_set_apart(tmp_path):
    study = Study(name="dying", scenario=ToyScenario(), worlds=40, design=Grid(vary={"rate": [0.5]}))
    options = replace(HERE, workers=2, model=dying_block, part_rows=10)
    outcome = run(study, tmp_path / "r", options=options)
    assert (outcome.state, outcome.failed_rows, outcome.lost_rows) == ("incomplete", 1, 1)
    assert sorted(runs(outcome)["world"]) == [*range(13), *range(14, 40)]
    failure = json.loads((outcome.folder / "failures.jsonl").read_text())
    assert failure["kind"] == "lost"
    assert failure["error"] == "lost: the process that ran it died (exit code 9)"
    mended = resume(tmp_path / "r", options=replace(options, model=simulate_block))
    assert (mended.state, mended.rows, mended.failed_rows, mended.ran_now) == ("complete", 40, 0, 1)


def test_status_and_plan(tmp_path, whole):
    found = status(whole.folder)
    assert (found["state"], found["worlds_done"], found["points"]) == ("complete", 1200, 20)
    planned = plan(STUDY.prepare(), model=simulate_block)
    assert (planned["points"], planned["runs"], planned["runs_are"]) == (20, 1200, "exact")
    assert planned["seconds"] < 60
    assert planned["bytes"] > 0


def test_the_status_of_a_study_whose_process_was_killed_is_not_that_it_runs(tmp_path, whole):
    shutil.copytree(whole.folder, tmp_path / "killed")
    manifest = read_manifest(tmp_path / "killed") | {"state": "running"}
    manifest.pop("stopped", None)
    write_manifest(tmp_path / "killed", manifest)
    found = status(tmp_path / "killed")
    assert found["state"] == "stopped" and "its process ended; go on with 'planb resume " in found["stopped"]
    with Folder.open(tmp_path / "killed", write=True):
        assert status(tmp_path / "killed")["state"] == "running"


def test_export_gives_plain_tables_and_packages(whole, tmp_path):
    table = pd.read_csv(export(whole.folder, "csv", tmp_path / "runs.csv"))
    assert np.allclose(table["savings"], runs(whole)["savings"], equal_nan=True)
    assert table["outcome"].tolist() == runs(whole)["outcome"].tolist()
    crate = export(whole.folder, "rocrate", tmp_path / "crate.zip")
    pack = export(whole.folder, "comses", tmp_path / "comses.zip")
    import zipfile

    described = json.loads(zipfile.ZipFile(crate).read("ro-crate-metadata.json"))
    inside = set(zipfile.ZipFile(crate).namelist()) - {"ro-crate-metadata.json"}
    assert {entry["@id"] for entry in described["@graph"] if entry["@type"] == "File"} == inside
    assert {"codemeta.json", "code/sim/ratification/rule.py", "results/runs.parquet"} <= set(
        zipfile.ZipFile(pack).namelist()
    )
    with pytest.raises(WrongInput, match="exists already"):
        export(whole.folder, "rocrate", crate)


def test_the_folder_counts_what_the_table_holds(whole):
    with Folder.open(whole.folder) as folder:
        so_far = folder.progress()
    assert so_far.n.tolist() == runs(whole).groupby("point").size().tolist()
    assert so_far.deals.tolist() == runs(whole).groupby("point")["deal"].sum().tolist()


def test_a_study_of_which_nothing_runs_still_says_so(tmp_path):
    study = Study(
        name="none", scenario=ToyScenario(), worlds=5, set={"trap": 1}, design=Grid(vary={"rate": [0.2, 0.8]})
    )
    outcome = run(study, tmp_path / "r", options=HERE)
    assert (outcome.state, outcome.rows, outcome.failed_rows, outcome.lost_rows) == ("failed", 0, 10, 0)
    summary = pd.read_csv(outcome.folder / "summary.csv")
    assert summary[["rate", "n", "failed"]].to_numpy().tolist() == [[0.2, 0, 5], [0.8, 0, 5]]
