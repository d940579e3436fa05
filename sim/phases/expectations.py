"""What members make of the threats, and what leaders expect to carry home."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.coalition import Hearing, hear, members_weights
from sim.phases.stage import Stage
from sim.ratification.tally import Blocs
from sim.worlds.axis import single, total


class Weighed(NamedTuple):
    """What members and their leaders make of the threats so far."""

    risks: NDArray[np.float64]  # share of each union's posts that its members expect to go, (unions, worlds)
    mean_risk: NDArray[np.float64]  # over all members, (worlds,)
    member_weights: NDArray[np.float64]  # what a unit of each issue is worth to the average member, (issues, worlds)
    hearing: Hearing  # what the leaders hear of it


class Expectations(Stage):
    """Beliefs weighed: each union's risk, what issues are worth to members, what leaders hear and expect."""

    _weighed: Weighed | None = None

    def beliefs_moved(self) -> None:
        """An act or a piece of news: what was made of the old beliefs is forgotten."""
        self._weighed = None

    @property
    def weighed(self) -> Weighed:
        """What is made of the beliefs as they are; worked out when somebody first asks."""
        if self._weighed is None:
            self._weighed = self._weigh_beliefs()
        return self._weighed

    @property
    def mean_risk(self) -> NDArray[np.float64]:
        """Share of posts that members expect to go, (worlds,)."""
        return self.weighed.mean_risk

    @property
    def member_weights(self) -> NDArray[np.float64]:
        """What a unit of each issue is worth to the average member, shares of a year's pay, (issues, worlds)."""
        return self.weighed.member_weights

    @property
    def hearing(self) -> Hearing:
        """What the leaders hear of their members."""
        return self.weighed.hearing

    def _weigh_beliefs(self) -> Weighed:
        value, members = self.value, self.value.members
        risk = self.share_listed() * self.beliefs.of_units()
        risks = np.stack([union.average([risk[unit.index] for unit in union.units]) for union in self.unions])
        mean_risk = total(self.union_members * risks) / self.all_members
        issues = list(value.issues.values())
        member_weights = members_weights(
            [issue.burden for issue in issues],
            [issue.protects for issue in issues],
            risk=mean_risk,
            loss=members.loss_if_laid_off,
            loss_aversion=members.loss_aversion,
        )
        hearing = hear(self.unions, members, value.leaders, risks=risks, pressure=self.beliefs.pressure)
        return Weighed(risks, mean_risk, member_weights, hearing)

    def union_weights(self, union: int) -> NDArray[np.float64]:
        """What a unit of each issue is worth to the average member of one union, (issues, worlds)."""
        members, factor = self.value.members, self.hearing.wage_factor[union]
        burdens = [
            issue.burden * factor if on.ballot == "wages" else issue.burden
            for issue, on in zip(self.value.issues.values(), self.case.issues, strict=True)
        ]
        return members_weights(
            burdens,
            [issue.protects for issue in self.value.issues.values()],
            risk=self.weighed.risks[union],
            loss=members.loss_if_laid_off,
            loss_aversion=members.loss_aversion,
        )

    def forecast_carries(self, package: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Do the leaders expect this package to be ratified? (worlds,)"""
        deal = self.burden_of(package)
        return self.would_carry(self.hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden))

    def leader_expects(self, union: int, package: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Does the leader of this union expect its members to say yes to a package of their own? (worlds,)"""
        deal = self.burden_of(package)
        hearing = self.hearing.of_union(union)
        return hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[0]

    def would_carry(self, yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Are leaders content with a deal to which they expect these unions to say yes, (unions, worlds)? (worlds,)

        Where it would be ratified under the rule in force, or, where they do not look that far, by most of the members.
        """
        if self.value.leaders.foresee == "majority":
            votes = single(self.case.unions.members)  # as tabled: another size of the state changes no union's part
            return 2 * np.einsum("u,uw->w", votes, yes) > votes.sum()  # whole numbers, so exact
        return self.could_ratify(yes)

    def could_ratify(self, yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Do these unions, (unions, worlds), with all their members, meet the rule in force? (worlds,)"""
        blocs = Blocs(self.case.unions.names, self.union_members, self.all_members, yes)
        return self.value.rules.ratification.carries(blocs)

    def withdraw_threats(self, where: NDArray[np.bool_]) -> None:
        """A deal withdraws what was threatened; that has a price too."""
        left = []
        for threat, acts in self.threats_out:
            self.threat_cost = self.threat_cost + np.where(acts & where, threat.withdrawal, 0.0)
            left.append((threat, acts & ~where))
        self.tell("withdrawal", threats=[threat for threat, acts in self.threats_out if acts[0] and where[0]])
        self.threats_out = left
