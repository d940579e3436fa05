"""From the talks to a deal in force: where worlds end."""

from __future__ import annotations

import pandas as pd
from chart_runs import runs

from experiments import charts
from sim.outcomes import OUTCOMES


def test_the_funnel_accounts_for_every_world():
    stages = charts.funnel_stages(runs())
    worlds = len(runs())
    assert stages["ended"].sum() + stages["through"].iloc[-2:].sum() == worlds
    assert stages["through"].iloc[4] == stages["through"].iloc[-2:].sum() == runs()["deal"].sum()


def test_the_funnel_reads_outcomes_as_codes_too():
    frame = runs()
    codes = frame.assign(outcome=frame["outcome"].map({name: code for code, name in enumerate(OUTCOMES)}))
    pd.testing.assert_frame_equal(charts.funnel_stages(frame), charts.funnel_stages(codes))
