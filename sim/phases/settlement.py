"""The end: what is left of the gap, and who pays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.outcomes import (
    RATIFIED_FIRST_VOTE,
    RATIFIED_SECOND_VOTE,
    REFUSED_BY_LEGISLATURE,
)
from sim.phases.ratification import Ratification
from sim.public.aid import absorb
from sim.public.cuts import posts_by_unit, posts_lost, water_fill
from sim.session import (
    vote_on_taxes,
)
from sim.worlds.axis import Worlds, in_worlds


class Settlement(Ratification):
    """The outcome named, the gap filled within the powers held, the towns absorbing what reaches them."""

    def settle(self) -> None:
        """What is left of the gap is filled by whoever may be made to pay; the towns absorb what reaches them."""
        value = self.value
        money = value.money
        in_force = (self.ratified[0] | self.ratified[1]) & self.approved
        self.outcome = np.where(self.ratified[0], RATIFIED_FIRST_VOTE, self.outcome)
        self.outcome = np.where(self.ratified[1], RATIFIED_SECOND_VOTE, self.outcome)
        self.outcome = np.where(
            (self.ratified[0] | self.ratified[1]) & ~self.approved, REFUSED_BY_LEGISLATURE, self.outcome
        ).astype(np.int8)
        self.in_force = in_force
        self.withdraw_threats(in_force)
        savings, exposed = self.kept_bargain()
        share, aid_share = self.powers_held(in_force)
        taxes_pass: Worlds = True
        if self.chambers is not None and "taxes" in value.instruments and value.instruments["taxes"].allowed:
            taxes_pass = vote_on_taxes(self.chambers, value.instruments["taxes"].capacity).carried
        means = self.means(share, aid_share, layoffs=exposed, taxes_pass=taxes_pass)
        left = self.gap - savings
        revenue = np.clip(self.revenue, 0.0, np.maximum(left, 0.0))
        filled = water_fill(means, left - revenue)
        self.money = {"savings": savings, "revenue": revenue}
        self.money |= {name: filled.of(name) for name in ("layoffs", "programmes", "aid", "taxes")}
        self.money["deficit"] = filled.deficit
        self.authority_held = share * money.cuttable
        self.authority_share, self.aid_share = share, aid_share
        posts = posts_lost(filled.of("layoffs"), saved_a_post=money.layoff_saves, year_left=self.year_left)
        self.posts = np.asarray(posts)
        self.posts_by_unit = self._posts_by_unit(np.flatnonzero(self.posts > 0))
        if self.halls is not None:
            self.hit = absorb(
                self.mayors, self.halls, filled.of("aid"), value=value.towns, seed=self.seed, worlds=self.worlds
            )
        self.tell("settlement")

    def _posts_by_unit(self, here: NDArray[np.int64]) -> NDArray[np.float64]:
        """Posts lost by unit, (units, worlds), from those lost in all; there are some in the worlds ``here`` only."""
        members = np.stack([in_worlds(unit.members, here) for unit in self.units])
        listed = in_worlds(self.listed, here if self.listed.shape[-1] > 1 else None) * members
        lost = np.zeros(self.unprotected.shape)
        lost[:, here] = posts_by_unit(self.posts[here], listed * self.unprotected[:, here], members)
        return lost

    def kept_bargain(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Savings of the deal in force, M$/yr, and the share of listed posts it leaves exposed, each (worlds,).

        A unit that refuses the wages part keeps its raises, so the state saves less, and loses its protection.
        """
        n = len(self.worlds)
        self.unprotected = np.ones((len(self.units), n))
        second = ~self.ratified[0]  # there the second vote is the one that counts, if any does
        if not self.tallies:
            return np.zeros(n), np.ones(n)
        payroll, refusing, forgone, listed, exposed = (np.zeros(n) for _ in range(5))
        for place, union in enumerate(self.unions):
            deal = self.deal_of(place)
            for unit in union.units:
                accepts = unit.wages[0].carried
                if len(unit.wages) > 1:
                    accepts = (self.ratified[0] & accepts) | (second & unit.wages[1].carried)
                accepts &= self.in_force
                bill = self._pay(unit)
                payroll += bill
                refusing += bill * ~accepts
                if self.union_tables is not None:
                    forgone += deal.wage_savings * bill * ~accepts
                posts = self.listed[unit.index] * unit.members
                listed += posts
                bare = np.subtract(1.0, accepts * deal.protection, out=self.unprotected[unit.index])
                exposed += posts * bare
        if self.union_tables is None:
            forgone = self.deal.wage_savings * refusing
        savings = self.deal.savings - forgone / payroll
        # what a deal saves beyond the gap is no part of filling it
        counted = np.where(self.in_force, np.minimum(savings, self.gap), 0.0)
        return counted, exposed / np.maximum(listed, 1e-9)
