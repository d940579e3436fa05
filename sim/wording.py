"""Packages and amounts in the words of the press: what a reader sees of an offer or a deal."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Counted(Protocol):
    """An issue as words need it: what it is counted in, and the least and most there is."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def range(self) -> tuple[float, float]: ...


SAME = 0.005  # of an issue's range; a smaller move is not told

AS_BEFORE = "as before"  # an offer that moves nothing


def percent(share: float, digits: int = 0) -> str:
    """``0.573`` as ``57 %``; never ``0 %`` or ``100 %`` for what is not quite none or all."""
    text = f"{100 * share:.{digits}f}"
    if float(text) in (0.0, 100.0) and share not in (0.0, 1.0):
        edge = 10.0**-digits
        return f"under {edge:.{digits}f} %" if share < 0.5 else f"over {100 - edge:.{digits}f} %"
    return f"{text} %"


def day(date: datetime.date) -> str:
    """``24 June``; the year is the case's."""
    return f"{date.day} {date:%B}"


def p_words(p_value: float) -> str:
    """``p = 0.012``; never zero, which no test of finitely many worlds can show."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def amount(value: float, unit: str = "", digits: int = 0) -> str:
    """``778 M$``, with a real minus sign."""
    return f"{value:,.{digits}f} {unit}".strip().replace("-", "−")


def amount_in_words(amount: float) -> str:
    """At most two decimals, and none that say nothing."""
    text = f"{amount:,.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def millions(amount: float, *, of: float | None = None) -> str:
    """``745``; below 20 with a decimal, below one with two or three, so that a town's offers can be told apart.

    A part is told as finely as what it is ``of``.
    """
    size = abs(amount if of is None else of)
    digits = 0 if size >= 20 else 1 if size >= 1 else 2 if size >= 0.1 else 3
    text = f"{amount:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return "0" if text == "-0" else text


def money(savings: float) -> str:
    """Savings of a package, M$ a year."""
    return f"{millions(savings)} M$ a year" if savings >= 0 else f"a package that costs {millions(-savings)} M$ a year"


def issue_in_words(issue: Counted, amount: float, *, spelled_out: bool) -> str:
    """One issue of a package; ``spelled_out`` says in full what it is counted in.

    ``2 years of wage freeze``, ``pension 85 % of the list of changes of 2011``, ``later raises +1.5 % a year``.
    """
    name, number = issue.name.replace("_", " "), amount_in_words(amount)
    of_what = issue.unit.removeprefix("share of ")
    is_share = issue.unit.startswith(("share of ", "the "))
    if number == "0" and issue.range[0] == 0:
        return f"nothing on {name}" if is_share or name.startswith("no ") else f"no {name}"
    if issue.unit == "years":
        return f"{number} {'year' if number == '1' else 'years'} of {name}"
    if is_share:
        return f"{name} {percent(amount)} of {of_what}" if spelled_out else f"{name} {percent(amount)}"
    if issue.unit.startswith("%"):
        unit = issue.unit if amount >= 0 else issue.unit.replace(" above ", " below ")
        size, sign = amount_in_words(abs(amount)), "+" if amount >= 0 else "−"
        return f"{name} {size} {unit}" if spelled_out else f"{name} {sign}{size} %"
    if issue.unit.startswith("days"):
        return f"{number} {name}" + (issue.unit.removeprefix("days") if spelled_out else "")
    return f"{name} {number}" + (f" {issue.unit}" if spelled_out else "")


def package_in_words(issues: Sequence[Counted], package: NDArray[np.float64]) -> str:
    """All of a package, (issues,), spelled out."""
    amounts = zip(issues, package.tolist(), strict=True)
    return "; ".join(issue_in_words(issue, amount, spelled_out=True) for issue, amount in amounts)


def moves_in_words(issues: Sequence[Counted], before: NDArray[np.float64], after: NDArray[np.float64]) -> str:
    """What a side's new offer changes of its last one, (issues,) both."""
    moved = [
        issue_in_words(issue, float(new), spelled_out=False)
        for issue, old, new in zip(issues, before, after, strict=True)
        if abs(new - old) > SAME * (issue.range[1] - issue.range[0])
    ]
    return f"now {', '.join(moved)}" if moved else AS_BEFORE
