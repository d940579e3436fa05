"""What can be set in a scenario: every entry of its file by dotted key, and settings read in the entry's own type."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from pydantic import BaseModel

from sim.errors import nearest
from sim.ratification.conditions import Share
from sim.ratification.exact_share import FINEST
from sim.ratification.rule import Rule
from sim.scenario.file import NAMED_LISTS, ScenarioFile
from sim.scenario.parameters import Parameter, outside
from sim.scenario.reading import wrong_value
from sim.scenario.schema import section_in, spellings


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a scenario file that can be set: a parameter, a threshold of a rule, or a plain word or date."""

    key: str
    place: tuple[str | int, ...]  # where it stands in the file as TOML reads it
    value: Any  # a `Parameter`, or the plain value
    kind: str  # "parameter", "threshold", "plain", or "open": a parameter that the file leaves out

    @property
    def is_parameter(self) -> bool:
        """A parameter that the file gives, with a role and a source."""
        return self.kind == "parameter"

    @property
    def varies(self) -> bool:
        """May it differ from world to world? All worlds share the calendar, so its numbers may not."""
        if self.is_parameter:
            return self.value.is_number and not self.key.startswith("calendar.")
        return self.kind == "threshold"

    @property
    def unit(self) -> str:
        """What its number is counted in."""
        return str(self.value.unit) if self.is_parameter else "bodies" if self.key.endswith(".at_least") else "share"

    @property
    def beyond_range(self) -> str:
        """Its number and the range which the case gives it, in words; nothing where the number lies within."""
        said = self.value if self.is_parameter else None
        if (
            said is None
            or said.low is None
            or isinstance(said.value, (bool, str))
            or said.low <= said.value <= said.high
        ):
            return ""
        return f"{self.key} = {said.value:g} ({said.low:g} to {said.high:g} {self.unit})"

    def bounds(self) -> tuple[float, float, bool]:
        """Least and most that makes sense, and whether it must be whole."""
        if self.is_parameter:
            return self.value.at_least, self.value.at_most, self.value.whole
        whole = self.key.endswith(".at_least")
        return (1.0, np.inf, True) if whole else (1.0 / FINEST, 1.0, False)


def entries_of_file(sections: ScenarioFile, of: Collection[str] | None = None) -> dict[str, Entry]:
    """Everything in the file that can be set, by dotted key; ``of``: in the sections of these names, None: in all."""
    named = [(name, getattr(sections, field)) for field, name in spellings(type(sections)) if name != "names"]
    chosen = [(name, section) for name, section in named if of is None or name in of]
    return {entry.key: entry for name, section in chosen for entry in entries_of(section, (name,), (name,))}


def entries_of(node: Any, key: tuple[str, ...], place: tuple[str | int, ...]) -> Iterator[Entry]:
    """Everything that can be set below a section, in the order of the schema."""
    if isinstance(node, Parameter):
        yield Entry(".".join(key), place, node, "parameter")
    elif isinstance(node, Rule):
        for path, value in node.thresholds().items():
            steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
            yield Entry(".".join((*key, path)), (*place, *steps), value, "threshold")
        yield from _what_is_counted(node, key, place)
    elif isinstance(node, BaseModel):
        for field, name in spellings(type(node)):
            if getattr(node, field) is None and field in parameters_of(type(node)):
                yield Entry(".".join((*key, name)), (*place, name), None, "open")
            if field != "name":
                yield from entries_of(getattr(node, field), (*key, name), (*place, name))
    elif isinstance(node, tuple) and node and isinstance(node[0], BaseModel):
        for row, item in enumerate(node):
            yield from entries_of(item, (*key, item.name), (*place, row))
    elif isinstance(node, (str, bool, int, float, datetime.date)):
        yield Entry(".".join(key), place, node, "plain")


@cache
def parameters_of(section: type[BaseModel]) -> frozenset[str]:
    """The fields of a section that hold a parameter."""
    return frozenset(name for name, info in section.model_fields.items() if section_in(info.annotation) is Parameter)


def _what_is_counted(rule: Rule, key: tuple[str, ...], place: tuple[str | int, ...]) -> Iterator[Entry]:
    """Of what a rule takes a share, and how it counts: words that a study may change beside the threshold."""
    for path, leaf in rule.condition.leaves():
        if isinstance(leaf, Share):
            steps = tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)
            for word in ("of", "count"):
                if getattr(leaf, word) is not None:
                    where = tuple(str(step) for step in (*steps, word))
                    yield Entry(".".join((*key, *where)), (*place, *steps, word), getattr(leaf, word), "plain")


def by_name(key: str, raw: Mapping[str, Any]) -> str:
    """A key in which a list's item goes by its place (``issues.0.burden``), by the item's name."""
    steps = key.split(".")
    if len(steps) > 1 and steps[0] in NAMED_LISTS and steps[1].isdigit() and int(steps[1]) < len(raw.get(steps[0], ())):
        steps[1] = raw[steps[0]][int(steps[1])]["name"]
    return ".".join(steps)


def put(raw: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """A file as TOML reads it with this value in its place; what lies beside the place is shared, and not changed."""
    if not place:
        return value
    step, *below = place
    if isinstance(step, int):
        return [*raw[:step], put(raw[step], tuple(below), value), *raw[step + 1 :]]
    return {**raw, step: put(raw.get(step, {}), tuple(below), value)}


def as_in_the_file(entry: Entry, value: Any) -> Any:
    """A setting as the schema reads it."""
    if entry.kind == "open":
        return {"lever": value, "source": "a setting"}
    return entry.value.model_copy(update={"value": value}) if entry.is_parameter else value


def parsed(entry: Entry, given: Any) -> Any:
    """A value of the entry's own type. Raises ValueError saying what was expected."""
    if wrong := wrong_value(given):
        raise ValueError(wrong)
    current = entry.value.value if entry.is_parameter else entry.value
    if isinstance(given, str):
        given = given.strip()
    if isinstance(current, bool):
        words = {"true": True, "false": False}
        if isinstance(given, bool) or str(given).lower() in words:
            return given if isinstance(given, bool) else words[given.lower()]
        raise ValueError(f"must be true or false, got {given!r}")
    if entry.kind == "threshold" and not entry.key.endswith(".at_least"):
        return given
    if entry.kind == "open":
        return _finite(given, "")
    if isinstance(current, datetime.date):
        return given if isinstance(given, datetime.date) else _date(given)
    if isinstance(current, str):
        options = entry.value.choices if entry.is_parameter else ()
        if options and given not in options:
            raise ValueError(f"must be one of {', '.join(options)}, got {given!r}{nearest(str(given), options)}")
        return str(given)
    return _one_number(entry, given)


def _date(given: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(given))
    except ValueError:
        raise ValueError(f"must be a date such as 2011-05-31, got {given!r}") from None


def _one_number(entry: Entry, given: Any) -> float | int:
    unit = entry.unit
    number = _finite(given, unit)
    low, high, whole = entry.bounds()
    if wrong := outside(number, low, high, unit):
        raise ValueError(f"{wrong}, got {given!r}")
    if whole and number != int(number):
        raise ValueError(f"must be a whole number ({unit}), got {given!r}")
    return int(number) if whole else number


def _finite(given: Any, unit: str) -> float:
    """A number, also one written as a fraction."""
    try:
        number = float(Fraction(given)) if isinstance(given, str) and "/" in given else float(given)
        if isinstance(given, bool) or not np.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"must be a finite number{f' ({unit})' if unit else ''}, got {given!r}") from None
    return number
