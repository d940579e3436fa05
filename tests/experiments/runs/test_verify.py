"""A folder proves itself: it notices any change, mends what can be mended, and is enough wherever it is taken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet
from toy_crisis import ToyScenario, simulate_block

from experiments.runs.checking import table_of, verify
from experiments.runs.comparing import compare
from experiments.runs.designs import Grid
from experiments.runs.export import export
from experiments.runs.files import CannotGoOn
from experiments.runs.loop import Options
from experiments.runs.manifest import read_manifest
from experiments.runs.runner import resume, run
from experiments.runs.store import Folder
from experiments.runs.study import Study, load_study
from experiments.runs.table_hash import TableDigest
from sim.errors import WrongInput

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(), part_rows=100)
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=90, design=Grid(vary={"rate": "0.1:0.9:0.1"}))


@pytest.fixture
def whole(tmp_path, monkeypatch):
    """A finished folder whose table has nine row groups."""
    monkeypatch.setattr("experiments.runs.results_table.ROW_GROUP", 90)
    return run(STUDY, tmp_path / "whole", options=HERE)


def checked(folder):
    found = verify(folder, model=simulate_block, load=HERE.load)
    return found["sound"], {check["check"]: check["found"] for check in found["checks"] if not check["sound"]}


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


def test_an_untouched_folder_is_sound(whole):
    assert checked(whole.folder) == (True, {})


@pytest.mark.parametrize("name", ["runs.parquet", "summary.csv", "points.parquet", "failures.jsonl", "columns.csv"])
def test_a_changed_file_is_named(whole, name):
    (whole.folder / name).write_bytes((whole.folder / name).read_bytes() + b" ")
    sound, wrong = checked(whole.folder)
    assert not sound
    assert name in wrong["files"]


def test_only_what_is_damaged_is_run_again(whole):
    runs = whole.folder / "runs.parquet"
    file = parquet.ParquetFile(runs)
    assert file.num_row_groups == 9
    flip(runs, file.metadata.row_group(4).column(3).data_page_offset + 30)
    with pytest.raises(WrongInput, match=r"runs.parquet: was changed since it was written; 'planb resume"):
        table_of(whole.folder, read_manifest(whole.folder))
    with pytest.raises(WrongInput, match=r"files: runs.parquet was changed"):
        export(whole.folder, "csv")
    ran = []

    def counting(scenario, *, seed, worlds, point):
        ran.extend(worlds)
        return simulate_block(scenario, seed=seed, worlds=worlds, point=point)

    again = resume(whole.folder, options=replace(HERE, model=counting))
    assert (again.state, again.table_sha256) == ("complete", whole.table_sha256)
    assert sorted(ran) == list(range(90))  # of the one point whose row group it was
    assert checked(whole.folder) == (True, {})


@pytest.mark.parametrize("name", ["runs.parquet", "summary.csv", "failures.jsonl", "columns.csv"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_what_is_cut_short_or_gone_is_made_again(whole, name, how):
    path = whole.folder / name
    path.write_bytes(path.read_bytes()[:-1]) if how == "cut" else path.unlink()
    if how == "cut" and name == "failures.jsonl":
        return  # it is empty, nothing failed
    assert not checked(whole.folder)[0]
    again = resume(whole.folder, options=HERE)
    assert again.table_sha256 == whole.table_sha256
    assert again.ran_now == (0 if name != "runs.parquet" else whole.ran_now)
    assert checked(whole.folder) == (True, {})


def test_a_folder_from_before_columns_were_explained_is_sound_and_stays_as_it_is(whole):
    with Folder.open(whole.folder, write=True) as folder:
        (whole.folder / "columns.csv").unlink()
        folder.save_manifest(files={name: known for name, known in folder.manifest["files"].items() if name[0] != "c"})
    assert checked(whole.folder) == (True, {})
    assert resume(whole.folder, options=HERE).ran_now == 0
    assert not (whole.folder / "columns.csv").exists()


def test_a_repair_that_is_killed_goes_on(whole):
    runs = whole.folder / "runs.parquet"
    flip(runs, runs.stat().st_size // 2)
    child = os.fork()
    if child == 0:
        import experiments.runs.runner as runner

        runner.assemble = lambda *_, **__: os._exit(9)
        resume(whole.folder, options=HERE)
    os.waitpid(child, 0)
    assert read_manifest(whole.folder)["state"] == "repairing"
    assert resume(whole.folder, options=HERE).table_sha256 == whole.table_sha256


def test_rows_that_are_not_what_the_study_gives_are_found_even_under_fitting_hashes(whole, monkeypatch):
    """Somebody seals other numbers: the rows simulated again give it away."""

    def other(scenario, *, seed, worlds, point):
        return simulate_block(scenario, seed=seed + 1, worlds=worlds, point=point)

    found = verify(whole.folder, model=other, load=HERE.load)
    assert [check["check"] for check in found["checks"] if not check["sound"]] == ["replay"]


def test_failed_rows_survive_a_repair(tmp_path):
    study = STUDY.model_copy(update={"design": Grid(vary={"rate": [0.5], "trap": [0, 7]})})
    before = run(study, tmp_path / "r", options=HERE)
    failures = (tmp_path / "r" / "failures.jsonl").read_text()
    (tmp_path / "r" / "failures.jsonl").unlink()
    after = resume(tmp_path / "r", options=HERE)
    assert (after.table_sha256, after.failed_rows) == (before.table_sha256, before.failed_rows) != (None, 0)
    assert (tmp_path / "r" / "failures.jsonl").read_text() == failures


def test_no_memory_to_read_with_is_not_called_damage(whole, monkeypatch):
    def too_large(*_, **__):
        raise pyarrow.ArrowMemoryError("malloc of size 1 failed")

    monkeypatch.setattr("experiments.runs.store.read_points", too_large)
    with pytest.raises(CannotGoOn, match=r"points.parquet: cannot be read: out of memory"):
        resume_of_unfinished(whole)


def resume_of_unfinished(whole):
    (whole.folder / "summary.csv").unlink()
    resume(whole.folder, options=HERE)


def test_compare_says_which_rows_differ_and_by_how_much(tmp_path, whole):
    other = run(STUDY.model_copy(update={"worlds": 91}), tmp_path / "longer", options=HERE)
    found = compare(whole.folder, other.folder)
    assert (found["rows_in_both"], found["rows_only_in_a"], found["rows_only_in_b"]) == (810, 0, 9)
    assert (found["rows_that_differ"], found["columns"], found["same"]) == (0, {}, False)

    def nudged(scenario, *, seed, worlds, point):
        block = simulate_block(scenario, seed=seed, worlds=worlds, point=point)
        block.columns["savings"] = np.where(worlds == 5, block.columns["savings"] + 0.25, block.columns["savings"])
        return block

    nudge = run(STUDY, tmp_path / "nudged", options=Options(workers=1, model=nudged, load=HERE.load))
    found = compare(whole.folder, nudge.folder)
    with_deal = [int(key.split(":")[0]) for key in found["first"]]
    assert {key.split(":")[1] for key in found["first"]} == {"5"}
    assert found["columns"]["savings"]["rows"] == found["rows_that_differ"] == len(with_deal) > 0
    assert found["columns"]["savings"]["at_most"] == pytest.approx(0.25, abs=1e-5)
    assert compare(whole.folder, whole.folder)["same"]


def test_last_digits_change_the_exact_hash_and_not_the_rounded_one():
    rng = np.random.default_rng(1)
    values = rng.normal(size=10_000).astype(np.float32)
    values[:3] = (0, np.nan, 1e-30)
    for change, same in ((np.nextafter(values, np.float32(np.inf)), None), (values * np.float32(1.01), False)):
        hashes = []
        for column in (values, change):
            digests = [TableDigest(rounded=rounded) for rounded in (False, True)]
            for digest in digests:
                digest.update({"x": column[:50] if same is None else column})
            hashes.append([digest.hexdigest() for digest in digests])
        assert hashes[0][0] != hashes[1][0]
        assert (hashes[0][1] == hashes[1][1]) is (same is None)


CASE = "single-union"
TRAVELLER = """
name = "s"
scenario = "mine"
worlds = 20
[design]
kind = "grid"
[design.vary]
"members.trust" = [0.5, 1]
"""


@pytest.fixture(scope="module")
def travelled(tmp_path_factory):
    """A study of a case that is nobody else's, run from a relative path, then taken elsewhere without that case."""
    from sim.scenario.folder import SHIPPED

    home, away = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("away")
    shutil.copytree(SHIPPED / CASE, home / "mine")
    (home / "study.toml").write_text(TRAVELLER)
    before = os.getcwd()
    os.chdir(home)
    try:
        run(load_study("study.toml"), "out", options=Options(workers=1, part_rows=20))
    finally:
        os.chdir(before)
    shutil.copytree(home / "out", away / "out")
    shutil.rmtree(home)
    return away / "out"


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "{}"],
        ["replay", "{}", "1:7"],
        ["explain", "{}", "1:7"],
        ["chart", "{}", "deal_rate"],
        ["status", "{}", "--verify"],
        ["export", "{}", "--as", "rocrate", "--out", "{}/../crate.zip"],
    ],
)
def test_a_folder_is_enough_on_another_machine(travelled, words):
    from click.testing import CliRunner

    from experiments.commands.command_line import planb

    done = CliRunner().invoke(planb, [word.format(travelled) for word in words])
    assert done.exit_code == 0, (done.output, done.exception)


