"""SIGKILL at random moments never loses a finished row and never doubles one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from toy_crisis import ToyScenario, simulate_block

from experiments.runs.designs import Grid
from experiments.runs.loop import Options
from experiments.runs.runner import run
from experiments.runs.study import Study

KILLS = 24
# Imports once, then for each life of the study forks a child and kills it after a random time. Prints one line a
# life: was it killed, and what its folder holds afterwards.
MANY_LIVES = """
import json, os, random, signal, sys, time
from pathlib import Path
sys.path[:0] = {tests!r}
import pandas, pyarrow.csv, pyarrow.parquet, sim.scenario.scenario  # once, not in every life
from test_crash import HERE, KILLS, STUDY
from experiments.runs.runner import resume, run
from experiments.runs.store import Folder
from experiments.runs.tasks import code_sha256

def child_of(folder):
    child = os.fork()
    if child == 0:
        if (folder / "manifest.json").exists():
            resume(folder, options=HERE)
        else:
            run(STUDY, folder, options=HERE)
        os._exit(0)
    return child

code_sha256()
rng, base, kills, study = random.Random({seed}), Path({base!r}), 0, 0
took = []
for name in ("undisturbed", "and again"):  # the quicker of two, lest a busy moment have all kills come too late
    start = time.monotonic()
    assert os.waitpid(child_of(base / name), 0)[1] == 0
    took.append(time.monotonic() - start)
whole = min(took)
while kills < KILLS:
    folder = base / f"study-{{study}}"
    while True:
        child = child_of(folder)
        if kills < KILLS:
            time.sleep(rng.uniform(0.05, 0.6) * whole)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        if (folder / "manifest.json").exists():
            kills += 1
            with Folder.open(folder) as opened:
                done = {{"damaged": len(opened.damaged), "done": opened.totals().tasks}}
                print(json.dumps(done), flush=True)
    print(json.dumps({{"finished": str(folder)}}), flush=True)
    study += 1
"""

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(), part_rows=160)
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=250, design=Grid(vary={"rate": "0.05:0.95:0.05"}))


@pytest.mark.parametrize("seed", [2011])
def test_random_kills_lose_nothing_and_double_nothing(tmp_path, seed):
    whole = run(STUDY, tmp_path / "whole", options=HERE)
    script = tmp_path / "lives.py"
    script.write_text(
        MANY_LIVES.format(
            tests=[str(Path(__file__).parent), str(Path(__file__).parents[2] / "support")],
            seed=seed,
            base=str(tmp_path),
        )
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    finished = [line["finished"] for line in lines if "finished" in line]
    lived = [line for line in lines if "done" in line]
    assert len(lived) >= 20  # killed while there was something to lose
    assert all(line["damaged"] == 0 for line in lived)
    assert any(0 < line["done"] < whole.ran_now for line in lived)
    for folder in finished:
        manifest = json.loads((Path(folder) / "manifest.json").read_text())
        assert manifest["table_sha256"] == whole.table_sha256
        keys = parquet.read_table(Path(folder) / "runs.parquet", columns=["point", "world"]).to_pandas()
        assert len(keys) == 19 * 250
        assert not keys.duplicated().any()
        assert not (Path(folder) / "parts").exists()
