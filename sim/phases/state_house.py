"""The governor and the chambers: what he expects, asks for and is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.phases.expectations import Expectations
from sim.public.aid import lobby, threatened_local_risk
from sim.public.cuts import Means, means_at_hand, reservation_savings
from sim.session import (
    Expectation,
    Request,
    expected_passage,
    hold_session,
    largest_scope,
    threatened_aid,
    vote_on_agreement,
    vote_on_budget,
)
from sim.worlds.axis import Worlds, weighted_mean


class StateHouse(Expectations):
    """What no deal is worth to the governor; the budget vote, the session, and the last word on an agreement."""

    def weigh_alternatives(self) -> None:
        """What no deal is worth to the governor: what he may expect to be allowed to cut, and what that costs him."""
        money, governor = self.value.money, self.value.governor
        if self.request is None:
            self.plan_request()
            self.without_deal = self.means(self.expected.share, self.expected.aid_share, layoffs=1.0)
            self.with_deal = self.means(money.standing_authority, 0.0, layoffs=0.0)
        left = np.maximum(self.gap - self.revenue, 0.0)
        self.governor.reservation = reservation_savings(
            left, self.with_deal, self.without_deal, standing=governor.standing, deficit_cost=money.deficit_cost
        )

    def plan_request(self) -> None:
        """What the governor would ask for, how loud the mayors would be, and what he expects the chambers to grant."""
        value, n = self.value, len(self.worlds)
        money, governor = value.money, value.governor
        nothing = np.zeros(n)
        standing = np.broadcast_to(money.standing_authority, n)
        if self.chambers is None:
            # no body to ask: the employer's announced plan is the default
            share = np.broadcast_to(governor.request_share, n)
            scope = np.full(n, float(governor.request_aid))
            self.request = Request(share=share, aid_scope=scope)
            self.expected = Expectation(passes=nothing + 1, struck=nothing, share=share, aid_share=share * scope)
        else:
            legislature = value.legislature
            threat = threatened_aid(governor.request_share, money.aid_total, feared=legislature.feared)
            if self.halls is not None:
                lobbying = lobby(self.mayors, self.halls, np.broadcast_to(threat, n), value=value.towns)
                for row, member in enumerate(self.legislators):
                    member.hear_towns(lobbying.loss_share[row], lobbying.felt[row], self.chambers.legislature)
                self.chorus = lobbying.chorus
            misread = self.whip_luck * legislature.whip_error
            scope = np.full(n, float(governor.request_aid))
            if legislature.request == "anticipated":
                scope = scope * largest_scope(self.chambers, misread, jobs=self.jobs_at_stake)
            self.request = Request(share=governor.request_share, aid_scope=scope)
            self.expected = expected_passage(
                self.chambers, self.request, standing_share=standing, misread=misread, jobs=self.jobs_at_stake
            )
        if self.halls is not None:
            expected_cut = self.expected.aid_share * money.aid_total
            self.local_risk = threatened_local_risk(self.mayors, self.halls, expected_cut, value=value.towns)

    @property
    def jobs_at_stake(self) -> Worlds:
        """Share of the state's posts on the list in force, (worlds,) or a number."""
        members = self.case.units.members
        return weighted_mean(self.listed, members) * self.value.unions.list_scale

    def means(self, share: Worlds, aid_share: Worlds, *, layoffs: Worlds, taxes_pass: Worlds = True) -> Means:
        """The instruments within a power to cut, as shares of any line and of town aid.

        ``layoffs``: the share of posts on the list that nobody has protected. What is left of the year when the notices
        have run out bounds what they save.
        """
        value = self.value
        return means_at_hand(
            value.instruments,
            [instrument.needs for instrument in self.case.sections.instruments],
            len(self.worlds),
            authority=share * value.money.cuttable,
            aid_authority=aid_share * value.money.aid_total,
            taxes_pass=taxes_pass,
            reach={"layoffs": layoffs * self.year_left},
            extra_cost={"layoffs": value.governor.layoff_standing},
        )

    def vote_on_budget(self) -> None:
        """The budget that counts on the savings; the one roll call that is on record by member."""
        assert self.chambers is not None
        self.budget = vote_on_budget(self.chambers)
        self.tell("budget")

    def request_authority(self) -> None:
        """Where there is no ratified deal the governor asks for more power to cut, and the mayors speak up."""
        self.tell("request")

    def hold_session(self) -> None:
        """Both chambers decide what the governor may cut, and what is spared."""
        value = self.value
        assert self.chambers is not None and self.request is not None
        self.session = hold_session(
            self.chambers, self.request, standing_share=value.money.standing_authority, jobs=self.jobs_at_stake
        )
        if self.halls is not None:
            threat = self.session.aid_scope * self.session.authority_share * value.money.aid_total
            self.local_risk = threatened_local_risk(self.mayors, self.halls, threat, value=value.towns)
        self.tell("session")

    def powers_held(self, in_force: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Power to cut any line and town aid at the end, shares, (worlds,); it lapses where a deal is in force."""
        standing = np.broadcast_to(self.value.money.standing_authority, len(self.worlds))
        if self.chambers is None:
            return np.where(in_force, standing, self.expected.share), np.where(in_force, 0.0, self.expected.aid_share)
        granted, scope = self.session.authority_share, self.session.aid_scope
        # the session meets only where no deal was ratified before it
        met = ~self.ratified[0]
        return np.where(in_force | ~met, standing, granted), np.where(in_force | ~met, 0.0, scope * granted)

    def approve_agreement(self, *, vote: int) -> None:
        """The legislature's last word on a ratified agreement, given by silence or by a vote."""
        if self.chambers is None:
            return
        if self.approval is None:
            self.approval = vote_on_agreement(self.chambers)
        approval = self.approval
        self.approved = np.where(self.ratified[vote], approval.carried, self.approved)
        self.tell("approval", vote=vote, approval=approval)
