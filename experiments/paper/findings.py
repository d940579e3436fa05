"""Numbers as sentences: estimates and paired comparisons with their intervals, and no claim that these do not carry.

A sentence says "raises" or "lowers" only where the interval excludes zero; where several comparisons are made at once
(``family``), each interval is taken at confidence 1 - 0.05 / family (Bonferroni), so that all of them hold together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from experiments.statistics.intervals import CONFIDENCE, wilson_interval
from experiments.statistics.paired_tests import paired_difference

RESAMPLES = 2000


class Estimate(NamedTuple):
    """A share or a mean, its interval, and how many worlds it is from."""

    value: float
    low: float
    high: float
    n: int


class Comparison(NamedTuple):
    """The same worlds before and after a change."""

    n: int  # pairs
    before: float
    after: float
    difference: float
    low: float
    high: float
    p_value: float | None  # exact McNemar test for shares; none for means, where the bootstrap interval decides
    family: int = 1  # comparisons made at once

    @property
    def clear(self) -> bool:
        """Does the interval exclude zero?"""
        return self.low > 0 or self.high < 0


def confidence_of(family: int) -> float:
    """Confidence of each of ``family`` intervals that hold together at 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(family, 1)


def share(yes: ArrayLike, family: int = 1) -> Estimate:
    """Share of worlds in which something holds, with its Wilson interval. Missing values are left out."""
    known = _known(yes)
    low, high = wilson_interval(known.sum(), len(known), confidence_of(family))
    return Estimate(float(known.mean()) if len(known) else float("nan"), float(low), float(high), len(known))


def mean(values: ArrayLike, family: int = 1) -> Estimate:
    """Mean over worlds with its bootstrap interval. Missing values are left out."""
    known = _known(values)
    low, high = bootstrap_interval(known, confidence_of(family))
    return Estimate(float(known.mean()) if len(known) else float("nan"), low, high, len(known))


def compare_shares(before: ArrayLike, after: ArrayLike, family: int = 1) -> Comparison:
    """Shares of the same worlds, in the same order; worlds in which either is missing are left out."""
    first, second = _both_known(before, after)
    result = paired_difference(first > 0, second > 0, confidence_of(family))
    before_mean, after_mean = (float(column.mean()) if len(column) else float("nan") for column in (first, second))
    p_value = min(result.p_value * family, 1.0)
    return Comparison(result.n, before_mean, after_mean, result.difference, result.low, result.high, p_value, family)


def compare_means(before: ArrayLike, after: ArrayLike, family: int = 1) -> Comparison:
    """Means of the same worlds, in the same order, by a bootstrap of the pairs."""
    first, second = _both_known(before, after)
    change = second - first
    low, high = bootstrap_interval(change, confidence_of(family))
    before_mean, after_mean, difference = (
        float(column.mean()) if len(column) else float("nan") for column in (first, second, change)
    )
    return Comparison(len(change), before_mean, after_mean, difference, low, high, None, family)


