"""What offers and solutions are worth to both sides: all of it within the picture."""

from __future__ import annotations

import pandas as pd

from experiments import charts


def test_the_two_solutions_are_seen_where_they_fall_together():
    both = pd.DataFrame(
        [("Nash", 0.5, 0.5), ("Kalai–Smorodinsky", 0.5, 0.5)], columns=["what", "governor", "coalition"]
    )
    with charts.style():
        _, ax = charts.new_figure()
        charts.draw_utility_space(ax, both)
    size = {line.get_label(): (line.get_zorder(), line.get_markersize()) for line in ax.lines}
    order = [line.get_label() for line in ax.lines]
    assert order.index("Nash") > order.index("Kalai–Smorodinsky") and size["Nash"][1] < size["Kalai–Smorodinsky"][1]


def test_an_offer_worth_more_than_enough_is_within_the_picture():
    offers = pd.DataFrame([("governor's offer", 1.2, 0.1), ("coalition's offer", -0.2, 1.0)])
    offers.columns = ["what", "governor", "coalition"]
    with charts.style():
        _, ax = charts.new_figure()
        charts.draw_utility_space(ax, offers)
    assert ax.get_xlim()[0] < -0.2 and ax.get_xlim()[1] > 1.2
