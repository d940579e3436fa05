"""What a study compares, as data, and the sentences made of it: points of its design in the same worlds.

JUNE, AUGUST = {UNIONS: 14}, {UNIONS: 8}
SAYS = together(
    finding=Comparison("Asking for as few unions as in August", JUNE, AUGUST, "ratified_1"),
    savings=Comparison("It", JUNE, AUGUST, "deal_savings"),
) | {"change": Modifier("what fewer unions add at the first vote", JUNE, AUGUST, "ratified_1")}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.charts.words import count_words, sentence
from experiments.paper.sentences import DAYS, MUSD, PER_CENT, POINTS, Unit, in_short, mean_words, share_words, verdict
from experiments.statistics.effect_modifiers import strongest, uncertain_numbers
from experiments.statistics.estimates import mean, share
from experiments.statistics.paired_tests import PairedDifference, compare_means, compare_shares
from sim.wording import amount

if TYPE_CHECKING:
    from experiments.paper.write_up import Page

Where = Mapping[str, Any]  # values of varied parameters, or of "point", that name points of the design


class Measure(NamedTuple):
    """How a sentence and an axis name a measure."""

    axis: str
    unit: Unit = POINTS
    what: str = ""  # in a sentence, where it is more than "the" and the axis
    of: str = "worlds"  # what is counted

    @property
    def words(self) -> str:
        return self.what or f"the {self.axis}"


MEASURES = {
    "deal": Measure("share of worlds with a deal at either vote"),
    "tentative_deal": Measure("share of worlds with a tentative deal"),
    "ratified_1": Measure("share ratified at the first vote"),
    "ratified_2": Measure("share ratified at the second vote"),
    "aid_spared": Measure(
        *("share of sessions that spare town aid", POINTS),
        *("the share of sessions that keep town aid out of the power to cut", "sessions"),
    ),
    "yes_share_1": Measure("yes among ballots", PER_CENT),
    "deal_savings": Measure("savings of a tentative deal", MUSD),
    "reservation_savings": Measure("least savings he accepts", MUSD, "the least savings that a governor accepts"),
    "agreed_day": Measure("day of agreement", DAYS, "the day of agreement, counted from the first meeting,"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Does going from one point to another move a measure? One sentence."""

    subject: str  # how the sentence begins: what is changed
    before: Where
    after: Where
    measure: str = "ratified_1"
    label: str = ""  # names the change in the figure of differences; without one it is not drawn
    what: str = ""  # names the measure, where `MEASURES` does not say it well enough
    family: int = 1  # comparisons made at once
    digits: int | None = None

    @property
    def unit(self) -> Unit:
        unit = MEASURES[self.measure].unit
        return unit if self.digits is None else unit._replace(digits=self.digits)

    def found(self, page: Page) -> PairedDifference:
        """The difference, in the worlds that the page is about."""
        before, after = (page.at(point)[self.measure] for point in (self.before, self.after))
        compare = compare_shares if self.unit is POINTS else compare_means
        return compare(before, after, self.family)

    def sentence(self, page: Page) -> str:
        """A sentence without its full stop."""
        return verdict(self.found(page), self.subject, self.what or MEASURES[self.measure].words, self.unit)


@dataclass(frozen=True, slots=True)
class Stated:
    """How large is a share or a mean, with its interval? One sentence with a place for it."""

    words: str
    measure: str
    where: Where = field(default_factory=dict)
    known: str | None = None  # only worlds in which this measure is known

    def sentence(self, page: Page) -> str:
        """A sentence without its full stop."""
        rows = page.at(self.where).dropna(subset=[self.known or self.measure])
        unit = MEASURES[self.measure].unit
        if unit is POINTS:
            return self.words.format(share_words(share(rows[self.measure])))
        return self.words.format(mean_words(mean(rows[self.measure]), unit.name, unit.digits))


class Several:
    """Several comparisons in one place, a sentence each."""

    def __init__(self, *comparisons: Comparison) -> None:
        self.comparisons = comparisons

    def sentence(self, page: Page) -> str:
        """Sentences, the last without its full stop."""
        return ". ".join(comparison.sentence(page) for comparison in self.comparisons)


