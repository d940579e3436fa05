"""Sitting in: people take seats and decide by hand, each in a body's place, under the model's rules.

Here are the talks, in which a side makes and answers offers; what other bodies decide is in `decisions.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from experiments.page.decisions import by_hand
from experiments.page.hand import Hand, Turn, YourTurn
from experiments.page.run import Run, Watched, record
from experiments.page.setup import Setup
from sim.acts.beliefs import burden_of, weigh
from sim.acts.table import take_stock
from sim.acts.talks import hold_round, note_round
from sim.bargaining.package import value_of
from sim.bargaining.protocols.single_text import SingleText
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.bargaining.terms import terms
from sim.bodies import Bodies
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.plugins import theirs
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import Happenings, State
from sim.story import first
from sim.wording import day
from sim.worlds.axis import Worlds
from sim.worlds.randomness import Luck

log = logging.getLogger(__name__)
ANSWERS = {"yes": True, "no": False}


Curve: TypeAlias = tuple[tuple[float, float], ...]  # corners of a line that is straight between them


@dataclass(frozen=True, kw_only=True)
class AtTable(Turn):
    """An offer to make or to answer, and what a side needs to know for it."""

    proposer: str
    adds: tuple[Curve, ...]  # by issue: what an amount adds to the sum on this side's scale, 0 worst to 1 ideal
    ruler: Curve  # what that sum is worth to it
    floor: float  # what no deal is worth to it; above 1: nothing beats it
    saves: tuple[Curve, ...]  # by issue: M$/yr
    forecast: str = ""


def offer_as_move(package: Sequence[float]) -> str:
    """An offer as it is kept."""
    return ",".join(f"{float(amount):.6g}" for amount in package)


def play(setup: Setup) -> tuple[list[Run], Turn | None, str]:
    """The run and, where one is compared, the other; whose turn it is; and what went wrong, if anything did."""
    try:
        if setup.chair:
            run, turn = _played(setup.resolved(), setup.seed, setup.world, chairs=setup.hands, moves=setup.moves)
            return [run], turn, ""
        both = [setup] if setup.other is None else [setup, setup.other]
        return [record(each.resolved(), each.seed, each.world) for each in both], None, ""
    except WrongInput as error:
        return [], None, str(error)
    except Exception as error:  # a fault of the model's is told on the page, and the page goes on
        log.exception("a run failed: %s", setup.command())
        why = theirs(error) or f"{type(error).__name__}: {error}"
        return [], None, f"the model failed ({why}); the same run: {setup.command()}"


def refuse_unplayable(scenario: Scenario) -> None:
    """Raises `WrongInput` where nobody can sit in."""
    if scenario.sections.coalition is None:
        raise WrongInput(f"chair: nobody bargains in {scenario.name}")
    if scenario.calendar.talks.table.value != "coalition":
        raise WrongInput('chair: only one table can be played by hand; set calendar.talks.table to "coalition"')


def play_by_hand(
    scenario: Scenario, seed: int, world: int, *, chairs: Sequence[str], moves: Sequence[str]
) -> tuple[Run, Turn | None]:
    """Play one world with these moves of whoever sits in these seats, in the order in which their turns come.

    Gives the run so far, and the turn it waits for, None when it is over. Raises `WrongInput` for a move that the rules
    do not allow, one after the end of the talks included, naming it.
    """
    refuse_unplayable(scenario)
    hand = Hand(chairs, moves)
    hand.watched = watched = Watched(scenario, world=world, seed=seed, kinds=by_hand(hand, scenario))
    crisis, round_by_hand = watched.crisis, partial(hold_round_by_hand, hand=hand)
    acts = [round_by_hand if day.act is hold_round else day.act for day in crisis.agenda]
    crisis.agenda = [day._replace(act=hand.during(act)) for day, act in zip(crisis.agenda, acts, strict=True)]
    try:
        while crisis.running:
            watched.step()
        for number, text in hand.left:
            raise WrongInput(f"move {number}: {text!r} comes after the end of the talks")
        return replace(watched.finished(), decided=tuple(hand.decided)), None
    except YourTurn as waiting:
        snapshots, decided = tuple(watched.snapshots), tuple(hand.decided)
        return Run(snapshots=snapshots, outcome="", measures={}, decided=decided), waiting.turn


_played = lru_cache(maxsize=48)(play_by_hand)  # a move is tried first and shown then: one play for both


def hold_round_by_hand(state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, hand: Hand) -> Happenings:
    """One round in which the taken seats' parts are played by hand. Raises `YourTurn` when there is no move left."""
    talks = state.talks
    assert talks is not None
    if not talks.running:
        return []
    take_stock(state, bodies, numbers)
    if not talks.meeting.any():  # somebody has walked out: nothing is offered or answered today
        return note_round(talks.hold_round(), state, bodies, numbers)
    offers: dict[str, NDArray[np.float64]] = {}
    if not isinstance(talks.rules, SingleText):
        for place, side in enumerate(talks.sides):
            if side.name in hand.seats and _may_offer(talks, place):
                asked = partial(_turn, hand, side, "offer", _idea(side), side.name)
                offers[side.name] = _offer(hand.next(asked), numbers)
    proposal = talks.propose(offers)
    text, accepts = proposal.package[:, 0], {}
    for side in talks.sides:
        mine = offers.get(side.name)
        if side.name in hand.seats and proposal.proposer != "both" and (mine is None or not np.allclose(text, mine)):
            asked = partial(_turn, hand, side, "answer", text, proposal.proposer)
            accepts[side.name] = _answer(hand.next(asked))
    return note_round(talks.answer(accepts), state, bodies, numbers)


