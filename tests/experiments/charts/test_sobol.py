"""Sobol indices, and which worlds are behind them."""

from __future__ import annotations

import pandas as pd


def test_the_caption_of_sobol_indices_says_which_worlds_are_behind_each(folder):
    """400 worlds for three factors: 48 x 5 for the totals, 160 of their own for the first order, but for luck."""
    caption = (folder / "figures" / "sobol_deal.txt").read_text()
    rows = pd.read_csv(folder / "sensitivity.csv").query("measure == 'deal'")
    totals = rows["n_ST"].iloc[0]
    apart = rows.set_index("parameter")["n_S1"]
    assert totals + apart.max() == 400 or totals + apart.min() == 400
    assert f"interactions; n = {totals:,} worlds" in caption and str(apart["trust"]) in caption
