"""Both chambers seat by seat, and how a roll call ended."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments import charts


@pytest.mark.parametrize("carried, words", [(True, "17–17, tie broken for yes"), (False, "17–17, a tie")])
def test_a_tie_says_how_it_ended(carried, words):
    seats = pd.DataFrame({"chamber": "senate", "party": "D", "vote": ["yes"] * 17 + ["no"] * 17, "carried": carried})
    assert words in charts.chambers_caption(seats)


@pytest.mark.parametrize("seats", [1, 2, 15, 36, 151, 435])
def test_every_seat_has_a_place_of_its_own(seats):
    from experiments.charts.chambers import seat_places

    places = seat_places(seats)
    assert places.shape == (seats, 2) and len(np.unique(places.round(6), axis=0)) == seats
    assert np.all(places[:, 1] > -1e-9)


def test_every_seat_every_union_and_every_town_has_its_row(told):
    assert told["roll_call"].groupby("chamber").size().to_dict() == {"house": 151, "senate": 36}
    assert len(told["unions"]) == 15 and len(told["towns"]) == 169
    assert told["unions"]["real"].notna().sum() >= 4  # unions whose June tally is on record
    assert told["power"].groupby("rule")["banzhaf"].sum().to_numpy() == pytest.approx(1, abs=1e-5)
