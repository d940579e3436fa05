"""Why a member votes yes: a certain loss now against a chance of being laid off, and trust in who signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.terms import Terms
from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import Array, Worlds, single


class Members(Section):
    """What moves a member's vote."""

    sensitivity: Number = number("logits per year of pay", "How strongly money moves the vote", at_least=0)
    loss_aversion: Number = number("ratio", "How much heavier a certain loss weighs than a gain", at_least=1)
    loss_if_laid_off: Number = number("years of pay", "What a layoff costs a member, over the years", at_least=0)
    trust: Number = number("logits", "Goodwill towards the leaders and the deal before any money is counted")
    trust_spread: Number = number("logits", "Standard deviation of that goodwill between units", at_least=0)
    mood_spread: Number = number("logits", "Standard deviation of what changes in a unit between votes", at_least=0)
    fatigue: Number = number("logits", "Weariness of being asked again, after givebacks and taxes", at_least=0)
    informed: Number = number("logits", "What knowing the terms adds to a member's appeal", at_least=0)
    misinformed: Number = number("logits", "What a false claim believed takes from it", at_least=0)
    reactance: Number = number("logits per log ratio", "Resentment bred by each threat, however believed", at_least=0)
    leaked_reference: Number = number(
        "share",
        "Without blackout: how far leaked offers become the terms members feel entitled to",
        at_least=0,
        at_most=1,
    )
    solidarity: Number = number("share", "Weight of colleagues' local layoffs against one's own", at_least=0)
    strict_seniority: Number = number("share", "Share of layoffs that follow rank strictly", at_least=0, at_most=1)
    step: Number = number("% of pay", "Yearly step a freeze takes besides the general raise", at_least=0)
    turnout_stakes: Number = number("share per share", "Turnout gained per share of the unit at risk", at_least=0)


class Appeal(NamedTuple):
    """The parts of a deal's appeal, in logits, each (units, worlds) or of a shape that meets it."""

    mood: Worlds  # trust, the unit's own mood, fatigue, reactance
    protection: Worlds  # per unit of layoff risk: sensitivity x loss if laid off x protection of the deal
    burden: Worlds  # sensitivity x loss aversion x burden of the deal; subtracts
    solidarity: Worlds = 0.0  # local layoffs of the same union that a deal avoids


def yes_probability(
    appeal: Appeal,
    risk: Array,
    band_share: NDArray[np.float64],
    information_share: Array,
    information_shift: list[Worlds],
) -> Array:
    """Chance that a member drawn from the unit votes yes, (units, worlds).

    ``risk`` by band has shape (units, bands, worlds), ``band_share`` (bands,); ``information_share`` (classes, worlds)
    and ``information_shift`` in logits say how many know the terms, know nothing, or believe a false claim. Within a
    band and class members are alike, so they are counted, not simulated one by one. Where ``risk`` has fewer rows
    than there are bands, its last row is that of everybody more senior.
    """
    common, protection = (
        np.atleast_1d(single(0.5 * part))[..., None, :]
        for part in (appeal.mood - appeal.burden + appeal.solidarity, appeal.protection)
    )
    half_appeal = protection * single(risk) + common
    lean = np.zeros_like(half_appeal[..., 0, :])
    for share, shift in zip(single(information_share), information_shift, strict=True):
        # logistic(x) = (1 + tanh(x / 2)) / 2; the halves and the one are taken outside the average
        chance = np.tanh(half_appeal + single(0.5 * shift))
        # the most senior's, and what others differ from it: bands alike may be left out and nothing changes
        most_senior = chance[..., -1, :]
        average = most_senior.copy()
        for band, weight in enumerate(band_share.tolist()[: chance.shape[-2] - 1]):
            average += (chance[..., band, :] - most_senior) * weight
        lean += average * share
    # shares that add up to a hair more than one must not make more than a yes
    return np.clip(lean * 0.5 + 0.5, 0.0, 1.0)


def turnout(base: Worlds, stakes: Worlds, *, per_stake: Worlds) -> Array:
    """Share of members who cast a ballot: the unit's habit, more where more posts are at risk; at most 0.98."""
    return np.clip(base + per_stake * stakes, 0.02, 0.98)


@dataclass(slots=True, kw_only=True)
class Conditions:
    """What surrounds a vote, each (worlds,) or a number."""

    pressure: Worlds = 0.0  # weight of the governor's threats so far, for reactance
    local_risk: Worlds = 0.0  # chance that a municipal colleague is laid off if the deal falls
    leaked_burden: Worlds | None = None  # without a blackout: the burden of the offers members have read about


def felt_burden(burden: Worlds, conditions: Conditions, members: Members) -> Worlds:
    """Shares of a year's pay as members feel them: what exceeds the terms they read about hurts again.

    With a blackout they learn the terms at the deal and have no such reference point. Source: reference dependence,
    Kahneman & Tversky (1979); the weight is an uncertainty.
    """
    if conditions.leaked_burden is None:
        return burden
    return burden + members.leaked_reference * np.maximum(0.0, burden - conditions.leaked_burden)


class Question(NamedTuple):
    """What a vote puts to all units alike; logits, each (worlds,) or a number, or by unit where terms differ."""

    goodwill: Worlds  # trust, less weariness and what threats have bred
    protection: Worlds  # what the deal's protection is worth against a certain layoff
    dislike: Worlds  # of a year's pay
    solidarity: Worlds  # with colleagues in the towns, of a unit that shares its union with all of them
    benefits_burden: Worlds  # shares of a year's pay
    wages_burden: Worlds  # of the average unit
    conditions: Conditions
    members: Members

    def appeals(self, mood: Array, burden_factor: Worlds, dual_payroll: Array) -> tuple[Appeal, Appeal]:
        """The parts of each unit's appeal on the benefits and on the wages ballot.

        ``mood``: the unit's own, logits; ``burden_factor``: its wage burden over the average unit's; ``dual_payroll``:
        how far it shares its union with the towns. On the wages ballot only what the unit itself decides is weighed.
        """
        wages = burden_factor * self.wages_burden
        whole, own = (
            self.dislike * felt_burden(burden, self.conditions, self.members)
            for burden in (wages + self.benefits_burden, wages)
        )
        appeal = Appeal(mood=mood, protection=self.protection, burden=whole, solidarity=dual_payroll * self.solidarity)
        return appeal, appeal._replace(burden=own)


def put_to_vote(members: Members, terms: Terms, conditions: Conditions) -> Question:
    """The terms of a deal as members weigh them."""
    a_layoff = members.sensitivity * members.loss_if_laid_off
    return Question(
        goodwill=members.trust - members.fatigue - members.reactance * conditions.pressure,
        protection=a_layoff * terms.protection,
        dislike=members.sensitivity * members.loss_aversion,
        solidarity=a_layoff * members.solidarity * conditions.local_risk,
        benefits_burden=terms.benefits_burden,
        wages_burden=terms.wages_burden,
        conditions=conditions,
        members=members,
    )
