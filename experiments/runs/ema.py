"""The EMA workbench (extra ``[ema]``): a scenario as one of its models, for its samplers, analyses and optimisers.

    from ema_workbench import SequentialEvaluator, perform_experiments
    from experiments.runs.ema import ema_model
    from sim import load_scenario

    model = ema_model(load_scenario("connecticut-2011"), uncertainties=["members.trust"], levers=["rule.unions_needed"])
    with SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=50, policies=4)

One experiment there is a block of worlds here, so its outcomes are means over worlds. All experiments meet the same
worlds, as the points of a study do. EMA wants names that are Python identifiers: dots become underscores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from experiments.runs.designs import known_parameters
from sim.errors import WrongInput, nearest
from sim.worlds.blocks import simulate_block

OUTCOMES = ("deal", "layoffs", "aid", "savings", "deficit")


def ema_model(
    scenario: Any,
    *,
    uncertainties: Sequence[str] = (),
    levers: Sequence[str] = (),
    outcomes: Sequence[str] = OUTCOMES,
    worlds: int = 200,
    seed: int = 2011,
    simulate: Callable[..., Any] = simulate_block,
) -> Any:
    """An `ema_workbench.Model` of this scenario; parameters by key or short name, over the scenario's own ranges.

    Raises: WrongInput for a parameter that the scenario does not have, or that has no range.
    """
    try:
        from ema_workbench import Model, ScalarOutcome
    except ImportError:
        raise WrongInput("this needs the extra: pip install 'planb[ema]'") from None
    parameters = {key: _parameter(scenario, key) for key in (*uncertainties, *levers)}
    keys = {_identifier(key): key for key in parameters}

    def run(**given: Any) -> dict[str, float]:
        point = {keys[name]: value for name, value in given.items()}
        shaping = {key: value for key, value in point.items() if not scenario.entry(key).varies}
        numbers = {key: value for key, value in point.items() if key not in shaping}
        shaped = scenario.with_settings(shaping)
        columns = simulate(shaped, seed=seed, worlds=np.arange(worlds, dtype=np.int64), point=numbers).columns
        return {name: float(np.nanmean(columns[name])) for name in outcomes}

    model = Model(_identifier(scenario.name), function=run)
    model.uncertainties = [parameters[key] for key in uncertainties]
    model.levers = [parameters[key] for key in levers]
    model.outcomes = [ScalarOutcome(name) for name in outcomes]
    return model


def _parameter(scenario: Any, key: str) -> Any:
    from ema_workbench import BooleanParameter, CategoricalParameter, IntegerParameter, RealParameter

    known = known_parameters(scenario)
    if key not in known:
        raise WrongInput(f"unknown parameter {key!r}{nearest(key, known)}")
    row, name = known[key], _identifier(key)
    if isinstance(row["value"], bool):
        return BooleanParameter(name)
    if row.get("choices"):
        return CategoricalParameter(name, list(row["choices"]))
    if row["low"] is None or not row["low"] < row["high"]:
        raise WrongInput(f"parameter {key!r} has no range in the scenario")
    kind = IntegerParameter if row["whole"] else RealParameter
    return kind(name, row["low"], row["high"])


def _identifier(key: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in key)
