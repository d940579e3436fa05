"""Units that vote on days of their own know the tallies that are out."""

from __future__ import annotations

import numpy as np
import pytest
from turns import in_turn

from sim import load_scenario, simulate_block
from sim.crisis import Crisis
from sim.record import Ballots
from sim.story import Story

WORLDS = np.arange(150)
CARRIED = {"members.trust": 3, "members.others_yes": 1.5}  # nearly every unit says yes
ROWS = np.arange(len(load_scenario("connecticut-2011").units.names))


def first_votes(case, settings):
    """Yes by unit and world, and who votes, of the first vote."""
    seen = []
    crisis = Crisis(case.with_settings(settings), worlds=WORLDS, seed=5, observers=[seen.append])
    crisis.play()
    said = next(one for one in seen if isinstance(one, Ballots))
    return said.unit_yes, said.where


def test_where_all_vote_on_one_day_it_is_as_if_none_had_a_day_of_its_own(tmp_path):
    case, together = load_scenario("connecticut-2011"), in_turn(tmp_path, [4])
    one, other = (simulate_block(each, seed=5, worlds=WORLDS).columns for each in (case, together))
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_yes_that_is_known_brings_more_yes_and_the_first_to_vote_know_of_none(tmp_path):
    """The same people: who votes on the first day votes as ever, who votes later says yes at least as often."""
    at_once, voting = first_votes(load_scenario("connecticut-2011"), CARRIED)
    in_order, _ = first_votes(in_turn(tmp_path, [10, 0]), CARRIED)
    early = ROWS % 2 == 0
    assert np.array_equal(in_order[early][:, voting], at_once[early][:, voting])
    later = (in_order - at_once)[~early][:, voting]
    assert (later >= 0).all() and (later > 0).mean() > 0.9


def test_where_others_yes_weighs_nothing_days_change_nothing(tmp_path):
    deaf = CARRIED | {"members.others_yes": 0}
    at_once, voting = first_votes(load_scenario("connecticut-2011"), deaf)
    in_order, _ = first_votes(in_turn(tmp_path, [10, 0]), deaf)
    assert np.array_equal(in_order[:, voting], at_once[:, voting])


def test_the_story_says_over_how_many_days_units_voted(tmp_path):
    case = in_turn(tmp_path, [9, 3, 0]).with_settings(CARRIED)
    crisis = Crisis(case, worlds=WORLDS[:1], seed=5)
    story = Story(crisis.numbers)
    crisis.observers.append(story.tell)
    crisis.play()
    told = [event["event"] for event in story.events]
    assert any("units voted over 10 days, from 2011-06-15" in line for line in told)


@pytest.mark.parametrize("days", ["-1", "61", "2.5", "soon"])
def test_days_that_cannot_be_are_refused_by_line_and_column(tmp_path, days):
    in_turn(tmp_path, [0])
    table = tmp_path / "in-turn" / "units.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + f",{days}"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"units\.csv.*line 4.*votes_days_before"):
        load_scenario(tmp_path / "in-turn")
