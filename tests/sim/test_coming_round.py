"""Why people come round, what threats do besides being believed, and who stays at home: signs in paired worlds.

Every number is drawn over its whole range; only what a test is about is set. Nobody bargains, so the deal is the same.
"""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from agents.members import REASONS
from sim import load_scenario, simulate_block
from sim.crisis import Crisis
from sim.public.beliefs import Beliefs, Threat
from sim.ratification.ballots import Cohort
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import Block

WORLDS = np.arange(150)
SAME_DEAL = {
    "case.uncertainties": "range",
    "calendar.talks.table": "last_offer",
    "threats.may_menu.when": "always",
    "threats.may_notices.when": "always",
    "members.turnout_stakes": "0",  # who is brought out by fear may vote no, and then the share falls
    "members.gives_up": "0",
}


@functools.cache
def case() -> Scenario:
    return load_scenario("connecticut-2011")


@functools.cache
def run(**settings: str) -> Block:
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return simulate_block(case().with_settings(SAME_DEAL | named), seed=2011, worlds=WORLDS)


def shares(vote: int, name: str, values: list[str]) -> list[NDArray[np.float64]]:
    """Share of yes of every unit in the worlds that vote, (units, worlds), at each value."""
    blocks = [run(**{name: value}) for value in values]
    voting = np.isfinite(blocks[0].unit_yes[vote - 1][0])
    return [block.unit_yes[vote - 1][:, voting] for block in blocks]


def never_falls(found: list[NDArray[np.float64]]) -> None:
    for less, more in pairwise(found):
        assert (more >= less).all()
    assert (found[-1] > found[0]).any()


@pytest.mark.parametrize("threat", ["may_menu", "may_notices"])
def test_a_more_credible_threat_never_lowers_a_yes_share_however_it_is_resented(threat):
    never_falls(shares(1, f"threats__{threat}__believed", ["1", "2", "20"]))


@pytest.mark.parametrize(("vote", "threat"), [(1, "may_menu"), (1, "may_notices"), (2, "july_notices")])
def test_a_more_resented_threat_never_raises_one(vote, threat):
    never_falls(shares(vote, f"threats__{threat}__resented", ["0", "1", "3"])[::-1])


def test_notices_that_nobody_resents_ratify_the_more_deals_the_more_they_are_believed():
    """Of the same worlds that vote again; before, belief and resentment were one number and this went the other way."""
    ratified = [run(threats__july_notices__believed=value).columns["outcome"] == 1 for value in ("1", "5", "20")]
    for less, more in pairwise(ratified):
        assert not (less & ~more).any()
    assert ratified[-1].sum() > ratified[0].sum()


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_to_come_round_may_be_nothing_and_never_lowers_a_second_yes_share(reason):
    never_falls(shares(2, f"members__{reason}", ["0", "0.3", "0.9"]))
    first = shares(1, f"members__{reason}", ["0", "0.9"])
    np.testing.assert_array_equal(*first)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("calendar__window__last_word", ["0", "0.5", "1"]),
        ("campaign__second_meetings_per_week", ["0", "30", "60"]),
        ("campaign__clarified", ["0.2", "0.5", "0.8"]),
    ],
)
def test_a_final_no_a_campaign_and_clearer_terms_never_lower_it(name, values):
    never_falls(shares(2, name, values))


@pytest.mark.parametrize(
    ("vote", "name", "less", "more"),
    [
        (1, "threats__may_notices__believed", "1", "20"),
        (1, "threats__may_notices__resented", "3", "0"),
        (2, "threats__july_notices__resented", "3", "0"),
        (2, "calendar__window__last_word", "0", "1"),
        *((2, f"members__{reason}", "0", "0.9") for reason in REASONS),
    ],
)
def test_the_same_signs_hold_in_worlds_of_the_fit(vote, name, less, more):
    """The members of June, with their moods, in place of anybody from the whole ranges."""
    fitted = {"case__uncertainties": "posterior"}
    blocks = [run(**fitted, **{name: value}) for value in (less, more)]
    voting = np.isfinite(blocks[0].unit_yes[vote - 1][0])
    never_falls([block.unit_yes[vote - 1][:, voting] for block in blocks])


def test_harm_that_has_begun_moves_the_units_it_names_most():
    """Without a post on the list nobody is named: the university health professionals stay where they were."""
    less, more = shares(2, "members__harm_begun", ["0", "0.9"])
    listed = case().units.list_share["june_list_share"]
    assert (listed == 0).any()
    np.testing.assert_array_equal(more[listed == 0], less[listed == 0])
    assert (more > less)[listed > listed.mean()].mean() > 0.9


