"""`simulate` takes a case or its name, and refuses what is no number of worlds or no seed."""

from __future__ import annotations

import numpy as np
import pytest

from sim import BudgetCrisis, load_scenario, simulate
from sim.errors import WrongInput
from sim.scenario.folder import SHIPPED

CASE = load_scenario("single-union")


@pytest.mark.parametrize("named", ["single-union", SHIPPED / "single-union", str(SHIPPED / "single-union")])
def test_a_case_may_be_named_where_it_is_run(named):
    assert simulate(named, worlds=np.int64(3)).table.equals(simulate(CASE, worlds=3).table)


@pytest.mark.parametrize(
    "wrong, told",
    [
        (lambda: simulate("singel-union", worlds=3), "no scenario 'singel-union'; did you mean 'single-union'"),
        (lambda: simulate(None, worlds=3), "scenario must be a Scenario, or the name or path of one, got None"),
        (lambda: simulate(CASE, worlds=-1), "worlds must be a whole number, at least 1, got -1"),
        (lambda: simulate(CASE, worlds=1e3), "worlds must be a whole number, at least 1, got 1000.0"),
        (lambda: simulate(CASE, worlds=3, seed=1.5), "seed must be a whole number, at least 0, got 1.5"),
        (lambda: simulate(CASE, worlds=3, seed=-1), "seed must be a whole number, at least 0, got -1"),
        (lambda: BudgetCrisis(scenario=CASE, world=-7), "world must be a whole number, at least 0, got -7"),
        (lambda: BudgetCrisis(scenario=CASE, seed=1.5), "seed must be a whole number, at least 0, got 1.5"),
        (lambda: CASE.with_settings("gap=3"), "settings must be values by key"),
        (lambda: CASE.with_settings({3: 1}), "settings must be values by key"),
    ],
)
def test_what_is_no_case_no_count_and_no_seed_is_refused_by_name(wrong, told):
    with pytest.raises(WrongInput) as refused:
        wrong()
    assert told in str(refused.value)
