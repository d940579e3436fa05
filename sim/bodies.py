"""Who there is: the bodies of a case, made once for all worlds, and who takes the place of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar, cast

from agents.body import Body
from agents.chamber import Assembly, Chamber
from agents.coalition import Coalition
from agents.governor import Governor
from agents.leader import Leader
from agents.legislator import Legislator
from agents.mayor import Mayor
from agents.union import Union, Unit
from sim.scenario.numbers import Numbers
from sim.state import State
from sim.worlds.randomness import Luck

Kinds = Mapping[str, type[Body]]
B = TypeVar("B", bound=Body)


def _kind(kinds: Kinds, usual: type[B]) -> type[B]:
    """The class that plays this role: a user's, or ours."""
    return cast(type[B], kinds.get(usual.role, usual))


@dataclass(slots=True, kw_only=True)
class Bodies:
    """Every kind holds all its bodies as rows; what the case does not have is None."""

    governor: Governor
    coalition: Coalition
    leaders: Leader
    unions: Union
    units: Unit
    assembly: Assembly | None
    mayors: Mayor | None
    others: dict[str, Body] = field(default_factory=dict)  # of a user's own, by role

    @classmethod
    def of(cls, numbers: Numbers, state: State, luck: Luck, kinds: Kinds) -> Self:
        """``kinds``: by role, what a user puts in the place of a body's usual class."""
        case = numbers.scenario
        spread, shared = numbers.members.trust_spread, numbers.members.mood_shared
        moods = case.unit_moods(luck.seed, luck.worlds, spread, shared)
        units = _kind(kinds, Unit)(
            case.units, numbers.members, scale=numbers.unions.members_scale, moods=moods, luck=luck
        )
        unions = _kind(kinds, Union)(case.unions, units)
        coalition = _kind(kinds, Coalition)(
            numbers.coalition,
            numbers.leaders,
            names=case.unions.names,
            members=unions.members,
            tabled=case.unions.members,
        )
        governor = _kind(kinds, Governor)(numbers.governor, numbers.issues, low=state.low, high=state.high, luck=luck)
        assembly = None
        if numbers.legislature is not None and case.roll_call is not None and case.seats:
            coefficients = case.roll_call.drawn(luck.seed, luck.worlds)
            legislators = _kind(kinds, Legislator)(case.seats, numbers.legislature, coefficients, luck)
            assembly = Assembly(legislators, whip_error=numbers.legislature.whip_error, kind=_kind(kinds, Chamber))
        mayors = None
        if numbers.towns is not None and case.town_halls is not None:
            mayors = _kind(kinds, Mayor)(case.town_halls, numbers.towns, luck)
        return cls(
            governor=governor,
            coalition=coalition,
            leaders=_kind(kinds, Leader)(unions, numbers.leaders, luck),
            unions=unions,
            units=units,
            assembly=assembly,
            mayors=mayors,
            others={role: kind(numbers.others[role], luck) for role, kind in kinds.items() if role in numbers.others},
        )

    def all(self) -> Iterator[Body]:
        """Every kind that the case has."""
        yield from (self.governor, self.coalition, self.leaders, self.unions, self.units)
        if self.assembly is not None:
            yield from (*self.assembly.chambers, self.assembly.members)
        if self.mayors is not None:
            yield self.mayors
        yield from self.others.values()
