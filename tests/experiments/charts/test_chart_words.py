"""Values, parameters and classes as charts write them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from chart_runs import RULE

from experiments.charts.groups import in_classes, in_order
from experiments.charts.words import group_label, label_of, value_words


@pytest.mark.parametrize(
    "value, words",
    [(1350.0, "1350"), (6163.25, "6163"), (12345.6, "12346"), (0.30000000000000004, "0.3"), (False, "false"), (8, "8")],
)
def test_a_value_is_written_as_a_reader_would(value, words):
    assert value_words(value) == words
    assert group_label("money.gap", value) == f"money: gap {words}"


def test_fractions_stand_in_order_of_size():
    assert in_order(["9/10", "2/3", "4/5", "1/2"]) == ["1/2", "2/3", "4/5", "9/10"]


@pytest.mark.parametrize(
    "name, label",
    [("rule.unions_needed", "unions needed"), ("members.trust", "members: trust"), ("deal", "deal"),
     ("threats.may_menu.believed", "may menu: believed"),
     ("rules.ratification.all_of.0.at_least", "ratification: at least")],
)  # fmt: skip
def test_a_label_tells_parameters_of_one_name_apart(name, label):
    assert label_of(name) == label


def test_a_sampled_parameter_is_put_into_classes():
    frame = pd.DataFrame({"members.trust": np.linspace(0, 1, 500), RULE: np.arange(500) % 8})
    classes = in_classes(frame, ["members.trust", RULE])
    assert classes["members.trust"].nunique() == 20 and classes[RULE].nunique() == 8
    assert np.abs(classes["members.trust"] - frame["members.trust"]).max() <= 0.026


def test_a_sample_of_few_points_is_put_into_classes_and_a_grid_of_as_many_values_is_not():
    trust, speed = np.linspace(0, 1, 40), np.random.default_rng(0).permutation(np.linspace(0, 2, 40))
    sample = pd.DataFrame({"members.trust": trust, "governor.speed": speed})
    grid = pd.DataFrame(itertools.product(trust, speed), columns=list(sample))
    for frame, values in ((sample, 20), (grid, 40), (sample[["members.trust"]], 40)):
        assert in_classes(frame, ["members.trust"], among=list(frame))["members.trust"].nunique() == values
