"""Who fills the gap."""

from __future__ import annotations

import pytest
from chart_runs import runs

from experiments import charts


def test_who_pays_adds_up_to_the_gap():
    means = charts.mean_payments(runs())
    assert means[["savings", "revenue", "programmes", "aid", "layoffs", "taxes", "deficit"]].sum(axis=1).to_numpy() == (
        pytest.approx(1000)
    )
