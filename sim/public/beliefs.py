"""Threats are acts: each moves what members believe about the layoff list, and news moves it back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import Worlds, a_few_at_a_time, in_worlds, log_odds, logistic, single, weighted_mean

When = Literal["always", "no_deal", "refused"]


class Threat(Section):
    """Something the governor does to be believed: order notices, publish a list, call a session."""

    name: str
    act: str = Field(description="What is done, in words")
    date: datetime.date
    when: When = Field(
        default="always", description="always; no_deal: only without a tentative deal; refused: after a no"
    )
    list: str = Field(description="The layoff list it points to: a column of the units table")
    lead_weeks: float = Field(default=0, ge=0, description="Weeks until it bites")
    believed: Number = number("likelihood ratio", "How much likelier the act is if the list is meant", at_least=0.001)
    resented: Number = number(
        "affronts", "How much it is resented, for who says it and how, however believed", at_least=0
    )
    begins_harm: bool = Field(default=False, description="Does harm begin with it: notices to people, not plans?")
    cost: Number = number(
        "M$/yr", "What issuing it costs the governor with labour, in M$/yr he would give to avoid it", at_least=0
    )
    withdrawal: Number = number("M$/yr", "What withdrawing it costs him, likewise", at_least=0)
    aid: Number | None = number("M$/yr", "Town aid on the list it points to", at_least=0, default=None)
    aim_at: str = Field(default="", description="A unit to which part of the list is re-aimed, from this act on")
    aim: Number | None = number(
        "share", "Share of the list's posts moved to that unit", at_least=0, at_most=1, default=None
    )


class News(Section):
    """Something nobody at the table does: revenue re-estimated, legislators saying that a menu cannot pass."""

    name: str
    event: str
    date: datetime.date
    when: When = "always"
    believed: Number = number(
        "likelihood ratio", "Below one: the list is less likely to be carried out", at_least=0.001
    )
    revenue: Number | None = number("M$/yr", "Revenue found", at_least=0, default=None)
    usable: Number | None = number("share", "Part of it that fills the gap", at_least=0, at_most=1, default=None)


def in_order_of_date(threats: Sequence[Threat]) -> list[Threat]:
    """The order in which they are made, whatever the file's; on one day the file's."""
    return sorted(threats, key=lambda threat: threat.date)


class Belief(Section):
    """What members believe before anybody threatens."""

    prior: Number = number(
        "probability", "Chance that a layoff list is carried out, before any act", at_least=0.001, at_most=0.999
    )
    fades: Number = number(
        "share", "Part of a threat's weight as evidence that is gone once it is withdrawn", at_least=0, at_most=1
    )


def re_aimed(
    list_share: NDArray[np.float64], members: NDArray[np.float64], target: int | None, aim: Worlds
) -> NDArray[np.float64]:
    """Share of each unit's posts on a list of which a part has been moved to one unit, (units, 1) or (units, worlds).

    The list keeps its length: every unit gives up the share ``aim`` of its own listed posts to the target, which never
    has more posts listed than members.
    """
    shares = np.asarray(list_share, dtype=float)[:, None]
    if target is None:
        return shares
    others = np.arange(len(shares)) != target
    moved = np.asarray(aim) * float((shares[others, 0] * members[others]).sum())
    aimed = np.where(others[:, None], shares * (1 - np.asarray(aim)), shares)
    aimed[target] = np.minimum(shares[target] + moved / members[target], 1.0)
    return aimed


def exposure(list_share: NDArray[np.float64], members: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far an act that points to a list speaks to each unit, in [0, 1]; of the shape of ``list_share``.

    A unit with at least the average share of its posts on the list takes the act at full weight, one with fewer posts
    in proportion, and a unit without posts learns nothing about itself.
    """
    average = weighted_mean(list_share, members)
    return np.minimum(1.0, list_share / np.where(average > 0, average, np.inf))


class Weight(NamedTuple):
    """What a threat weighs with members: as evidence that the list is meant, and as an affront; two things apart."""

    exposed: NDArray[Any]  # how far it speaks to each unit, (units, ...)
    evidence: Worlds  # log likelihood ratio, (worlds,)
    affront: Worlds  # (worlds,)


class Beliefs:
    """Log-odds, by unit and world, that the layoff list will be carried out: prior plus the weight of evidence."""

    def __init__(self, prior: Worlds) -> None:
        self.common: Worlds = log_odds(prior)
        self._acts: list[Weight] = []

    def hear(self, likelihood_ratio: Worlds, happened: Any) -> None:
        """News that speaks to everybody, in the worlds where it happened; shape (worlds,)."""
        self.common = self.common + np.where(happened, np.log(likelihood_ratio), 0.0)

    @property
    def resentment(self) -> Worlds:
        """Affronts that are not forgiven, (worlds,)."""
        return sum((act.affront for act in self._acts), np.float64(0.0))

    def threaten(self, exposed: NDArray[np.float64], threat: Threat, happened: Any) -> None:
        """An act pointing to a list; units are moved by their ``exposed`` share of its weight, (units, ...)."""
        evidence = np.where(happened, np.log(threat.believed), 0.0)
        self._acts.append(Weight(single(exposed), evidence, np.where(happened, threat.resented, 0.0)))

    def take_back(self) -> None:
        """As if the latest act had not happened: for weighing one before it is done."""
        self._acts.pop()

    def fade(self, threat: int, where: NDArray[np.bool_], *, evidence: Worlds, affront: Worlds) -> None:
        """A threat, by its place, is withdrawn in these worlds: these parts of its weight and of the affront go."""
        act = self._acts[threat]
        self._acts[threat] = act._replace(
            evidence=act.evidence * (1 - where * evidence), affront=act.affront * (1 - where * affront)
        )

    def of_units(self, here: NDArray[np.int64] | None = None) -> NDArray[Any]:
        """Chance that members give the list, (units, worlds), or (1, worlds) where no act has told units apart."""
        common = single(self.common, here)
        acts = [(in_worlds(act.exposed, here), single(act.evidence, here)) for act in self._acts]
        units = len(acts[0][0]) if acts else 1
        shape = np.broadcast_shapes((units, 1), common.shape, *(weight.shape for _, weight in acts))
        belief = np.empty(shape, common.dtype)
        for some in a_few_at_a_time(belief):
            odds = common
            for reached, weight in acts:
                odds = odds + reached[some] * weight
            belief[some] = logistic(odds)
        return belief