@dataclass(frozen=True, slots=True)
class ClearOnes:
    """Of many changes of one thing, those that clearly move a share, the largest first, in one sentence."""

    changes: tuple[Comparison, ...]
    of: str  # what is changed: "changes of the talks"
    what: str  # whose share: "worlds with a tentative deal"

    def sentence(self, page: Page) -> str:
        """A sentence without its full stop."""
        found = {change.label: change.found(page) for change in self.changes}
        moved = [name for name in found if found[name].verdict(POINTS.matters) in ("raises", "lowers")]
        moved.sort(key=lambda name: -abs(found[name].difference))
        many, pairs = len(found), count_words([one.n for one in found.values()], "pairs of worlds").removeprefix("n = ")
        support = f"95 % intervals, Bonferroni over {many}; McNemar; {pairs}"
        if not moved:
            return f"Of {many} {self.of} none clearly moves the share of {self.what} ({support})"
        said = "; ".join(f"{name} ({in_short(found[name])})" for name in moved)
        return f"Of {many} {self.of} these clearly move the share of {self.what}: {said} ({support})"


@dataclass(frozen=True, slots=True)
class Modifier:
    """On which uncertainty of the case does an effect depend?"""

    effect: str  # names it: "the gain from a laxer rule"
    before: Where
    after: Where
    measure: str = "ratified_1"

    def sentence(self, page: Page) -> str:
        """A sentence with its full stop."""
        before, after = page.at(self.before), page.at(self.after)
        change = after[self.measure].to_numpy(float) - before[self.measure].to_numpy(float)
        return modifier_words(page, change, self.effect, worlds=after["world"], unit=MEASURES[self.measure].unit)


@dataclass(frozen=True, slots=True)
class ModifierOfLargest:
    """Likewise for that of many changes whose effect is largest; ``effect`` has a place for its label."""

    effect: str
    changes: tuple[Comparison, ...]

    def sentence(self, page: Page) -> str:
        """A sentence with its full stop."""
        change = largest(page, self.changes)
        return Modifier(self.effect.format(change.label), change.before, change.after, change.measure).sentence(page)


def largest(page: Page, changes: Sequence[Comparison]) -> Comparison:
    """The change whose effect is largest."""
    return max(changes, key=lambda change: abs(change.found(page).difference))


def together(**sentences: Comparison | Several) -> dict[str, Comparison | Several]:
    """Comparisons that are made at once, so that their intervals hold at once."""
    many = sum(len(each.comparisons) if isinstance(each, Several) else 1 for each in sentences.values())

    def one_of_many(each: Comparison | Several) -> Comparison | Several:
        if isinstance(each, Several):
            return Several(*(replace(comparison, family=many) for comparison in each.comparisons))
        return replace(each, family=many)

    return {name: one_of_many(each) for name, each in sentences.items()}


def one_at_a_time(names: Iterable[str], measure: str) -> tuple[Comparison, ...]:
    """Each of a design's points after the first against the first; ``names`` say what each of them changes."""
    labels = list(names)
    return tuple(
        Comparison(sentence(name), {"point": 0}, {"point": place}, measure, name, family=len(labels))
        for place, name in enumerate(labels, start=1)
    )


def modifier_words(page: Page, effect: NDArray[np.float64], words: str, *, worlds: Any, unit: Unit = POINTS) -> str:
    """What would change a finding: the uncertainty that its effect, (worlds,), depends on most clearly, if any does."""
    found = strongest(effect, uncertain_numbers(page.scenario, page.study.seed, np.asarray(worlds, np.int64)))
    if found is None or not found.clear:
        tried = "" if found is None else f" ({found.tried} tried, Bonferroni)"
        return f"No single uncertainty of the case clearly changes {words}{tried}."
    meaning = next(row["meaning"] for row in page.scenario.parameters() if row["name"] == found.key)
    low, high, least, most = (
        amount(unit.scale * number, "", unit.digits)
        for number in (found.low_third, found.high_third, found.low, found.high)
    )
    return (
        f"What would change it most: `{found.key}` ({meaning[0].lower() + meaning[1:]}). In the third of worlds where "
        f"it is lowest {words} is {low} {unit.name}, where it is highest {high} {unit.name} (95 % interval of the "
        f"contrast {least} to {most}, Bonferroni over the {found.tried} uncertainties tried)."
    )