def _may_offer(talks: Talks, place: int) -> bool:
    """May the side at this place make the offer now? After a deadline that was moved they go on in turn."""
    turns = talks.rules.turns(talks, place)
    late = max(talks.round - len(turns) + 1, 0)
    return turns[talks.round - late - late % 2] > 0


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


def _turn(hand: Hand, side: Side, kind: str, package: NDArray[np.float64], proposer: str) -> AtTable:
    assert hand.watched is not None
    watched = hand.watched
    state, numbers = watched.crisis.state, watched.crisis.numbers
    talks = state.talks
    assert talks is not None
    mine = [offer.package for offer in watched.snapshots[-1].offers if offer.proposer == side.name]
    if kind == "offer" and mine:
        package = np.array(mine[-1])

    def added(package: NDArray[np.float64]) -> NDArray[np.float64]:
        return side.frontier.scale.of(value_of(side.frontier.rows(package), side.frontier.own))

    ends = [0.0, 1.0] if side.end is None else sorted({0.0, 1.0, min(first(side.end.enough), 1.0)})
    return AtTable(
        chair=side.name,
        kind=kind,
        round=talks.round + 1,
        rounds=talks.rounds,
        date=day(state.date),
        proposer=f"The {proposer}",
        package=tuple(float(amount) for amount in package),
        adds=_curves(added, talks),
        ruler=tuple((end, end if side.end is None else first(side.end.of(np.array([end])))) for end in ends),
        floor=first(side.reservation),
        saves=_curves(lambda package: terms(package, numbers.rows).savings, talks),
        forecast=_forecast(watched.crisis, package) if kind == "answer" and side.name == "coalition" else "",
    )


def _curves(of: Callable[[NDArray[np.float64]], Worlds], talks: Talks) -> tuple[Curve, ...]:
    """What each issue adds to a sum over issues, at the corners of its pieces; the first bears what all begin with."""
    curves, pieces = [], talks.pieces
    begins = first(of(talks.low[:, None]))
    for issue, (low, high) in enumerate(zip(talks.low, talks.high, strict=True)):
        corners = {float(low), float(high), *(first(start) for start in pieces.start[pieces.issue == issue])}
        curve = []
        for amount in sorted(corners):
            package = talks.low[:, None].copy()
            package[issue] = amount
            curve.append((amount, first(of(package)) - (begins if issue else 0.0)))
        curves.append(tuple(curve))
    return tuple(curves)


def _forecast(crisis: Crisis, package: NDArray[np.float64]) -> str:
    """What the leaders expect of their members."""
    hearing = weigh(crisis.state, crisis.bodies, crisis.numbers).hearing
    yes = hearing.expects_yes(burden_of(package[:, None], crisis.numbers))[:, 0]
    return f"{int(yes.sum())} of {len(yes)} leaders expect their members to say yes"
