"""Who there is: the bodies of a case, made once for all worlds, and who takes the place of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar, cast

import numpy as np

from agents.body import Answer, Body
from agents.chamber import Assembly, Chamber
from agents.coalition import Coalition
from agents.governor import Governor
from agents.leader import Leader
from agents.legislator import Legislator
from agents.mayor import Mayor
from agents.union import Union, Unit
from sim.errors import WrongInput, nearest
from sim.plugins import ROLES
from sim.scenario.draws import moods_in_worlds
from sim.scenario.numbers import Numbers
from sim.state import State
from sim.worlds import checks
from sim.worlds.randomness import Luck

Kinds = Mapping[str, type[Body]]
B = TypeVar("B", bound=Body)


def _kind(kinds: Kinds, usual: type[B], worlds: int) -> type[B]:
    """The class that plays this role: a user's, held to what ours may give, or ours."""
    own = kinds.get(usual.role)
    if own is None:
        return usual
    lacks = [name for name in usual.answers if not hasattr(own, name)]
    if lacks:
        raise WrongInput(
            f"{usual.role}: {own.__name__} has no {', '.join(lacks)}; what stands in the place of "
            f"{usual.__module__}.{usual.__name__} begins from it"
        )
    held = type(own.__name__, (own,), {})
    for name, answer in usual.answers.items():
        if getattr(own, name) is not getattr(usual, name):
            setattr(held, name, _checked(held, name, answer, worlds))
    return cast(type[B], held)


def _checked(held: type[Body], name: str, answer: Answer, worlds: int) -> Callable[..., Any]:
    def decides(self: Body, *given: Any, **named: Any) -> Any:
        says = getattr(super(held, self), name)(*given, **named)
        about = {one.shape[-1] for one in (*given, *named.values()) if isinstance(one, np.ndarray) and one.ndim}
        checks.answer(says, of=f"{held.__name__}.{name}", worlds={worlds, *about}, **answer._asdict())
        if isinstance(says, (bool, int, float)):  # the same in all worlds
            return np.full(about.pop() if len(about) == 1 else worlds, says)
        return says

    return decides


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
        """``kinds``: by role, what a user puts in the place of a body's usual class. Raises `WrongInput`."""
        for role in kinds:
            if role not in ROLES and role not in numbers.others:
                raise WrongInput(f"{role}: is none of our roles ({', '.join(ROLES)}){nearest(role, ROLES)}")
        case, worlds = numbers.scenario, len(luck.worlds)
        spread, shared = numbers.members.trust_spread, numbers.members.mood_shared
        moods = moods_in_worlds(case, luck, spread, shared)
        units = _kind(kinds, Unit, worlds)(
            case.units, numbers.members, scale=numbers.unions.members_scale, moods=moods, luck=luck
        )
        unions = _kind(kinds, Union, worlds)(case.unions, units)
        coalition = _kind(kinds, Coalition, worlds)(
            numbers.coalition,
            numbers.leaders,
            names=case.unions.names,
            members=unions.members,
            tabled=case.unions.members,
        )
        governor = _kind(kinds, Governor, worlds)(
            numbers.governor, numbers.rows, low=state.low, high=state.high, luck=luck
        )
        assembly = None
        if numbers.legislature is not None and case.roll_call is not None and case.seats:
            coefficients = case.roll_call.drawn(luck)
            legislators = _kind(kinds, Legislator, worlds)(case.seats, numbers.legislature, coefficients, luck)
            assembly = Assembly(
                legislators, whip_error=numbers.legislature.whip_error, kind=_kind(kinds, Chamber, worlds)
            )
        mayors = None
        if numbers.towns is not None and case.town_halls is not None:
            mayors = _kind(kinds, Mayor, worlds)(case.town_halls, numbers.towns, luck)
        return cls(
            governor=governor,
            coalition=coalition,
            leaders=_kind(kinds, Leader, worlds)(unions, numbers.leaders, luck),
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
