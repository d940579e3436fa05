"""How a threshold is said in English: a number of bodies, a share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from sim.ratification.exact_share import ExactShare, WholeNumbers

FRACTIONS = {
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 5): "three fifths",
    Fraction(3, 4): "three quarters",
}


def span(numbers: WholeNumbers) -> str:
    """One number, or from the least to the most over worlds."""
    low, high = np.min(numbers), np.max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def size_words(share: ExactShare, *, exactly_enough: bool) -> str:
    """ "at least 80 %", "more than half", "all"."""
    least = "at least" if exactly_enough else "more than"
    value = share.value
    if not isinstance(value, Fraction):
        return f"{least} {100 * np.min(value):.4g} % to {100 * np.max(value):.4g} %"
    if value == 1:
        return "all"
    if value in FRACTIONS:
        return f"{least} {FRACTIONS[value]}"
    percent = 100 * value
    return f"{least} {float(percent):.10g} %" if 10_000 % percent.denominator == 0 else f"{least} {value}"
