"""Why a member votes yes: a certain loss now against a chance of being laid off, and trust in who signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.terms import Burden, Terms
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
    mood_shared: Number = number(
        "share", "Part of the variance of both that units of one union have in common", at_least=0, at_most=1
    )
    wages_trust: Number = number("logits", "Goodwill towards the unit's own wages ballot over that of the whole deal")
    wages_spread: Number = number("logits", "Standard deviation of that between units", at_least=0)
    fatigue: Number = number(
        "logits", "Weariness, at every vote, of being asked for more after earlier givebacks and taxes", at_least=0
    )
    informed: Number = number("logits", "What knowing the terms adds to a member's appeal", at_least=0)
    misinformed: Number = number("logits", "What a false claim believed takes from it", at_least=0)
    reactance: Number = number("logits per affront", "What the resentment of a threat takes from a deal", at_least=0)
    forgiven: Number = number(
        "share", "Part of the resentment of a threat that is gone once it is withdrawn", at_least=0, at_most=1
    )
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
    gives_up: Number = number(
        "share", "Of those who voted no: who stays at home when asked again", at_least=0, at_most=1
    )
    # why people come round when they are asked again, logits of appeal
    anger_spent: Number = number("logits", "Asked again: the anger that a first no has spent", at_least=0)
    last_word: Number = number("logits", "Asked again: a second no is known to be the last word", at_least=0)
    harm_begun: Number = number("logits", "Asked again: harm has begun, and names most of one's colleagues", at_least=0)
    clearer: Number = number("logits", "Asked again: the text has been made clear", at_least=0)
    leaders_campaign: Number = number("logits", "Asked again: one's own leader now campaigns for it", at_least=0)
    others_yes: Number = number("logits", "Asked again, or later: all other unions have said yes", at_least=0)
    swing_spread: Number = number(
        "logits", "Asked again: standard deviation of what else has moved all members", at_least=0
    )


TURNOUT = (0.02, 0.98)  # share of members: some always come, and some never do


class Appeal(NamedTuple):
    """How far a deal appeals to members who differ in nothing but their risk; logits, (bodies, worlds)."""

    certain: Array  # whatever their risk is: goodwill, less the burden
    protection: Worlds  # and per unit of layoff risk

    def of_bodies(self, some: slice) -> Appeal:
        """To some of the bodies, by their places."""
        apart = np.ndim(self.protection) > 1
        return Appeal(self.certain[some], self.protection[some] if apart else self.protection)  # type: ignore[index]

    def at(self, risk: Array) -> Array:
        """At this chance of being laid off."""
        return self.protection * risk + self.certain


class Voters(NamedTuple):
    """Bodies of members and what they weigh any deal with; logits, each (bodies, worlds) or of a shape that meets it.

    The one equation of a vote: goodwill, and protection from a layoff at the risk there is, against the burden.
    Ballots, what leaders expect of them and what a fit makes of a record all ask it here.
    """

    goodwill: Array  # trust, moods, solidarity, what threats have bred and what has brought people round
    own_goodwill: Worlds  # what the ballot on the unit's own wages has on top
    a_layoff: Worlds  # what a certain layoff costs
    dislike: Worlds  # of a burden of a year's pay
    wage_factor: Worlds  # how much wages bear on these members against the average
    leaked_burden: Worlds | None  # the terms they had read about, shares of a year's pay
    leaked_reference: Worlds  # how far these are what they feel entitled to

    def of_one(self, body: int) -> Voters:
        """One of the bodies alone, by its place."""
        row = slice(body, body + 1)
        return self._replace(
            goodwill=self.goodwill[row],
            wage_factor=np.broadcast_to(self.wage_factor, (len(self.goodwill), np.shape(self.wage_factor)[-1]))[row],
        )

    def on_benefits(self, deal: Burden | Terms) -> Appeal:
        """The ballot on the whole deal."""
        burden = self.felt(self.wage_factor * deal.wages_burden + deal.benefits_burden)
        return Appeal(self.goodwill - self.dislike * burden, self.a_layoff * deal.protection)

    def on_wages(self, deal: Burden | Terms) -> Appeal:
        """The ballot on what the unit itself decides: its wages for job security."""
        burden = self.felt(self.wage_factor * deal.wages_burden)
        goodwill = self.goodwill + self.own_goodwill
        return Appeal(goodwill - self.dislike * burden, self.a_layoff * deal.protection)

    def felt(self, burden: Worlds) -> Worlds:
        """A burden as members feel it: what exceeds the terms they read about hurts again.

        With a blackout they learn the terms at the deal and have no such reference point. Source: reference
        dependence, Kahneman & Tversky (1979); the weight is an uncertainty.
        """
        if self.leaked_burden is None:
            return burden
        return burden + self.leaked_reference * np.maximum(0.0, burden - self.leaked_burden)


class Mix(NamedTuple):
    """How the members of a unit differ from each other."""

    band_share: NDArray[np.float64]  # of seniority bands, (bands,)
    # who knows nothing, knows the terms, believes a false claim, (classes, worlds) or (classes, units, worlds)
    information_share: Array
    information_shift: tuple[Worlds, ...]  # what each of these adds to the appeal, logits

    def of_units(self, unit: int | slice) -> Mix:
        """The members of one unit, or of some, by place."""
        share = self.information_share
        return self if share.ndim == 2 else self._replace(information_share=share[:, unit])


def mix_of(members: Members, band_share: NDArray[np.float64], information: Array) -> Mix:
    """``information``: shares of members by what they know, (classes, worlds) or (classes, units, worlds)."""
    return Mix(band_share, information, (0.0, members.informed, -members.misinformed))


def mean_leans(
    appeal: Appeal, risk: Array, mix: Mix, *, powers: Sequence[int] = (1,), cast: Callable[[Any], Array] = single
) -> list[Array]:
    """Averages over a unit's members of powers of 2 P(yes) - 1, each (units, worlds), or (worlds,) of one unit.

    ``risk`` by band has shape (units, bands, worlds). Within a band and class members are alike, so they are counted,
    not simulated one by one. Where ``risk`` has fewer rows than there are bands, its last row is that of everybody
    more senior. ``cast``: to the precision it is worked out in.
    """
    certain, protection = (np.atleast_1d(cast(0.5 * part))[..., None, :] for part in appeal)
    half = Appeal(certain, protection).at(cast(risk))
    means = [np.zeros_like(half[..., 0, :]) for _ in powers]
    for share, shift in zip(cast(mix.information_share), mix.information_shift, strict=True):
        # logistic(x) = (1 + tanh(x / 2)) / 2
        lean = np.tanh(half + cast(0.5 * shift))
        for mean, power in zip(means, powers, strict=True):
            mean += _over_bands(lean if power == 1 else lean**power, mix) * share
    return means


def _over_bands(lean: Array, mix: Mix) -> Array:
    # the most senior's, and what others differ from it: bands alike may be left out and nothing changes
    most_senior = lean[..., -1, :]
    average = most_senior.copy()
    for band, weight in enumerate(mix.band_share.tolist()[: lean.shape[-2] - 1]):
        average += (lean[..., band, :] - most_senior) * weight
    return average


def yes_probability(appeal: Appeal, risk: Array, mix: Mix) -> Array:
    """Chance that a member drawn from the unit votes yes, (units, worlds); see `mean_leans`."""
    (lean,) = mean_leans(appeal, risk, mix)
    # shares that add up to a hair more than one must not make more than a yes
    return np.clip(lean * 0.5 + 0.5, 0.0, 1.0)


def turnout(base: Worlds, stakes: Worlds, *, per_stake: Worlds) -> Array:
    """Share of members who cast a ballot: the unit's habit, more where more posts are at risk."""
    return np.clip(base + per_stake * stakes, *TURNOUT)


