"""Why a member votes yes: a certain loss now against a chance of being laid off, and trust in who signed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.parameters import Parameter, Section, number
from sim.worlds.axis import Worlds, single


class Members(Section):
    """What moves a member's vote."""

    sensitivity: Parameter = number("logits per year of pay", "How strongly money moves the vote", at_least=0)
    loss_aversion: Parameter = number("ratio", "How much heavier a certain loss weighs than a gain", at_least=1)
    loss_if_laid_off: Parameter = number("years of pay", "What a layoff costs a member, over the years", at_least=0)
    trust: Parameter = number("logits", "Goodwill towards the leaders and the deal before any money is counted")
    trust_spread: Parameter = number("logits", "Standard deviation of that goodwill between units", at_least=0)
    mood_spread: Parameter = number("logits", "Standard deviation of what changes in a unit between votes", at_least=0)
    fatigue: Parameter = number("logits", "Weariness of being asked again, after givebacks and taxes", at_least=0)
    informed: Parameter = number("logits", "What knowing the terms adds to a member's appeal", at_least=0)
    misinformed: Parameter = number("logits", "What a false claim believed takes from it", at_least=0)
    reactance: Parameter = number(
        "logits per log ratio", "Resentment bred by each threat, however believed", at_least=0
    )
    leaked_reference: Parameter = number(
        "share",
        "Without blackout: how far leaked offers become the terms members feel entitled to",
        at_least=0,
        at_most=1,
    )
    solidarity: Parameter = number("share", "Weight of colleagues' local layoffs against one's own", at_least=0)
    strict_seniority: Parameter = number("share", "Share of layoffs that follow rank strictly", at_least=0, at_most=1)
    step: Parameter = number("% of pay", "Yearly step a freeze takes besides the general raise", at_least=0)
    turnout_stakes: Parameter = number("share per share", "Turnout gained per share of the unit at risk", at_least=0)


class Appeal(NamedTuple):
    """The parts of one unit's appeal, in logits, each shape (worlds,) or a number; they add up."""

    mood: Worlds  # trust, the unit's own mood, fatigue, reactance
    protection: Worlds  # per unit of layoff risk: sensitivity x loss if laid off x protection of the deal
    burden: Worlds  # sensitivity x loss aversion x burden of the deal; subtracts
    solidarity: Worlds = 0.0  # local layoffs of the same union that a deal avoids


def yes_probability(
    appeal: Appeal,
    risk: NDArray[np.float64],
    band_share: NDArray[np.float64],
    information_share: NDArray[np.float64],
    information_shift: list[Worlds],
) -> NDArray[np.float64]:
    """Chance that a member drawn from the unit votes yes, shape (worlds,).

    ``risk`` by band has shape (bands, worlds), ``band_share`` (bands,); ``information_share`` (classes, worlds) and
    ``information_shift`` in logits say how many know the terms, know nothing, or believe a false claim. Within a
    band and class members are alike, so they are counted, not simulated one by one. Where ``risk`` has fewer rows
    than there are bands, its last row is that of everybody more senior.
    """
    half_appeal = single(0.5 * appeal.protection) * single(risk)
    half_appeal += single(0.5 * (appeal.mood - appeal.burden + appeal.solidarity))
    lean, chance = np.zeros_like(half_appeal[0]), np.empty_like(half_appeal)
    for share, shift in zip(single(information_share), information_shift, strict=True):
        # logistic(x) = (1 + tanh(x / 2)) / 2; the halves and the one are taken outside the average
        np.tanh(np.add(half_appeal, single(0.5 * shift), out=chance), out=chance)
        # the most senior's, and what others differ from it: bands alike may be left out and nothing changes
        *others, average = chance
        for weight, other in zip(band_share.tolist(), others, strict=False):
            other -= average
            other *= weight
        for other in others:
            average += other
        average *= share
        lean += average
    lean *= 0.5
    lean += 0.5
    return np.clip(lean, 0.0, 1.0, out=lean)  # shares that add up to a hair more than one must not make more than a yes


def turnout(base: Worlds, stakes: Worlds, *, per_stake: Worlds) -> Worlds:
    """Share of members who cast a ballot: the unit's habit, more where more posts are at risk; at most 0.98."""
    return np.clip(base + per_stake * stakes, 0.02, 0.98)
