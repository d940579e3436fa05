"""After a refusal: the leaders vote on their own rule, and a clearer text goes out."""

from __future__ import annotations

import numpy as np

from sim.acts.beliefs import weigh
from sim.bodies import Bodies
from sim.public.campaign import clarify
from sim.ratification.tally import Tally
from sim.record import Amendment, Revision
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State, today
from sim.worlds.axis import total
from sim.worlds.randomness import Luck

EVEN = 0.5  # of members who cast no ballot nobody knows which way they lean


def amend_rule(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Leaders vote on changing the rule; without waiving the notice period the change comes too late."""
    refused, rules, names = state.where("refused"), numbers.rules, bodies.unions.name
    tally = state.tallies[0]
    cast = tally.yes_ballots + tally.no_ballots
    own = np.where(cast > 0, tally.yes_ballots / np.maximum(cast, 1), EVEN)
    overall = total(tally.yes_ballots) / np.maximum(total(cast), 1)
    lean = bodies.leaders.leans_to_change(own, overall, weigh(state, bodies, numbers).risks)
    favour, waives = bodies.leaders.favours(lean), bodies.leaders.waives(lean)
    state.campaigning = favour  # who wants the deal to stand now campaigns for it
    if rules.amendment is None:
        return []
    changed = refused & rules.amendment.carries(Tally.of_leaders(names, favour))
    in_time = rules.waiver is None or rules.waiver.carries(Tally.of_leaders(names, waives))
    state.rule_changed = changed & in_time
    amendment = Amendment(
        **today(state, refused),
        rule=rules.amendment,
        revised=rules.revised,
        favour=favour,
        waives=waives,
        wanted=changed,
        changed=state.rule_changed,
    )
    return [amendment]


def revise_deal(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The same economics in a clearer text: part of the false claims falls away, and a new campaign starts."""
    bodies.units.information = clarify(bodies.units.information, numbers.campaign.clarified)
    state.clearer = True
    return [Revision(**today(state, state.where("refused")))]
