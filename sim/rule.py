"""The ratification rule: a small language that says when a vote carries, evaluated exactly over many worlds.

A rule is a tree written in TOML, one kind of condition a table::

    { all_of = [...] }, { any_of = [...] }
    { at_least = 14, of = "unions" }                  # bodies that approve; of = "leaders" where each casts one vote
    { share = "4/5", of = "members", count = "bloc", exactly_enough = true }
    { share = "1/2", of = "ballots", count = "per_capita", exactly_enough = false }   # more than half
    { share = "2/3", of = "unions", exactly_enough = true }
    { veto = ["AFSCME Council 4"] }                   # these must approve
    { quorum = "1/2", of = "members" }                # turnout; of = "unions": bodies in which somebody voted

A body approves when its yes ballots outnumber its no ballots; beside the tree, ``tie = "no"`` or ``"yes"`` says what
an exact tie means inside a body. Under *bloc* counting the body's whole weight goes with its majority; *per capita*
counts the yes ballots themselves, of all ballots or of all members. Turning a no into a yes never makes a rule fail.

Sources: the SEBAC rules of 2011 (facts.md); weighted voting as in Shapley & Shubik (1954), Banzhaf (1965).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, StrictBool, ValidationError, model_validator
from pydantic_core import core_schema

from sim.errors import WrongInput, nearest
from sim.exact_share import ExactShare, WholeNumbers, read_share
from sim.parameters import Section

Tie = Literal["no", "yes"]
Bodies = Literal["unions", "units", "leaders", "bodies"]
BODIES: tuple[str, ...] = ("unions", "units", "leaders", "bodies")
NEVER = 2**40  # ballots: more than there are, where no turning of ballots helps


# --- what was voted -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The ballots of every body on one question. Whole numbers, as integers or floats."""

    names: Sequence[str]
    members: NDArray[Any]  # (bodies,) or (bodies, worlds)
    yes_ballots: NDArray[Any]  # (bodies, worlds)
    no_ballots: NDArray[Any]  # (bodies, worlds)

    def __post_init__(self) -> None:
        bodies = len(self.names)
        if self.yes_ballots.ndim != 2 or len(self.yes_ballots) != bodies:
            raise ValueError(f"yes_ballots must have shape (bodies = {bodies}, worlds), got {self.yes_ballots.shape}")
        if self.no_ballots.shape != self.yes_ballots.shape:
            raise ValueError(f"no_ballots must have shape {self.yes_ballots.shape}, got {self.no_ballots.shape}")
        if self.members.shape not in {(bodies,), self.yes_ballots.shape}:
            raise ValueError(f"members must have shape ({bodies},) or (bodies, worlds), got {self.members.shape}")

    @classmethod
    def of_leaders(cls, names: Sequence[str], in_favour: NDArray[np.bool_]) -> Tally:
        """One vote a body: ``in_favour`` has shape (bodies, worlds)."""
        yes = np.asarray(in_favour, dtype=np.int64)
        return cls(names=names, members=np.ones(len(names), dtype=np.int64), yes_ballots=yes, no_ballots=1 - yes)

    def world(self, world: int) -> Tally:
        """The same vote in one world only; its arrays have one world."""
        one = slice(world, world + 1)
        members = self.members if self.members.ndim == 1 else self.members[:, one]
        return replace(self, members=members, yes_ballots=self.yes_ballots[:, one], no_ballots=self.no_ballots[:, one])


