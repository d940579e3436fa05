"""Numbers as sentences, which claim no more than their intervals carry.

"Raises" and "lowers" are said where the interval excludes zero and reaches a difference that matters; "has no effect
that matters" where it lies wholly below such a difference; otherwise nothing is claimed. Verdict, interval and test are
of one `Difference`, so the words and the numbers beside them cannot part.
"""

from __future__ import annotations

from typing import NamedTuple

from experiments.statistics.estimates import Difference, Estimate


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


def percent(value: float, digits: int = 1) -> str:
    """``57.3 %``; never ``100.0 %`` or ``0.0 %`` for what is not quite all or none."""
    text = f"{100 * value:.{digits}f}"
    if float(text) in (0.0, 100.0) and value not in (0.0, 1.0):
        edge = 10.0**-digits
        return f"under {edge:.{digits}f} %" if value < 0.5 else f"over {100 - edge:.{digits}f} %"
    return f"{text} %"


def amount(value: float, unit: str, digits: int = 0) -> str:
    """``778 M$``, with a real minus sign."""
    return f"{value:,.{digits}f} {unit}".strip().replace("-", "−")


def p_words(p_value: float) -> str:
    """``p = 0.039``; never ``p = 0``."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def share_words(found: Estimate) -> str:
    """``57.3 % (95 % interval 55.1 to 59.5; n = 2,000)``."""
    if not found.n:
        return "no share, for want of worlds"
    return f"{percent(found.value)} (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f}; n = {found.n:,})"


def mean_words(found: Estimate, unit: str, digits: int = 0) -> str:
    """``778 M$ (95 % interval 770 to 786; n = 2,000)``."""
    if not found.n:
        return "no mean, for want of worlds"
    low, high = (amount(end, "", digits) for end in (found.low, found.high))
    return f"{amount(found.value, unit, digits)} (95 % interval {low} to {high}; n = {found.n:,})"


def verdict(found: Difference, subject: str, what: str, unit: Unit) -> str:
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


def in_short(found: Difference, unit: Unit = POINTS) -> str:
    """``+3.2 points, +1.1 to +5.3, p < 0.001``: a line of a list whose head says method and n."""
    low, high = (signed(end, unit._replace(name="", digits=_digits(found, unit))) for end in (found.low, found.high))
    test = f", {p_words(found.p_value)}" if found.p_value is not None else ""
    return f"{signed(found.difference, unit)}, {low} to {high}{test}"


def signed(value: float, unit: Unit) -> str:
    """With a sign, unless it rounds to zero."""
    text = f"{unit.scale * value:+,.{unit.digits}f}"
    shown = text.lstrip("+-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")
    return f"{shown} points" if unit.name == "points" else shown


def family_words(family: int) -> str:
    """How an interval that holds with others is named."""
    return "95 % interval" if family <= 1 else f"95 % interval, Bonferroni over {family},"


def _level(value: float, unit: Unit) -> str:
    return percent(value) if unit is POINTS else amount(unit.scale * value, unit.name, unit.digits)


def _support(found: Difference, unit: Unit) -> str:
    """Interval, test and n, in brackets behind a claim; the interval is of the size of a clear change."""
    bare = unit._replace(name="", digits=_digits(found, unit))
    if found.clear and found.verdict(unit.matters) != "no effect that matters":
        smaller, larger = sorted(unit.scale * abs(end) for end in (found.low, found.high))
        ends = f"{smaller:,.{bare.digits}f} to {larger:,.{bare.digits}f}"
    else:
        ends = f"{signed(found.low, bare)} to {signed(found.high, bare)}"
    test = ", paired bootstrap," if found.p_value is None else f"; McNemar {p_words(found.p_value)};"
    return f"{family_words(found.family)} {ends}{test} {found.n:,} pairs of worlds"


def _digits(found: Difference, unit: Unit) -> int:
    """Digits of an interval's ends: a clear change is not written as one from zero."""
    digits = unit.digits
    while found.clear and digits < 3 and 0 in (round(unit.scale * end, digits) for end in (found.low, found.high)):
        digits += 1
    return digits
