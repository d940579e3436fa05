"""Other tools reach the same worlds."""

from __future__ import annotations

import numpy as np
import pytest
from toy_crisis import ToyScenario, simulate_block

from experiments.runs.ema import ema_model
from sim.errors import WrongInput

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_ema_workbench_runs_a_scenario_and_gets_our_numbers():
    ema = pytest.importorskip("ema_workbench")
    model = ema_model(
        ToyScenario(),
        uncertainties=["luck"],
        levers=["rate"],
        outcomes=["deal", "savings"],
        worlds=50,
        simulate=simulate_block,
    )
    with ema.SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=4, policies=2)
    assert len(experiments) == 8
    first = experiments.iloc[0]
    point = {"rate": first["rate"], "luck": first["luck"]}
    ours = simulate_block(ToyScenario(), seed=2011, worlds=np.arange(50), point=point).columns
    assert outcomes["deal"][0] == ours["deal"].mean()
    assert outcomes["savings"][0] == pytest.approx(np.nanmean(ours["savings"]))


def test_a_parameter_that_ema_cannot_have_is_named():
    pytest.importorskip("ema_workbench")
    with pytest.raises(WrongInput, match="did you mean 'rate'"):
        ema_model(ToyScenario(), levers=["rte"])
    with pytest.raises(WrongInput, match="'tactic' has no range"):
        ema_model(ToyScenario(), levers=["tactic"])
