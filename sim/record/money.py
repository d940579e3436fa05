"""Who pays in the end: the gap filled, and a cut of aid absorbed by the towns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, get_args

import numpy as np
from numpy.typing import NDArray

from sim.public.cuts import Filled, InstrumentName
from sim.record.happening import Happening, amount
from sim.worlds.axis import Array, Worlds, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling(Happening):
    """Who pays: the gap filled, M$/yr by source, and the posts it takes."""

    actor: ClassVar[str] = "settlement"
    outcome: Array = amount("code of the outcome")
    gap: Worlds = amount("M$/yr")
    savings: Array = amount("M$/yr")
    revenue: Array = amount("M$/yr")
    filled: Filled  # by instrument
    authority: Array = amount("M$/yr")  # power to cut held at the end
    authority_share: Array = amount("share of any line")
    aid_share: Array = amount("share of town aid")
    posts: Array = amount("posts")
    unit_posts: Array = amount("posts", "units")
    approved: Array = amount("true or false")  # by the legislature, where a deal was ratified
    belief: Array = amount("probability")  # that the average listed post goes, as members saw it at the end
    threat_cost: Array = amount("M$/yr")  # to the governor, of issuing and withdrawing all his threats
    reservation: Worlds = amount("M$/yr")  # savings below which he would sooner have cut, as it was at the end
    local_risk: Worlds = amount("share of payroll")  # of municipal colleagues that would go without a deal

    @property
    def money(self) -> dict[str, Array]:
        """Where the gap's money comes from, M$/yr by source, each (worlds,); they add up to the gap."""
        instruments = {name: self.filled.of(name) for name in get_args(InstrumentName)}
        return {"savings": self.savings, "revenue": self.revenue, **instruments, "deficit": self.filled.deficit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption(Happening):
    """How the towns absorb a cut of aid; by town, (towns, worlds ``here``), since few worlds cut."""

    actor: ClassVar[str] = "towns"
    here: NDArray[np.int64]  # places of the worlds that cut
    aid: Array = amount("M$/yr")  # cut, (worlds,)
    loss: Array = amount("M$/yr", "towns")
    reserves: Array = amount("M$/yr", "towns")
    deferral: Array = amount("M$/yr", "towns")
    concessions: Array = amount("M$/yr", "towns")
    layoffs: Array = amount("M$/yr", "towns")
    taxes: Array = amount("M$/yr", "towns")
    unabsorbed: Array = amount("M$/yr", "towns")
    mills: Array = amount("mills", "towns")
    posts: Array = amount("posts", "towns")
    mill_rise: Array  # of the average inhabitant's town, mills, (worlds that cut,)
    post_cost: Worlds  # M$/yr a local post

    @property
    def local_posts(self) -> Array:
        """Posts that the towns lose together, (worlds that cut,)."""
        return total(self.layoffs) / self.post_cost

    def amounts(self, world: int, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
        """As of any happening; nothing in a world that does not cut."""
        if not self.where[world]:
            return
        place = int(np.searchsorted(self.here, world))
        yield "aid", float(self.aid[world])
        for item in fields(self):
            if item.metadata.get("rows") == "towns":
                for town, value in zip(names["towns"], getattr(self, item.name)[:, place], strict=True):
                    yield f"{item.name}/{town}", float(value)

    def everywhere(self, by_world_that_cuts: Array) -> Array:
        """What is known in the worlds that cut, among all, (worlds,); nothing in the others."""
        column = np.zeros(len(self.where))
        column[self.here] = by_world_that_cuts
        return column
