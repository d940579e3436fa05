"""What every body of a single world wants, believes and decided last, for Mesa's `DataCollector`.

Read from the record, and where a belief also moves between happenings as it stands, so asking moves nobody; made only
where a model says ``collect="agents"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from sim.ratification.tally import Count
from sim.record import (
    Amendment,
    Ballots,
    Deadline,
    Happening,
    Lobbying,
    Offer,
    Opening,
    Recommendation,
    RollCall,
    Threatened,
)
from sim.story import first
from sim.worlds.axis import Array

Report = float | str | bool


class Reports:
    """By role, and by row where bodies of a role differ: what is believed, and what was decided last."""

    def __init__(self) -> None:
        self.believes: dict[str, Any] = {}
        self.decided: dict[str, Any] = {}

    def read(self, happenings: Iterable[Happening], *, reservation: Array, expected_share: Array) -> None:
        """What these tell of the one world; what governor (M$/yr) and members (share of posts) believe after them."""
        for said in happenings:
            if said.where[0]:
                self._read(said)
        self.believes["unit"] = first(expected_share)
        if "governor" in self.believes:  # he weighs no deal only where there are talks
            self.believes["governor"] = first(reservation)

    def _read(self, said: Happening) -> None:
        believes, decided = self.believes, self.decided
        match said:
            case Opening():
                believes["governor"] = first(said.reservation)
            case Threatened():
                decided["governor"] = f"threatens: {said.name.replace('_', ' ')}"
            case Offer():
                answer = "accepts" if said.accepted[0] else "refuses"
                for side in ("governor", "coalition"):
                    decided[side] = "offers" if said.proposer in (side, "both") else answer
                believes["coalition"] = first(said.reservations["coalition"])
            case Deadline():
                decided |= dict.fromkeys(("governor", "coalition"), "signs" if said.agreed[0] else "does not sign")
            case Recommendation():
                believes["leader"] = said.expects_yes[:, 0]
            case Amendment():
                decided["leader"] = np.where(said.favour[:, 0], "for another rule", "against another rule")
            case Ballots():
                count = Count(said.tally.world(0), said.rule_at(0).tie)
                decided |= {"unit": said.unit_yes_share[:, 0], "union": count.approves[:, 0]}
            case Lobbying():
                believes |= dict.fromkeys(("mayor", "legislator"), first(said.threatened))
                decided["mayor"] = said.effort[:, 0]
            case RollCall():
                here = np.where(said.yes[:, 0], "yes", "no")
                decided["legislator"] = np.where(said.here[:, 0], here, "absent")


def wants(agent: Any) -> str:
    """In the words of its kind."""
    return " ".join((type(agent).__doc__ or "").split("\n")[0].split())


def reporters(reports: Callable[[Any], Reports]) -> Mapping[str, Callable[[Any], Report | None]]:
    """Columns of Mesa's table of agents; ``reports`` are those of an agent's model.

    ``believes``: the governor the savings below which he would sooner cut (M$/yr); the coalition what no deal is worth
    on its scale; a leader whether his members say yes; a unit the share of all posts that go; a mayor and a legislator
    the aid that goes (M$/yr). ``decided``: what a side of the table did last; how a leader, a legislator or a union
    voted, the share of yes in a unit, a mayor's share of full effort. None until there is something.
    """
    return {
        "role": lambda agent: agent.role,
        "wants": wants,
        "believes": lambda agent: _of(agent, reports(agent.model).believes),
        "decided": lambda agent: _of(agent, reports(agent.model).decided),
    }


def _of(agent: Any, by_role: Mapping[str, Any]) -> Report | None:
    told = by_role.get(agent.role)
    return told[agent.row].item() if isinstance(told, np.ndarray) else told
