"""Who holds power under a rule: exact indices, blockers, and who was critical in a given result.

A body is taken to vote as one: all its members yes, or all no. So a rule becomes a simple game, a list of coalitions
of bodies that win, and counting ballots per capita weighs a body by its members. All counts are exact: by a decision
diagram in place of 2^n coalitions, or one by one where up to 28 bodies have weights too different for that.

Sources: Penrose (1946), Banzhaf (1965), Shapley & Shubik (1954); Felsenthal & Machover (1998), The Measurement of
Voting Power, for the definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.ratification.conditions import AllOf, Condition, Leaf, Quorum, Share, Tree
from sim.ratification.decision_diagram import (
    UNREACHABLE,
    Game,
    QuotaTree,
    TooManyCoalitions,
    minimal_winning_diagram,
    winning_diagram,
)
from sim.ratification.enumeration import MOST_BODIES, Coalitions, Enumeration
from sim.ratification.rule import Rule, Tally
from sim.ratification.tally import NEVER, Count, whole

LISTED = 100  # coalitions listed by name; where there are more they are only counted


@dataclass(frozen=True, kw_only=True)
class Power:
    """Everything exact about a rule over named bodies, in the order of the names."""

    names: tuple[str, ...]
    weight_share: tuple[Fraction, ...]  # of all members
    winning_by_size: tuple[int, ...]  # coalitions of 0, 1, ... bodies that win
    swings: tuple[int, ...]  # winning coalitions that lose without the body
    banzhaf: tuple[Fraction, ...]  # swings as a share of all swings
    shapley_shubik: tuple[Fraction, ...]  # chance of being pivotal in a random order
    minimal_winning: int  # winning coalitions that lose without any one of their bodies
    minimal_winning_listed: tuple[tuple[str, ...], ...]  # all of them where they are few, else none
    blockers: tuple[str, ...]  # bodies whose no alone is enough to refuse
    smallest_block: int  # bodies in the smallest coalition that can refuse
    smallest_blocks: int  # how many such coalitions there are
    smallest_blocks_listed: tuple[tuple[str, ...], ...]  # all of them where they are few, else none

    @property
    def winning(self) -> int:
        """Coalitions that win, of 2^bodies."""
        return sum(self.winning_by_size)

    def chance(self, approval: Fraction | float) -> Fraction | float:
        """Chance that a vote carries when every body approves with this probability, apart from the others.

        At one half this is Coleman's power of a collectivity to act.
        """
        n = len(self.names)
        return sum(
            ways * approval**size * (1 - approval) ** (n - size) for size, ways in enumerate(self.winning_by_size)
        )


class PowerRow(NamedTuple):
    """One body's line in a power table."""

    name: str
    weight_share: float
    banzhaf: float
    shapley_shubik: float
    can_block_alone: bool


def describe_power(rule: Rule, names: Sequence[str], weights: ArrayLike) -> list[PowerRow]:
    """A row a body for printing: weight share, normalised Banzhaf, Shapley-Shubik, and whether it can block alone."""
    power = analyse_power(rule, names, weights)
    return [
        PowerRow(name, float(share), float(banzhaf), float(shapley), name in power.blockers)
        for name, share, banzhaf, shapley in zip(
            power.names, power.weight_share, power.banzhaf, power.shapley_shubik, strict=True
        )
    ]


def analyse_power(rule: Rule, names: Sequence[str], weights: ArrayLike) -> Power:
    """The exact power of every body under a rule; ``weights`` are members, whole numbers, (bodies,).

    Raises ValueError where thresholds differ between worlds (take `Rule.world`), and `WrongInput` where there are more
    than 100 bodies, or more than 28 whose weights make too many different coalitions.
    """
    members = whole(np.asarray(weights))
    game = simple_game(rule, names, members)
    n = len(names)
    found = _counted(game)
    winning = sum(found.by_size)
    swings = tuple(2 * sum(own) - winning for own in found.containing)
    blockers = ~game.wins(~np.eye(n, dtype=bool))
    everybody = set(range(n))
    blocks = sorted(tuple(sorted(everybody - set(others))) for others in found.losing_listed)
    return Power(
        names=tuple(names),
        weight_share=tuple(Fraction(int(m), max(int(members.sum()), 1)) for m in members),
        winning_by_size=tuple(found.by_size),
        swings=swings,
        banzhaf=tuple(Fraction(own, max(sum(swings), 1)) for own in swings),
        shapley_shubik=tuple(_shapley_shubik(found.by_size, own) for own in found.containing),
        minimal_winning=found.minimal,
        minimal_winning_listed=tuple(_named(bodies, names) for bodies in found.minimal_listed),
        blockers=tuple(name for name, blocks_alone in zip(names, blockers, strict=True) if blocks_alone),
        smallest_block=n - found.losing_size if found.losing else 0,
        smallest_blocks=found.losing,
        smallest_blocks_listed=tuple(_named(bodies, names) for bodies in blocks),
    )


