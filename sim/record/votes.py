"""Among the members: the deal put to them, the campaign, the ballots, and the window for a second vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.bargaining.terms import Terms
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally
from sim.record.happening import Happening, amount
from sim.worlds.axis import Array, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(Happening):
    """The leaders put the deal to their members."""

    actor: ClassVar[str] = "leaders"
    deal: Terms
    bargained: bool
    expected: Array = amount("true or false")  # do they expect it to be ratified?
    expects_yes: Array = amount("true or false", "unions")  # each leader, of his own members
    leaked_burden: Array | None = amount("share of a year's pay")  # what members had read; None with a blackout


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWeek(Happening):
    """A week of meetings and rumours."""

    actor: ClassVar[str] = "members"
    vote: int  # 1 or 2
    week: int
    weeks: int
    informed: Worlds = amount("share of members")
    misinformed: Worlds = amount("share of members")
    unit_informed: Array | None = amount("share of members", "units")  # None: the same in all
    unit_misinformed: Array | None = amount("share of members", "units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballots(Happening):
    """A vote of the members, by unit and union, and what the rule makes of it. ``where``: the worlds that vote."""

    actor: ClassVar[str] = "members"
    vote: int  # 1 or 2
    rule: Rule  # in force before any change of it
    revised: Rule | None  # in force where the leaders changed it
    rule_changed: Array = amount("true or false")
    tally: Tally  # benefits ballots by union
    unit_yes: Array = amount("ballots", "units")  # on the deal, the benefits of the whole coalition
    unit_cast: Array = amount("ballots", "units")
    wages_yes: Array | None = amount("ballots", "units")  # on the unit's own wages for job security; None: not apart
    wages_cast: Array | None = amount("ballots", "units")
    held: Array | None  # unions that had something to vote on, (unions, worlds); None: all
    days_before: Array | None  # this day, on which each unit voted, (units,); None: all voted today
    ratified: Array = amount("true or false")

    def rule_at(self, world: int) -> Rule:
        """The rule that counted in the world at this place."""
        changed = self.revised is not None and bool(np.broadcast_to(self.rule_changed, len(self.where))[world])
        chosen = self.revised if changed and self.revised is not None else self.rule
        return chosen.world(world)

    @property
    def approving(self) -> Array:
        """Unions that approve, (unions, worlds), an exact tie counting as the rule that counts takes it."""
        own = self.tally.approves(self.rule.tie)
        if self.revised is None or self.revised.tie == self.rule.tie:
            return own
        return np.where(self.rule_changed, self.tally.approves(self.revised.tie), own)

    @property
    def unit_yes_share(self) -> Array:
        """Share of yes among ballots cast on the benefits, (units, worlds); nobody voting counts as no."""
        return self.unit_yes / np.maximum(self.unit_cast, 1)

    @property
    def wages_refused(self) -> Array:
        """Units that cast ballots on their part on wages and refused it, (units, worlds); a tie refuses.

        Where that is all of the deal they are those that refused the deal.
        """
        yes = self.unit_yes if self.wages_yes is None else self.wages_yes
        cast = self.unit_cast if self.wages_cast is None else self.wages_cast
        return (cast > 0) & (2 * yes <= cast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Happening):
    """The leaders vote on their own rule. ``where``: after a refusal."""

    actor: ClassVar[str] = "leaders"
    rule: Rule  # for a change
    revised: Rule | None  # what it is changed to
    favour: Array = amount("true or false", "unions")
    waives: Array = amount("true or false", "unions")  # the notice period
    wanted: Array = amount("true or false")  # did enough leaders vote for it?
    changed: Array = amount("true or false")  # and did enough let it take effect at once?


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Happening):
    """A clearer text of the deal."""

    actor: ClassVar[str] = "both sides"
