"""Values of a parameter as people write them: ``0.5:0.9:0.05``, ``a,b,c``, ``4/5``, ``true``, ``2011-06-24``."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sim.errors import WrongInput

Value = bool | int | float | str | datetime.date
MOST_DIGITS = 15  # before or behind the point
MOST_VALUES = 5_000_000  # a design is held in memory; beyond this it was almost surely not meant


def parse_vary(text: str, whole: Mapping[str, bool] | None = None) -> tuple[str, list[Value]]:
    """``KEY=START:STOP:STEP`` (both ends included, steps exact in decimals) or ``KEY=a,b,c``.

    ``whole``: parameter -> does it take whole numbers only? Of any other, ``0,5`` may be meant as 0.5, and is refused.
    """
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise WrongInput(f"--vary {text!r}: write KEY=START:STOP:STEP or KEY=a,b,c")
    comma = re.fullmatch(r"(-?0),(\d+)", values.strip())
    if comma and not (whole or {}).get(key.strip(), True):
        first, second = comma.groups()
        raise WrongInput(f"--vary {text!r}: write {first}.{second} for one number, or '{first}, {second}' for two")
    try:
        return key.strip(), parse_values(values)
    except ValueError as error:
        raise WrongInput(f"--vary {key.strip()}: {error}") from None


def parse_values(text: str) -> list[Value]:
    """The values of ``START:STOP:STEP`` or of a comma-separated list."""
    if ":" in text:
        return steps(text)
    return [parse_value(word) for word in text.split(",")]


def steps(text: str) -> list[Value]:
    """``0.5:0.9:0.05`` is 0.5, 0.55, ..., 0.9: steps are decimals, so 0.6 is 0.6 and the stop is never missed."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3:
        raise ValueError(f"a range is START:STOP:STEP, got {text!r}")
    if "-" in parts[0][1:] and _date(parts[0]) is not None:
        return _date_steps(text, *parts)
    try:
        start, stop, step = (Decimal(part) for part in parts)
    except InvalidOperation:
        raise ValueError(f"a range is START:STOP:STEP in numbers, got {text!r}") from None
    given = [number for number in (start, stop, step) if number]
    if not all(number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS for number in given):
        raise ValueError(f"a range is START:STOP:STEP in numbers of at most {MOST_DIGITS} digits, got {text!r}")
    if step == 0 or (stop - start) / step < 0:
        raise ValueError(f"the step of {text!r} never leads from {start} to {stop}")
    count = int((stop - start) / step) + 1
    if count > MOST_VALUES:
        raise ValueError(f"{text!r} has {count:,} values; at most {MOST_VALUES:,}")
    last = start + step * (count - 1)
    if last != stop:
        raise ValueError(f"the steps of {text!r} miss {stop}; the last is {last}: write {start}:{last}:{step}")
    values = [start + step * k for k in range(count)]
    whole = all(number == number.to_integral_value() for number in (start, step))
    return [int(value) if whole else float(value) for value in values]


def parse_value(text: str) -> Value:
    """A word as a switch, whole number, number, fraction (``4/5``), date, or itself."""
    word = text.strip()
    if not word:
        raise ValueError("an empty value")
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for read in (int, float, lambda fraction: float(Fraction(fraction))):
        try:
            number = read(word)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if not math.isfinite(number):
            raise ValueError(f"{word[:20]!r} is no finite number")
        return number
    day = _date(word)
    return word if day is None else day


def written(value: object) -> str:
    """A value as `parse_value` reads it, to six digits."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _date(word: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(word)
    except ValueError:
        return None


def _date_steps(text: str, first: str, last: str, every: str) -> list[Value]:
    start, stop = _date(first), _date(last)
    if start is None or stop is None or not every.isdecimal() or int(every) < 1 or stop < start:
        raise ValueError(f"a range of dates is FIRST:LAST:DAYS, got {text!r}")
    if (stop - start).days % int(every):
        raise ValueError(f"steps of {every} days from {start} miss {stop}")
    return [start + datetime.timedelta(days) for days in range(0, (stop - start).days + 1, int(every))]
