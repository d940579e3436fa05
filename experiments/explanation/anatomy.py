"""Where in the funnel a world ended, which condition of the rule failed and by how much, and whose vote decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents.coalition import reservation_value
from sim.acts.beliefs import weigh
from sim.acts.deadline import close_talks
from sim.acts.table import would_sign
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import value_of
from sim.bodies import Bodies
from sim.crisis import Crisis
from sim.outcomes import (
    NO_TENTATIVE_DEAL,
    NO_ZONE_OF_AGREEMENT,
    OUTCOMES,
    RATIFIED_FIRST_VOTE,
    RATIFIED_SECOND_VOTE,
    REFUSED_BY_LEGISLATURE,
)
from sim.ratification.decision_diagram import TooManyCoalitions
from sim.ratification.power import Turn, critical_bodies, fewest_ballots
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally
from sim.record import Amendment, Approval, Ballots, Deadline, Filling, Happening, amount
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import Happenings, State, today
from sim.worlds.randomness import Luck

H = TypeVar("H", bound=Happening)
STAGES = (
    "ratified at the first vote",
    "ratified at the second vote",
    "at the table: no package serves both sides",
    "at the table: a deal was possible and was not reached by the deadline",
    "refused by the members, and there is no second vote",
    "refused by the members; the leaders keep the rule, and the second vote fails under it",
    "refused by the members; the leaders would change the rule but too late, and the second vote fails under the old",
    "refused by the members, and again under the changed rule",
    "ratified by the members, refused by the legislature",
    "refused by the members, and again at the second vote",  # where no leader votes on the rule
)
STAGE_OF = {  # outcomes that say it; where members refused, what came of the rule does
    RATIFIED_FIRST_VOTE: 0,
    RATIFIED_SECOND_VOTE: 1,
    NO_ZONE_OF_AGREEMENT: 2,
    NO_TENTATIVE_DEAL: 3,
    REFUSED_BY_LEGISLATURE: 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart(Happening):
    """How far the sides were apart on the last day, in the governor's own M$/yr."""

    carryable: NDArray[np.float64] = amount("M$/yr")  # worth of the most the leaders could carry; -inf: nothing
    floor: NDArray[np.float64] = amount("M$/yr")  # his no-deal value


