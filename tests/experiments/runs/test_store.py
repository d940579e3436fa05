"""A results folder notices damage, and says so in one line without losing a finished part."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from pyarrow import parquet
from toy_crisis import ToyScenario, simulate_block

import experiments.runs.files
from experiments.runs.designs import Grid
from experiments.runs.files import CannotGoOn
from experiments.runs.loop import Options
from experiments.runs.runner import resume, run
from experiments.runs.store import Folder
from experiments.runs.study import Study
from experiments.runs.table_hash import TableDigest
from experiments.runs.task_order import Order, Stage, as_ranges, from_ranges
from sim.errors import WrongInput
from sim.worlds.axis import BLOCK

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(), part_rows=100)
STUDY = Study(name="toy", scenario=ToyScenario(), worlds=90, design=Grid(vary={"rate": "0.1:0.9:0.1"}))


@pytest.fixture
def whole(tmp_path):
    """The same study, undisturbed."""
    return run(STUDY, tmp_path / "whole", options=HERE)


@pytest.fixture
def halfway(tmp_path, monkeypatch):
    """A folder whose study was stopped by a full disk after five parts."""
    path = tmp_path / "halfway"
    fill_disk(monkeypatch, after=5)
    with pytest.raises(CannotGoOn):
        run(STUDY, path, options=HERE)
    monkeypatch.undo()
    return path


def fill_disk(monkeypatch, after):
    parts = []
    really = experiments.runs.files.os.fsync

    def fsync(handle):
        parts.append(handle)
        # a file is forced to disk twice, it and its name: points, manifest, columns and manifest again before any part
        if len(parts) > 2 * (4 + after):
            raise OSError(errno.ENOSPC, "No space left on device")
        really(handle)

    monkeypatch.setattr(experiments.runs.files.os, "fsync", fsync)


def test_a_full_disk_is_said_in_one_line_and_loses_nothing_finished(tmp_path, monkeypatch, whole):
    path = tmp_path / "full"
    fill_disk(monkeypatch, after=5)
    with pytest.raises(CannotGoOn, match="the disk is full; finished parts are safe, go on with 'planb resume") as said:
        run(STUDY, path, options=HERE)
    assert "\n" not in str(said.value)
    monkeypatch.undo()
    with Folder.open(path) as folder:
        done = folder.totals().tasks
        assert done == 5
        assert folder.damaged == []
    again = resume(path, options=HERE)
    assert again.ran_now == whole.ran_now - done
    assert again.table_sha256 == whole.table_sha256


def test_where_nothing_can_begin_nothing_is_called_safe(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(WrongInput, match=r"out: cannot be written: Permission denied; choose another --out$"):
        run(STUDY, tmp_path / "out", options=HERE)


@pytest.mark.parametrize("name, says", [("file", "there is a file"), ("file/r", "there is a file"), ("x" * 300, "too")])
def test_a_place_that_no_folder_can_have_is_wrong_input(tmp_path, name, says):
    (tmp_path / "file").touch()
    with pytest.raises(WrongInput, match=says):
        run(STUDY, tmp_path / name, options=HERE)


def test_a_truncated_part_is_run_again_and_only_that(halfway, whole):
    part = sorted((halfway / "parts").glob("*.parquet"))[2]
    part.write_bytes(part.read_bytes()[:-100])
    again = resume(halfway, options=HERE)
    assert again.ran_now == whole.ran_now - 5 + 1
    assert again.table_sha256 == whole.table_sha256


def test_a_missing_part_is_run_again(halfway, whole):
    sorted((halfway / "parts").glob("*.parquet"))[0].unlink()
    assert resume(halfway, options=HERE).table_sha256 == whole.table_sha256


def test_what_a_killed_process_left_half_written_is_removed(halfway, whole):
    (halfway / "parts" / "part-0000099-0123456789abcdef.parquet").write_bytes(b"PAR1 half")
    (halfway / "runs.parquet.tmp").write_bytes(b"PAR1 half")
    assert resume(halfway, options=HERE).table_sha256 == whole.table_sha256
    assert not list(halfway.rglob("*.tmp"))


def edit(path, change):
    manifest = json.loads((path / "manifest.json").read_text())
    change(manifest)
    (path / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda m: m["study"].update(worlds=91), r"was edited .*study.worlds: 90 -> 91"),
        (lambda m: m.update(scenario_sha256="0"), "was edited .*scenario_sha256"),
        (lambda m: m.update(format=99), "format 99 is of another version of planb; this one reads format 2"),
        (lambda m: m.update(planb="9.9"), "was edited .*planb"),
    ],
)
def test_an_edited_manifest_is_refused_with_the_difference(halfway, change, says):
    edit(halfway, change)
    with pytest.raises(WrongInput, match=says) as said:
        resume(halfway, options=HERE)
    assert "\n" not in str(said.value)


def test_an_edited_hash_of_a_complete_table_is_noticed(tmp_path, whole):
    edit(whole.folder, lambda m: m.update(table_sha256="0" * 64))
    with pytest.raises(WrongInput, match="table_sha256"):
        Folder.open(whole.folder)


@pytest.mark.parametrize("name", ["manifest.json", "points.parquet"])
def test_a_file_that_is_garbage_or_gone_is_named(halfway, name):
    (halfway / name).write_bytes(b"garbage garbage garbage garbage")
    with pytest.raises(WrongInput, match=name):
        resume(halfway, options=HERE)
    (halfway / name).unlink()
    with pytest.raises(WrongInput, match=name):
        resume(halfway, options=HERE)


def test_a_folder_of_another_release_is_refused(halfway, monkeypatch):
    monkeypatch.setattr("experiments.runs.runner.code_sha256", lambda: "another")
    with pytest.raises(WrongInput, match="the model's code changed since the study began"):
        resume(halfway, options=HERE)


def test_a_changed_scenario_is_refused_with_the_difference_shown(halfway):
    changed = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario(settings={"luck": 7}))
    with pytest.raises(WrongInput, match=r"the scenario changed since the study began \(settings.luck: null -> 7\)"):
        resume(halfway, options=changed)


def test_no_folder_and_a_taken_folder(tmp_path, whole):
    with pytest.raises(WrongInput, match="no such results folder"):
        resume(tmp_path / "none", options=HERE)
    with pytest.raises(WrongInput, match="has results already"):
        run(STUDY, whole.folder, options=HERE)


def test_a_second_process_on_the_folder_is_refused(halfway):
    with Folder.open(halfway, write=True):
        code = "import pathlib, sys, experiments.runs.store as s; s.Folder.open(pathlib.Path(sys.argv[1]), write=True)"
        done = subprocess.run([sys.executable, "-c", code, str(halfway)], capture_output=True, text=True)
    assert "is in use by process" in done.stderr
    with Folder.open(halfway, write=True):
        pass  # and free again


def test_the_hash_does_not_depend_on_how_the_rows_were_cut():
    rng = np.random.default_rng(1)
    table = {
        "x": rng.normal(size=100).astype(np.float32),
        "yes": rng.random(100) < 0.5,
        "tactic": np.array(["mild", "firm"] * 50, dtype=object),
    }
    whole, cut = TableDigest(), TableDigest()
    whole.update(table)
    for rows in np.split(np.arange(100), [1, 37, 40]):
        cut.update({name: column[rows] for name, column in table.items()})
    assert whole.hexdigest() == cut.hexdigest()
    table["x"][50] += 1
    other = TableDigest()
    other.update(table)
    assert other.hexdigest() != whole.hexdigest()


def test_the_hash_of_a_small_table_is_known_by_hand():
    digest = TableDigest()
    digest.update({"b": np.array([True, False]), "a": np.array([1, 2], dtype=">i4")})
    a = hashlib.sha256(b"\1\0\0\0\2\0\0\0").hexdigest()
    b = hashlib.sha256(b"\1\0").hexdigest()
    text = json.dumps([2, [["a", "<i4", a], ["b", "|b1", b]]])
    assert digest.hexdigest() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("numbers", [[], [3], [0, 1, 2], [0, 2, 3, 9]])
def test_ranges_come_back(numbers):
    assert from_ranges(as_ranges(numbers)).tolist() == numbers


@pytest.mark.parametrize("points, worlds", [(1, 10), (1, 1_000_000), (136, 2_000), (100_000, 10), (7, 70_000)])
@pytest.mark.parametrize("apart", [False, True])
def test_every_row_is_in_one_piece_and_all_points_begin_before_any_ends(points, worlds, apart):
    order = Order.of(points, worlds, apart=apart)
    pieces = list(order.pieces([Stage(np.arange(points), 0, worlds)]))
    assert sum(len(piece.points) * (piece.end - piece.first) for piece in pieces) == points * worlds
    assert max(len(piece.points) * (piece.end - piece.first) for piece in pieces) <= 32_768
    begun = next(k for k, piece in enumerate(pieces) if points - 1 in piece.points)
    ended = next(k for k, piece in enumerate(pieces) if piece.end == worlds)
    assert begun <= ended
    for piece in pieces[:: max(1, len(pieces) // 5)]:
        assert order.bounds[piece.chunk] <= piece.points[0] <= piece.points[-1] < order.bounds[piece.chunk + 1]


@pytest.mark.parametrize("points, worlds", [(8, 10_000), (16, 4_000), (32, 4_000), (136, 2_000), (15, 100_000)])
def test_points_that_share_no_block_have_large_ones(points, worlds):
    pieces = list(Order.of(points, worlds, apart=True).pieces([Stage(np.arange(points), 0, worlds)]))
    assert min(piece.end - piece.first for piece in pieces) >= 0.7 * min(worlds / 2, BLOCK)
    assert len(pieces) <= 2 * -(-points * worlds // 16_384)


def test_the_table_is_sorted_and_has_fixed_types(whole):
    table = parquet.read_table(whole.folder / "runs.parquet")
    frame = table.to_pandas()
    assert frame[["point", "world"]].equals(frame[["point", "world"]].sort_values(["point", "world"]))
    types = {field.name: str(field.type) for field in table.schema}
    assert types == {
        "point": "int32",
        "world": "int64",
        "rate": "double",
        "outcome": "dictionary<values=string, indices=int8, ordered=0>",
        "deal": "bool",
        "savings": "float",
        "posts_lost": "int32",
    }
    assert set(frame["outcome"]) == {"ratified_first_vote", "refused"}
