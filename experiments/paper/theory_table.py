"""The closed forms a bargaining simulator can be held to, met by the shipped rules: the table of ``docs/theory.md``.

Every row runs the shipped function, tactic, protocol or rule in the limiting case in which theory has a formula, and
states the formula's value, what came out, their difference and how large a difference the arithmetic, the number of
rounds or the sample size allows. The tests of the same ids go through more cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import comb, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.members import Appeal, Mix, yes_probability
from agents.tactics import make_tactic
from agents.tactics.time_dependent import concession
from experiments.paper.documents import table
from sim.bargaining.agenda_setting import gridlock_interval, majority, price_of_majority, setter_proposal
from sim.bargaining.commitments import after_taking_back
from sim.bargaining.efficiency import Bend, Point, kalai_smorodinsky_point, nash_point, scaled_bend, with_corner
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces, Satiation
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.ratification.power import analyse_power
from sim.ratification.rule import Rule
from sim.scenario.scenario import load_scenario
from sim.worlds.axis import Worlds

EXACT = 1e-9
SINGLE = float(np.finfo(np.float32).eps)  # of a chance: appeals are in single precision
Cases = Callable[[], Iterator["Case"]]


class Case(NamedTuple):
    """One limiting case: the formula's value, what the shipped code gives, and how far they may differ."""

    case: str
    expected: float
    found: float
    allowed: float
    formula: str = ""  # where it is another than that of the closed form
    id: str = ""  # of the closed form, as are result and source
    result: str = ""
    source: str = ""

    @property
    def difference(self) -> float:
        """Found less expected."""
        return self.found - self.expected

    @property
    def agrees(self) -> bool:
        """Is the difference no larger than allowed?"""
        return abs(self.difference) <= self.allowed


CLOSED_FORMS: list[tuple[str, str, str, str, Cases]] = []


def closed_form(number: str, result: str, formula: str, source: str) -> Callable[[Cases], Cases]:
    """What theory says; the function under it yields the cases."""

    def register(cases: Cases) -> Cases:
        CLOSED_FORMS.append((number, result, formula, source, cases))
        return cases

    return register


def divide_a_pie(
    tactic: str,
    *,
    rounds: int,
    worlds: int = 1,
    no_deal: tuple[Worlds, Worlds] = (0.0, 0.0),
    numbers: tuple[Mapping[str, Worlds] | None, Mapping[str, Worlds] | None] = (None, None),
    **table: Any,
) -> Talks:
    """Talks over one issue held to the end: the first side gets what the second does not."""
    first, second = (
        Side(name=name, weights=np.array([sign]), reservation=worth, tactic=make_tactic(tactic, given))
        for name, sign, worth, given in zip(("first", "second"), (1.0, -1.0), no_deal, numbers, strict=True)
    )
    talks = Talks(sides=(first, second), low=np.zeros(1), high=np.ones(1), rounds=rounds, worlds=worlds, **table)
    talks.hold_all()
    return talks


def patient(own: float, other: float | None = None) -> dict[str, float]:
    """A side's discount factor and what it takes the other's to be."""
    return {"patience": own, "others_patience": own if other is None else other}


def frontier(low: float = 0.0) -> Bend:
    """x1 + x2 = 1 with x1 from ``low`` to 1, in one world."""
    return Bend(np.array([[low], [1.0]]), np.array([[1 - low], [0.0]]))


@closed_form("T01", "Nash bargaining solution", "d1 + a (S - d1 - d2)", "Nash 1950")
def nash() -> Iterator[Case]:
    found = float(nash_point(frontier(), 0.2, 0.1, power=0.5).own[0])
    yield Case("surplus 1, no deal worth 0.2 and 0.1, equal power", 0.55, found, EXACT)


@closed_form(
    *("T02", "Kalai-Smorodinsky solution", "(x1 - d1) / (b1 - d1) = (x2 - d2) / (b2 - d2)"),
    "Kalai and Smorodinsky 1975",
)
def kalai_smorodinsky() -> Iterator[Case]:
    found = float(kalai_smorodinsky_point(frontier(low=0.5), 0.0, 0.0).own[0])
    yield Case("x1 + x2 = 1, ideals 1 and 0.5", 2 / 3, found, EXACT)


