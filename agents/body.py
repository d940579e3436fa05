"""What every body is: rows of arrays over worlds, with the decisions of its kind.

A rule is written once, for one body in one world, and NumPy lends it the rest: an instance holds all bodies of its kind
as rows, shape (bodies, worlds), and `one` is a single body, whose quantities are views of its row. Both have the same
decisions. Of a kind that counts its ``bodies`` whatever has two axes or more, or is a tuple, and is as long as there
are bodies, is by body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np


class Answer(NamedTuple):
    """What a decision may give in every world: true or false, or numbers from ``least`` to ``most``, never NaN."""

    switch: bool = False
    least: float = -np.inf
    most: float = np.inf
    finite: bool = True


YES_OR_NO, NUMBER, AMOUNT, SHARE = Answer(switch=True), Answer(), Answer(least=0.0), Answer(least=0.0, most=1.0)


class Body:
    """All bodies of a kind, or one of them."""

    role: ClassVar[str] = ""  # what a plug-in takes the place of, as in ``--agent governor=FILE.py:CLASS``
    numbers: ClassVar[Mapping[str, Any]] = {}  # what a plug-in declares, by name (`sim.plugins.parameter`)
    answers: ClassVar[Mapping[str, Answer]] = {}  # what a plug-in in its place may give, by decision
    bodies: int = 1

    def __init__(self, preferences: Any, luck: Any) -> None:
        """Of a body of a user's own: its section's numbers in these worlds, and their luck."""
        self.preferences, self.luck = preferences, luck

    def act(self, state: Any, bodies: Any, numbers: Any, luck: Any) -> list[Any]:
        """What a body of a user's own does on its day: what happened, as in ``sim/acts``."""
        raise NotImplementedError

    def one(self, row: int, kind: type[Self] | None = None) -> Self:
        """The body in this row: it can be asked what it wants and would do; what it does is done by all together."""
        alone = object.__new__(kind or type(self))
        alone.__dict__["_all"], alone.__dict__["row"] = self, row
        return alone

    def some(self, rows: Sequence[int]) -> Self:
        """The bodies in these rows, likewise."""
        few = self.one(0)
        few.__dict__["row"], few.__dict__["bodies"] = list(rows), len(rows)
        return few

    def __getattr__(self, name: str) -> Any:
        together = self.__dict__.get("_all")
        if together is None or name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        quantity = getattr(together, name)
        if "bodies" not in together.__dict__:  # the only one of its kind: what it has in rows are not bodies
            return quantity
        return _of_row(quantity, self.__dict__["row"], together.bodies)


def _of_row(quantity: Any, row: int | list[int], bodies: int) -> Any:
    if isinstance(quantity, tuple) and len(quantity) == bodies:
        return tuple(quantity[one] for one in row) if isinstance(row, list) else quantity[row]
    by_body = isinstance(quantity, np.ndarray) and quantity.ndim >= 2 and len(quantity) == bodies
    return quantity[row] if by_body else quantity
