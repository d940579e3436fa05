"""A study ends, however its script is started and whatever a rule does, and only the worlds at fault are missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from toy_crisis import ToyScenario, simulate_block
from worker_processes import worker_processes

from experiments.runs.designs import Grid
from experiments.runs.engines import Processes, run_apart
from experiments.runs.files import CannotGoOn
from experiments.runs.loop import Options
from experiments.runs.parts import table_in
from experiments.runs.runner import resume, run
from experiments.runs.study import Study
from experiments.runs.tasks import Task, Work, run_task
from sim import load_scenario

BAD = (17, 25)
HERE = Options(workers=1, load=lambda name: ToyScenario())
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=400, design=Grid(vary={"rate": [0.5]}))
SMALL = STUDY.model_copy(update={"worlds": 30})
SUPPORT = str(Path(__file__).parents[2] / "support")
SNIPPET = """
from experiments.runs.designs import Grid
from experiments.runs.runner import run
from experiments.runs.study import Study

study = Study(name="s", scenario="boston-globe-2009", worlds=200, design=Grid(vary={{"members.trust": [0.5, 1.0]}}))
outcome = run(study, {out!r}, workers=2)
print(outcome.state, outcome.rows)
"""


def spoilt(how):
    """A model that does something in a few worlds that no rule should."""

    def block(scenario, *, seed, worlds, point=None):
        if np.isin(BAD, worlds).any():
            match how:
                case "raise":
                    raise ArithmeticError("no such world")
                case "sys.exit":
                    sys.exit(0)
                case "os._exit":
                    os._exit(0)
                case "hang":
                    time.sleep(1000)
                case "allocate":
                    return [np.ones(10**9) for _ in range(10**6)]
        return simulate_block(scenario, seed=seed, worlds=worlds, point=point)

    return block


@pytest.mark.parametrize("how", ["file", "guarded file", "standard input", "warnings are errors"])
def test_a_script_ends_however_it_is_started(tmp_path, how):
    code, words = SNIPPET.format(out=str(tmp_path / "r")), [sys.executable]
    if how == "guarded file":
        code = 'if __name__ == "__main__":\n' + "".join(f"    {line}\n" for line in code.splitlines())
    script = tmp_path / "script.py"
    script.write_text(code)
    words += {"standard input": ["-"], "warnings are errors": ["-W", "error", str(script)]}.get(how, [str(script)])
    given = code if how == "standard input" else None
    done = subprocess.run(words, input=given, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "complete 400\n"), done.stderr


def test_a_study_runs_in_a_notebook(tmp_path):
    """In a kernel, where an event loop is running and there is no script to import."""
    pytest.importorskip("ipykernel")
    manager = pytest.importorskip("jupyter_client.manager")
    kernel, client = manager.start_new_kernel(kernel_name="python3", startup_timeout=60)
    said = []
    try:
        client.execute_interactive(
            SNIPPET.format(out=str(tmp_path / "r")), timeout=60, output_hook=lambda m: said.append(m["content"])
        )
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    assert "complete 400\n" in [content.get("text") for content in said]


@pytest.mark.parametrize(
    "how, more, lost",
    [
        ("raise", {}, 0),
        ("sys.exit", {}, 0),
        ("sys.exit", {"workers": 2}, 0),
        ("os._exit", {"workers": 2}, 2),
        ("hang", {"workers": 2, "seconds": 0.3}, 2),
        ("allocate", {"workers": 1, "memory": 10**9}, 2),
    ],
)
def test_exactly_the_worlds_in_which_a_rule_goes_wrong_are_set_apart(tmp_path, how, more, lost):
    outcome = run(SMALL, tmp_path / "r", options=replace(HERE, model=spoilt(how), **more))
    worlds = pd.read_parquet(tmp_path / "r" / "runs.parquet")["world"]
    assert sorted(set(range(30)) - set(worlds)) == list(BAD)
    assert (outcome.failed_rows, outcome.lost_rows) == (2, lost)
    assert outcome.state == ("incomplete" if lost else "complete")
    [failure] = [json.loads(line) for line in (tmp_path / "r" / "failures.jsonl").read_text().splitlines()]
    assert failure["kind"] == ("lost" if lost else "raised")
    if lost:
        again = resume(tmp_path / "r", options=replace(HERE, model=simulate_block))
        undisturbed = run(SMALL, tmp_path / "w", options=replace(HERE, model=simulate_block))
        assert (again.state, again.table_sha256) == ("complete", undisturbed.table_sha256)


PLUGIN = """
import os, sys
import numpy as np
from agents.governor import Governor

