"""Decisions of bodies that people take: leaders, the heads of the chambers, mayors.

A person takes a body's place as a plug-in does (`sim.plugins`): a class of its kind, held to what the kind may answer.
It asks the model's own body first, and what the person says otherwise is put into that answer. He is asked on the days
on which the decision is taken, once each; what he said stands until he is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agents.body import Body
from agents.chamber import Chamber
from experiments.page.decisions import chamber, leader, mayors
from experiments.page.decisions.matter import Decision, Matter
from experiments.page.hand import Hand
from experiments.page.setup import HEADS, LEADER, MAYORS
from sim.scenario.scenario import Scenario

DECISIONS = (*leader.DECISIONS, *chamber.DECISIONS, *mayors.DECISIONS)


def by_hand(hand: Hand, case: Scenario) -> dict[str, type[Body]]:
    """By role, the kinds of body in which somebody sits."""
    own = {role: one.kind for role, one in case.plugins.items()}
    kinds: dict[str, type[Body]] = {}
    for decision in DECISIONS:
        role = decision.kind.role
        seats = {seat: row for seat in hand.seats if (row := _row(seat, role, case)) is not None}
        if seats:
            usual = own.get(role, decision.kind)
            kinds.setdefault(role, type(usual.__name__, (usual,), {}))
            setattr(kinds[role], decision.name, _asking(decision, getattr(usual, decision.name), seats, hand))
    return kinds


def _row(seat: str, role: str, case: Scenario) -> int | None:
    """The row of a seat's body among those of a role; None where it is of another role."""
    if role == "leader" and seat.startswith(LEADER):
        return case.unions.names.index(seat.removeprefix(LEADER))
    of_role = {"mayor": (MAYORS,), "chamber": tuple(HEADS.values())}
    return 0 if seat in of_role.get(role, ()) else None


def _asking(decision: Decision, models: Callable[..., Any], seats: Mapping[str, int], hand: Hand) -> Callable[..., Any]:
    def decides(self: Body, *given: Any, **named: Any) -> Any:
        answer = models(self, *given, **named)
        for seat, row in seats.items():
            if isinstance(self, Chamber) and HEADS[self.name] != seat:
                continue
            matter = Matter(hand, seat, row, self, given, answer, lambda body: models(body, *given, **named))
            if hand.act in decision.acts and not hand.asked_today(seat, decision.name):
                question = decision.asks(matter)
                if question is not None:
                    hand.ask(seat, decision.name, question)
            said = hand.said(seat, decision.name)
            answer = answer if said is None else decision.puts(matter, *said)
        return answer

    return decides