def bootstrap_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Percentile bootstrap interval of a mean; the same numbers for the same values."""
    from scipy.stats import bootstrap

    known = np.asarray(values, float)
    if len(known) < 2 or np.ptp(known) == 0:
        return (float(known[0]), float(known[0])) if len(known) else (float("nan"), float("nan"))
    result = bootstrap(
        (known,),
        np.mean,
        confidence_level=confidence,
        n_resamples=RESAMPLES,
        method="percentile",
        batch=max(1, 2_000_000 // len(known)),
        rng=np.random.default_rng(2011),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def _known(values: ArrayLike) -> np.ndarray:
    column = np.asarray(values, float)
    return column[np.isfinite(column)]


def _both_known(before: ArrayLike, after: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(before, float), np.asarray(after, float)
    if first.shape != second.shape:
        raise ValueError(f"pairs must match, got {first.shape} and {second.shape} worlds")
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]


# --- in words -----------------------------------------------------------------------------------------------------


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


def share_words(estimate: Estimate) -> str:
    """``57.3 % (95 % interval 55.1 to 59.5; n = 2,000)``."""
    if not estimate.n:
        return "no share, for want of worlds"
    low, high = (f"{100 * end:.1f}" for end in (estimate.low, estimate.high))
    return f"{percent(estimate.value)} (95 % interval {low} to {high}; n = {estimate.n:,})"


def mean_words(estimate: Estimate, unit: str, digits: int = 0) -> str:
    """``778 M$ (95 % interval 770 to 786; n = 2,000)``."""
    if not estimate.n:
        return "no mean, for want of worlds"
    low, high = (amount(end, "", digits) for end in (estimate.low, estimate.high))
    return f"{amount(estimate.value, unit, digits)} (95 % interval {low} to {high}; n = {estimate.n:,})"


def shares_verdict(found: Comparison, subject: str, what: str) -> str:
    """A sentence without its full stop: does ``subject`` move ``what``, a share?"""
    if not found.n:
        return f"Whether {_lower(subject)} moves {what} cannot be said, for want of worlds"
    ends = _ends(found, 100, 1)
    support = f"{_level(found)} {ends}; McNemar {_p_words(found)}; {found.n:,} pairs of worlds"
    before, after, clause = percent(found.before), percent(found.after), what.rstrip(",")
    if found.clear:
        verb = "raises" if found.difference > 0 else "lowers"
        return f"{subject} {verb} {what} from {before} to {after}, by {_size(found)} points ({support})"
    apart = f"{_points(found.difference)} points ({support})"
    return f"{subject} does not clearly move {clause}: {before} and {after}, {apart}"


def means_verdict(found: Comparison, subject: str, what: str, unit: str, digits: int = 0) -> str:
    """Likewise for a mean; ``unit`` as M$ a year."""
    if not found.n:
        return f"Whether {_lower(subject)} moves {what} cannot be said, for want of worlds"
    ends = _ends(found, 1, digits)
    support = f"{_level(found)} {ends}, paired bootstrap, {found.n:,} pairs of worlds"
    before, after, clause = amount(found.before, "", digits), amount(found.after, unit, digits), what.rstrip(",")
    if found.clear:
        verb = "raises" if found.difference > 0 else "lowers"
        moved = amount(abs(found.difference), "", digits)
        return f"{subject} {verb} {what} from {before} to {after}, by {moved} ({support})"
    return (
        f"{subject} does not clearly move {clause}: {before} and {after}, a change of "
        f"{_signed(found.difference, digits)} ({support})"
    )


def points_words(found: Comparison) -> str:
    """``+3.2 points, +1.1 to +5.3, p < 0.001``: a line of a list whose head says method and n."""
    digits = 1
    while found.clear and digits < 3 and 0 in (round(100 * found.low, digits), round(100 * found.high, digits)):
        digits += 1  # a clear change is not written as one from zero
    low, high = (_signed(100 * end, digits) for end in (found.low, found.high))
    test = f", {_p_words(found)}" if found.p_value is not None else ""
    return f"{_points(found.difference)} points, {low} to {high}{test}"


def _ends(found: Comparison, scale: float, digits: int) -> str:
    """The interval: of the size of a clear change, else with signs."""
    if found.clear:
        smaller, larger = sorted(scale * abs(end) for end in (found.low, found.high))
        while digits < 3 and round(smaller, digits) == 0:  # a clear change is not written as one from zero
            digits += 1
        return f"{smaller:,.{digits}f} to {larger:,.{digits}f}"
    return f"{_signed(scale * found.low, digits)} to {_signed(scale * found.high, digits)}"


def _level(found: Comparison) -> str:
    return "95 % interval" if found.family <= 1 else f"95 % interval, Bonferroni over {found.family},"


def _p_words(found: Comparison) -> str:
    assert found.p_value is not None
    return "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"


def _size(found: Comparison) -> str:
    return f"{100 * abs(found.difference):.1f}"


def _points(value: float) -> str:
    return _signed(100 * value, 1)


def _signed(value: float, digits: int) -> str:
    """With a sign, unless it rounds to zero."""
    text = f"{value:+,.{digits}f}"
    return text.lstrip("+-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
