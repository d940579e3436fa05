"""A hundred and more votes on record, by body and unit: one table, read with checks.

``sim/scenarios/evidence/votes.csv`` has a row a vote; the columns are described in `COLUMNS`. What the cases that ship
hold in their own ``evidence/record.toml`` stands here too, in one line each. How a vote came to be collected matters:
one that is known because it was refused says nothing of how often votes are refused (`Vote.selected`).
"""

from __future__ import annotations

import calendar
import datetime
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim.errors import WrongInput, nearest
from sim.scenario.csv_table import REMARK, TEXT, Column, Table, read_table
from sim.scenario.folder import SHIPPED

VOTES = SHIPPED / "evidence" / "votes.csv"

_COUNT = Column(at_least=0, blank=True)
_SHARE = Column(at_least=0, at_most=1, blank=True)
COLUMNS = {
    "id": TEXT,
    "case": TEXT,  # votes with one case stand or fall together
    "date": TEXT,  # year-month-day, or as much of it as is known
    "country": TEXT,
    "body": TEXT,
    "unit": REMARK,
    "members": _COUNT,
    "kind": TEXT,  # a word of WORDS
    "previous": REMARK,  # id of the vote before, by the same people on the same or a changed text
    "yes": _COUNT,  # ballots
    "no": _COUNT,
    "share": _SHARE,  # of yes among ballots
    "within": _SHARE,  # how far a share that was read rounded may be off, one standard deviation
    "turnout": _SHARE,  # ballots over members
    "carried": TEXT,  # did these people approve, or where the rule says so the coalition they voted in
    "rule": REMARK,
    "terms": REMARK,
    "threat": REMARK,
    "layoffs": _COUNT,  # posts threatened
    "leaders": TEXT,  # what they recommended
    "change": TEXT,  # of the text since the vote before; coded from reports by us, as are the next two
    "pressure": TEXT,  # what the other side had announced or begun since, or a strike
    "last_word": TEXT,  # was it known that no third vote would follow?
    "collected": TEXT,  # how the vote came into this table
    "source": TEXT,
    "grade": TEXT,  # A read in a named source, B rounded or inferred, C uncertain
}
WORDS = {
    "kind": ("concession", "contract", "referendum"),
    "carried": ("yes", "no"),
    "leaders": ("yes", "none", "no", "unknown"),
    "change": ("same", "clearer", "small", "better", "unknown"),
    "pressure": ("none", "threatened", "begun", "strike", "unknown"),
    "last_word": ("yes", "no", "unknown"),
    "collected": ("series", "survey", "story", "asked again"),
    "grade": ("A", "B", "C"),
}
AS_WRITTEN = ("id", "case", "body", "unit", "kind", "leaders", "change", "pressure", "last_word", "collected")
# what is kept out of every fit: (case, from, to); first votes of these cases are in
KEPT_OUT = (
    ("connecticut-2011", datetime.date(2011, 7, 22), datetime.date(2012, 7, 1)),
    ("ireland-2013", datetime.date(2013, 4, 18), datetime.date(2014, 7, 1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One vote by one body or unit."""

    id: str
    case: str
    body: str
    unit: str  # blank for the whole body
    first_day: datetime.date  # the earliest it can have been held, as far as the date is known
    last_day: datetime.date  # the latest
    kind: str
    share: float | None  # of yes, strictly between 0 and 1
    cast: float | None  # ballots
    within: float  # standard deviation of the share besides chance
    turnout: float | None  # share of members
    carried: bool
    layoffs: float | None  # posts
    leaders: str
    change: str
    pressure: str
    last_word: str
    collected: str
    previous: str | None

    @property
    def approved(self) -> bool:
        """Did more than half say yes? Where the share is not known, whether it carried."""
        return self.share > 0.5 if self.share is not None else self.carried

    @property
    def selected(self) -> bool:
        """Is the vote known because of how it came out? Series and surveys took every vote of their kind."""
        return self.collected in ("story", "asked again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two votes of the same people with known shares."""

    first: Vote
    second: Vote

    @property
    def swing(self) -> float:
        """Logits."""
        return logit(self.second.share) - logit(self.first.share)


def logit(share: float | None) -> float:
    """Log-odds of a known share."""
    assert share is not None
    return math.log(share) - math.log1p(-share)


@cache
def read_votes(path: Path = VOTES) -> tuple[Vote, ...]:
    """All votes, in the order of the table. Raises `WrongInput`, naming line, column, value and the nearest word."""
    table = read_table(path, COLUMNS)
    rows = {name: row for row, name in enumerate(table.text["id"])}
    if len(rows) < len(table):
        twice = next(name for name in rows if table.text["id"].count(name) > 1)
        raise WrongInput(f"{path.name}: id {twice!r} stands twice")
    votes = {name: _vote(table, row) for name, row in rows.items()}
    for name, row in rows.items():
        _check_order(table.where(row), votes[name], votes)
    return tuple(votes.values())


def first_votes(votes: tuple[Vote, ...]) -> list[Vote]:
    """Those that no vote of the same people on the same matter came before; by unit where units are known."""
    by_unit = {(vote.case, vote.body) for vote in votes if vote.unit}
    return [vote for vote in votes if vote.previous is None and (vote.unit or (vote.case, vote.body) not in by_unit)]


def pairs(votes: tuple[Vote, ...]) -> list[Pair]:
    """Every vote with the one before it, where both shares are known, by date of the second."""
    by_id = {vote.id: vote for vote in votes}
    found = [Pair(first=by_id[vote.previous], second=vote) for vote in votes if vote.previous is not None]
    known = [pair for pair in found if pair.first.share is not None and pair.second.share is not None]
    return sorted(known, key=lambda pair: (pair.second.first_day, pair.second.id))


def _vote(table: Table, row: int) -> Vote:
    text = {name: cells[row] for name, cells in table.text.items()}
    number = {name: None if math.isnan(cells[row]) else float(cells[row]) for name, cells in table.numbers.items()}
    where = table.where(row)
    for column, words in WORDS.items():
        if text[column] not in words:
            raise WrongInput(
                f"{where}: {column} = {text[column]!r}: is none of {', '.join(words)}{nearest(text[column], words)}"
            )
    first_day, last_day = _days(where, text["date"])
    yes, no, share = number["yes"], number["no"], number["share"]
    if (yes is None) != (no is None):
        raise WrongInput(f"{where}: has yes or no but not both")
    if yes is not None and no is not None and (share is None or abs(yes / (yes + no) - share) > 0.001):
        raise WrongInput(f"{where}: share = {share}: {yes:g} to {no:g} make {yes / (yes + no):.4f}")
    if share is not None and not 0 < share < 1:
        raise WrongInput(f"{where}: share = {share:g}: must lie strictly between 0 and 1")
    for case, start, end in KEPT_OUT:
        if text["case"] == case and start <= first_day <= end:
            raise WrongInput(f"{where}: date = {first_day}: votes of {case} from {start} to {end} are kept out")
    return Vote(
        **{name: text[name] for name in AS_WRITTEN},
        first_day=first_day,
        last_day=last_day,
        share=share,
        cast=None if yes is None or no is None else yes + no,
        within=number["within"] or 0.0,
        turnout=number["turnout"],
        carried=text["carried"] == "yes",
        layoffs=number["layoffs"],
        previous=text["previous"] or None,
    )


def _days(where: str, date: str) -> tuple[datetime.date, datetime.date]:
    """The first and the last day that a date, a month or a year may mean."""
    try:
        year, month, day = ([int(part) for part in date.split("-")] + [0, 0])[:3]
        last_month = month or 12
        last = day or calendar.monthrange(year, last_month)[1]
        return datetime.date(year, month or 1, day or 1), datetime.date(year, last_month, last)
    except (ValueError, calendar.IllegalMonthError):
        raise WrongInput(f"{where}: date = {date!r}: is no year, year-month or year-month-day") from None


def _check_order(where: str, vote: Vote, votes: dict[str, Vote]) -> None:
    if vote.previous is None:
        return
    where = f"{where}: previous = {vote.previous!r}"
    if vote.previous not in votes:
        raise WrongInput(f"{where}: no such vote{nearest(vote.previous, list(votes))}")
    before = votes[vote.previous]
    if before.case != vote.case or before.first_day >= vote.first_day:
        raise WrongInput(f"{where}: is of another case, or no earlier")