@closed_form("T03", "Rubinstein's alternating offers", "(1 - d2) / (1 - d1 d2)", "Rubinstein 1982")
def rubinstein() -> Iterator[Case]:
    for first, second in ((0.9, 0.9), (0.95, 0.9)):
        numbers = (patient(first, second), patient(second, first))
        talks = divide_a_pie("backward_induction", rounds=400, numbers=numbers)
        expected = (1 - second) / (1 - first * second)
        yield Case(f"discounts {first} and {second}, 400 rounds", expected, float(talks.package[0, 0]), 1e-6)


@closed_form("T04", "Finite alternating offers", "(1 - (-d)^T) / (1 + d)", "Stahl 1972")
def stahl() -> Iterator[Case]:
    for rounds in (2, 3, 10, 11):
        talks = divide_a_pie("backward_induction", rounds=rounds, numbers=(patient(0.9), patient(0.9)))
        expected = (1 - (-0.9) ** rounds) / 1.9
        yield Case(f"{rounds} rounds, discount 0.9", expected, float(talks.package[0, 0]), EXACT)


@closed_form("T05", "Outside-option principle", "max(d / (1 + d), s2)", "Shaked and Sutton 1984")
def outside_option() -> Iterator[Case]:
    for option in (0.3, 0.7):
        numbers = (patient(0.9), patient(0.9))
        talks = divide_a_pie("backward_induction", rounds=400, no_deal=(0.0, option), numbers=numbers)
        found = float(1 - talks.package[0, 0])
        yield Case(f"discount 0.9, option worth {option}", max(0.9 / 1.9, option), found, 1e-6)


@closed_form(
    *("T05", "Split the difference, where no deal is a breakdown and no option", "s2 + (1 - s2) / 2"),
    "Binmore, Shaked and Sutton 1989",
)
def breakdown() -> Iterator[Case]:
    risk = 0.005
    numbers = {"patience": 1.0, "others_patience": 1.0, "breakdown": risk}
    for left in (0.3, 0.7):
        talks = divide_a_pie("backward_induction", rounds=1500, no_deal=(0.0, left), numbers=(numbers, numbers))
        words = f"no deal worth {left}, chance of a breakdown {risk} a round"
        yield Case(words, left + (1 - left) / 2, float(1 - talks.package[0, 0]), risk)


@closed_form("T06", "Baron-Ferejohn, closed rule", "1 - d (q - 1) / n", "Baron and Ferejohn 1989")
def baron_ferejohn() -> Iterator[Case]:
    for members in (3, 151, 36):
        quota = majority(members)
        waiting = np.full((members, 1), 1 / members)
        waiting[0] = 0.0  # the proposer's own vote
        found = float(1 - price_of_majority(waiting, quota)[0])
        yield Case(f"{members} members, {quota} needed, no discount", 1 - (quota - 1) / members, found, EXACT)


@closed_form(
    *("T08", "Romer-Rosenthal setter", "s if |Q| >= s; -Q if -s < Q < 0; Q if 0 <= Q < s"), "Romer and Rosenthal 1978"
)
def romer_rosenthal() -> Iterator[Case]:
    for reversion, passes in ((-2.0, 1.0), (-0.4, 0.4), (0.5, 0.5)):
        found = float(setter_proposal(1.0, 0.0, reversion))
        yield Case(f"median 0, setter 1, reversion {reversion}", passes, found, EXACT)


@closed_form("T09", "Gridlock interval", "[min pivot, max pivot]", "Krehbiel 1998, Tsebelis 2002")
def gridlock() -> Iterator[Case]:
    low, high = gridlock_interval(np.array([[-0.3], [0.1], [0.6]]))
    yield Case("pivots -0.3, 0.1 and 0.6", 0.9, float((high - low)[0]), EXACT)


