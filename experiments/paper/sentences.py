"""Numbers as sentences, which claim no more than their intervals carry.

"Raises" and "lowers" are said where the interval excludes zero and reaches a difference that matters; "has no effect
that matters" where it lies wholly below such a difference; otherwise nothing is claimed. Verdict, interval and test are
of one `PairedDifference`, so the words and the numbers beside them cannot part.
"""

from __future__ import annotations

from typing import NamedTuple

from experiments.statistics.estimates import Estimate
from experiments.statistics.paired_tests import PairedDifference
from sim.wording import amount, p_words, percent


class Unit(NamedTuple):
    """How a measure is written, and the smallest difference of it that matters."""

    name: str  # of a difference; a share's own is per cent
    matters: float  # in the measure's own numbers; a judgement, declared here once
    digits: int = 0
    scale: float = 1.0


POINTS = Unit("points", 0.01, digits=1, scale=100)  # one world in a hundred
MUSD = Unit("M$ a year", 5.0)  # a third of a per cent of Connecticut's gap of 2011
DAYS = Unit("", 1.0, digits=1)
PER_CENT = Unit("per cent", 0.01, digits=1, scale=100)  # the mean of shares, not a share of worlds


def share_words(found: Estimate) -> str:
    """``57.3 % (95 % interval 55.1 to 59.5; n = 2,000)``."""
    if not found.n:
        return "no share, for want of worlds"
    return f"{percent(found.value, 1)} (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f}; n = {found.n:,})"


def mean_words(found: Estimate, unit: str, digits: int = 0) -> str:
    """``778 M$ (95 % interval 770 to 786; n = 2,000)``."""
    if not found.n:
        return "no mean, for want of worlds"
    low, high = (amount(end, "", digits) for end in (found.low, found.high))
    return f"{amount(found.value, unit, digits)} (95 % interval {low} to {high}; n = {found.n:,})"


def verdict(found: PairedDifference, subject: str, what: str, unit: Unit) -> str:
    """A sentence without its full stop: does ``subject`` move ``what``?"""
    if not found.n:
        return f"Whether {subject[:1].lower() + subject[1:]} moves {what} cannot be said, for want of worlds"
    said = found.verdict(unit.matters)
    before, after = _level(found.before, unit), _level(found.after, unit)
    before = before if unit is POINTS else before.removesuffix(unit.name).strip()
    if said in ("raises", "lowers"):
        size = f"{unit.scale * abs(found.difference):,.{unit.digits}f}{' points' if unit is POINTS else ''}"
        return f"{subject} {said} {what} from {before} to {after}, by {size} ({_support(found, unit)})"
    moves = f"has no effect that matters on {what.rstrip(',')}" if said == "no effect that matters" else ""
    moves = moves or f"does not clearly move {what.rstrip(',')}"
    change = f"{'' if unit is POINTS else 'a change of '}{signed(found.difference, unit)}"
    return f"{subject} {moves}: {before} and {after}, {change} ({_support(found, unit)})"


def in_short(found: PairedDifference) -> str:
    """``+3.2 points, +1.1 to +5.3, p < 0.001``: a line of a list whose head says method and n."""
    low, high = (signed(end, _of_ends(found, POINTS)) for end in (found.low, found.high))
    return f"{signed(found.difference, POINTS)}, {low} to {high}, {p_words(found.p_value)}"


def signed(value: float, unit: Unit) -> str:
    """With a sign, unless it rounds to zero."""
    text = f"{unit.scale * value:+,.{unit.digits}f}"
    shown = text.lstrip("+-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")
    return f"{shown} points" if unit.name == "points" else shown


def family_words(family: int) -> str:
    """How an interval that holds with others is named."""
    return "95 % interval" if family <= 1 else f"95 % interval, Bonferroni over {family},"


def _level(value: float, unit: Unit) -> str:
    return percent(value, 1) if unit is POINTS else amount(unit.scale * value, unit.name, unit.digits)


def _support(found: PairedDifference, unit: Unit) -> str:
    """Interval, test and n, in brackets behind a claim; the interval is of the size of a clear change."""
    bare = _of_ends(found, unit)
    if found.clear and found.verdict(unit.matters) != "no effect that matters":
        smaller, larger = sorted(unit.scale * abs(end) for end in (found.low, found.high))
        ends = f"{smaller:,.{bare.digits}f} to {larger:,.{bare.digits}f}"
    else:
        ends = f"{signed(found.low, bare)} to {signed(found.high, bare)}"
    test = "McNemar" if unit is POINTS else "paired t"
    return f"{family_words(found.family)} {ends}; {test} {p_words(found.p_value)}; {found.n:,} pairs of worlds"


def _of_ends(found: PairedDifference, unit: Unit) -> Unit:
    """How an interval's ends are written: without a name, and of a clear change none as zero."""
    digits = unit.digits
    while found.clear and digits < 3 and 0 in (round(unit.scale * end, digits) for end in (found.low, found.high)):
        digits += 1
    return unit._replace(name="", digits=digits)
