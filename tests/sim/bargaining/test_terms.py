"""What a deal means: to the state's budget, to what lasts of it, to a member's job."""

from __future__ import annotations

import pytest
from facts import LAST_OFFER, only, played

from sim import load_scenario
from sim.bargaining.package import Issue

SAVINGS, WAGE_SAVINGS, STRUCTURAL, _, _, PROTECTION = range(6)  # of a deal


def deal(settings: dict[str, str]) -> list[float]:
    """The last offer's terms, where nothing is drawn."""
    (acts,) = played(LAST_OFFER | {"case.uncertainties": "start"} | settings, worlds=1)
    return only(acts, "Recommendation")["deal"]


def issues() -> dict[str, tuple[float, float, float, str]]:
    """Amount put to the vote, M$ a unit of it saves, part of that which lasts, and the ballot; by issue."""
    return {
        issue.name: (_in_full_units(issue), issue.saves.value, issue.structural.value, issue.ballot)
        for issue in load_scenario("connecticut-2011").issues
    }


def _in_full_units(issue: Issue) -> float:
    """The amount put to the vote, what lies beyond the bend counted by what a unit of it saves against one before."""
    amount = issue.last_offer.value
    if issue.bend is None or issue.saves_beyond is None:
        return amount
    beyond = max(amount - issue.bend.value, 0.0)
    return amount + (issue.saves_beyond.value - 1) * beyond


def test_savings_add_up_and_the_lasting_part_is_each_issue_s_own():
    amounts = issues().values()
    found = deal({})
    assert found[SAVINGS] == pytest.approx(sum(amount * saves for amount, saves, _, _ in amounts))
    assert found[STRUCTURAL] == pytest.approx(sum(amount * saves * lasts for amount, saves, lasts, _ in amounts))
    assert 0 < found[STRUCTURAL] < found[SAVINGS]


def test_only_what_is_on_the_wages_ballot_hangs_on_it():
    expected = sum(amount * saves for amount, saves, _, ballot in issues().values() if ballot == "wages")
    assert deal({})[WAGE_SAVINGS] == pytest.approx(expected)


@pytest.mark.parametrize(("years", "protection"), [("0", 0.0), ("2", 0.5), ("4", 1.0), ("5", 1.0)])
def test_nobody_is_protected_more_than_wholly(years, protection):
    """A year of job security takes away a quarter of a layoff's loss; four protect wholly."""
    assert deal({"issues.job_security.last_offer": years})[PROTECTION] == pytest.approx(protection)
    # nor where something else protects as well
    both = {"issues.job_security.last_offer": years, "issues.pension.protects": 0.4}
    assert deal(both)[PROTECTION] == pytest.approx(min(protection + 0.4, 1))
