"""The ratification rule: a small language that says when a vote carries, evaluated exactly over many worlds.

A rule is a tree written in TOML, one kind of condition a table::

    { all_of = [...] }, { any_of = [...] }
    { at_least = 14, of = "unions" }                  # bodies that approve; of = "leaders" where each casts one vote
    { share = "4/5", of = "members", count = "bloc", exactly_enough = true }
    { share = "1/2", of = "ballots", count = "per_capita", exactly_enough = false }   # more than half
    { share = "2/3", of = "unions", exactly_enough = true }
    { veto = ["AFSCME Council 4"] }                   # these must approve
    { veto = ["AFSCME Council 4"], by = "no" }        # these must not refuse; a body without ballots stands aside
    { quorum = "1/2", of = "members" }                # turnout; of = "unions": bodies in which somebody voted

A body approves when its yes ballots outnumber its no ballots; beside the tree, ``tie = "no"`` or ``"yes"`` says what
an exact tie means inside a body. Under *bloc* counting the body's whole weight goes with its majority; *per capita*
counts the yes ballots themselves, of all ballots or of all members. Turning a no into a yes never makes a rule fail.

Sources: the SEBAC rules of 2011 (facts.md of the case); weighted voting as in Shapley & Shubik (1954), Banzhaf (1965).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from pydantic_core import core_schema

from sim.errors import WrongInput, nearest
from sim.ratification.conditions import (
    BODIES,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Leaf,
    Quorum,
    Share,
    Tree,
    Veto,
    join,
)
from sim.ratification.exact_share import ExactShare, drawn_share
from sim.ratification.margins import FailedCondition
from sim.ratification.sizes import span
from sim.ratification.tally import NEVER, Blocs, Count, Tally, Tie

__all__ = ["FailedCondition", "Rule", "Tally"]

KINDS: dict[str, type[Condition]] = {
    "all_of": AllOf,
    "any_of": AnyOf,
    "at_least": AtLeast,
    "share": Share,
    "veto": Veto,
    "quorum": Quorum,
}


@dataclass(frozen=True)
class Rule:
    """A tree of conditions and what a tie inside a body means. Read one with `Rule.read`; it never changes."""

    condition: Condition
    tie: Tie = "no"

    @classmethod
    def read(cls, raw: Any) -> Rule:
        """The rule a TOML table says.

        Raises WrongInput naming the key by its dotted path (``all_of.1.share``) and the nearest valid one.
        """
        if isinstance(raw, Rule):
            return raw
        if not isinstance(raw, Mapping):
            raise WrongInput(f'a rule is a table such as {{ at_least = 14, of = "unions" }}, got {raw!r}')
        tie = raw.get("tie", "no")
        if tie not in ("no", "yes"):
            raise WrongInput(f'tie: must be "no" or "yes" (what a tie inside a body counts as), got {tie!r}')
        return cls(_read_condition({key: value for key, value in raw.items() if key != "tie"}, ""), tie)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """So that a scenario may have a field of type `Rule`."""
        return core_schema.no_info_plain_validator_function(cls.read)

    def carries(self, tally: Tally | Blocs) -> NDArray[np.bool_]:
        """In which worlds the vote carries, shape (worlds,)."""
        return self.condition.holds(Count(tally, self.tie))

    def words(self, bodies: int | None = None) -> str:
        """The rule in English: "at least 14 of 15 unions, and unions holding at least 80 % of members"."""
        return self.condition.words(bodies, self.noun)

    def tie_words(self) -> str:
        """What a tie means, in English."""
        singular = {"unions": "a union", "units": "a unit", "leaders": "a leader", "bodies": "a body"}[self.noun]
        return f"an exact tie inside {singular} counts as {self.tie}"

    @property
    def noun(self) -> str:
        """What the rule calls the bodies that vote."""
        named = (leaf.of for _, leaf in self.condition.leaves() if isinstance(leaf, (AtLeast, Share, Quorum)))
        return next((of for of in named if of in BODIES), "unions")

    def thresholds(self) -> dict[str, int | Fraction | NDArray[Any]]:
        """Every threshold by its dotted path (``all_of.0.at_least``): an int, a `Fraction`, or an array over worlds."""
        found = {}
        for path, leaf in self.condition.leaves():
            if leaf.threshold is not None:
                value = getattr(leaf, leaf.threshold)
                found[join(path, leaf.threshold)] = value.value if isinstance(value, ExactShare) else value
        return found

    def with_thresholds(self, values: Mapping[str, Any]) -> Rule:
        """The same rule with other thresholds: numbers, fractions, or arrays of shape (worlds,).

        Raises WrongInput for a path that is no threshold, or a value that cannot be one.
        """
        known = self.thresholds()
        for path in values:
            if path not in known:
                raise WrongInput(f"{path!r} is no threshold of this rule{nearest(path, known)}")
        return replace(self, condition=_substituted(self.condition, values, ""))

    def world(self, world: int) -> Rule:
        """The rule as it stands in one world, where thresholds differ between worlds."""
        changed: dict[str, Any] = {}
        for path, leaf in self.condition.leaves():
            value = getattr(leaf, leaf.threshold) if leaf.threshold else None
            if isinstance(value, np.ndarray):
                changed[join(path, leaf.threshold or "")] = int(value[world])
            elif isinstance(value, ExactShare):
                changed[join(path, leaf.threshold or "")] = value.world(world)
        return self.with_thresholds(changed)

    def check_bodies(self, names: Sequence[str]) -> None:
        """Raises WrongInput where the rule names a body that does not vote, or asks for more bodies than there are."""
        for path, leaf in self.condition.leaves():
            if isinstance(leaf, Veto):
                for name in leaf.veto:
                    if name not in names:
                        raise WrongInput(f"{join(path, 'veto')}: {name!r} does not vote{nearest(name, names)}")
            if isinstance(leaf, AtLeast) and np.any(np.asarray(leaf.at_least) > len(names)):
                raise WrongInput(f"{join(path, 'at_least')}: asks for {span(leaf.at_least)} of {len(names)} {leaf.of}")

    def pivotal(self, tally: Tally) -> NDArray[np.bool_]:
        """Which bodies alone could have turned the result by turning their own, shape (bodies, worlds).

        A body turns with the fewest ballots that reverse its majority; everybody else's ballots stay.
        """
        count = Count(tally, self.tie)
        carries = self.condition.holds(count)
        turned = np.where(count.approves, -count.to_refuse, count.to_approve)
        turned[np.abs(turned) >= NEVER] = 0
        pivotal = np.empty(count.approves.shape, dtype=bool)
        for body in range(count.bodies):
            yes, no = tally.yes_ballots.copy(), tally.no_ballots.copy()
            yes[body] += turned[body]
            no[body] -= turned[body]
            pivotal[body] = self.carries(replace(tally, yes_ballots=yes, no_ballots=no)) != carries
        return pivotal

    def failed_conditions(self, tally: Tally) -> list[FailedCondition]:
        """The conditions that kept the vote from carrying, in the order of the tree.

        Where any one of several would do and all failed, all are listed; a condition whose failure did no harm is
        not counted as failed.
        """
        count = Count(tally, self.tie)
        failures = []
        for path, leaf, failed in _failures(self.condition, count, "", np.ones(count.worlds, dtype=bool)):
            missing = np.where(failed, np.maximum(leaf.quota(count) - leaf.amount(count), 0), 0)
            failures.append(
                FailedCondition(
                    path=path,
                    condition=leaf,
                    words=leaf.words(count.bodies, self.noun),
                    failed=failed,
                    missing=missing,
                    unit=leaf.measure(self.noun),
                    _count=count,
                )
            )
        return [failure for failure in failures if failure.failed.any()]


def _failures(
    condition: Condition, count: Count, path: str, harmful: NDArray[np.bool_]
) -> Iterator[tuple[str, Leaf, NDArray[np.bool_]]]:
    """Leaves that fail below conditions that fail; ``harmful`` says where everything above failed."""
    failed = harmful & ~condition.holds(count)
    if isinstance(condition, Leaf):
        yield path, condition, failed
    if isinstance(condition, Tree):
        for below, part in condition.inner(path):
            yield from _failures(part, count, below, failed)


def _substituted(condition: Condition, values: Mapping[str, Any], path: str) -> Condition:
    """The same condition with other thresholds; ``values`` by the full dotted path."""
    if isinstance(condition, Tree):
        changed = tuple(_substituted(part, values, below) for below, part in condition.inner(path))
        return type(condition)(**{condition.key: changed})
    key = condition.threshold
    if key is None or join(path, key) not in values:
        return condition
    fields = {name: getattr(condition, name) for name in type(condition).model_fields}
    value = values[join(path, key)]
    return _build(type(condition), fields | {key: value if key == "at_least" else drawn_share(value)}, path)


def _read_condition(raw: Any, path: str) -> Condition:
    """One table of the tree, and what lies below it."""
    where = f"{path}: " if path else ""
    if not isinstance(raw, Mapping):
        raise WrongInput(f"{where}a condition is a table with one of {', '.join(KINDS)}, got {raw!r}")
    kinds = [kind for kind in KINDS if kind in raw]
    if len(kinds) != 1:
        guess = nearest(next(iter(raw)), KINDS) if raw and not kinds else ""
        raise WrongInput(f"{where}a condition has exactly one of {', '.join(KINDS)}; found {sorted(raw)}{guess}")
    kind = KINDS[kinds[0]]
    for key in raw:
        if key not in kind.model_fields:
            raise WrongInput(f"{join(path, key)}: unknown key{nearest(key, kind.model_fields)}")
    fields = dict(raw)
    if issubclass(kind, Tree):
        parts = raw[kinds[0]]
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise WrongInput(f"{join(path, kinds[0])}: must be a list of conditions, got {parts!r}")
        fields = {kinds[0]: tuple(_read_condition(part, join(path, f"{kinds[0]}.{i}")) for i, part in enumerate(parts))}
    return _build(kind, fields, path)


def _build(kind: type[Condition], fields: Mapping[str, Any], path: str) -> Condition:
    """Let pydantic check the fields, and say what it found in one line."""
    try:
        return kind(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        given = first["input"]
        guess = nearest(given, (*BODIES, "members", "ballots")) if key == "of" and isinstance(given, str) else ""
        if first["type"] == "missing":
            message = f"is missing: a condition with {', '.join(fields)} needs it"
        elif first["type"] != "value_error":
            message = f"{message[0].lower()}{message[1:]}, got {given!r}{guess}"
        raise WrongInput(f"{join(path, key)}: {message}" if path or key else message) from None
