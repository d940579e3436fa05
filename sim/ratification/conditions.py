"""The conditions a rule is made of: what each counts, when it holds over many worlds, and how it is said in English.

A condition is one table of the tree in `sim.ratification.rule`; pydantic checks its keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, StrictBool, model_validator

from sim.errors import nearest
from sim.ratification.exact_share import ExactShare, WholeNumbers, read_share
from sim.ratification.sizes import size_words, span
from sim.ratification.tally import Count
from sim.scenario.parameters import Section

Bodies = Literal["unions", "units", "leaders", "bodies"]
BODIES: tuple[str, ...] = ("unions", "units", "leaders", "bodies")


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
    """A condition that compares an amount with a quota."""

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


class Tree(Condition):
    """A condition made of conditions."""

    key: ClassVar[str]

    @property
    def parts(self) -> tuple[Condition, ...]:
        """What it is made of."""
        return getattr(self, self.key)

    def inner(self, path: str = "") -> Iterator[tuple[str, Condition]]:
        """Its parts, with the dotted path of each."""
        for i, part in enumerate(self.parts):
            yield join(path, f"{self.key}.{i}"), part

    def leaves(self, path: str = "") -> Iterator[tuple[str, Leaf]]:
        for below, part in self.inner(path):
            yield from part.leaves(below)


class AllOf(Tree):
    """Every one of these conditions."""

    key: ClassVar[str] = "all_of"

    all_of: tuple[Condition, ...]

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return np.logical_and.reduce(np.stack([part.holds(count) for part in self.all_of]))

    def words(self, bodies: int | None, noun: str) -> str:
        return ", and ".join(in_brackets(part, bodies, noun) for part in self.all_of)


class AnyOf(Tree):
    """At least one of these conditions."""

    key: ClassVar[str] = "any_of"

    any_of: tuple[Condition, ...]

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return np.logical_or.reduce(np.stack([part.holds(count) for part in self.any_of]))

    def words(self, bodies: int | None, noun: str) -> str:
        return "either " * (len(self.any_of) > 1) + ", or ".join(
            in_brackets(part, bodies, noun) for part in self.any_of
        )


def _read_count(raw: Any) -> WholeNumbers:
    """A number of bodies, or an array of one a world; whole, at least 1. A list, which a file may have, is neither."""
    counts = np.asarray(None if isinstance(raw, (list, tuple)) else raw)
    if counts.dtype.kind not in "iuf" or counts.ndim > 1 or not np.all((counts >= 1) & (counts == np.rint(counts))):
        given = repr(raw) if counts.ndim == 0 else f"{counts.min()} to {counts.max()}"
        raise ValueError(f"must be a whole number of bodies, at least 1, got {given}")
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
        if bodies is None:
            return f"at least {span(self.at_least)} {self.of}"
        unanimous = np.all(np.asarray(self.at_least) == bodies)
        if unanimous and bodies == 1:
            return f"the one {'body' if self.of == 'bodies' else self.of.removesuffix('s')}"
        return f"all {bodies} {self.of}" if unanimous else f"at least {span(self.at_least)} of {bodies} {self.of}"

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
        if self.of in BODIES:
            return count.approving
        weights = self.weights(count)
        return count.yes if weights is None else count.held_by_approving(weights)

    def whole(self, count: Count) -> NDArray[np.int64]:
        """What the share is a share of, (worlds,)."""
        if self.of in BODIES:
            return count.everybody()
        return count.members if self.of == "members" else count.cast

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return self.share.reached(self.amount(count), self.whole(count), exactly_enough=self.exactly_enough)

    def quota(self, count: Count) -> NDArray[np.int64]:
        return self.share.needed(self.whole(count), exactly_enough=self.exactly_enough)

    def weights(self, count: Count) -> NDArray[Any] | None:
        if self.count == "per_capita":
            return None
        if self.of in BODIES:
            return np.ones(count.bodies, dtype=np.int64)
        return count.tally.members if self.of == "members" else count.ballots

    def words(self, bodies: int | None, noun: str) -> str:
        size = size_words(self.share, exactly_enough=self.exactly_enough)
        if self.of in BODIES:
            return f"{size} of {'' if bodies is None else f'{bodies} '}{self.of}"
        if self.count == "per_capita":
            return f"yes from {size} of {'all members' if self.of == 'members' else 'the ballots cast'}"
        return f"{noun} holding {size} of {'members' if self.of == 'members' else 'the ballots cast'}"

    def measure(self, noun: str) -> str:
        return self.of


class Veto(Leaf):
    """Each of these bodies approves; one alone that does not is enough to refuse.

    With ``by = "no"`` only a no refuses: a body in which nobody votes stands aside, as an abstention does in the
    Security Council.
    """

    veto: tuple[str, ...]
    by: Literal["no"] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Veto:
        if not self.veto or len(set(self.veto)) < len(self.veto):
            raise ValueError("must name at least one body, each once")
        return self

    def amount(self, count: Count) -> NDArray[np.int64]:
        own = self.weights(count)
        aside = own[:, None] * (count.ballots == 0) if self.by == "no" and count.tie == "no" else 0
        return count.held_by_approving(own) + np.sum(aside, axis=0, dtype=np.int64)

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
        return f"{' and '.join(self.veto)} {'approving' if self.by is None else 'not voting no'}"

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
        return count.members if self.of == "members" else count.everybody()

    def holds(self, count: Count) -> NDArray[np.bool_]:
        return self.quorum.reached(self.amount(count), self.whole(count), exactly_enough=True)

    def quota(self, count: Count) -> NDArray[np.int64]:
        return self.quorum.needed(self.whole(count), exactly_enough=True)

    def weights(self, count: Count) -> None:
        return None

    def words(self, bodies: int | None, noun: str) -> str:
        size = size_words(self.quorum, exactly_enough=True)
        return f"{size} of {'members' if self.of == 'members' else self.of} voting"

    def measure(self, noun: str) -> str:
        return "ballots" if self.of == "members" else self.of


def join(path: str, key: str) -> str:
    """A dotted path one key longer."""
    return f"{path}.{key}" if path and key else path or key


def in_brackets(condition: Condition, bodies: int | None, noun: str) -> str:
    """The words of a part, in brackets where it has several parts itself."""
    words = condition.words(bodies, noun)
    return f"({words})" if isinstance(condition, Tree) and len(condition.parts) > 1 else words
