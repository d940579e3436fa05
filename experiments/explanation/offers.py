"""The offer nearest to the last that would have been ratified.

The last text on the table, agreed or not, is put to the members in its world as it was up to the deadline; then so
are its neighbours: every single issue moved either way, all issues moved together toward what the members like best,
and the best packages for the members at every level of the governor's value (the frontier). An offer would have passed
where the members ratify it and the governor prefers it to no deal. Distance is the sum over issues of the change as a
share of the issue's range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.explanation.line_search import smallest_turns
from experiments.explanation.replays import Replays
from sim.acts.beliefs import weigh
from sim.acts.deadline import close_talks
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import TOLERANCE, Pieces, columns, value_of
from sim.bodies import Bodies
from sim.crisis import Act, Crisis
from sim.record import Offer
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State
from sim.worlds.blocks import blocks
from sim.worlds.randomness import Luck

SCAN = 24  # packages tried along each ray before bisecting
FRONTIER = 201  # packages tried along the frontier
SMALL = 0.005  # of an issue's range: a change that is not worth telling


def put_to_vote(packages: NDArray[np.float64]) -> Act:
    """An act on the last day of the talks: whatever was agreed, or was not, the leaders recommend this."""

    def close(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
        state.agreed, state.package = state.everywhere, packages.copy()
        return close_talks(state, bodies, numbers, luck)

    return close


@dataclass(frozen=True, kw_only=True)
class Table:
    """The end of the talks in one world: the last text, and the packages that are best for both sides."""

    last: NDArray[np.float64]  # the deal, or the last offer where there was none, (issues,)
    agreed: bool
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    frontier: NDArray[np.float64]  # from the members' best package to the governor's, (issues, FRONTIER)
    pieces: Pieces  # of the issues, on which a unit is worth the same throughout
    worth: NDArray[np.float64]  # what a unit of each piece is worth to the governor, M$/yr, (pieces,)
    reservation: float  # below which he prefers no deal, in the same M$/yr

    def governor_prefers(self, packages: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which packages are worth no less to him than no deal, (n,); packages (issues, n)."""
        return value_of(self.pieces.rows(packages), columns(self.worth)) >= self.reservation - TOLERANCE


def table_of(replays: Replays, place: int) -> Table | None:
    """How the talks stood at the deadline in this world; None where nothing was ever offered."""
    crisis = Crisis(replays.scenario, worlds=replays.worlds[place : place + 1], seed=replays.seed, point=replays.point)
    offers: list[NDArray[np.float64]] = []
    crisis.observers.append(
        lambda said: offers.append(said.package[:, 0].copy()) if isinstance(said, Offer) and said.where[0] else None
    )
    state = crisis.state
    while not state.talks_over:
        crisis.step()
    agreed = bool(state.agreed[0])
    last = state.package[:, 0].copy() if agreed else offers[-1] if offers else None
    if last is None:
        return None
    governor = crisis.bodies.governor
    members = weigh(state, crisis.bodies, crisis.numbers).member_weights
    pieces = crisis.numbers.rows.pieces
    frontier = Frontier(governor.weights, members, state.low, state.high, pieces=pieces, own_end=governor.end)
    levels = np.linspace(0.0, 1.0, FRONTIER)
    packages = np.stack([frontier.offer(np.array([level]))[:, 0] for level in levels], axis=1)
    return Table(
        last=last,
        agreed=agreed,
        low=state.low,
        high=state.high,
        frontier=packages,
        pieces=pieces,
        worth=columns(governor.weights)[:, 0].astype(float),
        reservation=float(np.ravel(governor.reservation)[0]),
    )


