"""What leaders hear of their members, what they expect to carry home, and how they vote on changing the rule.

`docs/bargaining.md`, sections 2 and 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference.members import felt
from reference.packages import Deal

BISECTIONS = 10  # the end of the win-set is found to within a thousandth of the frontier


@dataclass
class Leader:
    """One union's leader, and what he hears of his members."""

    members: float
    tabled_members: float  # as the case's table has them
    heard_mood: float  # trust of the average member beyond the average union's, with his own misreading, logits
    wage_factor: float  # how much wages bear on the average member against other unions
    goodwill: float = 0.0  # logits
    gain: float = 0.0  # what full protection is worth to the average member, logits
    pain: float = 0.0  # what a year's pay of burden costs him, logits
    risk: float = 0.0  # share of his members' posts that they expect to go
    leaked: float | None = None  # burden they have read about, share of a year's pay
    leaked_reference: float = 0.0  # how far that is what they feel entitled to

    def expects_yes(self, deal: Deal, *, beyond: float = 0.0) -> bool:
        """He expects a yes when what he hears of them and what protects them outweigh what it costs them, and more."""
        burden = deal.benefits_burden + self.wage_factor * deal.wages_burden
        pain = self.pain * felt(burden, self.leaked, self.leaked_reference)
        return self.goodwill + self.gain * deal.protection > pain + beyond


def most_members(yes: list[bool], leaders: list[Leader]) -> bool:
    """Do the unions that say yes hold most of the members?"""
    held = sum(leader.tabled_members for says, leader in zip(yes, leaders, strict=True) if says)
    return 2 * held > sum(leader.tabled_members for leader in leaders)


def least_ratifiable(passes: Callable[[float], bool]) -> float:
    """The lowest value on labour's own ruler that leaders expect to carry home; above 1 where they expect none."""
    if not passes(1.0):
        return 2.0
    fails, succeeds = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (fails + succeeds) / 2
        fails, succeeds = (fails, middle) if passes(middle) else (middle, succeeds)
    return succeeds


def leans_to_change(own_yes: float, all_yes: float, own_risk: float, *, risk_weight: float) -> float:
    """How far a leader wants the rule changed: above zero he votes for it."""
    return (own_yes - 0.5) + (all_yes - 0.5) + risk_weight * own_risk


def waives(lean: float, *, collegiality: float) -> bool:
    """Does he let a change take effect at once, even one he is somewhat against?"""
    return lean + collegiality > 0