class Count:
    """A tally counted once, in whole numbers, for all conditions of a rule; totals have shape (worlds,)."""

    def __init__(self, tally: Tally, tie: Tie) -> None:
        self.tally = tally
        yes, no = tally.yes_ballots, tally.no_ballots
        self.approves: NDArray[np.bool_] = yes >= no if tie == "yes" else yes > no
        self.tie: Tie = tie
        self.bodies = len(tally.names)

    @cached_property
    def approving(self) -> NDArray[np.int64]:
        """How many bodies approve."""
        return np.add.reduce(self.approves, axis=0, dtype=np.int64)

    @cached_property
    def ballots(self) -> NDArray[Any]:
        """Ballots cast by body, (bodies, worlds)."""
        return self.tally.yes_ballots + self.tally.no_ballots

    @cached_property
    def yes(self) -> NDArray[np.int64]:
        """Yes ballots of all bodies."""
        return _whole(self.tally.yes_ballots.sum(axis=0))

    @cached_property
    def cast(self) -> NDArray[np.int64]:
        """Ballots of all bodies."""
        return _whole(self.ballots.sum(axis=0))

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """Members of all bodies."""
        return np.broadcast_to(_whole(self.tally.members.sum(axis=0)), self.approves.shape[1:])

    @cached_property
    def voting(self) -> NDArray[np.int64]:
        """Bodies in which somebody voted."""
        return np.add.reduce(self.ballots > 0, axis=0, dtype=np.int64)

    def held_by_approving(self, weights: NDArray[Any]) -> NDArray[np.int64]:
        """Weight of the bodies that approve; ``weights`` (bodies,) or (bodies, worlds)."""
        held = np.zeros(self.approves.shape[1:], dtype=weights.dtype)
        for weight, approves in zip(weights, self.approves, strict=True):
            held += weight * approves
        return _whole(held)

    def turns(self, world: int) -> list[int]:
        """By body: how few of its no ballots must turn into yes for it to approve in this world (0: it does).

        `NEVER` in a body where nobody voted.
        """
        yes = _whole(self.tally.yes_ballots[:, world]).tolist()
        no = _whole(self.tally.no_ballots[:, world]).tolist()
        behind = [n - y + (self.tie == "no") for y, n in zip(yes, no, strict=True)]
        return [0 if b <= 0 else (b + 1) // 2 if n > 0 else NEVER for b, n in zip(behind, no, strict=True)]


def _whole(amounts: Any) -> NDArray[np.int64]:
    """Whole numbers kept as floats, as integers. Raises ValueError for a fraction of a ballot."""
    amounts = np.asarray(amounts)
    if amounts.dtype.kind in "iub":
        return amounts.astype(np.int64, copy=False)
    whole = amounts.astype(np.int64)
    if not np.array_equal(whole, amounts):
        raise ValueError("members and ballots must be whole numbers")
    return whole


# --- conditions ---------------------------------------------------------------------------------------------------


class Condition(Section):
    """One table of the tree."""

    threshold: ClassVar[str | None] = None  # the key that holds a threshold

    def holds(self, count: Count) -> NDArray[np.bool_]:
        """In which worlds it holds, shape (worlds,)."""
        raise NotImplementedError

    def words(self, bodies: int | None, noun: str) -> str:
        """The condition in English; ``bodies`` how many there are, ``noun`` what they are called."""
        raise NotImplementedError

    def leaves(self, path: str = "") -> Iterator[tuple[str, Leaf]]:
        """The conditions below that are no trees themselves, with the dotted path of each (``all_of.0``)."""
        raise NotImplementedError


class Leaf(Condition):
    """A condition that compares an amount with a quota. Its unit is that of the amount."""

    unit: ClassVar[str] = ""

    def leaves(self, path: str = "") -> Iterator[tuple[str, Leaf]]:
        yield path, self

    def amount(self, count: Count) -> NDArray[np.int64]:
        """What is counted: bodies, members or ballots; (worlds,)."""
        raise NotImplementedError

    def quota(self, count: Count) -> NDArray[np.int64] | int:
        """The smallest amount for which the condition holds."""
        raise NotImplementedError

    def weights(self, count: Count) -> NDArray[Any] | None:
        """What each body adds to the amount by approving, (bodies,) or (bodies, worlds); None where it adds nothing.

        Per capita a body adds nothing by approving: only its ballots do.
        """
        raise NotImplementedError

    def measure(self, noun: str) -> str:
        """What the amount is an amount of."""
        return noun


class AllOf(Condition):
    """Every one of these conditions."""

    all_of: tuple[Condition, ...]

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return np.logical_and.reduce([part.holds(count) for part in self.all_of])

    def words(self, bodies: int | None, noun: str) -> str:
        return ", and ".join(_in_brackets(part, bodies, noun) for part in self.all_of)

    def leaves(self, path: str = "") -> Iterator[tuple[str, Leaf]]:
        for i, part in enumerate(self.all_of):
            yield from part.leaves(_join(path, f"all_of.{i}"))


class AnyOf(Condition):
    """At least one of these conditions."""

    any_of: tuple[Condition, ...]

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return np.logical_or.reduce([part.holds(count) for part in self.any_of])

    def words(self, bodies: int | None, noun: str) -> str:
        return "either " + ", or ".join(_in_brackets(part, bodies, noun) for part in self.any_of)

    def leaves(self, path: str = "") -> Iterator[tuple[str, Leaf]]:
        for i, part in enumerate(self.any_of):
            yield from part.leaves(_join(path, f"any_of.{i}"))


def _read_count(raw: Any) -> WholeNumbers:
    """A number of bodies, or one a world; whole, at least 1."""
    counts = np.asarray(raw)
    if counts.dtype.kind not in "iuf" or counts.ndim > 1 or not np.all((counts >= 1) & (counts == np.rint(counts))):
        raise ValueError(f"must be a whole number of bodies, at least 1, got {raw!r}")
    return counts.astype(np.int64) if counts.ndim else int(counts)


class AtLeast(Leaf):
    """So many bodies approve."""

    threshold: ClassVar[str] = "at_least"

    at_least: Annotated[WholeNumbers, BeforeValidator(_read_count)]
    of: Bodies

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return count.approving >= self.at_least

    def amount(self, count: Count) -> NDArray[np.int64]:
        return count.approving

    def quota(self, count: Count) -> NDArray[np.int64] | int:
        return self.at_least

    def weights(self, count: Count) -> NDArray[Any]:
        return np.ones(count.bodies, dtype=np.int64)

    def words(self, bodies: int | None, noun: str) -> str:
        return f"at least {_span(self.at_least)}{'' if bodies is None else f' of {bodies}'} {self.of}"

    def measure(self, noun: str) -> str:
        return self.of


class Share(Leaf):
    """The approving side holds a share of the members, of the ballots, or of the bodies."""

    threshold: ClassVar[str] = "share"

    share: Annotated[ExactShare, BeforeValidator(read_share)]
    of: Literal["members", "ballots", "unions", "units", "leaders", "bodies"]
    count: Literal["bloc", "per_capita"] | None = None
    exactly_enough: StrictBool

    @model_validator(mode="after")
    def _consistent(self) -> Share:
        if self.of in BODIES and self.count is not None:
            raise ValueError(f"a share of {self.of} counts each once; leave out 'count'")
        if self.of not in BODIES and self.count is None:
            raise ValueError(f'a share of {self.of} needs count = "bloc" or "per_capita"')
        if not self.exactly_enough and not self.share.varies and self.share.value == 1:
            raise ValueError("more than all can never be reached; use exactly_enough = true")
        return self

    def amount(self, count: Count) -> NDArray[np.int64]:
        if self.count == "per_capita":
            return count.yes
        if self.of in BODIES:
            return count.approving
        return count.held_by_approving(self.weights(count))

    def whole(self, count: Count) -> NDArray[np.int64]:
        """What the share is a share of, (worlds,)."""
        if self.of in BODIES:
            return np.full(count.approving.shape, count.bodies, dtype=np.int64)
        return count.members if self.of == "members" else count.cast

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return self.share.reached(self.amount(count), self.whole(count), exactly_enough=self.exactly_enough)

    def quota(self, count: Count) -> NDArray[np.int64]:
        # a share of nothing is not reached, whatever the threshold
        return np.maximum(1, self.share.needed(self.whole(count), exactly_enough=self.exactly_enough))

    def weights(self, count: Count) -> NDArray[Any] | None:
        if self.count == "per_capita":
            return None
        if self.of in BODIES:
            return np.ones(count.bodies, dtype=np.int64)
        return count.tally.members if self.of == "members" else count.ballots

    def words(self, bodies: int | None, noun: str) -> str:
        size = _size(self.share, exactly_enough=self.exactly_enough)
        if self.of in BODIES:
            return f"{size} of {'' if bodies is None else f'{bodies} '}{self.of}"
        if self.count == "per_capita":
            return f"yes from {size} of {'all members' if self.of == 'members' else 'the ballots cast'}"
        return f"{noun} holding {size} of {'members' if self.of == 'members' else 'the ballots cast'}"

    def measure(self, noun: str) -> str:
        return self.of


class Veto(Leaf):
    """Each of these bodies approves; a no of one alone is enough to refuse."""

    veto: tuple[str, ...]

    @model_validator(mode="after")
    def _somebody(self) -> Veto:
        if not self.veto or len(set(self.veto)) < len(self.veto):
            raise ValueError("must name at least one body, each once")
        return self

    def amount(self, count: Count) -> NDArray[np.int64]:
        return count.held_by_approving(self.weights(count))

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return self.amount(count) >= len(self.veto)

    def quota(self, count: Count) -> int:
        return len(self.veto)

    def weights(self, count: Count) -> NDArray[Any]:
        unknown = set(self.veto) - set(count.tally.names)
        if unknown:
            raise ValueError(f"{min(unknown)!r} may veto but does not vote{nearest(min(unknown), count.tally.names)}")
        return np.array([name in self.veto for name in count.tally.names], dtype=np.int64)

    def words(self, bodies: int | None, noun: str) -> str:
        return f"{' and '.join(self.veto)} approving"

    def measure(self, noun: str) -> str:
        return f"{noun} with a veto"


class Quorum(Leaf):
    """Enough take part, whichever way they vote: ballots over members, or bodies in which somebody voted."""

    threshold: ClassVar[str] = "quorum"

    quorum: Annotated[ExactShare, BeforeValidator(read_share)]
    of: Literal["members", "unions", "units", "leaders", "bodies"]

    def amount(self, count: Count) -> NDArray[np.int64]:
        return count.cast if self.of == "members" else count.voting

    def whole(self, count: Count) -> NDArray[np.int64]:
        """Members, or bodies, (worlds,)."""
        return count.members if self.of == "members" else np.full(count.voting.shape, count.bodies, dtype=np.int64)

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return self.quorum.reached(self.amount(count), self.whole(count), exactly_enough=True)

    def quota(self, count: Count) -> NDArray[np.int64]:
        return np.maximum(1, self.quorum.needed(self.whole(count), exactly_enough=True))

    def weights(self, count: Count) -> None:
        return None

    def words(self, bodies: int | None, noun: str) -> str:
        size = _size(self.quorum, exactly_enough=True)
        return f"{size} of {'members' if self.of == 'members' else self.of} voting"

    def measure(self, noun: str) -> str:
        return "ballots" if self.of == "members" else self.of


KINDS: dict[str, type[Condition]] = {
    "all_of": AllOf,
    "any_of": AnyOf,
    "at_least": AtLeast,
    "share": Share,
    "veto": Veto,
    "quorum": Quorum,
}


# --- the rule -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FailedCondition:
    """A condition for want of which a vote failed."""

    path: str  # as in `Rule.thresholds`, without the last key
    condition: Leaf
    words: str
    failed: NDArray[np.bool_]  # (worlds,)
    missing: NDArray[np.int64]  # how much more was needed, in ``unit``; 0 where it held; (worlds,)
    unit: str  # unions, members, ballots
    _count: Count

    def turn(self, world: int) -> dict[str, int] | None:
        """The fewest no ballots that, turned into yes, make this condition hold in this world, by body.

        Per capita it does not matter where they turn, and the key is ``"anywhere"``. None where no turning helps
        (a quorum was missed; nobody voted).
        """
        if not self.failed[world]:
            return {}
        missing = int(self.missing[world])
        weights = self.condition.weights(self._count)
        if weights is None:
            per_capita = isinstance(self.condition, Share)
            noes = int(_whole(self._count.tally.no_ballots[:, world].sum()))
            return {"anywhere": missing} if per_capita and missing <= noes else None
        turns = self._count.turns(world)
        own = _whole(weights if weights.ndim == 1 else weights[:, world]).tolist()
        refusing = [i for i, ballots in enumerate(turns) if 0 < ballots < NEVER and own[i] > 0]
        chosen = cheapest_cover([turns[i] for i in refusing], [own[i] for i in refusing], missing)
        names = self._count.tally.names
        return None if chosen is None else {names[refusing[j]]: turns[refusing[j]] for j in chosen}

    def margin(self, world: int) -> str:
        """By how much it failed in this world, in words: what is short, and the ballots that decided it."""
        if not self.failed[world]:
            return "held"
        have = int(self.condition.amount(self._count)[world])
        missing = int(self.missing[world])
        short = f"{have:,} of the {have + missing:,} {self.unit} needed, {missing:,} short"
        turn = self.turn(world)
        if turn is None:
            return short
        if "anywhere" in turn:
            return f"{short}: {_ballots(missing)} the other way would have done"
        total = sum(turn.values())
        where = _listed([name if len(turn) == 1 else f"{ballots:,} in {name}" for name, ballots in turn.items()])
        return f"{short}: {_ballots(total)} the other way would have done, {'in ' * (len(turn) == 1)}{where}"


def cheapest_cover(costs: Sequence[int], weights: Sequence[int], needed: int) -> list[int] | None:
    """Which items reach the weight needed at least total cost; None where even all of them do not.

    Exact: keeps the sums of weight and cost that no other sum beats on both.
    """
    frontier: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]  # cost rising, weight rising
    for item, (cost, weight) in enumerate(zip(costs, weights, strict=True)):
        extended = [(c + cost, min(w + weight, needed), (*chosen, item)) for c, w, chosen in frontier]
        merged = sorted(frontier + extended, key=lambda sums: (sums[0], -sums[1]))
        frontier, best = [], -1
        for sums in merged:
            if sums[1] > best:
                frontier.append(sums)
                best = sums[1]
    return list(frontier[-1][2]) if frontier[-1][1] >= needed else None


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

    def carries(self, tally: Tally) -> NDArray[np.bool_]:
        """In which worlds the vote carries, shape (worlds,)."""
        return self.condition.holds(Count(tally, self.tie))

    def words(self, bodies: int | None = None) -> str:
        """The rule in English: "at least 14 of 15 unions, and unions holding at least 80 % of members"."""
        return self.condition.words(bodies, self.noun)

    def tie_words(self) -> str:
        """What a tie means, in English."""
        return f"a tie inside one of the {self.noun} counts as {self.tie}"

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
                found[_join(path, leaf.threshold)] = value.value if isinstance(value, ExactShare) else value
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

    def check_bodies(self, names: Sequence[str]) -> None:
        """Raises WrongInput where the rule names a body that does not vote, or asks for more bodies than there are."""
        for path, leaf in self.condition.leaves():
            if isinstance(leaf, Veto):
                for name in leaf.veto:
                    if name not in names:
                        raise WrongInput(f"{_join(path, 'veto')}: {name!r} does not vote{nearest(name, names)}")
            if isinstance(leaf, AtLeast) and np.any(np.asarray(leaf.at_least) > len(names)):
                raise WrongInput(
                    f"{_join(path, 'at_least')}: asks for {_span(leaf.at_least)} of {len(names)} {leaf.of}"
                )

    def failed_conditions(self, tally: Tally) -> list[FailedCondition]:
        """The conditions that kept the vote from carrying, in the order of the tree.

        Where any one of several would do and all failed, all are listed; a condition whose failure did no harm is
        not counted as failed.
        """
        count = Count(tally, self.tie)
        failures = []
        for path, leaf, failed in _failures(self.condition, count, "", ~np.zeros(count.approves.shape[1], dtype=bool)):
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
    for i, part in enumerate(_parts(condition)):
        yield from _failures(part, count, _join(path, f"{_kind(condition)}.{i}"), failed)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, AllOf):
        return condition.all_of
    return condition.any_of if isinstance(condition, AnyOf) else ()


