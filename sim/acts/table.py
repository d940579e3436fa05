"""The table as both sides see it: what each wants, could do without, and takes the other for, as things now are."""

from __future__ import annotations

from functools import partial

from agents.coalition import reservation_value
from sim.acts.beliefs import leader_would_sign, leaders_would_sign, union_weights, weigh
from sim.bargaining.estimates import guess, misjudged
from sim.bargaining.side import PackageTest
from sim.bargaining.talks import Talks
from sim.bargaining.union_tables import LABOUR
from sim.bodies import Bodies
from sim.scenario.numbers import Numbers
from sim.state import State
from sim.worlds.axis import Array


def would_sign(
    state: State, bodies: Bodies, numbers: Numbers, union: int | None = None, *, in_pieces: bool = False
) -> PackageTest:
    """Whether the leaders would sign a package, or one of them whose union sits at a table of its own.

    ``in_pieces``: it will come by piece, not by issue.
    """
    whose = leaders_would_sign if union is None else partial(leader_would_sign, union)
    return partial(whose, state=state, bodies=bodies, numbers=numbers, in_pieces=in_pieces)


def coalitions_guess(labours: Array, state: State, bodies: Bodies, numbers: Numbers) -> Array:
    """The governor's weights as leaders with these weights guess them, (rows, worlds)."""
    assert numbers.coalition is not None
    insight, pieces = numbers.coalition.insight, numbers.rows.pieces
    return guess(labours, bodies.governor.weights, state.low, state.high, insight, pieces=pieces)


def take_stock(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """When the sides next sit down, or the deadline comes: all that has happened since is told them at once."""
    if state.untold:
        tell_both_sides(state, bodies, numbers)


def tell_both_sides(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """While talks go on: both sides' values and no-deal values as they are now."""
    state.untold = False
    if state.talks is None or state.talks_over:
        return
    if state.tables is None:
        wants = weigh(state, bodies, numbers).member_weights
        if wants is not state.told:
            _tell_wants(state.talks, wants, state, bodies, numbers)
            state.told = wants
        _tell_floors(state.talks, would_sign(state, bodies, numbers, in_pieces=True), state, bodies)
        return
    for union, table in enumerate(state.tables.tables):
        _tell_wants(table, union_weights(union, state, bodies, numbers), state, bodies, numbers)
        _tell_floors(table, would_sign(state, bodies, numbers, union, in_pieces=True), state, bodies)


def _tell_wants(talks: Talks, labours: Array, state: State, bodies: Bodies, numbers: Numbers) -> None:
    """What labour at a table now wants, and what each side guesses of the other."""
    talks.table.update("governor", believed=bodies.governor.guesses(labours))
    talks.table.update(LABOUR, weights=labours, believed=coalitions_guess(labours, state, bodies, numbers))


def _tell_floors(talks: Talks, ratifiable: PackageTest, state: State, bodies: Bodies) -> None:
    """What each side of a table now has without a deal, and takes the other to have."""
    talks.table.update("governor", reservation=bodies.governor.floor, end=bodies.governor.end)
    frontier = talks.table.side(LABOUR).frontier
    talks.table.update(LABOUR, reservation=reservation_value(frontier, ratifiable, state.worlds))
    for side, error in zip(talks.sides, state.misjudgement, strict=True):
        if error is not None:
            believed = misjudged(talks.table.other(side).floor, error)
            talks.table.update(side.name, believed_reservation=believed)