class Odd(Governor):
    def __init__(self, *given, luck, **named):
        super().__init__(*given, luck=luck, **named)
        self.odd = np.isin(luck.worlds, {bad})

    def request(self, whips):
        asks = super().request(whips)
        share = asks.share + np.zeros(len(self.odd))
        if self.odd.any():
            {how}
        return asks._replace(share=share)
"""


@pytest.mark.parametrize(
    "how, said",
    [
        ("raise ArithmeticError('no such world')", "ArithmeticError: no such world"),
        ("sys.exit(0)", "SystemExit: 0"),
        ("os._exit(0)", "lost: the process that ran it died"),
        ("np.ones(10**13)", "MemoryError"),
        ("share[self.odd] = np.nan", "must be finite from 0 to 1, got nan"),
        ("share[self.odd] = -np.inf", "must be finite from 0 to 1, got -inf"),
        ("share[self.odd] = 5", "must be finite from 0 to 1, got 5"),
        ("return 5", "Odd.request: must be finite from 0 to 1, got 5"),
        ("return 'all of it'", "Odd.request: must be numbers, got str"),
        ("return asks._replace(share=1j * share)", "Odd.request: must be numbers, got ndarray of complex128"),
        ("return asks._replace(share=np.ones(401))", "Odd.request: must have a number a world, got shape (401,)"),
        ("return None", "Odd.request: must be numbers, got NoneType"),
    ],
)
def test_a_plug_in_that_goes_wrong_in_half_a_per_cent_of_worlds_loses_exactly_these(tmp_path, how, said):
    file = tmp_path / "odd.py"
    file.write_text(PLUGIN.format(bad=[17, 250], how=how))
    case = load_scenario("single-union").with_plugins({"governor": f"{file}:Odd"})
    outcome = run(Study(name="odd", scenario=case, worlds=400), tmp_path / "r", workers=2 if "_exit" in how else 1)
    worlds = pd.read_parquet(tmp_path / "r" / "runs.parquet")["world"]
    assert sorted(set(range(400)) - set(worlds)) == [17, 250]
    assert outcome.failed_rows == 2
    failures = [json.loads(line) for line in (tmp_path / "r" / "failures.jsonl").read_text().splitlines()]
    assert failures and all(said in failure["error"] for failure in failures)


def test_a_point_whose_every_world_dies_is_given_up_after_a_few():
    work = Work(ToyScenario(), 1, model=lambda scenario, *, seed, worlds, point: os._exit(3))
    part = run_apart(work, Task(0, np.arange(1), 0, 5000, {"rate": np.array([0.5])}))
    assert (part.rows, sum(len(failure.worlds) for failure in part.failures)) == (0, 5000)
    assert part.failures[0].lost
    assert part.failures[0].error == "lost: the process that ran it died (exit code 3)"


def test_a_study_whose_every_world_dies_is_stopped_after_a_few(tmp_path):
    def deadly(scenario, *, seed, worlds, point):
        os._exit(3)

    study = STUDY.model_copy(update={"design": Grid(vary={"rate": "0:1:0.01"})})
    outcome = run(study, tmp_path / "r", options=replace(HERE, model=deadly, workers=2))
    assert (outcome.state, outcome.rows) == ("stopped", 0)
    assert outcome.why.endswith("worlds were lost: the process that ran it died (exit code 3)")


def test_a_study_of_which_nothing_comes_through_is_not_complete_and_names_the_cause_once(tmp_path):
    outcome = run(
        STUDY.model_copy(update={"set": {"trap": 1}}), tmp_path / "r", options=replace(HERE, model=simulate_block)
    )
    assert (outcome.state, outcome.rows, outcome.why) == ("failed", 0, "none of its 400 worlds came through")
    from experiments.commands._running import causes

    assert causes(outcome).startswith("400 worlds failed (ArithmeticError: the trap snapped); why")


def test_a_worker_that_cannot_begin_is_said_in_one_line(tmp_path):
    class Unfit:
        def __reduce__(self):
            return int, ("not a number",)

    engine = Processes(Work(Unfit(), 1), 1)
    try:
        with pytest.raises(CannotGoOn, match="cannot run the study: ValueError: invalid literal for int"):
            engine.submit(Task(0, np.arange(1), 0, 1)).result(timeout=30)
    finally:
        engine.close()


def test_workers_that_are_killed_as_they_start_do_not_hold_the_study_up(tmp_path, monkeypatch):
    born, deaths = [], 3
    really = subprocess.Popen

    def killed(*words, **more):
        process = really(*words, **more)
        born.append(process)
        if len(born) <= deaths:
            process.kill()
        return process

    monkeypatch.setattr("experiments.runs.engines.subprocess.Popen", killed)
    outcome = run(STUDY, tmp_path / "r", options=replace(HERE, model=simulate_block, workers=2, part_rows=100))
    assert (outcome.state, outcome.rows, len(born)) == ("complete", 400, 5)
    deaths = 100
    with pytest.raises(CannotGoOn, match="5 worker processes died as they started"):
        run(STUDY, tmp_path / "s", options=replace(HERE, model=simulate_block, workers=2, part_rows=100))


HANGING = """
import sys, time
sys.path.insert(0, {support!r})
from toy_crisis import ToyScenario
from experiments.runs.loop import Options
from experiments.runs.parts import table_in
from experiments.runs.runner import run
from experiments.runs.study import Study

