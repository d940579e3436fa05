"""A world comes out the same under any Python: since 3.12 its own ``sum`` adds up floats more exactly than before."""

from __future__ import annotations

import builtins
from functools import reduce
from math import fsum
from operator import add

import numpy as np
import pytest

from sim.scenario.folder import shipped_scenarios
from sim.scenario.scenario import load_scenario
from sim.worlds.blocks import simulate_block


def one_after_the_other(numbers, /, start=0):
    return reduce(add, numbers, start)


def exactly(numbers, /, start=0):
    numbers = list(numbers)
    floats = start == 0 and all(type(one) is float for one in numbers)
    return fsum(numbers) if floats else reduce(add, numbers, start)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_world_is_the_same_however_python_adds_up(name, monkeypatch):
    found = []
    for adds_up in (one_after_the_other, exactly):
        with monkeypatch.context() as patched:
            patched.setattr(builtins, "sum", adds_up)
            found.append(simulate_block(load_scenario(name), seed=2011, worlds=np.arange(20)).columns)
    for column, before in found[0].items():
        np.testing.assert_array_equal(before, found[1][column], err_msg=column)
