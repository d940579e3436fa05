"""A dated happening: what every kind of them has, and the amounts of its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


def amount(unit: str, rows: str = "", **default: Any) -> Any:
    """A field of a happening: its unit, and what its rows are (issues, unions, units, seats, towns) if it has any.

    Its shape is (worlds,), or (rows, worlds); a number, or one world, stands for all.
    """
    return field(metadata={"unit": unit, "rows": rows}, **default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened on a day, in the worlds of ``where``."""

    actor: ClassVar[str] = ""
    date: datetime.date
    phase: str
    where: NDArray[np.bool_]  # (worlds,)

    @property
    def who(self) -> str:
        """Who did it."""
        return self.actor

    def words(self, world: int) -> str:
        """In a sentence, for the world at this place; kinds that the story words itself leave it empty."""
        return ""

    def amounts(self, world: int, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
        """Its numbers in the world at this place: ``name``, or ``name/row`` with the rows' ``names``."""
        for item in fields(self):
            if "unit" not in item.metadata:
                continue
            given = getattr(self, item.name)
            if given is None:
                continue
            values = np.asarray(given, dtype=float)
            column = values[..., world if values.ndim and values.shape[-1] > 1 else 0] if values.ndim else values
            if not item.metadata["rows"]:
                yield item.name, float(column)
                continue
            for row, value in zip(names[item.metadata["rows"]], np.ravel(column), strict=True):
                yield f"{item.name}/{row}", float(value)


def labels(case: Any) -> dict[str, tuple[str, ...]]:
    """The names of the rows of a case's happenings, by kind of row."""
    halls = case.town_halls
    return {
        "issues": tuple(issue.name for issue in case.issues),
        "unions": case.unions.names,
        "units": case.units.names,
        "seats": tuple(f"{seat.chamber} {seat.district} {seat.name}" for seat in case.seats),
        "towns": () if halls is None else tuple(town.name for town in halls.towns),
    }
