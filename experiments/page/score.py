"""What a play was worth to both sides, beside no deal, the model's own play, and the best that was possible.

A side's score is what its deal is worth on its own scale, over what no deal is worth to it; the two scores together, as
a part of the most they could have come to, are the table's `gains_realised`. What the members or the legislature turned
down is worth what no deal is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.page import one_file
from experiments.page.moments import TableSeen
from experiments.page.run import Run
from sim.bargaining.efficiency import Bend, Point, utilitarian_point

POINTS = 100  # from a side's worst package to its ideal
COLUMNS = ("play", "governor", "coalition", "together", "of what there was to gain")


class Row(NamedTuple):
    """A room as the others that play the same world see it."""

    number: int
    round: int  # the talks have come to, 0 before they begin
    score: Score | None  # once it is over


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
    for row in rows:
        name = f"room {row.number}" + (", this one" if row.number == mine else "")
        if row.score is not None:
            lines.append((name, *_cells(row.score.gains, row.score.part)))
        else:
            lines.append((f"{name}: {f'round {row.round}' if row.round else 'not begun'}", "", "", "", ""))
    return one_file.table(COLUMNS, lines, "planb-table planb-board")


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
                "day": f"{offer.date.day} {offer.date:%B}",
                "by": offer.proposer,
                "governor": over.points[0],
                "coalition": over.points[1],
                "saves": f"{offer.savings:,.0f}",
                "answer": "accepted" if offer.accepted else "refused",
                "step": next(seen.step for seen in run.snapshots if len(seen.offers) > place),
            }
        )
    return rows


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
