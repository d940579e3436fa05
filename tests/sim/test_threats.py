"""Threats have a price, to issue and to withdraw, and a governor who counts pays it only where it pays."""

from __future__ import annotations

import numpy as np
from facts import LAST_OFFER, case_with, happened, only, played, told
from reference.crisis import agenda
from reference.settings import SETTINGS
from reference.state import OneWorld
from reference.threats import ratifiable_savings

THREATS = ("may_menu", "may_notices", "june_list", "july_notices")


def priced(*, issue: float, withdraw: float) -> dict[str, str]:
    """All threats at these prices, M$/yr."""
    return {f"threats.{name}.cost": str(issue) for name in THREATS} | {
        f"threats.{name}.withdrawal": str(withdraw) for name in THREATS
    }


def issued(acts: list) -> int:
    """How many threats the governor issued."""
    return len(list(told(acts, "Threat")))


def test_only_a_threat_that_is_issued_costs_its_price():
    for acts in played(priced(issue=7, withdraw=0)):
        assert only(acts, "Outcome")["threat_cost"] == 7 * issued(acts)


def test_only_a_threat_that_is_withdrawn_costs_its_withdrawal():
    """A tentative deal withdraws the threats of May; those after a refusal are withdrawn if a deal comes into force."""
    seen = set()
    for acts in played(priced(issue=0, withdraw=11) | {"rule.unions_needed": "15"}):
        tabled = [act for act in acts if act.kind == "Threat" and act.facts["name"].startswith("may")]
        later = issued(acts) - len(tabled)
        agreed, end = only(acts, "Deadline")["agreed"], only(acts, "Outcome")
        withdrawn = len(tabled) * agreed + later * end["outcome"].startswith("ratified")
        assert end["threat_cost"] == 11 * withdrawn
        seen.add((agreed, withdrawn > 0, issued(acts) > withdrawn))
    assert (True, True, True) in seen  # some were withdrawn and some were not


def test_a_threat_that_is_carried_out_costs_nothing_to_withdraw():
    for acts in played(priced(issue=0, withdraw=11) | LAST_OFFER | {"members.trust": "-3"}):
        assert only(acts, "Outcome") == {"outcome": "refused", "threat_cost": 0}
        assert issued(acts) == 2


def test_a_governor_who_counts_threatens_where_half_of_what_it_adds_is_worth_its_price():
    """He does not get all that leaders could carry home, and expects to split what a threat adds to it."""
    bound = {
        "case.uncertainties": "range",  # with the posterior leaders expect a refusal in most worlds, threat or not
        "leaders.foresee": "rule",
        "leaders.optimism": "-0.5",
        "members.reactance": "0",
    }  # so that it adds something
    menu = bound | {
        "threats.may_menu.when": "always",
        "threats.may_menu.believed": "4",
        "threats.may_menu.withdrawal": "0",
    }
    added, price = np.array([added_by_the_menu(menu, world) for world in range(60)]), 20.0
    counting = {"governor.threatens": "when it pays", "threats.may_menu.cost": str(price)}
    threatens = np.array([happened(acts, "Threat", name="may_menu") for acts in played(menu | counting)])
    np.testing.assert_array_equal(threatens, added / 2 > price)
    assert threatens.sum() >= 5
    assert (~threatens & (added > price)).sum() >= 5  # the whole of it would have been worth the price, half is not


def test_a_threat_that_is_not_made_leaves_its_list_as_it_was():
    """Notices that go to the menu's list go to the list as it was drawn up where the menu did not pay."""
    counting = SETTINGS["a menu that would re-aim its list, where it does not pay"].values
    ways = [played(counting | {"threats.may_menu.aim": aim}) for aim in ("0", "0.5")]
    declined = [
        acts for acts in zip(*ways, strict=True) if not any(happened(one, "Threat", name="may_menu") for one in acts)
    ]
    beliefs = [
        [one["belief"] for acts in of_one for one in told(acts, "Threat", name="may_notices")]
        for of_one in zip(*declined, strict=True)
    ]
    assert len(beliefs[0]) >= 5
    np.testing.assert_array_equal(*beliefs)


def added_by_the_menu(settings: dict[str, str], world: int) -> float:
    """What the menu adds in this world to the savings that leaders expect to carry home, M$/yr."""
    state = OneWorld(case_with(settings), 2011, world)
    for date, happens in agenda(state):
        state.date, before = date, ratifiable_savings(state)
        happens(state)
        if getattr(happens, "keywords", {}).get("name") == "may_menu":
            return ratifiable_savings(state) - before
    raise AssertionError("the menu is on the calendar")
