"""Each union at a table of its own: the tables, how they follow their leader, and what they add up to.

The alternative to one coalition at one table. The governor meets every union apart about the pay, pensions and jobs of
its own members; the largest union, or whichever the scenario names, leads, and its settlement is the pattern for the
others (`pattern.py`). A table settles only its own members' terms: it brings the share of the savings that its members
have in the payroll. A union that has not settled brings nothing, has no protection from layoffs and nothing to
vote on, which under the rule counts as not approving. There is a tentative deal where the unions that have settled
could ratify it together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.pattern import PatternBargaining
from sim.bargaining.side import RoundRecord
from sim.bargaining.talks import Talks
from sim.bargaining.terms import Terms
from sim.worlds.axis import TINY, total

LABOUR = "coalition"  # what the side of labour is called, at one table or at many


class UnionTables:
    """One table a union, in the order of the unions."""

    def __init__(self, tables: Sequence[Talks], payroll: NDArray[np.float64], *, leader: int) -> None:
        """``payroll``: pay of each union's members, (unions, worlds); ``leader``: a union's place in the order."""
        self.pattern = PatternBargaining(tables, leader=leader)
        self.tables = self.pattern.tables
        self.share = payroll / total(payroll)
        self.agreed_round = np.full(payroll.shape[1], -1)

    @property
    def leader(self) -> Talks:
        """The table whose settlement is the pattern."""
        return self.pattern.leader

    @property
    def running(self) -> bool:
        """Is there a round left at some table?"""
        return self.pattern.running

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Which unions have settled, (unions, worlds)."""
        return np.stack([table.agreed for table in self.tables])

    @property
    def package(self) -> NDArray[np.float64]:
        """What has been settled, averaged over the payroll of the unions that have settled, (issues, worlds)."""
        settled = self.share * self.settled
        weight = settled / np.maximum(total(settled), TINY)
        return total(part * self._amounts(table) for part, table in zip(weight, self.tables, strict=True))

    def hold_round(self) -> list[RoundRecord]:
        """One round at every table; the leader's record first, if it still talks."""
        return self.pattern.hold_round()

    def note(self, agreed: NDArray[np.bool_]) -> None:
        """Remember the round in which enough had settled for a tentative deal; ``agreed`` as it is now, (worlds,)."""
        fresh = agreed & (self.agreed_round < 0)
        self.agreed_round[fresh] = self.pattern.round - 1

    def terms(self, terms_of: Callable[[NDArray[np.float64]], Terms]) -> list[Terms]:
        """The terms of every union's members, each as if all members had them; nothing where it has not settled."""
        return [terms_of(self._amounts(table)) for table in self.tables]

    def add_up(self, by_union: Sequence[Terms]) -> Terms:
        """What the settlements come to for the state and for the average dollar of pay."""
        return Terms(
            *(
                total(part * np.asarray(amount) for part, amount in zip(self.share, amounts, strict=True))
                for amounts in zip(*by_union, strict=True)
            )
        )

    def average(self, by_union: Sequence[Sequence[NDArray[np.float64]]]) -> list[NDArray[np.float64]]:
        """Measures of each union's own deal, averaged over the payroll of the unions for which they are known."""
        averages = []
        for measures in zip(*by_union, strict=True):
            known = [part * np.isfinite(measure) for part, measure in zip(self.share, measures, strict=True)]
            worth = total(part * np.nan_to_num(measure) for part, measure in zip(known, measures, strict=True))
            weight = total(known)
            averages.append(np.where(weight > 0, worth / np.maximum(weight, TINY), np.nan))
        return averages

    @staticmethod
    def _amounts(table: Talks) -> NDArray[np.float64]:
        return np.where(table.agreed, table.package, 0.0)
