"""From the recommendation to the second vote: campaign, ballots, the rule, and a change of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from agents.union import Conditions, leans_to_change, put_to_vote
from sim.bargaining.terms import Terms
from sim.phases.threats import Threats
from sim.public.campaign import clarify, one_week
from sim.ratification.tally import Tally
from sim.worlds.axis import in_single, in_worlds, single
from sim.worlds.randomness import normal_at

VOTED_APART = 0.75  # of the worlds


class Ratification(Threats):
    """Leaders recommend, members vote by unit, the rule decides; after a refusal the rule itself may change."""

    def recommend(self) -> None:
        """The leaders put the tentative deal to their members."""
        if self.union_tables is None:
            self.deal = self.terms_of(np.where(self.agreed, self.package, 0.0))
            self.leaders_expected = self.agreed & self.forecast_carries(self.package)
        else:
            self.deals = self.union_tables.terms(self.terms_of)
            self.deal = self.union_tables.add_up(self.deals)
            yes = self.union_tables.settled & self._expected(self.deals)
            self.leaders_expected = self.agreed & self.would_carry(yes)
        self.tell("recommendation")

    def _expected(self, deals: Sequence[Terms]) -> NDArray[np.bool_]:
        """Which unions their leaders expect to say yes to settlements of their own, (unions, worlds)."""
        return np.stack(
            [
                self.hearing.of_union(union).expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[0]
                for union, deal in enumerate(deals)
            ]
        )

    def campaign(self, vote: int) -> None:
        """One week: meetings inform, outsiders misinform. Harmless in worlds without a deal, which do not vote."""
        value = self.value.campaign
        meetings = value.meetings_per_week if vote == 1 else value.second_meetings_per_week
        a_week_later = one_week(
            self.unions[0].information,  # the same in all unions
            meetings=meetings,
            reach=value.reach,
            misinform=value.misinform,
            correction=value.correction,
        )
        for union in self.unions:
            union.information = a_week_later
        self.tell("campaign", vote=vote)

    def first_vote(self) -> None:
        """Members vote on the tentative deal; where they ratify it, the legislature has the last word."""
        rule = self.value.rules.ratification
        tally = self.count_votes(vote=0, voting=self.agreed)
        self.ratified[0] = self.agreed & rule.carries(tally)
        self.tell("vote", vote=0, rule=rule, tally=tally)
        self.approve_agreement(vote=0)

    def count_votes(self, *, vote: int, voting: NDArray[np.bool_]) -> Tally:
        """Two ballots in every unit; the unions' benefits ballots are what the rule is about."""
        # a second vote held in few of the worlds is counted there alone: a quarter of them vote twice, a tenth off the
        # whole. A first vote never is: who turned out, and how, must be remembered in every world
        here = np.flatnonzero(voting) if vote == 1 and voting.mean() < VOTED_APART else None
        members = in_single(self.value.members, here)
        conditions = Conditions(
            pressure=single(self.beliefs.pressure, here),
            local_risk=single(self.local_risk, here),
            leaked_burden=None if self.value.calendar.talks.blackout else single(self.leaked_burden(), here),
        )
        luck, spread = in_worlds(self.vote_moods[vote], here), members.mood_spread
        moods = normal_at(luck, spread.dtype) * spread
        listed = np.broadcast_to(self.share_listed(here), moods.shape)
        belief = np.broadcast_to(self.beliefs.of_units(here=here), moods.shape)
        deals = [self.deal] if self.union_tables is None else self.deals  # one for all where they sat at one table
        terms = [Terms(*(single(part, here) for part in deal)) for deal in deals]
        questions = cycle(put_to_vote(members, deal, conditions) for deal in terms)
        for union, question in zip(self.unions, questions, strict=False):
            union.vote(question, listed=listed, belief=belief, moods=moods, bands=self.case.seniority, here=here)
        if self.union_tables is not None:
            for union, settled in zip(self.unions, self.union_tables.settled, strict=True):
                union.discard_ballots(~settled)
        ballots = [union.tally() for union in self.unions]
        tally = Tally(
            names=self.case.unions.names,
            members=self.union_members,
            yes_ballots=np.stack([ballot.yes for ballot in ballots], dtype=float),
            no_ballots=np.stack([ballot.cast - ballot.yes for ballot in ballots], dtype=float),
        )
        self.tallies.append(tally)
        self.voted[vote] = voting
        return tally

    def amend_rule(self) -> None:
        """Leaders vote on changing the rule; without waiving the notice period the change comes too late."""
        refused = self._where("refused")
        rules = self.value.rules
        if rules.amendment is None:
            return
        tally = self.tallies[0]
        cast = tally.yes_ballots + tally.no_ballots
        own = tally.yes_ballots / np.maximum(cast, 1)
        overall = sum(tally.yes_ballots) / np.maximum(sum(cast), 1)
        leaders = self.value.leaders
        lean = leans_to_change(own, overall, self.weighed.risks, risk_weight=leaders.risk_weight)
        favour = lean > 0
        changed = refused & rules.amendment.carries(Tally.of_leaders(self.case.unions.names, np.asarray(favour)))
        waives = lean + leaders.collegiality > 0
        in_time = rules.waiver is None or rules.waiver.carries(
            Tally.of_leaders(self.case.unions.names, np.asarray(waives))
        )
        self.rule_changed = changed & in_time
        self.tell("amendment", favour=favour)

    def revise_deal(self) -> None:
        """The same economics in a clearer text: part of the false claims falls away, and a new campaign starts."""
        for union in self.unions:
            union.information = clarify(union.information, self.value.campaign.clarified)
        self.tell("revision")

    def second_vote(self) -> None:
        """The same people vote again, under the rule as it then stands."""
        refused = self._where("refused")
        rules = self.value.rules
        tally = self.count_votes(vote=1, voting=refused)
        revised = rules.ratification if rules.revised is None else rules.revised
        self.ratified[1] = refused & np.where(
            self.rule_changed, revised.carries(tally), rules.ratification.carries(tally)
        )
        self.tell("vote", vote=1, rule=revised if self.rule_changed[0] else rules.ratification, tally=tally)
        self.approve_agreement(vote=1)
