"""What a crisis is measured by: a row a world, and what is by unit, union and town."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.efficiency import judged
from sim.outcomes import (
    SUCCESSES,
)
from sim.phases.settlement import Settlement
from sim.worlds.axis import SINGLE, single
from sim.worlds.blocks import Block

DEAL_MEASURES = (  # names of the fields of `Efficiency` in the table of results; the governor is the first side
    "governor_utility",
    "coalition_utility",
    "to_frontier",
    "to_nash",
    "to_kalai_smorodinsky",
    "to_egalitarian",
    "governor_surplus_share",
    "gains_realised",
)


class Measures(Settlement):
    """The results of a crisis that has been played to its end."""

    def results(self) -> Block:
        """A row a world, and what is by unit, union and town."""
        columns: dict[str, NDArray[Any]] = {
            "world": self.worlds,
            "outcome": self.outcome,
            "deal": np.isin(self.outcome, SUCCESSES),
            **self._talks_columns(),
            **self._deal_columns(),
        }
        for vote in (0, 1):
            columns |= self._vote_columns(vote)
        columns |= self._session_columns() | self.money | {"posts_lost": self.posts} | self.hit.columns
        unions, units = len(self.unions), len(self.units)
        shares = [np.full((2, rows, len(self.worlds)), np.nan, SINGLE) for rows in (units, unions)]
        for vote, tally in enumerate(self.tallies):
            blank = single(_blank_unless(self.voted[vote]))
            for row, unit in zip(shares[0][vote], self.units, strict=True):
                np.add(unit.benefits[vote].yes_share, blank, out=row)
            for row, yes, no in zip(shares[1][vote], tally.yes_ballots, tally.no_ballots, strict=True):
                row[:] = yes / np.maximum(yes + no, 1) + blank
            if self.union_tables is not None:
                settled = self.union_tables.settled
                shares[0][vote, ~settled[[row for row, union in enumerate(self.unions) for _ in union.units]]] = np.nan
                shares[1][vote, ~settled] = np.nan
        return Block(
            columns=columns,
            unit_yes=shares[0],
            union_yes=shares[1],
            unit_posts=self.posts_by_unit.mean(axis=1),
            town_loss=self.hit.town_loss,
            town_mills=self.hit.town_mills,
            town_layoffs=self.hit.town_posts,
        )

    def _talks_columns(self) -> dict[str, NDArray[Any]]:
        unknown = np.full(len(self.worlds), np.nan)
        columns = {
            "tentative_deal": self.agreed,
            "in_zone": self.in_zone,
            "reservation_savings": np.broadcast_to(self.governor.reservation, len(self.worlds)).astype(float),
            "deal_savings": np.where(self.agreed, self.deal.savings, np.nan),
            "structural_savings": np.where(self.agreed, self.deal.structural, np.nan),
            "deal_burden": np.where(self.agreed, self.deal.benefits_burden + self.deal.wages_burden, np.nan),
            "deal_protection": np.where(self.agreed, self.deal.protection, np.nan),
            "leaders_expected": self.leaders_expected,
            "leaders_surprised": self.leaders_expected & ~self.ratified[0],
            "belief": self.mean_belief,
            "threat_cost": self.threat_cost,
        }
        if self.talks is None:
            return columns | {"agreed_round": unknown, "agreed_day": unknown}
        talks = self.talks if self.union_tables is None else self.union_tables
        rounds = np.where(self.agreed, talks.agreed_round, -1)
        start = self.case.calendar.talks.start
        days = np.array([(date - start).days for date in self._round_dates()] + [0])
        return columns | {
            "agreed_round": np.where(self.agreed, rounds + 1.0, np.nan),
            "agreed_day": np.where(self.agreed, days[np.minimum(rounds, len(days) - 1)], np.nan),
        }

    def _deal_columns(self) -> dict[str, NDArray[Any]]:
        """How good the deal is for both sides, by what they knew when they made it; NaN without a deal.

        Where unions sat at tables of their own, the average over the payroll of those that settled.
        """
        if self.talks is None:
            return {name: np.full(len(self.worlds), np.nan) for name in DEAL_MEASURES}
        if self.union_tables is None:
            found = list(judged(self.talks))
        else:
            found = self.union_tables.average([judged(table) for table in self.union_tables.tables])
        return {name: np.where(self.agreed, column, np.nan) for name, column in zip(DEAL_MEASURES, found, strict=True)}

    def _vote_columns(self, vote: int) -> dict[str, NDArray[Any]]:
        """Of the votes cast: how many unions approve, the share of yes, the weight behind it; NaN without a vote."""
        number = vote + 1
        if vote >= len(self.tallies):
            names = ("unions_yes", "yes_share", "bloc_share", "turnout")
            columns = {f"{name}_{number}": np.full(len(self.worlds), np.nan) for name in names}
            return columns | {f"ratified_{number}": np.zeros(len(self.worlds), bool)}
        tally, voting = self.tallies[vote], self.voted[vote]
        approving = tally.yes_ballots > tally.no_ballots
        yes, cast, members, weight = (
            sum(rows)
            for rows in (
                tally.yes_ballots,
                tally.yes_ballots + tally.no_ballots,
                tally.members,
                tally.members * approving,
            )
        )
        known = {
            "unions_yes": sum(approving.astype(float)),
            "yes_share": yes / np.maximum(cast, 1),
            "bloc_share": weight / members,
            "turnout": cast / members,
        }
        blank = _blank_unless(voting)
        columns = {f"{name}_{number}": column + blank for name, column in known.items()}
        return columns | {f"ratified_{number}": self.ratified[vote]}

    def _session_columns(self) -> dict[str, NDArray[Any]]:
        n = len(self.worlds)
        columns = {
            "rule_changed": self.rule_changed,
            "approved": self.approved,
            "authority_share": np.array(self.authority_share, float),
            "chorus": self.chorus,
            "local_risk": np.broadcast_to(self.local_risk, n).astype(float),
        }
        if self.chambers is None:
            return columns
        if self.case.calendar.budget_vote is not None:
            columns |= {
                "budget_house_yes": self.budget.house.yes.astype(float),
                "budget_senate_yes": self.budget.senate.yes.astype(float),
            }
        met, result = ~self.ratified[0], self.session
        known: dict[str, NDArray[Any]] = {
            "request_passed": result.passed,
            "aid_struck": result.struck,
            "aid_spared": result.aid_spared,
            "house_yes": result.house.yes,
            "house_no": result.house.no,
            "senate_yes": result.senate.yes,
            "senate_no": result.senate.no,
        }
        blank = _blank_unless(met)
        return columns | {name: column + blank for name, column in known.items()}


def _blank_unless(known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What, added to a column, leaves it where it is known and makes it NaN elsewhere, (worlds,)."""
    return np.where(known, 0.0, np.nan)