def votes_on(replays: Replays, place: int, packages: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """What becomes of each package in this world, put to the vote: the block's columns; packages (issues, n)."""
    parts = []
    for some in (packages[:, part] for part in blocks(packages.shape[1])):
        worlds = np.full(some.shape[1], replays.worlds[place])
        crisis = Crisis(replays.scenario, worlds=worlds, seed=replays.seed, point=replays.point)
        crisis.agenda = [
            day._replace(act=put_to_vote(some)) if day.act is close_talks else day for day in crisis.agenda
        ]
        parts.append(crisis.play().columns)
        replays.ran += some.shape[1]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def nearest_offers(replays: Replays, place: int) -> dict[str, Any]:
    """The nearest package that would have passed in this world, and the nearest of each kind; as plain data.

    ``last`` is None where nothing was ever offered, ``nearest`` where nothing that was tried would have passed.
    """
    nothing: dict[str, Any] = {"last": None, "nearest": None, "single_issues": [], "together": None, "frontier": None}
    table = table_of(replays, place)
    if table is None:
        return nothing

    def passes(packages: NDArray[np.float64]) -> NDArray[np.bool_]:
        return votes_on(replays, place, packages)["deal"] & table.governor_prefers(packages)

    start = table.last[:, None]
    last = _told(replays, place, table, start, ["as it was"])[0]
    found = nothing | {"last": last, "agreed": table.agreed, "governors_reservation": table.reservation}
    if passes(start)[0]:
        return found | {"nearest": last}
    told = _told(replays, place, table, *_found(table, passes))
    return found | {
        "nearest": min(told, key=lambda offer: offer["distance"], default=None),
        "single_issues": [offer for offer in told if offer["kind"] == "single issue"],
        "together": next((offer for offer in told if offer["kind"] == "together"), None),
        "frontier": next((offer for offer in told if offer["kind"] == "frontier"), None),
    }


def _found(table: Table, passes: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> tuple[NDArray[Any], list[str]]:
    """The nearest passing package on every ray and on the frontier, (issues, n), and the kind of each."""
    start, ends = table.last[:, None], _ends(table)
    rays = ends.shape[1]
    search = smallest_turns(
        lambda ray, step: passes(start + step * (ends[:, ray] - start)),
        rays,
        whole=np.zeros(rays, np.int64),
        scan=SCAN,
    )
    reached = np.flatnonzero(np.isfinite(search.step))
    packages = start + search.step[reached] * (ends[:, reached] - start)
    kinds = ["single issue" if ray < rays - 1 else "together" for ray in reached]
    passing = table.frontier[:, passes(table.frontier)]
    if passing.shape[1]:
        best = np.argmin(_distance(passing, table))
        packages = np.concatenate([packages, passing[:, best : best + 1]], axis=1)
        kinds.append("frontier")
    return packages, kinds


def _ends(table: Table) -> NDArray[np.float64]:
    """Where the rays from the last text lead: every issue to either bound, and all to the members' best package."""
    ends = []
    for issue, last in enumerate(table.last):
        for bound in (table.low[issue], table.high[issue]):
            if bound != last:
                ends.append(table.last.copy())
                ends[-1][issue] = bound
    return np.stack([*ends, table.frontier[:, 0]], axis=1)


def _distance(packages: NDArray[np.float64], table: Table) -> NDArray[np.float64]:
    """Sum over issues of the change as a share of the issue's range, (n,)."""
    span = (table.high - table.low)[:, None]
    return np.sum(np.abs(packages - table.last[:, None]) / span, axis=0)


def _told(
    replays: Replays, place: int, table: Table, packages: NDArray[np.float64], kinds: list[str]
) -> list[dict[str, Any]]:
    """Each package with its distance, what it changes, what it is worth and what becomes of it."""
    if not kinds:
        return []
    names = [issue.name for issue in replays.scenario.issues]
    result = votes_on(replays, place, packages)
    preferred, distance = table.governor_prefers(packages), _distance(packages, table)
    offers = []
    for i, kind in enumerate(kinds):
        package = packages[:, i]
        offers.append(
            {
                "kind": kind,
                "distance": float(distance[i]),
                "changes": {
                    name: {"before": float(before), "after": float(after)}
                    for name, before, after, span in zip(
                        names, table.last, package, table.high - table.low, strict=True
                    )
                    if abs(after - before) > (0 if kind == "single issue" else SMALL) * span
                },
                "package": dict(zip(names, package.tolist(), strict=True)),
                "ratified": bool(result["deal"][i]),
                "at_vote": 1 if result["ratified_1"][i] else 2 if result["ratified_2"][i] else None,
                "savings": float(result["deal_savings"][i]),
                "burden": float(result["deal_burden"][i]),
                "leaders_expect_it": bool(result["leaders_expected"][i]),
                "governor_prefers_it": bool(preferred[i]),
            }
        )
    return offers
