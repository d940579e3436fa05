"""The window after a refusal: whether the rule changes decides under which rule the second vote is counted."""

from __future__ import annotations

import numpy as np
from facts import LAST_OFFER, TWICE, happened, only, played, told
from reference.rules import Vote, carries

from agents.members import REASONS
from sim import load_scenario

SPREADS = ("mood_spread", "swing_spread")  # what changes between votes for no reason
STUBBORN = TWICE | {"leaders_needed": "15", "leaders.risk_weight": "0", "leaders.collegiality": "0"}


def second_votes(settings: dict[str, str]) -> list[tuple[bool, Vote, bool]]:
    """Was the rule changed, the second vote by union, and was it ratified; where a second vote was held."""
    case, found = load_scenario("connecticut-2011"), []
    members = [int(count) for count in case.unions.members]
    for acts in played(settings):
        if happened(acts, "Ballots", vote=1):
            ballots = only(acts, "Ballots", vote=1)
            place, yes, no = 0, [], []
            for rows in case.unions.units:
                units = slice(place, place + len(rows))
                yes.append(int(sum(ballots["yes"][units])))
                no.append(int(sum(ballots["cast"][units])) - yes[-1])
                place += len(rows)
            vote = Vote(list(case.unions.names), members, yes, no)
            found.append((only(acts, "Amendment")["changed"], vote, only(acts, "Result", vote=1)["ratified"]))
    return found


def test_the_second_vote_is_counted_under_the_rule_that_then_stands():
    """Fifteen of fifteen unions where the leaders left it so, eight and a majority of ballots where they changed it."""
    rules = load_scenario("connecticut-2011").with_settings(STUBBORN).rules
    votes = second_votes(STUBBORN)
    assert {changed for changed, _, _ in votes} == {True, False}
    for changed, vote, ratified in votes:
        assert ratified is carries(rules.revised if changed else rules.ratification, vote)
    # the rule decides: some that fail under the old one would have passed under the new one
    assert any(not changed and not ratified and carries(rules.revised, vote) for changed, vote, ratified in votes)


def test_only_a_refused_deal_is_voted_on_twice():
    easy = {"members.trust": "3.5"}  # most deals are ratified in June
    assert sum(happened(acts, "Result", vote=0, ratified=True) for acts in played(easy)) > 10
    for acts in (*played(TWICE), *played(easy)):
        refused = happened(acts, "Result", vote=0, ratified=False)
        assert happened(acts, "Ballots", vote=1) is refused
        assert happened(acts, "Amendment") is refused
        assert happened(acts, "Revision") is refused


def test_the_revised_text_keeps_the_economics():
    """Nothing between the two votes changes what is voted on: with nothing else changed the chances are the same."""
    still = (
        TWICE
        | LAST_OFFER
        | {
            f"members.{name}": "0"
            for name in (*REASONS, *SPREADS, "informed", "misinformed", "solidarity", "reactance")
        }
        | {
            "threats.june_list.believed": "1",
            "threats.july_notices.believed": "1",
            "issues.job_security.last_offer": "0",  # so that it is no matter how many posts the new list names
        }
    )
    compared = 0
    for acts in played(still):
        if happened(acts, "Ballots", vote=1):
            compared += 1
            first, second = (next(told(acts, "Ballots", vote=vote)) for vote in (0, 1))
            np.testing.assert_allclose(first["chances"], second["chances"], atol=1e-6)  # 24 bits
    assert compared >= 10