def _counted(game: Game) -> Coalitions:
    """By a diagram; one by one where the weights are too different for it and the bodies few enough."""
    try:
        return _counted_by_diagram(game)
    except TooManyCoalitions:
        if game.weights.shape[1] > MOST_BODIES:
            raise
        return Enumeration(game).counted(listed=LISTED)


def _counted_by_diagram(game: Game) -> Coalitions:
    diagram = winning_diagram(game)
    completions = diagram.completions()
    by_size = [int(ways) for ways in completions[0][0]]
    containing = [[int(ways) for ways in own] for own in diagram.containing(completions)]
    n = diagram.bodies
    minimal = minimal_winning_diagram(game)
    ways = minimal.completions()
    number = int(ways[0].sum())
    sizes = range(n + 1) if number <= LISTED else ()
    # where a coalition loses, the others block: the smallest blocks leave the largest losing coalitions
    losing = [
        np.array([comb(n - layer, size) for size in range(n - layer + 1)], dtype=ways.dtype) - ways
        for layer, ways in enumerate(completions)
    ]
    largest = max((size for size, left in enumerate(losing[0][0]) if left), default=-1)
    blocks = int(losing[0][0, largest]) if largest >= 0 else 0
    return Coalitions(
        by_size=by_size,
        containing=containing,
        minimal=number,
        minimal_listed=[bodies for size in sizes for bodies in minimal.coalitions(ways, size)],
        losing_size=largest,
        losing=blocks,
        losing_listed=list(diagram.coalitions(losing, largest)) if 0 < blocks <= LISTED else [],
    )


def _cheapest(game: Game, costs: NDArray[np.int64]) -> tuple[int, tuple[int, ...]] | None:
    """The winning coalition of least total cost; likewise."""
    try:
        return winning_diagram(game).cheapest(costs)
    except TooManyCoalitions:
        if game.weights.shape[1] > MOST_BODIES:
            raise
        return Enumeration(game).cheapest(costs)


def _shapley_shubik(winning: Sequence[int], containing: Sequence[int]) -> Fraction:
    """From the number of winning coalitions by size, and of those with the body in them.

    A coalition of s bodies with this one last comes up in (s-1)!(n-s)! of n! orders; the body is pivotal in those
    that win less those that win without it.
    """
    n = len(winning) - 1
    won = sum(factorial(s - 1) * factorial(n - s) * containing[s] for s in range(1, n + 1))
    already = sum(factorial(t) * factorial(n - t - 1) * (winning[t] - containing[t]) for t in range(n))
    return Fraction(won - already, factorial(n))


def _named(bodies: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[body] for body in bodies)


def simple_game(rule: Rule, names: Sequence[str], members: NDArray[np.int64]) -> Game:
    """The rule as a game between bodies that each vote as one, everybody voting."""
    everybody = Tally(names=names, members=members, yes_ballots=members[:, None], no_ballots=0 * members[:, None])
    count = Count(everybody, rule.tie)

    def quota(leaf: Leaf) -> tuple[NDArray[Any], Any]:
        if isinstance(leaf, Quorum):
            return np.zeros(len(names)), 0 if leaf.holds(count)[0] else UNREACHABLE
        own = leaf.weights(count)
        return members if own is None else own, leaf.quota(count)

    return _game(rule.condition, quota, len(names))