def measure_apart(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """An act of nobody's: it looks at both sides before the talks close, and moves nothing."""
    if state.talks is None:
        return []
    his = bodies.governor.weights
    labours, pieces = weigh(state, bodies, numbers).member_weights, numbers.rows.pieces
    both = Frontier(labours, his, state.low, state.high, pieces=pieces)
    least = reservation_value(both, would_sign(state, bodies, numbers, in_pieces=True), state.worlds)
    worth = value_of(both.rows(both.offer(np.minimum(least, 1.0))), his)
    return [
        Apart(
            **today(state),
            carryable=np.where(least > 1, -np.inf, worth),
            floor=np.broadcast_to(bodies.governor.reservation, state.worlds),
        )
    ]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Worlds run to their end, and what happened in them."""

    crisis: Crisis
    record: list[Happening]

    def one(self, kind: type[H]) -> H | None:
        """The only happening of a kind; None where it did not come."""
        return next((happening for happening in self.record if isinstance(happening, kind)), None)

    @property
    def ballots(self) -> list[Ballots]:
        """The votes of the members that were held."""
        return [happening for happening in self.record if isinstance(happening, Ballots)]

    @property
    def outcome(self) -> NDArray[np.int8]:
        """By world, as a code."""
        filling = self.one(Filling)
        assert filling is not None, "played to the end"
        return filling.outcome


def witnessed(
    scenario: Scenario, *, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None
) -> Witnessed:
    """These worlds run to the end."""
    record: list[Happening] = []
    crisis = Crisis(scenario, worlds=np.asarray(worlds), seed=seed, point=point, observers=[record.append])
    close = next(place for place, day in enumerate(crisis.agenda) if day.act is close_talks)
    crisis.agenda.insert(close, crisis.agenda[close]._replace(act=measure_apart))
    crisis.play()
    return Witnessed(crisis, record)


def stages(model: Witnessed) -> NDArray[np.int64]:
    """The funnel stage of every world, as a place in `STAGES`, (worlds,)."""
    outcome, amendment = model.outcome, model.one(Amendment)
    if model.crisis.case.calendar.window is None:
        refused = np.full(len(outcome), 4)
    elif amendment is None:
        refused = np.full(len(outcome), 9)
    else:
        refused = np.where(amendment.changed, 7, np.where(amendment.wanted, 6, 5))
    return np.select([outcome == code for code in STAGE_OF], list(STAGE_OF.values()), refused)


def anatomy(model: Witnessed, place: int = 0) -> dict[str, Any]:
    """What decided the world at this place: stage, table, votes, amendment and legislature, as plain data."""
    found: dict[str, Any] = {
        "world": int(model.crisis.worlds[place]),
        "outcome": OUTCOMES[int(model.outcome[place])],
        "deal": bool(model.outcome[place] in (RATIFIED_FIRST_VOTE, RATIFIED_SECOND_VOTE)),
        "stage": STAGES[int(stages(model)[place])],
        "table": _table(model, place),
        "votes": [_vote(ballots, place) for ballots in model.ballots if ballots.where[place]],
    }
    amendment = model.one(Amendment)
    if amendment is not None and amendment.where[place]:
        found["amendment"] = _amendment(amendment, model.crisis.case.unions.names, place)
    if model.outcome[place] == REFUSED_BY_LEGISLATURE:
        found["legislature"] = _approval(model, place)
    return found


def _table(model: Witnessed, place: int) -> dict[str, Any] | None:
    """How far the two sides were apart at the deadline; None where nobody bargained."""
    apart, deadline = model.one(Apart), model.one(Deadline)
    if apart is None or deadline is None:
        return None
    carry, floor = float(apart.carryable[place]), float(apart.floor[place])
    return {
        "agreed": bool(deadline.agreed[place]),
        "governors_no_deal_value": floor,
        "most_the_leaders_could_carry": carry if np.isfinite(carry) else None,
        "apart": max(floor - carry, 0.0) if np.isfinite(carry) else None,
    }


def _vote(ballots: Ballots, place: int) -> dict[str, Any]:
    """A vote's result: the conditions that failed and by how much, and the bodies that decided it."""
    rule, tally = ballots.rule_at(place), ballots.tally.world(place)
    yes, cast = float(tally.yes_ballots.sum()), float((tally.yes_ballots + tally.no_ballots).sum())
    ratified = bool(ballots.ratified[place])
    approves, critical = ballots.approving[:, place], critical_bodies(rule, tally)
    turn = None if ratified else _fewest_ballots(rule, tally)
    most_to_turn = max(turn.bodies, key=turn.bodies.__getitem__) if turn and turn.bodies else None
    return {
        "vote": ballots.vote,
        "ratified": ratified,
        "rule": rule.words(len(tally.names)),
        "yes_share": yes / max(cast, 1.0),
        "unions_yes": int(approves.sum()),
        "refused_by": [name for name, yes in zip(tally.names, approves, strict=True) if not yes],
        "failed_conditions": [
            {
                "condition": failed.words,
                "missing": int(failed.missing[0]),
                "unit": failed.unit,
                "margin": failed.margin(0),
            }
            for failed in ([] if ratified else rule.failed_conditions(tally))
        ],
        "fewest_ballots": None if turn is None else asdict(turn),
        "critical_bodies": [asdict(body) for body in critical],
        "pivotal_body": critical[0].name if critical else most_to_turn,
    }


def _fewest_ballots(rule: Rule, tally: Tally) -> Turn | None:
    """None, too, where the bodies are too many and too different for an exact answer."""
    try:
        return fewest_ballots(rule, tally)
    except TooManyCoalitions:
        return None


def _amendment(amendment: Amendment, names: tuple[str, ...], place: int) -> dict[str, Any]:
    """How the leaders voted on their own rule, and whether it came in time."""
    tally, rule = Tally.of_leaders(names, amendment.favour).world(place), amendment.rule.world(place)
    failed = rule.failed_conditions(tally)
    return {
        "rule": rule.words(len(tally.names)),
        "in_favour": int(tally.yes_ballots.sum()),
        "against": [name for name, no in zip(tally.names, tally.no_ballots, strict=True) if no[0]],
        "carried": not failed,
        "margin": failed[0].margin(0) if failed else "carried",
        "in_time": bool(amendment.changed[place]),
    }


def _approval(model: Witnessed, place: int) -> dict[str, Any]:
    """How each chamber stood on the agreement, and how many noes turned into yeas would have let it stand."""
    approval = next(said for said in model.record if isinstance(said, Approval) and said.where[place])
    assembly, chambers = model.crisis.bodies.assembly, {}
    assert assembly is not None, "somebody refused"
    for chamber in assembly.chambers:
        yes, no = (int(np.asarray(getattr(approval, f"{chamber.name}_{side}"))[place]) for side in ("yes", "no"))
        # where silence would do, and where somebody breaks it, a tie is enough
        tie_stands = assembly.preferences.approval == "deemed" or chamber.tie_breaker
        short = (no - yes + 1) // 2 if tie_stands else (no - yes) // 2 + 1
        chambers[chamber.name] = {"yes": yes, "no": no, "votes_short": max(short, 0)}
    return {"vote": approval.vote, **chambers}
