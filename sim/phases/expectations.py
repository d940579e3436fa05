"""What members make of the threats, and what leaders expect to carry home."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.coalition import hear, members_weights
from sim.phases.stage import Stage
from sim.tally import Blocs
from sim.worlds import total


class Expectations(Stage):
    """Beliefs weighed: each unit's risk, what issues are worth to members, what leaders hear and expect."""

    def weigh_beliefs(self) -> None:
        """What members make of the threats so far: each unit's risk, and the coalition's weights and hearing of it."""
        value, members = self.value, self.value.members
        risk = self.share_listed() * self.beliefs.of_units()
        for unit in self.units:
            unit.risk = risk[unit.index]
        risks = np.stack([union.risk for union in self.unions])
        self.mean_risk = total(self.union_members * risks) / self.all_members
        issues = list(value.issues.values())
        self.member_weights = members_weights(
            [issue.burden for issue in issues],
            [issue.protects for issue in issues],
            risk=self.mean_risk,
            loss=members.loss_if_laid_off,
            loss_aversion=members.loss_aversion,
        )
        self.hearing = hear(self.unions, members, value.leaders, risks=risks, pressure=self.beliefs.pressure)

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
            risk=self.unions[union].risk,
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
            return 2 * total(self.union_members * yes) > self.all_members
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