def hang(scenario, *, seed, worlds, point=None):
    while True:
        time.sleep(0.01)

print(run(Study(name="h", scenario=ToyScenario(), worlds=10), {out!r}, options=Options(workers=2, model=hang)).state)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_study_whose_workers_hang(tmp_path, number):
    out = tmp_path / "r"
    code = HANGING.format(support=SUPPORT, out=str(out))
    study = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    workers = []
    while not workers and time.monotonic() < until:
        workers = worker_processes(study.pid)
        time.sleep(0.02)
    time.sleep(0.5)
    study.send_signal(number)
    said, _ = study.communicate(timeout=60)
    assert (study.returncode, said) == (0, "stopped\n")
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert workers and not alive


def test_a_rule_that_keeps_taking_the_study_along_gets_a_process_of_its_own(tmp_path):
    """In one process nothing can outlive such a rule; but the third time at the same part, resume knows."""
    out = tmp_path / "r"
    dying = replace(HERE, model=spoilt("os._exit"), part_rows=10)
    go_on = lambda: resume(out, options=dying)  # noqa: E731
    for begin in (lambda: run(SMALL, out, options=dying), go_on, go_on):
        child = os.fork()
        if child == 0:
            try:
                begin()
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0  # the rule's own word for it
    outcome = resume(out, options=dying)
    assert (outcome.state, outcome.lost_rows) == ("incomplete", 2)


def test_how_rows_are_cut_after_a_death_changes_nothing_else():
    """A death that was not the rows' fault costs none of them."""
    values = {"rate": np.array([0.2, 0.5, 0.8])}
    work = Work(ToyScenario(), 1, block=64, model=simulate_block)
    task = Task(0, np.arange(3), 0, 100, values)
    told = []
    whole = run_task(work, task, told.append)
    for rectangle in told[:3]:
        part = run_task(work, task.after(rectangle, "lost: killed", lived=True))
        assert part.failures == []
        assert table_in(part.data).to_pandas().equals(table_in(whole.data).to_pandas())


@pytest.mark.parametrize("block", range(4))
def test_a_signal_at_any_block_leaves_a_study_that_goes_on(tmp_path, block):
    """In one process: between two blocks, at the last of a task, before the next one begins."""
    seen = []

    def signalled(scenario, *, seed, worlds, point=None):
        seen.append(worlds)
        if len(seen) == block + 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return simulate_block(scenario, seed=seed, worlds=worlds, point=point)

    cut = replace(HERE, part_rows=10, block=5)
    stopped = run(SMALL, tmp_path / "r", options=replace(cut, model=signalled))
    assert stopped.state == "stopped"
    whole = run(SMALL, tmp_path / "w", options=replace(cut, model=simulate_block))
    again = resume(tmp_path / "r", options=replace(cut, model=simulate_block))
    assert (again.state, again.table_sha256) == ("complete", whole.table_sha256)
