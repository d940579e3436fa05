"""Out-of-sample scores on votes on record: each pair without itself, each first vote from what was over before its day.

What is scored are the regressions (`swing`, `first_votes`), not runs of a scenario; the ranges of why members of a
scenario come round are of the pairs. ``results/validation/votes.json`` keeps what comes out, with a hash of the table;
`samples` makes a few rows of it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.calibration import first_votes as first
from experiments.calibration import swing
from experiments.calibration.scores import SCORES, as_said_by, bins, compared, reliability, side_by_side
from experiments.calibration.votes import VOTES, first_votes, pairs, read_votes
from experiments.runs.files import file_sha256

SAMPLED = 3  # rows of either kind
Row = Mapping[str, Any]


def votes_on_record() -> dict[str, Any]:
    """Pairs left out in turn and by date, first votes by date, all beside naive forecasts."""
    known, votes = pairs(read_votes()), first_votes(read_votes())
    left_out, dated = swing.leave_out(known), swing.leave_out(known, dated=True)
    turns = first.in_turn(votes)
    firsts = first.forecasts(turns)
    fair = [row for row in firsts if not row["selected"]]
    said = np.array([row["model"]["probability"] for row in fair])
    happened = np.array([row["approved"] for row in fair])
    alike = first.outcomes_alike([turn for turn in turns if not turn.vote.selected])
    return {
        "votes_sha256": file_sha256(VOTES),
        "pairs": {
            "weights": swing.fit_pairs(known).summary(),
            "left_out": {"rows": as_said_by(left_out, "terms"), **compared(left_out, swing.FORECASTERS)},
            "dated": compared(dated, swing.FORECASTERS),
        },
        "first_votes": {
            "rows": as_said_by(firsts, "model"),
            "not_selected": {
                **compared(fair, first.FORECASTERS),
                "reliability": reliability(said, happened, alike=alike).summary(),
                "bins": bins(said, happened, alike),
                "units": compared([row for row in fair if row["unit"]], first.FORECASTERS),
                "whole_bodies": compared([row for row in fair if not row["unit"]], first.FORECASTERS),
                "each_case_once": each_case_once(fair, first.FORECASTERS),
                "by_case": by_case(fair, first.FORECASTERS),
            },
            "all": compared(firsts, first.FORECASTERS),
        },
    }


def by_case(rows: Sequence[Row], forecasters: Sequence[str]) -> list[dict[str, Any]]:
    """Mean scores of each case, over those of its votes where they are known."""
    cases: dict[str, list[Row]] = {}
    for row in rows:
        cases.setdefault(row["case"], []).append(row)
    return [
        {"case": case, "votes": len(own), "approved": sum(row["approved"] for row in own)}
        | {name: _means(own, name) for name in forecasters}
        for case, own in cases.items()
    ]


def _means(rows: Sequence[Row], name: str) -> dict[str, float]:
    known = {key: [row[name][key] for row in rows if key in row[name]] for key in SCORES}
    return {key: float(np.mean(values)) for key, values in known.items() if values}


def each_case_once(rows: Sequence[Row], forecasters: Sequence[str]) -> dict[str, Any]:
    """As `compared`, but a case with many units weighs no more than one with a single vote."""
    cases = [row | {"case": place} for place, row in enumerate(by_case(rows, forecasters))]  # drawn in this order
    return {"votes": len(rows), "cases": len(cases), **side_by_side(cases, forecasters)}


def samples(kept: Mapping[str, Any]) -> list[tuple[Row, Row]]:
    """A few rows as they are kept and as they come out now: the first, the last and some between."""
    of_pairs, of_firsts = _spread(kept["pairs"]["left_out"]["rows"]), _spread(kept["first_votes"]["rows"])
    known, votes = pairs(read_votes()), first_votes(read_votes())
    now = swing.leave_out(known, only={row["id"] for row in of_pairs})
    now += first.forecasts(first.in_turn(votes, only={row["id"] for row in of_firsts}))
    return list(zip([*of_pairs, *of_firsts], now, strict=True))


def _spread(rows: Sequence[Row]) -> list[Row]:
    return [rows[place] for place in np.linspace(0, len(rows) - 1, SAMPLED).round().astype(int)]