def _kind(condition: Condition) -> str:
    return "all_of" if isinstance(condition, AllOf) else "any_of"


def _substituted(condition: Condition, values: Mapping[str, Any], path: str) -> Condition:
    parts = _parts(condition)
    if parts:
        kind = _kind(condition)
        changed = [_substituted(part, values, _join(path, f"{kind}.{i}")) for i, part in enumerate(parts)]
        return type(condition)(**{kind: tuple(changed)})
    key = condition.threshold
    if key is None or _join(path, key) not in values:
        return condition
    fields = {name: getattr(condition, name) for name in type(condition).model_fields}
    return _build(type(condition), fields | {key: values[_join(path, key)]}, path)


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
            raise WrongInput(f"{_join(path, key)}: unknown key{nearest(key, kind.model_fields)}")
    fields = dict(raw)
    if kind in (AllOf, AnyOf):
        parts = raw[kinds[0]]
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise WrongInput(f"{_join(path, kinds[0])}: must be a list of conditions, got {parts!r}")
        fields = {
            kinds[0]: tuple(_read_condition(part, _join(path, f"{kinds[0]}.{i}")) for i, part in enumerate(parts))
        }
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
        raise WrongInput(f"{_join(path, key)}: {message}" if path or key else message) from None


# --- words --------------------------------------------------------------------------------------------------------

_FRACTIONS = {
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 5): "three fifths",
    Fraction(3, 4): "three quarters",
}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path and key else path or key


def _in_brackets(condition: Condition, bodies: int | None, noun: str) -> str:
    words = condition.words(bodies, noun)
    return f"({words})" if len(_parts(condition)) > 1 else words


def _span(numbers: WholeNumbers) -> str:
    """One number, or from the least to the most over worlds."""
    low, high = np.min(numbers), np.max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def _size(share: ExactShare, *, exactly_enough: bool) -> str:
    """ "at least 80 %", "more than half", "all"."""
    least = "at least" if exactly_enough else "more than"
    if share.varies:
        low, high = np.min(share.value), np.max(share.value)
        return f"{least} {100 * low:.4g} % to {100 * high:.4g} %"
    value = Fraction(share.value)
    if value == 1:
        return "all"
    if value in _FRACTIONS:
        return f"{least} {_FRACTIONS[value]}"
    percent = 100 * value
    return f"{least} {float(percent):.10g} %" if 10_000 % percent.denominator == 0 else f"{least} {value}"


def _ballots(number: int) -> str:
    return f"{number:,} ballot{'s' * (number != 1)}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
