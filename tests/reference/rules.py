"""Does a vote carry? The rule's tree read in whole numbers. `docs/rules.md`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.ratification.conditions import AllOf, AnyOf, AtLeast, Quorum, Share, Veto
from sim.ratification.rule import Rule


@dataclass
class Vote:
    """Yes and no by body; a body's weight under bloc counting is its members."""

    names: list[str]
    members: list[int]
    yes: list[int]
    no: list[int]

    @classmethod
    def of_leaders(cls, names: list[str], favour: list[bool]) -> Vote:
        """One vote a body."""
        return cls(names, [1] * len(names), [int(one) for one in favour], [int(not one) for one in favour])

    def approves(self, tie: str) -> list[bool]:
        """A body approves when its yes outnumber its no."""
        return [yes > no or (tie == "yes" and yes == no) for yes, no in zip(self.yes, self.no, strict=True)]


def carries(rule: Rule, vote: Vote) -> bool:
    """Under a rule."""
    return holds(rule.condition, vote, vote.approves(rule.tie))


def holds(condition: Any, vote: Vote, approves: list[bool]) -> bool:
    """One condition of the tree."""
    if isinstance(condition, AllOf):
        return all(holds(part, vote, approves) for part in condition.all_of)
    if isinstance(condition, AnyOf):
        return any(holds(part, vote, approves) for part in condition.any_of)
    if isinstance(condition, AtLeast):
        return sum(approves) >= condition.at_least
    if isinstance(condition, Veto):
        return all(approving for name, approving in zip(vote.names, approves, strict=True) if name in condition.veto)
    ballots = [yes + no for yes, no in zip(vote.yes, vote.no, strict=True)]
    if isinstance(condition, Quorum):
        return _quorum(condition, vote, ballots)
    assert isinstance(condition, Share)
    return _share(condition, vote, approves, ballots)


def _quorum(condition: Quorum, vote: Vote, ballots: list[int]) -> bool:
    took_part, everybody = sum(ballots), sum(vote.members)
    if condition.of != "members":
        took_part, everybody = sum(cast > 0 for cast in ballots), len(ballots)
    return everybody > 0 and took_part * condition.quorum.denominator >= everybody * condition.quorum.numerator


def _share(condition: Share, vote: Vote, approves: list[bool], ballots: list[int]) -> bool:
    """Bloc: a body's whole weight goes with its majority. Per capita: the yes ballots themselves."""
    weights = {"members": vote.members, "ballots": ballots}.get(condition.of, [1] * len(ballots))
    part = sum(weight for weight, approving in zip(weights, approves, strict=True) if approving)
    if condition.count == "per_capita":
        part = sum(vote.yes)
    have, need = part * condition.share.denominator, sum(weights) * condition.share.numerator
    return sum(weights) > 0 and (have >= need if condition.exactly_enough else have > need)