@closed_form("T10", "k-of-n ratification", "sum of C(n, j) p^j (1 - p)^(n - j), j from k to n", "binomial identity")
def k_of_n() -> Iterator[Case]:
    for needed, approval in ((14, "9/10"), (8, "9/10"), (14, "4/5"), (8, "4/5")):
        power = analyse_power(Rule.read({"at_least": needed, "of": "unions"}), [f"u{i}" for i in range(15)], [3] * 15)
        p = Fraction(approval)
        expected = float(sum(comb(15, k) * p**k * (1 - p) ** (15 - k) for k in range(needed, 16)))
        yield Case(f"{needed} of 15, each yes with probability {float(p):g}", expected, float(power.chance(p)), EXACT)


@closed_form(
    *("T11", "Single-union veto under a weighted quota", "those with w > 20 %"),
    "Shapley and Shubik 1954, Banzhaf 1965",
)
def veto_player() -> Iterator[Case]:
    case = load_scenario("connecticut-2011")
    power = analyse_power(case.rules.ratification, case.unions.names, case.unions.members)
    share = float(power.weight_share[case.unions.names.index("AFSCME Council 4")])
    expected = float(sum(weight > 0.2 for weight in power.weight_share))
    words = f"AFSCME, {share:.1%} of members, quota 80 %: unions that block alone"
    yield Case(words, expected, float(len(power.blockers)), 0.0)


@closed_form("T12", "Time-dependent concession", "(t / T)^(1 / b)", "Faratin, Sierra, Jennings 1998")
def time_dependent() -> Iterator[Case]:
    for speed in (0.2, 1.0, 5.0):
        yield Case(f"half time, b = {speed}", 0.5 ** (1 / speed), float(concession(0.5, speed)), EXACT)


@closed_form(
    *("T13", "Crossing of two concession curves", "U0 + a (Ur - U0), a = (G0 - U0) / ((G0 - Gr) + (Ur - U0))"),
    "derived from T12",
)
def crossing() -> Iterator[Case]:
    rounds, numbers = 4001, ({"speed": 1.0}, {"speed": 1.0})
    no_deal = (1400 / 2000, 1 - 1700 / 2000)
    talks = divide_a_pie("time_dependent", rounds=rounds, no_deal=no_deal, numbers=numbers)
    way, value = 2000 / (600 + 1700), float(2000 * talks.package[0, 0])
    yield Case("2000 down to 1400, 0 up to 1700: value", way * 1700, value, 2 * 1700 / (rounds - 1))
    time = float(talks.agreed_round[0] / (rounds - 1))
    yield Case("likewise: time, share of the rounds", way, time, 3 / rounds, formula="a^b")


