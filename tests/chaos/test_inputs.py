"""The short form of `inputs`: some hundred spoilt files and option values, none of which may end in a traceback."""

from __future__ import annotations

import inputs


def test_spoilt_files_are_refused_in_one_line_or_run_under_every_command():
    counts = inputs.try_files(120, seed=2026, seconds=25)
    assert counts.faults == []
    assert counts.refused > 5 and counts.ran > 1, "the mutants are all refused, or none is: they test nothing"


def test_spoilt_option_values_are_refused_in_one_line_or_run():
    counts = inputs.try_options(100, seed=2026, seconds=12)
    assert counts.faults == []
    assert counts.refused > 5
