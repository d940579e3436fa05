"""Where in the funnel a world ended, which condition of the rule failed and by how much, and whose vote decided it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.coalition import reservation_value
from sim.bargaining.package import Frontier, value_of
from sim.crisis import BudgetCrisis
from sim.outcomes import (
    NO_TENTATIVE_DEAL,
    NO_ZONE_OF_AGREEMENT,
    OUTCOMES,
    RATIFIED_FIRST_VOTE,
    RATIFIED_SECOND_VOTE,
    REFUSED_BY_LEGISLATURE,
)
from sim.ratification.power import critical_bodies, fewest_ballots
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

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
)


class Witness(BudgetCrisis):
    """A crisis that remembers what a story would be told of, in all its worlds."""

    def __init__(self, **settings: Any) -> None:
        self.told: dict[str, list[dict[str, Any]]] = {}
        # in the governor's own M$/yr, (worlds,); None where nobody bargains
        self.carryable: NDArray[np.float64] | None = None
        self.floor: NDArray[np.float64] | None = None
        super().__init__(collect=False, **settings)

    def tell(self, kind: str, **facts: Any) -> None:
        """Remember it, and tell the story where there is one."""
        self.told.setdefault(kind, []).append(facts)
        super().tell(kind, **facts)

    def close_talks(self) -> None:
        """The deadline; and how far the sides were apart: his no-deal value, and the most the leaders could carry."""
        if self.talks is not None:
            both = Frontier(self.member_weights, self.governor.weights, self.low, self.high)
            least = reservation_value(both.offer, self.forecast_carries, len(self.worlds))
            worth = value_of(both.offer(np.minimum(least, 1.0)), self.governor.weights)
            self.carryable = np.where(least > 1, -np.inf, worth)
            self.floor = np.broadcast_to(self.governor.reservation, len(self.worlds))
        super().close_talks()


def witnessed(
    scenario: Scenario, *, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None
) -> Witness:
    """These worlds run to the end; call ``release`` when done with the model."""
    model = Witness(scenario=scenario, worlds=np.asarray(worlds), seed=seed, point=point)
    while model.running:
        model.step()
    return model


def stages(model: Witness) -> NDArray[np.int64]:
    """The funnel stage of every world, as a place in `STAGES`, (worlds,)."""
    outcome = model.outcome
    if model.case.calendar.window is None:
        refused = np.full(len(outcome), 4)
    else:
        wanted = np.zeros(len(outcome), bool)
        amendment = model.value.rules.amendment
        if amendment is not None and "amendment" in model.told:
            wanted = amendment.carries(_leaders(model))
        refused = np.where(model.rule_changed, 7, np.where(wanted, 6, 5))
    by_outcome = {
        RATIFIED_FIRST_VOTE: 0,
        RATIFIED_SECOND_VOTE: 1,
        NO_ZONE_OF_AGREEMENT: 2,
        NO_TENTATIVE_DEAL: 3,
        REFUSED_BY_LEGISLATURE: 8,
    }
    stage = refused
    for code, place in by_outcome.items():
        stage = np.where(outcome == code, place, stage)
    return stage


def anatomy(model: Witness, place: int = 0) -> dict[str, Any]:
    """What decided the world at this place: stage, table, votes, amendment and legislature, as plain data."""
    found: dict[str, Any] = {
        "world": int(model.worlds[place]),
        "outcome": OUTCOMES[int(model.outcome[place])],
        "deal": bool(model.outcome[place] in (RATIFIED_FIRST_VOTE, RATIFIED_SECOND_VOTE)),
        "stage": STAGES[int(stages(model)[place])],
        "table": _table(model, place),
        "votes": [_vote(model, vote, place) for vote in range(len(model.tallies)) if model.voted[vote][place]],
    }
    if "amendment" in model.told and model.voted[0][place] and not model.ratified[0][place]:
        found["amendment"] = _amendment(model, place)
    if model.outcome[place] == REFUSED_BY_LEGISLATURE:
        found["legislature"] = _approval(model, place)
    return found


def rule_at(model: BudgetCrisis, vote: int, place: int) -> Rule:
    """The rule under which a world voted: at a second vote the revised one, where the leaders changed it in time."""
    rules = model.value.rules
    changed = vote == 1 and bool(model.rule_changed[place]) and rules.revised is not None
    return rules.revised if changed else rules.ratification


def _table(model: Witness, place: int) -> dict[str, Any] | None:
    """How far the two sides were apart at the deadline; None where nobody bargained."""
    if model.carryable is None or model.floor is None:
        return None
    carry, floor = float(model.carryable[place]), float(model.floor[place])
    return {
        "agreed": bool(model.agreed[place]),
        "governors_no_deal_value": floor,
        "most_the_leaders_could_carry": carry if np.isfinite(carry) else None,
        "apart": max(floor - carry, 0.0) if np.isfinite(carry) else None,
    }


def _vote(model: Witness, vote: int, place: int) -> dict[str, Any]:
    """A vote's result: the conditions that failed and by how much, and the bodies that decided it."""
    rule, tally = rule_at(model, vote, place).world(place), model.tallies[vote].world(place)
    yes, cast = float(tally.yes_ballots.sum()), float((tally.yes_ballots + tally.no_ballots).sum())
    ratified = bool(model.ratified[vote][place])
    critical = critical_bodies(rule, tally)
    turn = None if ratified else fewest_ballots(rule, tally)
    most_to_turn = max(turn.bodies, key=turn.bodies.__getitem__) if turn and turn.bodies else None
    return {
        "vote": vote + 1,
        "ratified": ratified,
        "rule": rule.words(len(tally.names)),
        "yes_share": yes / max(cast, 1.0),
        "unions_yes": int((tally.yes_ballots > tally.no_ballots).sum()),
        "refused_by": [
            name for name, y, n in zip(tally.names, tally.yes_ballots, tally.no_ballots, strict=True) if y[0] <= n[0]
        ],
        "failed_conditions": [
            {
                "condition": failed.words,
                "missing": int(failed.missing[0]),
                "unit": failed.unit,
                "margin": failed.margin(0),
            }
            for failed in ([] if ratified else rule.failed_conditions(tally))
        ],
        "fewest_ballots": None
        if turn is None
        else {"ballots": turn.ballots, "bodies": turn.bodies, "anywhere": turn.anywhere},
        "critical_bodies": [{"name": body.name, "ballots": body.ballots} for body in critical],
        "pivotal_body": critical[0].name if critical else most_to_turn,
    }


