"""What a play was worth to whoever was played, beside no deal, the model's own play, and the best that was possible.

A side's score is what its deal is worth on its own scale, over what no deal is worth to it; the two scores together, as
a part of the most they could have come to, are the table's `gains_realised`. What the members or the legislature turned
down is worth what no deal is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from agents.coalition import members_weights
from experiments.page import one_file
from experiments.page.moments import TableSeen
from experiments.page.run import Run, record, without_deal
from experiments.page.setup import HEADS, LEADER, MAYORS
from sim.acts.beliefs import burden_of
from sim.bargaining.efficiency import Bend, Point, utilitarian_point
from sim.bargaining.frontier import Frontier
from sim.crisis import Crisis
from sim.scenario.scenario import Scenario
from sim.story import first
from sim.wording import day

POINTS = 100  # from a side's worst package to its ideal
COLUMNS = ("play", "governor", "coalition", "together", "of what there was to gain")


class Row(NamedTuple):
    """A room as the others that play the same world see it."""

    number: int
    round: int  # the talks have come to, 0 before they begin
    score: Score | None  # once it is over
    others: str = ""  # and what it was worth to the other seats that were taken


class Gains(NamedTuple):
    """What both sides have over no deal, each on its own scale from 0 to 1."""

    governor: float
    coalition: float

    @property
    def points(self) -> tuple[int, int, int]:
        """To the governor, to the coalition and together, in whole points: what is shown adds up."""
        governor, coalition = round(POINTS * self.governor), round(POINTS * self.coalition)
        return governor, coalition, governor + coalition


class Score(NamedTuple):
    """How a run that is over came out."""

    gains: Gains
    best: Gains | None  # where the two gains add up to most; None: no package beats no deal for both
    signed: bool  # was there a deal at the table?
    stands: bool  # was it ratified?

    @property
    def part(self) -> float | None:
        """The gains of both together, as a part of the most they could have come to."""
        return None if self.best is None else sum(self.gains) / sum(self.best)


def score(run: Run) -> Score | None:
    """The score of a run that is over; None where there was no table."""
    table = run.last.table
    if table is None:
        return None
    signed, stands = bool(run.measures["tentative_deal"]), run.outcome.startswith("ratified")
    gains = Gains(0.0, 0.0)
    if signed and stands:
        worth = run.measures["governor_utility"], run.measures["coalition_utility"]
        gains = Gains(worth[0] - table.no_deal[0], worth[1] - table.no_deal[1])
    return Score(gains, _best(table), signed, stands)


def _best(table: TableSeen) -> Gains | None:
    own, other = np.array(table.frontier).T[:, :, None]
    no_deal = [np.array([worth]) for worth in table.no_deal]
    best: Point = utilitarian_point(Bend(own, other), *no_deal)
    if np.isnan(best.own[0]):
        return None
    return Gains(float(best.own[0] - no_deal[0][0]), float(best.other[0] - no_deal[1][0]))


def as_table(played: Score, models: Score | None) -> str:
    """The scores as an HTML table, in points."""
    rows = [("no deal", Gains(0.0, 0.0), 0.0), ("this play", played.gains, played.part)]
    if models is not None:
        rows.append(("the model's own play of this world", models.gains, models.part))
    if played.best is not None:
        rows.append(("the best for both together, as things stood at the end of this play", played.best, 1.0))
    return one_file.table(
        COLUMNS, [(name, *_cells(gains, part)) for name, gains, part in rows], "planb-table planb-scores"
    )


def board_table(rows: Sequence[Row], mine: int) -> str:
    """The rooms of a class, their scores in points; ``mine``: the number of the room that shows it."""
    lines: list[tuple[object, ...]] = []
    others = any(row.others for row in rows)
    for row in rows:
        name = f"room {row.number}" + (", this one" if row.number == mine else "")
        if row.score is not None:
            lines.append((name, *_cells(row.score.gains, row.score.part), row.others))
        else:
            lines.append((f"{name}: {f'round {row.round}' if row.round else 'not begun'}", "", "", "", "", ""))
    columns = (*COLUMNS, "other seats")[: None if others else -1]
    return one_file.table(columns, [line[: len(columns)] for line in lines], "planb-table planb-board")


def offer_rows(run: Run) -> list[dict[str, Any]]:
    """Who offered what, what it was worth to both at the values they ended with, and the step that brought it."""
    table = run.last.table
    if table is None:
        return []
    rows = []
    for place, (offer, worth) in enumerate(zip(run.last.offers, table.offers, strict=True)):
        over = Gains(*(value - none for value, none in zip(worth, table.no_deal, strict=True)))
        rows.append(
            {
                "round": offer.round,
                "day": day(offer.date),
                "by": offer.proposer,
                "governor": over.points[0],
                "coalition": over.points[1],
                "saves": f"{offer.savings:,.0f}",
                "answer": "accepted" if offer.accepted else "refused",
                "step": next(seen.step for seen in run.snapshots if len(seen.offers) > place),
            }
        )
    return rows


def decided_rows(run: Run) -> list[dict[str, Any]]:
    """What people in other seats decided, beside what the model would have, and the step that brought it."""
    return [
        {
            "day": day(one.date),
            "by": one.seat,
            "about": one.about,
            "said": one.said,
            "own": "the same" if one.said == one.own else one.own,
            "step": one.step,
        }
        for one in run.decided
    ]


def _cells(gains: Gains, part: float | None) -> tuple[object, ...]:
    return *gains.points, "–" if part is None else f"{100 * part:.0f} %"


def in_words(played: Score) -> str:
    """What the scores say, in a sentence or two."""
    if not played.signed:
        words = "Nothing was signed, so both have what no deal leaves them."
    elif not played.stands:
        words = "What was signed was not ratified, so it counts as no deal."
    elif played.part is None:
        words = "No package would have been better than no deal for both."
    else:
        words = f"Together they have {100 * played.part:.0f} % of what there was to gain."
    return words


# --- whoever has no offers to make ------------------------------------------------------------------------------------

LAWS = {"strike_aid": "on striking aid", "authority": "on the power to cut", "agreement": "on the agreement"}
Parts: TypeAlias = Mapping[str, float]


class Account(NamedTuple):
    """What a play was worth to those whom a seat speaks for, over no deal; what is shown adds up."""

    seat: str
    unit: str
    digits: int
    rows: Mapping[str, Parts]  # by play

    def cells(self, play: str) -> tuple[str, ...]:
        """A row's parts, and together."""
        parts = [round(amount, self.digits) + 0.0 for amount in self.rows[play].values()]
        return tuple(f"{amount:.{self.digits}f}" for amount in (*parts, sum(parts) + 0.0))

    def as_table(self) -> str:
        """As HTML."""
        head = ("play", *next(iter(self.rows.values())), "together")
        return one_file.table(head, [(play, *self.cells(play)) for play in self.rows], "planb-table planb-account")


