"""Every engine gives the same table, and none loses a row when a worker dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from toy_crisis import ToyScenario, dying_block, simulate_block
from worker_processes import worker_processes

from experiments.runs.designs import Grid
from experiments.runs.engines import Processes
from experiments.runs.files import CannotGoOn
from experiments.runs.loop import Options
from experiments.runs.runner import run
from experiments.runs.stages import Stages
from experiments.runs.store import Folder
from experiments.runs.study import Study
from experiments.runs.tasks import Work
from sim.errors import WrongInput

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(), part_rows=200)
GRID = Grid(vary={"rate": "0.1:0.9:0.2", "tactic": ["mild", "firm"]})
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=240, design=GRID)
SLOW = STUDY.model_copy(update={"set": {"pause": 0.05}})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(STUDY, tmp_path_factory.mktemp("runs") / "whole", options=HERE)


def when_some_is_done(path, do, parts=3):
    """In a thread: wait until some parts are finished, then do it."""

    def watch():
        while len(list((path / "parts").glob("*.parquet"))) < parts:
            time.sleep(0.01)
        do()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_a_killed_worker_process_costs_no_row(tmp_path, whole):
    def kill():
        os.kill(worker_processes()[0].pid, signal.SIGKILL)

    thread = when_some_is_done(tmp_path / "r", kill)
    outcome = run(SLOW, tmp_path / "r", options=replace(HERE, workers=2))
    thread.join()
    assert outcome.failed_rows == 0
    assert outcome.table_sha256 == whole.table_sha256


def test_workers_are_replaced_after_some_tasks(whole):
    prepared = STUDY.prepare()
    work = Work(prepared.scenario, 2011, shaping=prepared.shaping, model=simulate_block)
    with Folder.open(whole.folder) as folder:
        tasks = Stages(STUDY.policy, prepared.points, folder.order).next_stage()
    engine = Processes(work, 1, tasks_a_worker=2)
    try:
        workers = []
        for task in tasks[:5]:
            engine.submit(replace(task, values=prepared.points.rows(task.points))).result(timeout=30)
            workers += engine.worker_ids()
    finally:
        engine.close()
    assert len(set(workers)) == 3
    assert not any(psutil.pid_exists(worker) for worker in workers)


ORPHANING = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from toy_crisis import ToyScenario, dying_block, simulate_block
from experiments.runs.designs import Grid
from experiments.runs.loop import Options
from experiments.runs.runner import run
from experiments.runs.study import Study
if __name__ == "__main__":
    study = Study(name="toy", scenario=ToyScenario(), worlds=5000, design=Grid(vary={{"pause": [0.05]}}))
    run(study, Path({out!r}), options=Options(workers=2, model=simulate_block, part_rows=50))
"""


def test_workers_do_not_outlive_a_killed_study(tmp_path):
    out = tmp_path / "r"
    script = tmp_path / "orphaning.py"
    script.write_text(ORPHANING.format(tests=str(Path(__file__).parents[2] / "support"), out=str(out)))
    study = subprocess.Popen([sys.executable, script])
    when_some_is_done(out, lambda: None, parts=1).join(timeout=20)
    workers = worker_processes(study.pid)
    study.kill()
    study.wait()
    assert workers
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive


def test_an_address_without_a_scheduler_is_said_in_one_line(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("experiments.runs.dask_engine.CONNECT_SECONDS", 0.5)
    with pytest.raises(WrongInput, match="no scheduler answers there"):
        run(STUDY, tmp_path / "r", options=replace(HERE, dask="tcp://127.0.0.1:9"))


@pytest.fixture(scope="module")
def scheduler():
    """A real Dask scheduler with two real worker processes on loopback."""
    distributed = pytest.importorskip("distributed")
    import dask

    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):  # of workers, before a task is suspected
        cluster = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
            memory_limit=0,  # nothing but a test pauses a worker
        )
        yield cluster
        cluster.close()


def test_dask_gives_the_same_table(tmp_path, whole, scheduler):
    outcome = run(STUDY, tmp_path / "r", options=replace(HERE, dask=scheduler.scheduler_address))
    assert outcome.table_sha256 == whole.table_sha256


def test_tasks_that_a_scheduler_holds_and_nobody_runs_do_not_hold_the_study_up(tmp_path, scheduler, monkeypatch):
    """Its workers are there and take no task, as Dask's do when memory runs short."""
    from distributed import Client, Status

    monkeypatch.setattr("experiments.runs.dask_engine.IDLE_SECONDS", 0)
    monkeypatch.setattr("experiments.runs.loop.MOST_RETURNS", 0)

    def become(status):
        def change(dask_worker):
            dask_worker.status = status

        client.run(change)

    with Client(scheduler, set_as_default=False) as client:
        become(Status.paused)
        try:
            with pytest.raises(CannotGoOn, match="has had tasks for 0 s that nobody runs, again and again; finished"):
                run(STUDY, tmp_path / "r", options=replace(HERE, dask=scheduler.scheduler_address))
        finally:
            become(Status.running)


def test_a_dask_worker_killed_mid_study_costs_no_row(tmp_path, whole, scheduler):
    def kill():
        os.kill(next(iter(scheduler.workers.values())).pid, signal.SIGKILL)

    thread = when_some_is_done(tmp_path / "r", kill)
    outcome = run(SLOW, tmp_path / "r", options=replace(HERE, dask=scheduler.scheduler_address))
    thread.join()
    assert outcome.failed_rows == 0
    assert outcome.table_sha256 == whole.table_sha256


def test_a_world_that_kills_dask_workers_is_set_apart_alone(tmp_path, scheduler):
    study = Study(name="dying", scenario=ToyScenario(), worlds=15, design=Grid(vary={"rate": [0.5]}))
    options = replace(HERE, dask=scheduler.scheduler_address, model=dying_block)
    outcome = run(study, tmp_path / "r", options=options)
    assert (outcome.state, outcome.rows, outcome.lost_rows) == ("incomplete", 14, 1)


def test_a_scheduler_without_workers_is_given_up_in_one_line(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("experiments.runs.loop.RECONNECT_SECONDS", 0)
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    thread = when_some_is_done(tmp_path / "r", lambda: cluster.scale(0))
    try:
        with pytest.raises(
            CannotGoOn, match="has no workers left, and did not come back in 0 s; finished parts are safe"
        ):
            run(SLOW, tmp_path / "r", options=replace(HERE, dask=cluster.scheduler_address))
        thread.join()
    finally:
        cluster.close()
    assert len(list((tmp_path / "r" / "parts").glob("*.parquet"))) >= 3