def _leaders(model: Witness) -> Tally:
    """The leaders' votes on changing the rule."""
    return Tally.of_leaders(model.case.unions.names, np.asarray(model.told["amendment"][0]["favour"]))


def _amendment(model: Witness, place: int) -> dict[str, Any]:
    """How the leaders voted on their own rule, and whether it came in time."""
    tally, rule = _leaders(model).world(place), model.value.rules.amendment.world(place)
    failed = rule.failed_conditions(tally)
    return {
        "rule": rule.words(len(tally.names)),
        "in_favour": int(tally.yes_ballots.sum()),
        "against": [name for name, no in zip(tally.names, tally.no_ballots, strict=True) if no[0]],
        "carried": not failed,
        "margin": failed[0].margin(0) if failed else "carried",
        "in_time": bool(model.rule_changed[place]),
    }


def _approval(model: Witness, place: int) -> dict[str, Any]:
    """How each chamber stood on the agreement it refused, and how many votes decided it."""
    vote = 0 if model.ratified[0][place] else 1
    approval = next(facts["approval"] for facts in model.told["approval"] if facts["vote"] == vote)
    chambers = {}
    for name in ("house", "senate"):
        yes, no = (int(np.asarray(side)[place]) for side in (getattr(approval, name).yes, getattr(approval, name).no))
        chambers[name] = {"yes": yes, "no": no, "votes_short": max((no - yes) // 2 + 1, 0) if no >= yes else 0}
    return {"vote": vote + 1, **chambers}
