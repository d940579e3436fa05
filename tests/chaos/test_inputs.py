"""The short form of `inputs`: some hundred spoilt files and option values, none of which may end in a traceback."""

from __future__ import annotations

from collections import Counter

import inputs
import numpy as np
import pandas as pd


def test_spoilt_files_are_refused_in_one_line_or_run_under_every_command():
    counts = inputs.try_files(120, seed=2026, seconds=25)
    assert counts.faults == []
    assert counts.refused > 5 and counts.ran > 1, "the mutants are all refused, or none is: they test nothing"


def test_spoilt_option_values_are_refused_in_one_line_or_run():
    counts = inputs.try_options(100, seed=2026, seconds=12)
    assert counts.faults == []
    assert counts.refused > 5


def test_a_measure_that_is_infinite_or_blank_though_nothing_says_when_is_found(tmp_path):
    says = "name,unit,meaning,kind,blank\ncost,M$,Cost,measure,\nturnout,share,Who came,measure,where no vote is held\n"
    (tmp_path / "columns.csv").write_text(says + "size,M$,Size,measure,\n", encoding="utf-8")
    table = {"cost": [1.0, np.nan], "turnout": [0.5, np.nan], "size": [np.inf, 1.0]}
    pd.DataFrame(table).to_parquet(tmp_path / "runs.parquet")
    assert inputs.blank_columns(tmp_path) == ["cost", "size"]


def test_a_fault_that_is_none_any_more_counts_as_mended(monkeypatch):
    counts = inputs.Counts(tried=Counter(study=3), refused=1, ran=1, tracebacks=["study 7 study.toml: check: KeyError"])
    monkeypatch.setattr(inputs, "try_one", lambda made, trial, seed, anew: anew.tried.update(study=1))
    inputs.try_again(counts, 15)
    assert (counts.faults, counts.mended) == ([], ["study 7 study.toml: check: KeyError"])