def sealed_bids(worlds: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """What a thing is worth to a buyer and costs a seller, and whether their bids meet, (worlds,) each."""
    value, cost = np.random.default_rng(14).uniform(size=(2, worlds))
    no_deal, protocol = (cost, 1 - value), "simultaneous_demands"
    talks = divide_a_pie("sealed_bid", rounds=1, worlds=worlds, no_deal=no_deal, protocol=protocol)
    return value, cost, talks.agreed


@closed_form("T14", "Chatterjee-Samuelson equilibrium", "9 / 32", "Chatterjee and Samuelson 1983")
def sealed_bid() -> Iterator[Case]:
    worlds = 100_000
    value, cost, traded = sealed_bids(worlds)
    gains = np.where(traded, value - cost, 0.0)
    error = sqrt(9 / 32 * 23 / 32 / worlds)
    yield Case(f"{worlds:,} pairs: chance of trade", 9 / 32, float(traded.mean()), 4 * error)
    error = float(gains.std()) / sqrt(worlds)
    yield Case("likewise: realised gains", 9 / 64, float(gains.mean()), 4 * error, formula="9 / 64")


@closed_form("T15", "War of attrition", "V / (2 c)", "Maynard Smith 1974")
def attrition() -> Iterator[Case]:
    prize, cost, step, worlds, rounds = 10.0, 1.0, 0.05, 4000, 1000
    numbers = {"waiting_cost": cost / prize * step}
    luck = np.random.default_rng(15).uniform(size=(3, rounds, worlds))
    talks = divide_a_pie("war_of_attrition", rounds=rounds, worlds=worlds, luck=luck, numbers=(numbers, numbers))
    expected, found = prize / (2 * cost), float(step * (talks.agreed_round[talks.agreed] + 0.5).mean())
    words = f"prize 10, cost 1, {worlds:,} stand-offs: mean duration"
    yield Case(words, expected, found, 4 * expected / sqrt(worlds))


@closed_form("T21", "Certain loss versus layoff lottery", "p* = k / L", "derivation")
def layoff_lottery() -> Iterator[Case]:
    """The chance of a layoff at which a member who is sure of nothing else turns from no to yes, by bisection."""
    price, loss, sharp = 3000.0, 60_000.0, 1e6  # dollars; sensitivity so high that nothing but money counts
    low, high = 0.0, 1.0
    for _ in range(60):
        chance = 0.5 * (low + high)
        appeal = Appeal(certain=np.array(-sharp * price), protection=sharp * loss)
        all_alike = Mix(np.ones(1), np.ones((1, 1)), (0.0,))
        yes = yes_probability(appeal, np.array([[chance]]), all_alike)[0]
        low, high = (low, chance) if yes > 0.5 else (chance, high)
    words = "a deal costs 3,000 $, a layoff 60,000 $, no loss aversion"
    yield Case(words, price / loss, 0.5 * (low + high), SINGLE)


@closed_form("T29", "Myerson-Satterthwaite bound", "1/6 - 9/64 = 5/192", "Myerson and Satterthwaite 1983")
def beyond_reach() -> Iterator[Case]:
    """The loss no mechanism avoids: of those that nobody subsidises, trade at a quarter apart loses least."""
    worlds = 100_000
    value, cost, traded = sealed_bids(worlds)
    lost = np.where(traded, 0.0, np.maximum(value - cost, 0.0))
    # what trade is worth less what both must be left for telling the truth: at a bound that nobody subsidises, nothing
    virtual = np.where(traded, (2 * value - 1) - 2 * cost, 0.0)
    for words, expected, sample, formula in (
        (f"{worlds:,} pairs: loss against all gains from trade", 5 / 192, lost, ""),
        ("likewise: left for a subsidy, so the bound is met", 0.0, virtual, "E[((2 v - 1) - 2 c) trade] = 0"),
    ):
        error = float(sample.std()) / sqrt(worlds)
        yield Case(words, expected, float(sample.mean()), 4 * error, formula=formula)


def division_of_demands(first: NDArray[np.float64], second: Worlds, prices: tuple[float, float]) -> Point:
    """What the Nash solution gives two who have demanded shares and pay for what they take back, (worlds,) each."""
    ends = (np.zeros_like(first), np.ones_like(first))
    bend = Bend(np.stack(ends), np.stack(ends[::-1]))
    bend = with_corner(with_corner(bend, first), 1.0 - second)
    own = after_taking_back(bend.own, first, prices[0])
    return nash_point(Bend(own, after_taking_back(bend.other, second, prices[1])), 0.0, 0.0)


@closed_form("T30", "Division as the costs of revoking vary", "(1 + k1) / (2 + k1 + k2)", "Muthoo 1996")
def costs_of_revoking() -> Iterator[Case]:
    """The highest demand that does best against the other's, out of ten thousand."""
    demands = np.linspace(0.0, 1.0, 10_001)
    for prices in ((1.0, 1.0), (1.0, 0.0), (3.0, 1.0), (0.2, 0.5)):
        worth = division_of_demands(demands, (1 + prices[1]) / (2 + sum(prices)), prices).own
        best = float(demands[worth >= np.nanmax(worth) - EXACT].max())
        words = f"costs {prices[0]:g} and {prices[1]:g}: best demand against the other's"
        yield Case(words, (1 + prices[0]) / (2 + sum(prices)), best, 1e-4)


@closed_form(
    *("T31", "Chance of impasse of two who may bind themselves", "(1 - 2 (1 - z) / (1 + 2 C))^2"), "Crawford 1982"
)
def chance_of_impasse() -> Iterator[Case]:
    worlds, protocol = 100_000, "simultaneous_demands"
    for stand, dearest in ((0.7, 0.4), (0.9, 0.5)):
        prices = dearest * np.random.default_rng(31).uniform(size=(2, worlds))
        first, second = (
            {"stand": stand, "others_stand": stand, "dearest": dearest, "price": price} for price in prices
        )
        talks = divide_a_pie("commitment", rounds=1, worlds=worlds, numbers=(first, second), protocol=protocol)
        both = (1 - 2 * (1 - stand) / (1 + 2 * dearest)) ** 2
        words = f"both demand {stand}, cost of revoking uniform to {dearest}, {worlds:,} pairs"
        yield Case(words, both, float(1 - talks.agreed.mean()), 4 * sqrt(both * (1 - both) / worlds))


def concave_pie(slope: float, cut: float, enough: float = 1.0) -> Bend:
    """A pie of which a unit is worth ``slope`` to the second up to ``cut``, and from there so that all is worth 1.

    The first's worth is its share, up to ``enough``.
    """
    pieces = Pieces(np.zeros(1), np.ones(1), ([1 - cut],))
    worth = np.array([-(1 - slope * cut) / (1 - cut), -slope])
    end = Satiation(enough, 0.0) if enough < 1 else None
    return scaled_bend(Frontier(np.ones(2), worth, np.zeros(1), np.ones(1), pieces=pieces, own_end=end), 1)


@closed_form("T32", "Nash solution on concave pieces", "1/2 on the steep piece, else at the bend", "Nash 1950")
def nash_on_pieces() -> Iterator[Case]:
    for words, pie, expected, formula in (
        ("u2 = 2 y up to y = 0.4", concave_pie(2.0, 0.4), 0.6, "1 - 0.4, as that exceeds 1/2"),
        ("u2 = 3/2 y up to y = 0.6", concave_pie(1.5, 0.6), 0.5, "1/2"),
        ("u2 = 2 y up to y = 0.4, u1 = min(2 x, 1)", concave_pie(2.0, 0.4, 0.5), 1.0, "u1 = 1, at x = 1/2"),
    ):
        yield Case(words, expected, float(nash_point(pie, 0.0, 0.0).own[0]), EXACT, formula=formula)


@closed_form("T33", "Kalai-Smorodinsky solution on concave pieces", "x1 = u2(1 - x1)", "Kalai and Smorodinsky 1975")
def kalai_smorodinsky_on_pieces() -> Iterator[Case]:
    for words, pie, expected in (
        ("u2 = 2 y up to y = 0.4", concave_pie(2.0, 0.4), 2 / 3),
        ("u2 = 3/2 y up to y = 0.6", concave_pie(1.5, 0.6), 0.6),
    ):
        yield Case(words, expected, float(kalai_smorodinsky_point(pie, 0.0, 0.0).own[0]), EXACT)


def closed_forms() -> list[Case]:
    """Every closed form in every case, in the order of its id."""
    return [
        case._replace(id=number, result=result, source=source, formula=case.formula or formula)
        for number, result, formula, source, cases in CLOSED_FORMS
        for case in cases()
    ]


def places() -> dict[str, str]:
    """The table and its tally."""
    found = closed_forms()
    rows = (
        (
            *(row.id, f"{row.result} ({row.source})", row.case, f"`{row.formula}`"),
            *(f"{row.expected:.6g}", f"{row.found:.6g}", _small(row.difference), _small(row.allowed)),
            "ok" if row.agrees else "NO",
        )
        for row in found
    )
    return {
        "table": table(("id", "result", "case", "formula", "value>", "found>", "difference>", "allowed>", ""), rows),
        "agree": f"{sum(row.agrees for row in found)} of {len(found)}",
    }


def _small(amount: float) -> str:
    """Below what rounding explains nothing is worth a digit, and machines differ there."""
    return "0" if abs(amount) < EXACT / 2 else f"{amount:.1e}"