def test_noes_who_give_up_stay_at_home_and_the_yes_share_rises():
    stay, leave = run(), run(members__gives_up="0.2")
    voting = np.isfinite(stay.unit_yes[1][0])
    assert (leave.columns["turnout_2"][voting] <= stay.columns["turnout_2"][voting]).all()
    assert (leave.columns["turnout_2"] < leave.columns["turnout_1"])[voting].mean() > 0.9
    assert (leave.columns["yes_share_2"] > stay.columns["yes_share_2"])[voting].all()


def test_who_gives_up_is_drawn_from_the_noes_and_the_rest_vote_as_the_people_they_are():
    """Against a list of people with reluctances: the next count has the same mean and variance within 4 errors."""
    people, first, wages, then, share, worlds = 400, 0.4, 0.55, 0.6, 0.3, 20_000
    luck = np.random.default_rng(3)
    cohort = Cohort(np.full(worlds, float(people)))
    yes, on_wages = (cohort.count_yes(np.full(worlds, p), luck.standard_normal(worlds)) for p in (first, wages))
    gone = cohort.give_up(np.full(worlds, share), luck.standard_normal((2, worlds)))
    again = cohort.count_yes(np.full(worlds, then), luck.standard_normal(worlds))
    reluctance = luck.random((worlds, people))
    stays = (reluctance < first) | (luck.random((worlds, people)) > share)
    listed = (stays & (reluctance < then)).sum(axis=1)
    assert (cohort.people == people - gone).all() and (again >= yes).all() and (on_wages >= yes).all()
    for counted, cast in ((again, listed), (people - gone, stays.sum(axis=1))):
        error = cast.std() / np.sqrt(worlds)
        assert abs(counted.mean() - cast.mean()) < 4 * np.sqrt(2) * error
        assert counted.var() == pytest.approx(cast.var(), rel=4 * np.sqrt(2) * np.sqrt(2 / worlds))
    expected = binom(people, (1 - first) * share)
    assert abs(gone.mean() - expected.mean()) < 4 * expected.std() / np.sqrt(worlds)


def _threat(**numbers: float) -> Threat:
    return case().sections.threats[0].model_copy(update=numbers)


def test_a_withdrawn_threat_fades_and_one_that_stands_does_not():
    """Log-odds of 0.2 at first; a ratio of 3 and an affront of 1, of which 0.7 and 0.5 go where it is withdrawn."""
    beliefs = Beliefs(0.2)
    beliefs.threaten(np.ones((1, 2)), _threat(believed=3.0, resented=1.0), np.ones(2, bool))
    odds = 0.25 * 3.0
    assert beliefs.of_units()[0] == pytest.approx(odds / (1 + odds), abs=1e-6)
    beliefs.fade(0, np.array([True, False]), evidence=0.7, affront=0.5)
    faded = 0.25 * 3.0**0.3
    assert beliefs.of_units()[0] == pytest.approx([faded / (1 + faded), odds / (1 + odds)], abs=1e-6)
    assert np.asarray(beliefs.resentment) == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize("shared", [0.2, 0.8])
def test_units_of_one_union_share_their_moods_and_others_do_not(shared):
    """The correlation of two normals is known to about (1 - r^2) / sqrt(n); four of these either way."""
    worlds = np.arange(4000)
    drawn = case().with_settings({"case.uncertainties": "range", "members.mood_shared": str(shared)})
    crisis = Crisis(drawn, worlds=worlds, seed=1)
    moods = crisis.bodies.units.mood / crisis.numbers.members.trust_spread
    own = np.corrcoef(moods[:9])[np.triu_indices(9, 1)]  # of the nine units of AFSCME
    others = np.corrcoef(moods[0], moods[9])[0, 1]
    assert own == pytest.approx(shared, abs=4 * (1 - shared**2) / np.sqrt(len(worlds)) * 1.5)
    assert abs(others) < 4 / np.sqrt(len(worlds))
    assert moods.std(axis=1) == pytest.approx(1, abs=4 / np.sqrt(2 * len(worlds)))


def test_what_a_union_shares_makes_its_vote_less_certain():
    """Nine units whose moods are their own average out; the largest union then hardly ever refuses."""
    refuses = [(_afscme(shared) <= 0.5).mean() for shared in ("0", "0.8")]
    assert refuses[1] > refuses[0]


def _afscme(shared: str) -> NDArray[np.float64]:
    block = run(members__mood_shared=shared)
    members = case().units.members[:9]
    return (members @ block.unit_yes[0][:9]) / members.sum()


def test_the_wages_ballot_may_go_either_way():
    """With a goodwill of its own some units say yes to the whole deal more often than to their wages."""
    crisis = Crisis(case().with_settings(SAME_DEAL), worlds=WORLDS, seed=2011)
    crisis.play()
    benefits, wages = crisis.bodies.units.benefits[0], crisis.bodies.units.wages[0]
    more = (wages.yes > benefits.yes).mean()
    assert 0.5 < more < 0.99 and (wages.yes < benefits.yes).any(axis=1).mean() > 0.5
