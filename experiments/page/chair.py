"""Sitting in: somebody makes one side's offers and answers by hand, against the model, under the same rules.

What was played is a list of moves, so a run by hand is a value like any other: it can be taken back, put in an address,
and played again. Without a next move the run stops and says whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.page.run import Run, Watched
from sim.acts.beliefs import burden_of, weigh
from sim.acts.talks import hold_round, note_round
from sim.bargaining.side import Side
from sim.bodies import Bodies
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import Happenings, State
from sim.story import first
from sim.worlds.randomness import Luck

ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What somebody in a chair has to decide, and what he needs to know for it."""

    kind: str  # "offer" or "answer"
    round: int  # from 1
    rounds: int
    date: str
    proposer: str
    package: tuple[float, ...]  # on the table, or a first idea for an offer
    weights: tuple[float, ...]  # what a unit of each issue is worth to this side, in its own units
    worst: float  # the worth of its worst package, in the same units
    span: float  # from there to its ideal
    floor: float  # what no deal is worth on its scale, 0 worst to 1 ideal; above 1: nothing beats it
    saves: tuple[float, ...]  # M$/yr a unit
    forecast: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the browser."""
        return asdict(self)


class YourTurn(Exception):
    """The run waits for a move."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn.kind)
        self.turn = turn


def offer_as_move(package: Sequence[float]) -> str:
    """An offer as it is kept."""
    return ",".join(f"{float(amount):.6g}" for amount in package)


def play_by_hand(
    scenario: Scenario, seed: int, world: int, *, chair: str, moves: Sequence[str]
) -> tuple[Run, Turn | None]:
    """Play one world with these moves: the run so far, and the turn it waits for, None when it is over.

    Raises `WrongInput` for a move that the rules do not allow, one after the end of the talks included, naming it.
    """
    if scenario.sections.coalition is None:
        raise WrongInput(f"chair: nobody bargains in {scenario.name}")
    if scenario.calendar.talks.table.value != "coalition":
        raise WrongInput('chair: only one table can be played by hand; set calendar.talks.table to "coalition"')
    watched = Watched(scenario, world=world, seed=seed)
    left = iter(enumerate(moves, start=1))
    by_hand = partial(hold_round_by_hand, watched=watched, chair=chair, moves=left)
    crisis = watched.crisis
    crisis.agenda = [day._replace(act=by_hand) if day.act is hold_round else day for day in crisis.agenda]
    try:
        while crisis.running:
            watched.step()
        for number, text in left:
            raise WrongInput(f"move {number}: {text!r} comes after the end of the talks")
        return watched.finished(), None
    except YourTurn as waiting:
        return Run(snapshots=tuple(watched.snapshots), outcome="", measures={}), waiting.turn


def hold_round_by_hand(
    state: State,
    bodies: Bodies,
    numbers: Numbers,
    luck: Luck,
    *,
    watched: Watched,
    chair: str,
    moves: Iterator[tuple[int, str]],
) -> Happenings:
    """One round in which this chair's part is played by hand. Raises `YourTurn` when there is no move left."""
    talks = state.talks
    assert talks is not None
    if not talks.running:
        return []
    side = talks.table.side(chair)
    place = 0 if side is talks.sides[0] else 1
    mediated = numbers.calendar.talks.protocol == "single_text"
    mine: NDArray[np.float64] | None = None
    if not mediated and talks.protocol.turns(talks, place)[talks.round] > 0:
        mine = _offer(_next(moves, lambda: _turn(watched, side, "offer", _idea(side), chair)), numbers)
    proposal = talks.propose({} if mine is None else {chair: mine})
    accepts = {}
    text = proposal.package[:, 0]
    if proposal.proposer != "both" and (mine is None or not np.allclose(text, mine)):
        accepts[chair] = _answer(_next(moves, lambda: _turn(watched, side, "answer", text, proposal.proposer)))
    return note_round(talks.answer(accepts), state, bodies, numbers)


def _next(moves: Iterator[tuple[int, str]], turn: Any) -> tuple[int, str]:
    for move in moves:
        return move
    raise YourTurn(turn())


def _offer(move: tuple[int, str], numbers: Numbers) -> NDArray[np.float64]:
    number, text = move
    issues = numbers.scenario.issues
    try:
        package = np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise WrongInput(f"move {number}: an offer is {len(issues)} numbers with commas, got {text!r}") from None
    if len(package) != len(issues):
        raise WrongInput(f"move {number}: an offer names {len(issues)} issues, got {len(package)}")
    for amount, issue in zip(package, issues, strict=True):
        low, high = issue.range
        if not low <= amount <= high:
            raise WrongInput(f"move {number}: {issue.name} must be from {low:g} to {high:g}, got {amount:g}")
    return package


def _answer(move: tuple[int, str]) -> bool:
    number, text = move
    if text not in ANSWERS:
        raise WrongInput(f"move {number}: an answer is yes or no, got {text!r}")
    return ANSWERS[text]


def _idea(side: Side) -> NDArray[np.float64]:
    """Where a first offer starts from: the side's ideal. Later ones start from its last."""
    return np.asarray(side.frontier.offer(np.ones(1)), dtype=float)[:, 0]


def _turn(watched: Watched, side: Side, kind: str, package: NDArray[np.float64], proposer: str) -> Turn:
    state, numbers = watched.crisis.state, watched.crisis.numbers
    talks = state.talks
    assert talks is not None
    mine = [offer.package for offer in watched.snapshots[-1].offers if offer.proposer == side.name]
    if kind == "offer" and mine:
        package = np.array(mine[-1])
    ruler = side.frontier.scale
    worst, ideal = first(ruler.worst), first(ruler.ideal)
    return Turn(
        kind=kind,
        round=talks.round + 1,
        rounds=talks.rounds,
        date=f"{state.date:%-d %B}",
        proposer=f"The {proposer}",
        package=tuple(float(amount) for amount in package),
        weights=tuple(first(weight) for weight in np.asarray(side.weights)),
        worst=worst,
        span=max(ideal - worst, 1e-9),
        floor=first(side.reservation),
        saves=tuple(first(issue.saves) for issue in numbers.issues.values()),
        forecast=_forecast(watched.crisis, package) if kind == "answer" and side.name == "coalition" else "",
    )


def _forecast(crisis: Crisis, package: NDArray[np.float64]) -> str:
    """What the leaders expect of their members."""
    hearing = weigh(crisis.state, crisis.bodies, crisis.numbers).hearing
    yes = hearing.expects_yes(burden_of(package[:, None], crisis.numbers))[:, 0]
    return f"{int(yes.sum())} of {len(yes)} leaders expect their members to say yes"
