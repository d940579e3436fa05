"""What a scenario may say about one number: its role, its range, its unit and who says so.

Each topic file (``agents/members.py``, ``sim/public/cuts.py``, ...) declares the parameters of its own rule as a
`Section`, beside the rule that uses them; ``sim/scenario/scenario.py`` puts the sections together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sim.worlds.axis import Worlds

Role = Literal["fact", "lever", "uncertainty"]
ROLES: tuple[Role, ...] = ("fact", "lever", "uncertainty")

# No number of any unit is plausible beyond these, however a field is bounded; rules stay finite well beyond them.
PLAUSIBLE, PLAUSIBLE_LOGITS = 1e7, 1e3


class Parameter(BaseModel):
    """One number or choice of a scenario.

    A ``fact`` is on record, a ``lever`` is something somebody could choose, an ``uncertainty`` is something nobody
    knows and every world draws from ``[low, high]``. Facts may have a range too (two sources that disagree).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    value: float | int | bool | str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    source: str = ""
    meaning: str = ""
    choices: tuple[str, ...] = ()
    whole: bool = False
    at_least: float = -math.inf  # what makes sense at all; low and high say what is plausible
    at_most: float = math.inf

    @property
    def is_number(self) -> bool:
        """A number may vary from world to world; a choice or a switch may not."""
        return not isinstance(self.value, (bool, str))


# A section is read with parameters in its fields; rules meet the same section with numbers in their place
# (`sim.scenario.numbers`), and are checked against that.
if TYPE_CHECKING:
    Number: TypeAlias = Worlds
    Choice: TypeAlias = str
    Switch: TypeAlias = bool
else:
    Number = Choice = Switch = Parameter


def as_stated(field: Any) -> Any:
    """What a scenario's file says of a field of a section as it was read: the value itself."""
    return field.value


class Section(BaseModel):
    """A table of a scenario file. Unknown keys are refused and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def number(
    unit: str,
    meaning: str,
    *,
    at_least: float = -math.inf,
    at_most: float = math.inf,
    whole: bool = False,
    **field: Any,
) -> Any:
    """A field of type `Parameter` that holds a number in ``unit``; value, low and high all stay within the bounds.

    In TOML: ``{ fact = 3, source = "..." }``, ``{ lever = 3, range = [0, 9], source = "..." }`` or
    ``{ uncertainty = [1, 4], start = 3, source = "..." }``. A unit written there must be this one.
    """

    def read(raw: Any) -> Parameter:
        parameter = _parameter(raw, unit=unit, meaning=meaning, whole=whole, at_least=at_least, at_most=at_most)
        for amount in (parameter.value, parameter.low, parameter.high):
            if amount is None:
                continue
            if isinstance(amount, (bool, str)) or not math.isfinite(amount):
                raise ValueError(f"must be a finite number ({unit}), got {amount!r}")
            if wrong := outside(amount, at_least, at_most, unit):
                raise ValueError(f"{wrong}, got {amount!r}")
            if whole and amount != int(amount):
                raise ValueError(f"must be a whole number ({unit}), got {amount!r}")
        return parameter

    limits = limits_in_words(at_least, at_most) + (", whole" if whole else "")
    return _field(read, unit=unit, meaning=meaning, limits=limits, **field)


def choice(meaning: str, options: Sequence[str], **field: Any) -> Any:
    """A field of type `Parameter` that holds one of the named options: a lever without a scale."""

    def read(raw: Any) -> Parameter:
        parameter = _parameter(raw, unit="one of the named", meaning=meaning, choices=tuple(options))
        if parameter.value not in options:
            raise ValueError(f"must be one of {', '.join(options)}, got {parameter.value!r}")
        return parameter

    return _field(read, unit="one of the named", meaning=meaning, limits=", ".join(options), **field)


def switch(meaning: str, **field: Any) -> Any:
    """A field of type `Parameter` that is true or false."""

    def read(raw: Any) -> Parameter:
        parameter = _parameter(raw, unit="true or false", meaning=meaning)
        if not isinstance(parameter.value, bool):
            raise ValueError(f"must be true or false, got {parameter.value!r}")
        return parameter

    return _field(read, unit="true or false", meaning=meaning, limits="true, false", **field)


def plausible(unit: str) -> float:
    """The most, either way, that a number in this unit can be."""
    return PLAUSIBLE_LOGITS if unit.startswith("logits") else PLAUSIBLE


def outside(amount: float, least: float, most: float, unit: str) -> str:
    """What is wrong with an amount that lies outside its limits, or beyond what is plausible; nothing if it is fine."""
    if not least <= amount <= most:
        return f"must be {limits_in_words(least, most)} {unit}".rstrip()
    return (
        ""
        if abs(amount) <= plausible(unit)
        else f"is beyond all that is plausible, {plausible(unit):g} {unit}".rstrip()
    )


def limits_in_words(least: float, most: float) -> str:
    """``at least 0``, ``at most 1``, ``from 0 to 1`` or, without limits, ``finite``."""
    if least == -math.inf:
        return "finite" if most == math.inf else f"at most {most:g}"
    return f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"


def _field(read: Any, *, unit: str, meaning: str, limits: str, **field: Any) -> Any:
    info = Field(description=meaning, json_schema_extra={"unit": unit, "limits": limits}, **field)
    info.metadata.append(BeforeValidator(read))
    return info


def _parameter(raw: Any, *, unit: str, meaning: str, **extra: Any) -> Parameter:
    """Read the three forms; refuse a bare number, because it would have no source."""
    if isinstance(raw, Parameter):
        return raw
    if not isinstance(raw, Mapping):
        raise ValueError(
            f'has no role and no source; write {{ fact = {raw!r}, source = "..." }} or a lever or an uncertainty'
        )
    named = [role for role in ROLES if role in raw]
    if len(named) != 1:
        raise ValueError(f"must name exactly one of fact, lever, uncertainty, got {sorted(raw)}")
    role = named[0]
    unknown = set(raw) - {role, "range", "start", "unit", "source"}
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}; a parameter has {role}, range, start, unit, source")
    if not isinstance(raw.get("source"), str) or not raw["source"].strip():
        raise ValueError("has no source; say in words where the number is from")
    if raw.get("unit", unit) != unit:
        raise ValueError(f"is in {unit!r} in this model, not in {raw['unit']!r}")
    limits = raw[role] if role == "uncertainty" else raw.get("range")
    low = high = None
    value = raw[role]
    if limits is not None:
        low, high = _limits(limits)
        value = raw.get("start", (low + high) / 2) if role == "uncertainty" else value
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError(f"must be a number, a word, true or false, got {value!r}")
    if low is not None and high is not None and not isinstance(value, str) and not low <= value <= high:
        raise ValueError(f"value {value!r} lies outside its range [{low:g}, {high:g}]")
    return Parameter(
        role=role, value=value, low=low, high=high, unit=unit, source=raw["source"], meaning=meaning, **extra
    )


def _limits(limits: Any) -> tuple[float, float]:
    ordered = (
        isinstance(limits, Sequence)
        and len(limits) == 2
        and all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in limits)
        and limits[0] <= limits[1]
    )
    if not ordered:
        raise ValueError(f"a range is [low, high] with low <= high, got {limits!r}")
    return limits[0], limits[1]