class Best(NamedTuple):
    """The best that was possible for a seat, where there is one, and what it costs."""

    name: str
    costs: Parts | None


PLAYED = "this play"


def account(seat: str, run: Run, scenario: Scenario, seed: int, world: int) -> Account:
    """How a run that is over came out for a seat other than governor's and coalition's."""
    none, digits, best = without_deal(scenario, seed, world), 0, Best("", None)
    if seat == MAYORS:
        unit = "M$ a year that towns need not lay off, tax or leave open"
        best = Best("the best: a deal in force, which leaves aid whole", dict.fromkeys(costs(seat, none), 0.0))
    elif seat.startswith(LEADER):
        unit, digits = "% of a year's pay of the average member", 1
        found = _best_for_union(seat, run, none, scenario)
        best = Best("the best for them that leaves the governor what no deal does", found)
    else:
        unit = "members of the chamber's majority party who are not outvoted"
        best = Best("the best: each as most of them wanted", costs(seat, run, as_wanted=True))
    plays = {"no deal": none, PLAYED: run, "the model's own play of this world": record(scenario, seed, world)}
    ends = {name: costs(seat, play) for name, play in plays.items()}
    if best.costs is not None:
        ends[best.name] = best.costs
    names = list(dict.fromkeys(part for end in ends.values() for part in end))
    over = {
        name: {part: ends["no deal"].get(part, 0.0) - end.get(part, 0.0) for part in names}
        for name, end in ends.items()
    }
    return Account(seat, unit, digits, over)


def costs(seat: str, run: Run, *, as_wanted: bool = False) -> Parts:
    """What a run's end costs those whom a seat speaks for, by part; ``as_wanted``: had each vote gone their way."""
    if seat == MAYORS:
        named = {"laid off": "local_layoffs", "raised in taxes": "local_taxes", "left open": "town_unabsorbed"}
        return {part: run.measures[name] for part, name in named.items()}
    if seat.startswith(LEADER):
        names = [name for name, _ in run.last.case.unions]
        taken, gone = run.pay[names.index(seat.removeprefix(LEADER))]
        return {"pay under the deal": 100 * taken, "layoffs": 100 * gone}
    chamber = next(name for name, head in HEADS.items() if head == seat)
    rows = [row for row, member in enumerate(run.last.case.seats) if member.chamber == chamber]
    ((party, _),) = Counter(run.last.case.seats[row].party for row in rows).most_common(1)
    lost = {}
    for call in run.last.roll_calls:
        votes = Counter(call.votes[row] for row in rows if run.last.case.seats[row].party == party)
        if call.about in LAWS:
            against = votes["no" if call.carried else "yes"]
            lost[LAWS[call.about]] = float(min(votes["yes"], votes["no"]) if as_wanted else against)
    return lost


def _best_for_union(seat: str, run: Run, none: Run, scenario: Scenario) -> Parts | None:
    """The cost of the deal that spares its members most, where one leaves the governor what no deal does.

    What it does not protect from goes as it would without a deal.
    """
    seen = run.last.case
    crisis = Crisis(scenario, worlds=np.array([seen.world]), seed=seen.seed)
    rows, union = crisis.numbers.rows, [name for name, _ in seen.unions].index(seat.removeprefix(LEADER))
    _, gone = none.pay[union]
    factor = np.where(rows.on_wages[:, None], crisis.bodies.leaders.wage_factor[union], 1.0)
    wants = members_weights(rows.burden * factor, rows.protects, risk=1.0, loss=gone, loss_aversion=1.0)
    state, governor = crisis.state, crisis.bodies.governor
    both = Frontier(governor.weights, wants, state.low, state.high, pieces=rows.pieces)
    floor = both.scale.of(np.array([run.measures["reservation_savings"]]))
    if floor[0] > 1:
        return None
    deal = burden_of(both.offer(np.maximum(floor, 0.0)), crisis.numbers)
    taken = first(deal.benefits_burden + deal.wages_burden * crisis.bodies.leaders.wage_factor[union])
    return {"pay under the deal": 100 * taken, "layoffs": 100 * gone * (1 - first(deal.protection))}
