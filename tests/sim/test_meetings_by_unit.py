"""Units may have meetings and rumours of their own."""

from __future__ import annotations

import numpy as np
import pytest
from turns import with_columns

from experiments.calibration.vote_as_put import as_put
from sim import load_scenario, simulate_block
from sim.crisis import Crisis
from sim.record import Ballots, CampaignWeek
from sim.story import Story

WORLDS = np.arange(150)
ROWS = np.arange(len(load_scenario("connecticut-2011").units.names))


def said(case, kind):
    """What is said of this kind, and the crisis after the first vote."""
    seen = []
    crisis = Crisis(case, worlds=WORLDS, seed=5, observers=[seen.append])
    while not any(isinstance(one, Ballots) for one in seen):
        crisis.step()
    return [one for one in seen if isinstance(one, kind)], crisis


def test_ratios_of_one_change_nothing(tmp_path):
    case = load_scenario("connecticut-2011")
    same = with_columns(tmp_path / "same", meetings_ratio=[1], rumours_ratio=[1])
    one, other = (simulate_block(each, seed=5, worlds=WORLDS).columns for each in (case, same))
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_where_more_meetings_are_held_more_know_the_terms_and_more_say_yes(tmp_path):
    """The same people: other units vote as ever."""
    (at_all,), _ = said(load_scenario("connecticut-2011"), Ballots)
    busy = with_columns(tmp_path / "busy", meetings_ratio=[1, 3])
    (apart,), _ = said(busy, Ballots)
    more, voting = ROWS % 2 == 1, apart.where
    assert np.array_equal(apart.unit_yes[~more], at_all.unit_yes[~more])
    gained = (apart.unit_yes - at_all.unit_yes)[more][:, voting]
    assert (gained >= 0).all() and (gained > 0).mean() > 0.5
    weeks, _ = said(busy, CampaignWeek)
    assert all((week.unit_informed[more].min(axis=0) > week.unit_informed[~more].max(axis=0)).all() for week in weeks)


def test_where_rumours_reach_nobody_is_misled_and_more_say_yes(tmp_path):
    (at_all,), _ = said(load_scenario("connecticut-2011"), Ballots)
    case = with_columns(tmp_path / "quiet", rumours_ratio=[0, 1])
    (apart,), _ = said(case, Ballots)
    quiet = ROWS % 2 == 0
    gained = (apart.unit_yes - at_all.unit_yes)[quiet][:, apart.where]
    assert (gained >= 0).all() and (gained > 0).mean() > 0.5
    weeks, _ = said(case, CampaignWeek)
    assert (weeks[-1].unit_misinformed[quiet] == 0).all() and (weeks[-1].unit_misinformed[~quiet] > 0).all()


def test_what_all_members_know_is_the_average_over_units_and_the_story_names_the_ends(tmp_path):
    case = with_columns(tmp_path / "apart", meetings_ratio=[0, 1, 3])
    weeks, crisis = said(case, CampaignWeek)
    members = crisis.bodies.units.members
    last = weeks[-1]
    assert last.informed == pytest.approx((members * last.unit_informed).sum(axis=0) / members.sum(axis=0))
    story = Story(crisis.numbers, place=int(np.flatnonzero(last.where)[0]))
    story.tell(last)
    names = case.units.names
    assert f"(0 % in {names[0]} to " in story.events[-1]["event"] and f" in {names[2]})" in story.events[-1]["event"]


def test_a_fit_asks_each_unit_by_what_its_own_members_know(tmp_path):
    case = with_columns(tmp_path / "apart", meetings_ratio=[0, 1, 3], rumours_ratio=[2, 0])
    crisis = Crisis(case, worlds=WORLDS[:5], seed=5)
    crisis.until(case.calendar.first_vote)
    shares = as_put(1, crisis.state, crisis.bodies, crisis.numbers).mix
    informed = crisis.bodies.units.information.informed
    for unit in (0, 1, 2):
        assert np.allclose(shares.of_units(unit).information_share[1], informed[unit], atol=1e-6)


@pytest.mark.parametrize(("column", "wrong"), [("meetings_ratio", "-1"), ("rumours_ratio", "many")])
def test_ratios_that_cannot_be_are_refused_by_line_and_column(tmp_path, column, wrong):
    with pytest.raises(Exception, match=rf"units\.csv.*line 2.*{column}"):
        with_columns(tmp_path / "wrong", **{column: [wrong]})
