"""Concession tactics: how much a side insists on over the rounds. A new one is a file and a line in the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from agents.tactics.agenda_setter import AgendaSetter
from agents.tactics.backward_induction import BackwardInduction
from agents.tactics.commitment import Commitment
from agents.tactics.fixed import Fixed
from agents.tactics.resource_dependent import ResourceDependent
from agents.tactics.sealed_bid import SealedBid
from agents.tactics.tactic import Moment, Tactic
from agents.tactics.time_dependent import Boulware, Conceder, Linear, TimeDependent
from agents.tactics.tit_for_tat import AveragedTitForTat, RandomAbsoluteTitForTat, RelativeTitForTat
from agents.tactics.trade_off import TradeOff
from agents.tactics.war_of_attrition import WarOfAttrition
from sim.errors import WrongInput, nearest

__all__ = ["ALL_TACTICS", "Moment", "Tactic", "make_tactic", "numbers_of"]

ALL_TACTICS: dict[str, type[Tactic]] = {
    "time_dependent": TimeDependent,
    "boulware": Boulware,
    "linear": Linear,
    "conceder": Conceder,
    "relative_tit_for_tat": RelativeTitForTat,
    "random_absolute_tit_for_tat": RandomAbsoluteTitForTat,
    "averaged_tit_for_tat": AveragedTitForTat,
    "resource_dependent": ResourceDependent,
    "fixed": Fixed,
    "commitment": Commitment,
    "agenda_setter": AgendaSetter,
    "backward_induction": BackwardInduction,
    "trade_off": TradeOff,
    "sealed_bid": SealedBid,
    "war_of_attrition": WarOfAttrition,
}


def numbers_of(name: str, own: type[Tactic] | None = None) -> set[str]:
    """The numbers that a tactic has a use for; ``own``: a class of the user's in its place."""
    return {field.name for field in fields(ALL_TACTICS[name] if own is None else own)}  # type: ignore[arg-type]


def make_tactic(name: str, numbers: Mapping[str, Any] | None = None, *, own: type[Tactic] | None = None) -> Tactic:
    """The tactic of this name with those of the numbers that it has a use for; the others keep their defaults.

    ``make_tactic(numbers.governor.tactic, vars(numbers.governor))``; ``own``: a class of the user's in its place.
    Raises `WrongInput` for an unknown name.
    """
    if own is None and name not in ALL_TACTICS:
        raise WrongInput(f"tactic: {name!r} is none of ours{nearest(name, ALL_TACTICS)}")
    chosen = ALL_TACTICS[name] if own is None else own
    takes = numbers_of(name, own)
    return chosen(**{key: value for key, value in (numbers or {}).items() if key in takes and value is not None})