# why people come round, each a parameter of members
REASONS = ("anger_spent", "last_word", "harm_begun", "clearer", "leaders_campaign", "others_yes")


class Since(NamedTuple):
    """What has happened since members refused, most from 0 to 1; (worlds,), (units, worlds) or a number."""

    last_word: Worlds  # how far it is known that a second no is final
    harm_begun: Worlds  # how far harm that has begun names one's own unit
    clearer: Worlds  # is the text clearer?
    leaders_campaign: Worlds  # does one's own leader campaign?
    others_yes: Worlds  # members of other unions, whose union has said yes
    else_moved: Worlds  # what else has moved all members, a standard normal


def come_round(members: Members, since: Since) -> Worlds:
    """What brings members round who are asked again, logits: reasons that may be zero and are never negative, and the
    rest, which goes either way. Source: pairs of votes by the same people, `experiments.calibration.swing`.
    """
    return (
        members.anger_spent
        + members.last_word * since.last_word
        + members.harm_begun * since.harm_begun
        + members.clearer * since.clearer
        + members.leaders_campaign * since.leaders_campaign
        + members.others_yes * since.others_yes
        + members.swing_spread * since.else_moved
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What surrounds a vote, each (worlds,) or a number."""

    resentment: Worlds = 0.0  # affronts by the governor's threats that are not forgiven
    local_risk: Worlds = 0.0  # chance that a municipal colleague is laid off if the deal falls
    leaked_burden: Worlds | None = None  # without a blackout: the burden of the offers members have read about
    heard_yes: Worlds | None = None  # members of other unions whose units have voted before and said yes, share
    since: Since | None = None  # what has happened since they refused; None: they have not been asked before

    def in_single(self, here: NDArray[np.int64] | None = None) -> Conditions:
        """In single precision; ``here``: in these worlds only."""
        leaked, heard = self.leaked_burden, self.heard_yes
        return Conditions(
            resentment=single(self.resentment, here),
            local_risk=single(self.local_risk, here),
            leaked_burden=None if leaked is None else single(leaked, here),
            heard_yes=None if heard is None else single(heard, here),
            since=None if self.since is None else Since(*(single(part, here) for part in self.since)),
        )


def voters(
    members: Members,
    conditions: Conditions,
    *,
    mood: Array,
    wage_factor: Worlds,
    dual_payroll: Worlds,
    wages_mood: Worlds = 0.0,
) -> Voters:
    """What these bodies bring to a vote under these conditions.

    ``mood``: their own, logits, (bodies, worlds); ``wage_factor``: their wage burden over the average member's;
    ``dual_payroll``: how far they share their union with the towns; ``wages_mood``: what they have, on top of most,
    for the ballot on their own wages.
    """
    a_layoff = members.sensitivity * members.loss_if_laid_off
    solidarity = dual_payroll * (a_layoff * members.solidarity * conditions.local_risk)
    of_all = members.trust - members.fatigue - members.reactance * conditions.resentment
    if conditions.since is not None:
        of_all = of_all + come_round(members, conditions.since)
    if conditions.heard_yes is not None:
        of_all = of_all + members.others_yes * conditions.heard_yes
    return Voters(
        goodwill=mood + of_all + solidarity,
        own_goodwill=members.wages_trust + wages_mood,
        a_layoff=a_layoff,
        dislike=members.sensitivity * members.loss_aversion,
        wage_factor=wage_factor,
        leaked_burden=conditions.leaked_burden,
        leaked_reference=members.leaked_reference,
    )
