"""The offers of one world, and what both sides insisted on."""

from __future__ import annotations

import numpy as np


def test_the_offers_of_a_world_end_where_they_were_accepted(told):
    offers, space = told["offers"], told["utility_space"].set_index("what")
    assert offers["accepted"].tolist() == [False] * (len(offers) - 1) + [True]
    made = space[space.index.str.endswith("'s offer")]
    assert made.iloc[-1].equals(space.loc["accepted"])
    frontier = space.loc["frontier"]
    assert frontier["governor"].is_monotonic_increasing and frontier["coalition"].is_monotonic_decreasing
    assert np.all(np.interp(made["governor"], frontier["governor"], frontier["coalition"]) >= made["coalition"] - 1e-4)


def test_nobody_asks_for_less_than_no_deal_is_worth(told):
    for side in ("governor", "coalition"):
        asked = told["offers"].dropna(subset=[f"aspiration_{side}"])
        assert np.all(asked[f"aspiration_{side}"] >= asked[f"no_deal_{side}"] - 1e-6)
