"""Ballots are counted by the unit, not cast one by one: the same in distribution as members who are objects and vote.

The reference is plain Mesa, scalar, one agent a member, with luck of its own (`reference.plain`). Its
members are few, so that chance in the ballots counts for something and the test ends.
"""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pytest
from reference.plain.model import OneAgentAMember
from scipy.stats import chi2_contingency, ks_2samp

from sim import load_scenario, simulate_block
from sim.outcomes import OUTCOMES

CAST, COUNTED = 90, 6000  # worlds
SHRUNK = 60  # times
BY_CHANCE = 1e-3 / 6  # so often may a true equality fail: once in a thousand over six comparisons


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Connecticut with a sixtieth of its members: 15 unions of 3 to 260."""
    folder = tmp_path_factory.mktemp("case") / "small"
    shutil.copytree(load_scenario("connecticut-2011").folder, folder)
    table = folder / "units.csv"
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["members"] = str(max(3, round(float(row["members"]) / SHRUNK)))
        row["members_low"] = row["members_high"] = row["members"]
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return load_scenario(str(folder))


def cast(case, worlds):
    """Outcome and share of yes at the first vote in worlds whose members vote one by one."""
    outcomes, yes = [], []
    for world in range(worlds):
        model = OneAgentAMember(case=case, world=world)
        while model.running:
            model.step()
            if model.agreed and not yes[world:] and all(unit.cast for unit in model.units):
                yes.append(sum(unit.yes for unit in model.units) / sum(unit.cast for unit in model.units))
        yes += [np.nan] * (world + 1 - len(yes))
        outcomes.append(OUTCOMES.index(model.outcome))
        model.remove_all_agents()
    return np.array(outcomes), np.array(yes)


@pytest.mark.parametrize(
    "settings",
    [{}, {"rule.unions_needed": "9", "members.trust": "1.5"}, {"leaders.foresee": "rule", "members.fatigue": "1.2"}],
    ids=["as shipped", "a laxer rule, less trust", "leaders who look ahead, weary members"],
)
def test_counting_is_casting_in_distribution(small, settings):
    case = small.with_settings({"case.uncertainties": "range"} | settings)
    outcomes, yes = cast(case, CAST)
    block = simulate_block(case, seed=2011, worlds=np.arange(COUNTED)).columns
    table = np.array([np.bincount(found, minlength=len(OUTCOMES)) for found in (outcomes, block["outcome"])])
    often = table.sum(axis=0) > 0.06 * table.sum()  # the rest together, as chi-square wants
    table = np.column_stack([table[:, often], table[:, ~often].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    assert table.shape[1] >= 3
    assert chi2_contingency(table).pvalue > BY_CHANCE
    counted = block["yes_share_1"]
    assert ks_2samp(yes[np.isfinite(yes)], counted[np.isfinite(counted)]).pvalue > BY_CHANCE
