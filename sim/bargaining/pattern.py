"""Each union at a table of its own: one leads, and its settlement sets the pattern for the others.

The followers wait while the leader talks. Once it has settled, its package is put before every other table, round by
round: both sides there take it when it is worth what they would ask for next, and go on talking when one of them
expects better; when time is up it is the last resort before no deal. Tables that are broken off take nothing.
Source: pattern bargaining, Selekman, Selekman, Fuller (1958), Problems in Labor Relations; Marshall & Merlo (2004),
International Economic Review 45.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.side import RoundRecord
from sim.bargaining.talks import Talks
from sim.errors import WrongInput


class PatternBargaining:
    """Tables side by side, all with the same issues, worlds and number of rounds."""

    def __init__(self, tables: Sequence[Talks], *, leader: int = 0, wait: int | None = None) -> None:
        """``leader`` is a place in ``tables``; followers wait for it ``wait`` rounds, three quarters of all if None."""
        if not 0 <= leader < len(tables):
            raise WrongInput(f"leader: there are {len(tables)} tables, got {leader!r}")
        first = tables[0]
        if any((table.rounds, table.worlds) != (first.rounds, first.worlds) for table in tables):
            raise WrongInput("tables of one pattern must have the same rounds and worlds")
        self.tables = list(tables)
        self.leader = self.tables[leader]
        self.followers = [table for table in self.tables if table is not self.leader]
        self.rounds = first.rounds
        self.wait = 3 * self.rounds // 4 if wait is None else wait
        self.round = 0

    @property
    def running(self) -> bool:
        """Is there a round left at some table?"""
        return self.round < self.rounds and any(table.live.any() for table in self.tables)

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """Worlds in which every table has settled, (worlds,)."""
        return np.logical_and.reduce([table.agreed for table in self.tables])

    def hold_round(self) -> list[RoundRecord]:
        """One round at every table that has not settled in all worlds, the leader's first."""
        records = []
        if self.leader.running:
            records.append(self.leader.hold_round())
        in_session = self.leader.agreed | (self.round >= self.wait)
        for table in self.followers:
            pattern_set = self.leader.agreed & table.meeting
            table.consider(self.leader.package, pattern_set)
            if table.running:
                records.append(table.hold_round(in_session=in_session))
            if self.round == self.rounds - 1:
                table.consider(self.leader.package, pattern_set, last_resort=True)
        self.round += 1
        return records

    def hold_all(self) -> PatternBargaining:
        """Every round that is left."""
        while self.running:
            self.hold_round()
        return self
