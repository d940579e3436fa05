"""How one world is told: its numbers, and a line of the story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.terms import Terms, terms
from sim.record import Happening
from sim.scenario.numbers import Numbers
from sim.wording import package_in_words

Event = dict[str, Any]


def first(values: Any) -> float:
    """The number of the only world there is."""
    return float(np.asarray(values).reshape(-1)[0])


class Teller:
    """Tells the world at one place of a crisis: how its numbers are read, and how a line is said.

    What a later line depends on is remembered: the last text of each side, and the burden that last leaked.
    """

    def __init__(self, numbers: Numbers, *, place: int = 0) -> None:
        self.numbers, self.case, self.place = numbers, numbers.scenario, place
        self.events: list[Event] = []
        self.last_offers: dict[str, NDArray[np.float64]] = {}
        self.last_leak: float | None = None

    def say(self, happening: Happening, actor: str, event: str, **numbers: Any) -> None:
        """One line of the story; ``numbers`` go into the record beside the words."""
        plain = {key: round(value, 6) if isinstance(value, float) else value for key, value in numbers.items()}
        dated = {"date": happening.date.isoformat(), "phase": happening.phase, "actor": actor, "event": event}
        self.events.append(dated | plain)

    def here(self, quantity: Any) -> float:
        """A number of this world, from one a world or one for all."""
        values = np.asarray(quantity)
        if values.ndim and values.shape[-1] > 1:
            return float(values[..., self.place])
        return first(values)

    def terms(self, package: NDArray[np.float64]) -> Terms:
        return terms(package, self.numbers.rows)

    def in_words(self, package: NDArray[np.float64]) -> str:
        return package_in_words(self.case.issues, package[:, self.place])

    def by_name(self, package: NDArray[np.float64]) -> dict[str, float]:
        names = [issue.name for issue in self.case.issues]
        return {name: round(float(x), 4) for name, x in zip(names, package[:, self.place], strict=True)}


Telling = dict[type[Happening], Callable[[Teller, Any], None]]  # the words of each kind of happening
