"""Tables beside the charts, in LaTeX."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments import charts


def test_a_table_in_latex_has_no_stray_commands(tmp_path):
    frame = pd.DataFrame({"union": ["A&R Local 4200", "4Cs"], "yes_share": [0.512, np.nan], "members": [5000, 900]})
    charts.write_table(frame, tmp_path, "votes", caption="Yes, 100 %", formats={"yes_share": ".1%", "members": ",d"})
    tex = (tmp_path / "tables" / "votes.tex").read_text()
    assert r"A\&R Local 4200 & 51.2\% & 5,000 \\" in tex and r"4Cs & --- & 900 \\" in tex
    assert r"\begin{tabular}{lrr}" in tex and r"yes share" in tex and r"100 \%" in tex
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "tables" / "votes.csv"), frame)


def test_a_table_in_latex_writes_nothing_as_zero_that_is_not(tmp_path):
    frame = pd.DataFrame({"p_value": [1e-9, 0.0312, 1.0], "low": [0.00001, 0.0, 0.25], "high": [0.0004, 0.012, 0.5]})
    tex = charts.as_latex(frame, "changes", caption="c", formats={"low": ".1%", "high": ".1%"})
    assert r"$<$ 0.001 & $<$ 0.1\% & $<$ 0.1\% \\" in tex and r"0.031 & 0.0\% & 1.2\% \\" in tex and "1.000" in tex