def test_a_folder_goes_on_on_another_machine(travelled, tmp_path):
    folder = tmp_path / "out"
    shutil.copytree(travelled, folder)
    table = read_manifest(folder)["table_sha256"]
    (folder / "runs.parquet").unlink()
    assert resume(folder, options=Options(workers=1)).table_sha256 == table
    (folder / "scenario" / "mine" / "units.csv").write_text("edited")
    with pytest.raises(WrongInput, match=r"units.csv: has 6 bytes, not"):
        resume(folder, options=Options(workers=1))


def test_processors_without_avx512_agree(tmp_path):
    """NumPy chooses other loops without it; what they round otherwise is beyond the digits of the rounded hash."""
    from numpy._core import _multiarray_umath as umath

    wide = [name for name in umath.__cpu_dispatch__ if name.startswith(("AVX512", "X86_V4"))]  # releases differ
    code = (
        "import sys; from experiments.runs.study import Study; from experiments.runs.runner import run; "
        "from numpy._core import _multiarray_umath as umath; "
        "assert not any(umath.__cpu_features__[name] for name in sys.argv[2:]); "
        "run(Study(name='s', scenario='single-union', worlds=400), sys.argv[1], workers=1)"
    )
    hashes = set()
    for place, off in enumerate(([], wide)):
        given = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(off)}
        subprocess.run([sys.executable, "-c", code, tmp_path / str(place), *off], env=given, check=True, timeout=60)
        hashes.add(json.loads((tmp_path / str(place) / "manifest.json").read_text())["rounded_sha256"])
    assert len(hashes) == 1