def _game(condition: Condition, quota: Any, bodies: int) -> Game:
    """Number the leaves and put their weights and quotas in rows; ``quota(leaf)`` gives weights and quota."""
    leaves = [leaf for _, leaf in condition.leaves()]
    rows = [quota(leaf) for leaf in leaves]
    quotas = np.array([_one_world(need) for _, need in rows], dtype=np.int64)
    weights = np.array([np.asarray(own).reshape(bodies) for own, _ in rows], dtype=np.int64)
    numbers = iter(range(len(leaves)))

    def tree(part: Condition) -> QuotaTree:
        if isinstance(part, Tree):
            return ("all_of" if isinstance(part, AllOf) else "any_of", tuple(tree(inner) for inner in part.parts))
        return next(numbers)

    return Game(tree(condition), weights, quotas)


def _one_world(amount: Any) -> int:
    amounts = np.ravel(amount)
    if len(amounts) != 1:
        raise ValueError("power is computed for one rule: take rule.world(k) where thresholds differ between worlds")
    return int(amounts[0])


# --- in a given result --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Critical:
    """A body that alone could have turned the result, and how."""

    name: str
    ballots: int  # of its own, the fewest that reverse its majority


def critical_bodies(rule: Rule, tally: Tally, world: int = 0) -> list[Critical]:
    """The bodies that could each have turned this result by turning their own majority, fewest ballots first."""
    rule, tally = rule.world(world), tally.world(world)
    count = Count(tally, rule.tie)
    ballots = np.where(count.approves, count.to_refuse, count.to_approve)[:, 0]
    pivotal = rule.pivotal(tally)[:, 0]
    found = [Critical(name=tally.names[body], ballots=int(ballots[body])) for body in np.flatnonzero(pivotal).tolist()]
    return sorted(found, key=lambda body: body.ballots)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The fewest no ballots that, turned into yes, make a refused deal carry."""

    ballots: int
    bodies: dict[str, int]  # those whose majority must turn, with the ballots each takes
    anywhere: int  # ballots beyond those, in any body: a count per capita needs them


def fewest_ballots(rule: Rule, tally: Tally, world: int = 0) -> Turn | None:
    """How little would have made the vote carry under the whole rule; None where no turning of ballots helps.

    Exact. Turning a body's majority costs its fewest ballots, and every ballot turned also counts per capita. So for
    each number of ballots at which one more per-capita condition comes to hold, the cheapest bodies that meet the rest
    are found, and the least of all these is taken.
    """
    rule, tally = rule.world(world), tally.world(world)
    count = Count(tally, rule.tie)
    costs = count.to_approve[:, 0]
    turnable = np.flatnonzero((costs > 0) & (costs < NEVER))
    best: Turn | None = None
    for turned in _levels(rule, count):
        game = _game(rule.condition, lambda leaf, turned=turned: _missing(leaf, count, turnable, turned), len(turnable))
        cheapest = _cheapest(game, costs[turnable])
        if cheapest is None:
            continue
        cost, chosen = cheapest
        if best is None or max(cost, turned) < best.ballots:
            bodies = {tally.names[turnable[body]]: int(costs[turnable[body]]) for body in chosen}
            best = Turn(ballots=max(cost, turned), bodies=bodies, anywhere=max(turned - cost, 0))
    return best


def _levels(rule: Rule, count: Count) -> list[int]:
    """Numbers of turned ballots at which one more per-capita condition holds, none turned first."""
    shares = [leaf for _, leaf in rule.condition.leaves() if isinstance(leaf, Share) and leaf.count == "per_capita"]
    needs = {_one_world(leaf.quota(count)) - int(leaf.amount(count)[0]) for leaf in shares}
    return [0, *sorted(need for need in needs if 0 < need <= count.no[0])]


def _missing(leaf: Leaf, count: Count, turnable: NDArray[np.int64], turned: int) -> tuple[NDArray[Any], int]:
    """What a condition still lacks in this result, and what each body that can turn would add, (turnable,)."""
    need = _one_world(leaf.quota(count)) - int(leaf.amount(count)[0])
    own = leaf.weights(count)
    if own is None:
        per_capita = isinstance(leaf, Share)
        return np.zeros(len(turnable)), 0 if need <= (turned if per_capita else 0) else UNREACHABLE
    return own.reshape(count.bodies)[turnable], max(need, 0)
