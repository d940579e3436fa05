"""Headline numbers under three draws: the ranges, the fitted numbers with new moods, and the full fit.

A finding that holds under one of them only depends on what was assumed. The last rows ask for everything at once: in
how many worlds do the main facts of the record come about together, up to the second vote?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.estimates import share
from sim.outcomes import RATIFIED_SECOND_VOTE
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import simulate

DRAWS = {"range": "ranges", "fitted_numbers": "fitted numbers, new moods", "posterior": "full fit"}
WORLDS = 8000
Columns = dict[str, NDArray[Any]]

DEAL = (720.0, 880.0)  # M$/yr, a tenth either side of the 801 on record
FACTS: dict[str, Callable[[Columns], NDArray[np.bool_]]] = {
    "a tentative deal": lambda c: c["tentative_deal"].astype(bool),
    "of 720 to 880 M$ a year": lambda c: (c["deal_savings"] >= DEAL[0]) & (c["deal_savings"] <= DEAL[1]),
    "ratified at the first vote": lambda c: c["ratified_1"].astype(bool),
    "refused at the first vote": lambda c: c["tentative_deal"].astype(bool) & ~c["ratified_1"].astype(bool),
    "the largest union among those that refuse": lambda c: c["largest_refuses"],
    "the session grants power and spares aid": lambda c: (c["request_passed"] == 1) & (c["aid_spared"] == 1),
    "leaders change the rule": lambda c: c["rule_changed"] == 1,
    "ratified at the second vote": lambda c: c["outcome"] == RATIFIED_SECOND_VOTE,
}
RECORD = tuple(name for name in FACTS if name != "ratified at the first vote")  # what happened, in 2011


def headlines(scenario: Scenario, *, worlds: int = WORLDS, seed: int = 2011) -> dict[str, Any]:
    """Shares of worlds with their 95 % Wilson intervals, by fact and draw, and of all facts of the record together."""
    found: dict[str, Any] = {}
    for draw, words in DRAWS.items():
        columns = _columns(scenario.with_settings({"case.uncertainties": draw}), worlds, seed)
        held = {name: fact(columns) for name, fact in FACTS.items()}
        held["all of the record together"] = np.logical_and.reduce([held[name] for name in RECORD])
        found[words] = {name: _share(worlds_where) for name, worlds_where in held.items()}
    return found


def _columns(scenario: Scenario, worlds: int, seed: int) -> Columns:
    blocks = simulate(scenario, worlds=worlds, seed=seed).blocks
    columns = {name: np.concatenate([block.columns[name] for block in blocks]) for name in blocks[0].columns}
    largest = int(np.argmax(scenario.unions.members))
    yes = np.concatenate([block.union_yes[0, largest] for block in blocks])
    return columns | {"largest_refuses": np.nan_to_num(yes, nan=1.0) <= 0.5}


def _share(held: NDArray[np.bool_]) -> dict[str, float]:
    found = share(held)
    return {"share": found.value, "low": found.low, "high": found.high}
