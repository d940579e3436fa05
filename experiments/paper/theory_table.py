"""The closed forms a bargaining simulator can be held to, met by the shipped rules: one table, generated.

    python -m experiments.paper.theory_table [FILE]

Every row runs the shipped function, tactic, protocol or rule in the limiting case in which theory has a formula, and
states the formula's value, what came out, their difference and how large a difference the arithmetic, the number of
rounds or the sample size allows. The tests of the same ids go through more cases.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.members import Appeal, yes_probability
from agents.tactics import make_tactic
from agents.tactics.time_dependent import concession
from sim.bargaining.agenda_setting import gridlock_interval, majority, price_of_majority, setter_proposal
from sim.bargaining.commitments import after_taking_back
from sim.bargaining.efficiency import (
    Bend,
    Point,
    kalai_smorodinsky_point,
    nash_point,
    scaled_bend,
    with_corner,
)
from sim.bargaining.package import Frontier, Pieces, Satiation
from sim.bargaining.talks import Side, Talks
from sim.ratification.power import analyse_power
from sim.ratification.rule import Rule
from sim.scenario.scenario import load_scenario
from sim.worlds.axis import Worlds

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "theory.md"
EXACT = 1e-9
SINGLE = float(np.finfo(np.float32).eps)  # of a chance: appeals are in single precision
PRINTED = 5e-5  # where the literature prints four places


@dataclass(frozen=True, kw_only=True)
class Row:
    """One closed form, and what the shipped code makes of it."""

    id: str
    result: str
    case: str
    formula: str
    expected: float
    found: float
    allowed: float
    source: str

    @property
    def difference(self) -> float:
        """Found less expected."""
        return self.found - self.expected

    @property
    def agrees(self) -> bool:
        """Is the difference no larger than allowed?"""
        return abs(self.difference) <= self.allowed


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


def nash() -> list[Row]:
    found = float(nash_point(frontier(), 0.2, 0.1, power=0.5).own[0])
    return [
        Row(
            id="T01",
            result="Nash bargaining solution",
            case="surplus 1, no deal worth 0.2 and 0.1, equal power",
            formula="d1 + a (S - d1 - d2)",
            expected=0.55,
            found=found,
            allowed=EXACT,
            source="Nash 1950",
        )
    ]


def kalai_smorodinsky() -> list[Row]:
    found = float(kalai_smorodinsky_point(frontier(low=0.5), 0.0, 0.0).own[0])
    return [
        Row(
            id="T02",
            result="Kalai-Smorodinsky solution",
            case="x1 + x2 = 1, ideals 1 and 0.5",
            formula="(x1 - d1) / (b1 - d1) = (x2 - d2) / (b2 - d2)",
            expected=2 / 3,
            found=found,
            allowed=EXACT,
            source="Kalai and Smorodinsky 1975",
        )
    ]


def rubinstein() -> list[Row]:
    rows = []
    for first, second in ((0.9, 0.9), (0.95, 0.9)):
        numbers = (patient(first, second), patient(second, first))
        talks = divide_a_pie("backward_induction", rounds=400, numbers=numbers)
        rows.append(
            Row(
                id="T03",
                result="Rubinstein's alternating offers",
                case=f"discounts {first} and {second}, 400 rounds",
                formula="(1 - d2) / (1 - d1 d2)",
                expected=(1 - second) / (1 - first * second),
                found=float(talks.package[0, 0]),
                allowed=1e-6,
                source="Rubinstein 1982",
            )
        )
    return rows


def stahl() -> list[Row]:
    rows = []
    for rounds in (2, 3, 10, 11):
        talks = divide_a_pie("backward_induction", rounds=rounds, numbers=(patient(0.9), patient(0.9)))
        rows.append(
            Row(
                id="T04",
                result="Finite alternating offers",
                case=f"{rounds} rounds, discount 0.9",
                formula="(1 - (-d)^T) / (1 + d)",
                expected=(1 - (-0.9) ** rounds) / 1.9,
                found=float(talks.package[0, 0]),
                allowed=EXACT,
                source="Stahl 1972",
            )
        )
    return rows


def outside_option() -> list[Row]:
    rows = []
    for option in (0.3, 0.7):
        talks = divide_a_pie(
            "backward_induction", rounds=400, no_deal=(0.0, option), numbers=(patient(0.9), patient(0.9))
        )
        rows.append(
            Row(
                id="T05",
                result="Outside-option principle",
                case=f"discount 0.9, option worth {option}",
                formula="max(d / (1 + d), s2)",
                expected=max(0.9 / 1.9, option),
                found=float(1 - talks.package[0, 0]),
                allowed=1e-6,
                source="Shaked and Sutton 1984",
            )
        )
    risk = 0.005
    numbers = {"patience": 1.0, "others_patience": 1.0, "breakdown": risk}
    for left in (0.3, 0.7):
        talks = divide_a_pie("backward_induction", rounds=1500, no_deal=(0.0, left), numbers=(numbers, numbers))
        rows.append(
            Row(
                id="T05",
                result="Split the difference, where no deal is a breakdown and no option",
                case=f"no deal worth {left}, chance of a breakdown {risk} a round",
                formula="s2 + (1 - s2) / 2",
                expected=left + (1 - left) / 2,
                found=float(1 - talks.package[0, 0]),
                allowed=risk,
                source="Binmore, Shaked and Sutton 1989",
            )
        )
    return rows


def baron_ferejohn() -> list[Row]:
    rows = []
    for members in (3, 151, 36):
        quota = majority(members)
        waiting = np.full((members, 1), 1 / members)
        waiting[0] = 0.0  # the proposer's own vote
        rows.append(
            Row(
                id="T06",
                result="Baron-Ferejohn, closed rule",
                case=f"{members} members, {quota} needed, no discount",
                formula="1 - d (q - 1) / n",
                expected=1 - (quota - 1) / members,
                found=float(1 - price_of_majority(waiting, quota)[0]),
                allowed=EXACT,
                source="Baron and Ferejohn 1989",
            )
        )
    return rows


def romer_rosenthal() -> list[Row]:
    return [
        Row(
            id="T08",
            result="Romer-Rosenthal setter",
            case=f"median 0, setter 1, reversion {reversion}",
            formula="s if |Q| >= s; -Q if -s < Q < 0; Q if 0 <= Q < s",
            expected=passes,
            found=float(setter_proposal(1.0, 0.0, reversion)),
            allowed=EXACT,
            source="Romer and Rosenthal 1978",
        )
        for reversion, passes in ((-2.0, 1.0), (-0.4, 0.4), (0.5, 0.5))
    ]


def gridlock() -> list[Row]:
    medians = np.array([[-0.3], [0.1], [0.6]])
    low, high = gridlock_interval(medians)
    return [
        Row(
            id="T09",
            result="Gridlock interval",
            case="pivots -0.3, 0.1 and 0.6",
            formula="[min pivot, max pivot]",
            expected=0.9,
            found=float((high - low)[0]),
            allowed=EXACT,
            source="Krehbiel 1998, Tsebelis 2002",
        )
    ]


def k_of_n() -> list[Row]:
    rows = []
    for needed, approval in ((14, "9/10"), (8, "9/10"), (14, "4/5"), (8, "4/5")):
        power = analyse_power(Rule.read({"at_least": needed, "of": "unions"}), [f"u{i}" for i in range(15)], [3] * 15)
        p = Fraction(approval)
        expected = sum(comb(15, k) * p**k * (1 - p) ** (15 - k) for k in range(needed, 16))
        rows.append(
            Row(
                id="T10",
                result="k-of-n ratification",
                case=f"{needed} of 15, each yes with probability {float(p):g}",
                formula="sum of C(n, j) p^j (1 - p)^(n - j), j from k to n",
                expected=float(expected),
                found=float(power.chance(p)),
                allowed=EXACT,
                source="binomial identity",
            )
        )
    return rows


def veto_player() -> list[Row]:
    case = load_scenario("connecticut-2011")
    power = analyse_power(case.rules.ratification, case.unions.names, case.unions.members)
    largest = case.unions.names.index("AFSCME Council 4")
    share = float(power.weight_share[largest])
    return [
        Row(
            id="T11",
            result="Single-union veto under a weighted quota",
            case=f"AFSCME, {share:.1%} of members, quota 80 %: unions that block alone",
            formula="those with w > 20 %",
            expected=float(sum(weight > 0.2 for weight in power.weight_share)),
            found=float(len(power.blockers)),
            allowed=0.0,
            source="Shapley and Shubik 1954, Banzhaf 1965",
        )
    ]


def time_dependent() -> list[Row]:
    return [
        Row(
            id="T12",
            result="Time-dependent concession",
            case=f"half time, b = {speed}",
            formula="(t / T)^(1 / b)",
            expected=0.5 ** (1 / speed),
            found=float(concession(0.5, speed)),
            allowed=EXACT,
            source="Faratin, Sierra, Jennings 1998",
        )
        for speed in (0.2, 1.0, 5.0)
    ]


def crossing() -> list[Row]:
    rounds, speed = 4001, 1.0
    talks = divide_a_pie(
        "time_dependent",
        rounds=rounds,
        no_deal=(1400 / 2000, 1 - 1700 / 2000),
        numbers=({"speed": speed}, {"speed": speed}),
    )
    way = 2000 / (600 + 1700)
    head = {"id": "T13", "result": "Crossing of two concession curves", "source": "derived from T12"}
    return [
        Row(
            **head,
            case="2000 down to 1400, 0 up to 1700: value",
            formula="U0 + a (Ur - U0), a = (G0 - U0) / ((G0 - Gr) + (Ur - U0))",
            expected=way * 1700,
            found=float(2000 * talks.package[0, 0]),
            allowed=2 * 1700 / (rounds - 1),
        ),
        Row(
            **head,
            case="likewise: time, share of the rounds",
            formula="a^b",
            expected=way**speed,
            found=float(talks.agreed_round[0] / (rounds - 1)),
            allowed=3 / rounds,
        ),
    ]


def sealed_bid() -> list[Row]:
    worlds = 100_000
    value, cost = np.random.default_rng(14).uniform(size=(2, worlds))
    talks = divide_a_pie(
        "sealed_bid", rounds=1, worlds=worlds, no_deal=(cost, 1 - value), protocol="simultaneous_demands"
    )
    gains = np.where(talks.agreed, value - cost, 0.0)
    head = {"id": "T14", "result": "Chatterjee-Samuelson equilibrium", "source": "Chatterjee and Samuelson 1983"}
    return [
        Row(
            **head,
            case=f"{worlds:,} pairs: chance of trade",
            formula="9 / 32",
            expected=9 / 32,
            found=float(talks.agreed.mean()),
            allowed=4 * sqrt(9 / 32 * 23 / 32 / worlds),
        ),
        Row(
            **head,
            case="likewise: realised gains",
            formula="9 / 64",
            expected=9 / 64,
            found=float(gains.mean()),
            allowed=4 * float(gains.std()) / sqrt(worlds),
        ),
        *beyond_reach(value, cost, talks.agreed),
    ]


def beyond_reach(value: NDArray[np.float64], cost: NDArray[np.float64], trade: NDArray[np.bool_]) -> list[Row]:
    """The loss no mechanism avoids: of those that nobody subsidises, trade at a quarter apart loses least."""
    lost = np.where(trade, 0.0, np.maximum(value - cost, 0.0))
    # what trade is worth less what both must be left for telling the truth: at a bound that nobody subsidises, nothing
    virtual = np.where(trade, (2 * value - 1) - 2 * cost, 0.0)
    head = {"id": "T29", "result": "Myerson-Satterthwaite bound", "source": "Myerson and Satterthwaite 1983"}
    return [
        Row(
            **head,
            case="the same pairs: loss against all gains from trade",
            formula="1/6 - 9/64 = 5/192",
            expected=5 / 192,
            found=float(lost.mean()),
            allowed=4 * float(lost.std()) / sqrt(len(lost)),
        ),
        Row(
            **head,
            case="likewise: what is left for a subsidy, so the bound is met",
            formula="E[((2 v - 1) - 2 c) trade] = 0",
            expected=0.0,
            found=float(virtual.mean()),
            allowed=4 * float(virtual.std()) / sqrt(len(lost)),
        ),
    ]


def division_of_demands(first: NDArray[np.float64], second: Worlds, prices: tuple[float, float]) -> Point:
    """What the Nash solution gives two who have demanded shares and pay for what they take back, (worlds,) each."""
    ends = (np.zeros_like(first), np.ones_like(first))
    bend = Bend(np.stack(ends), np.stack(ends[::-1]))
    bend = with_corner(with_corner(bend, first), 1.0 - second)
    own = after_taking_back(bend.own, first, prices[0])
    return nash_point(Bend(own, after_taking_back(bend.other, second, prices[1])), 0.0, 0.0)


def costs_of_revoking() -> list[Row]:
    """The highest demand that does best against the other's, out of ten thousand."""
    rows = []
    demands = np.linspace(0.0, 1.0, 10_001)
    for prices in ((1.0, 1.0), (1.0, 0.0), (3.0, 1.0), (0.2, 0.5)):
        others = (1 + prices[1]) / (2 + sum(prices))
        worth = division_of_demands(demands, others, prices).own
        best = demands[worth >= np.nanmax(worth) - EXACT].max()
        rows.append(
            Row(
                id="T30",
                result="Division as the costs of revoking vary",
                case=f"costs {prices[0]:g} and {prices[1]:g}: best demand against the other's",
                formula="(1 + k1) / (2 + k1 + k2)",
                expected=(1 + prices[0]) / (2 + sum(prices)),
                found=float(best),
                allowed=1e-4,
                source="Muthoo 1996",
            )
        )
    return rows


def chance_of_impasse() -> list[Row]:
    rows, worlds = [], 100_000
    for stand, dearest in ((0.7, 0.4), (0.9, 0.5)):
        prices = dearest * np.random.default_rng(31).uniform(size=(2, worlds))
        numbers = [{"stand": stand, "others_stand": stand, "dearest": dearest, "price": price} for price in prices]
        talks = divide_a_pie(
            "commitment", rounds=1, worlds=worlds, numbers=(numbers[0], numbers[1]), protocol="simultaneous_demands"
        )
        firm = 1 - 2 * (1 - stand) / (1 + 2 * dearest)
        rows.append(
            Row(
                id="T31",
                result="Chance of impasse of two who may bind themselves",
                case=f"both demand {stand}, cost of revoking uniform to {dearest}, {worlds:,} pairs",
                formula="(1 - 2 (1 - z) / (1 + 2 C))^2",
                expected=firm**2,
                found=float(1 - talks.agreed.mean()),
                allowed=4 * sqrt(firm**2 * (1 - firm**2) / worlds),
                source="Crawford 1982",
            )
        )
    return rows


def concave_pieces() -> list[Row]:
    """A pie whose first part is worth more to the second than the rest, and a first who may have enough."""

    def bend(slope: float, cut: float, enough: float = 1.0) -> Bend:
        """The second's worth rises by ``slope`` up to ``cut`` of the pie, from there so that all of it is worth 1."""
        pieces = Pieces(np.zeros(1), np.ones(1), ([1 - cut],))
        worth = np.array([-(1 - slope * cut) / (1 - cut), -slope])
        end = Satiation(enough, 0.0) if enough < 1 else None
        return scaled_bend(Frontier(np.ones(2), worth, np.zeros(1), np.ones(1), pieces=pieces, own_end=end), 1)

    steep, mild, sated = bend(2.0, 0.4), bend(1.5, 0.6), bend(2.0, 0.4, 0.5)
    first, second = "u2 = 2 y up to y = 0.4", "u2 = 3/2 y up to y = 0.6"
    nash_head = {"id": "T32", "result": "Nash solution on concave pieces", "source": "Nash 1950"}
    kalai_head = {"id": "T33", "result": "Kalai-Smorodinsky solution on concave pieces"}
    kalai_head["source"] = "Kalai and Smorodinsky 1975"
    cases = (
        (nash_head, first, "at the bend, 1 - 0.4, where that exceeds 1/2", 0.6, nash_point(steep, 0.0, 0.0)),
        (nash_head, second, "on the steep piece, 1/2", 0.5, nash_point(mild, 0.0, 0.0)),
        (nash_head, f"{first}, u1 = min(2 x, 1)", "where the first has enough, 1", 1.0, nash_point(sated, 0.0, 0.0)),
        (kalai_head, first, "x1 = 2 (1 - x1)", 2 / 3, kalai_smorodinsky_point(steep, 0.0, 0.0)),
        (kalai_head, second, "x1 = 3/2 (1 - x1)", 0.6, kalai_smorodinsky_point(mild, 0.0, 0.0)),
    )
    return [
        Row(**head, case=case, formula=formula, expected=expected, found=float(point.own[0]), allowed=EXACT)
        for head, case, formula, expected, point in cases
    ]


def attrition() -> list[Row]:
    prize, cost, step, worlds, rounds = 10.0, 1.0, 0.05, 4000, 1000
    numbers = {"waiting_cost": cost / prize * step}
    luck = np.random.default_rng(15).uniform(size=(3, rounds, worlds))
    talks = divide_a_pie("war_of_attrition", rounds=rounds, worlds=worlds, luck=luck, numbers=(numbers, numbers))
    mean = prize / (2 * cost)
    return [
        Row(
            id="T15",
            result="War of attrition",
            case=f"prize 10, cost 1, {worlds:,} stand-offs: mean duration",
            formula="V / (2 c)",
            expected=mean,
            found=float(step * (talks.agreed_round[talks.agreed] + 0.5).mean()),
            allowed=4 * mean / sqrt(worlds),
            source="Maynard Smith 1974",
        )
    ]


def layoff_lottery() -> list[Row]:
    """The chance of a layoff at which a member who is sure of nothing else turns from no to yes, by bisection."""
    price, loss, sharp = 3000.0, 60_000.0, 1e6  # dollars; sensitivity so high that nothing but money counts
    low, high = 0.0, 1.0
    for _ in range(60):
        chance = 0.5 * (low + high)
        appeal = Appeal(mood=0.0, protection=sharp * loss, burden=sharp * price)
        nobody_misled = np.ones((1, 1))
        yes = yes_probability(appeal, np.array([[chance]]), np.ones(1), nobody_misled, [0.0])[0]
        low, high = (low, chance) if yes > 0.5 else (chance, high)
    return [
        Row(
            id="T21",
            result="Certain loss versus layoff lottery",
            case="a deal costs 3,000 $, a layoff 60,000 $, no loss aversion",
            formula="p* = k / L",
            expected=price / loss,
            found=0.5 * (low + high),
            allowed=SINGLE,
            source="derivation",
        )
    ]


CLOSED_FORMS: tuple[Callable[[], list[Row]], ...] = (
    nash,
    kalai_smorodinsky,
    rubinstein,
    stahl,
    outside_option,
    baron_ferejohn,
    romer_rosenthal,
    gridlock,
    k_of_n,
    veto_player,
    time_dependent,
    crossing,
    sealed_bid,
    attrition,
    layoff_lottery,
    costs_of_revoking,
    chance_of_impasse,
    concave_pieces,
)


def rows() -> list[Row]:
    """Every closed form, in the order of its id."""
    return [row for closed_form in CLOSED_FORMS for row in closed_form()]


def document(found: list[Row]) -> str:
    """The table as a page."""
    lines = [
        "# Closed forms",
        "",
        "Generated by `python -m experiments.paper.theory_table`; nobody edits it by hand. Each row runs",
        "the shipped code in a limiting case in which theory has a formula. *Allowed* is what rounding, the number of",
        "rounds or the sample size (four standard errors) lets the two differ by. Tests of the same ids go through",
        "more cases:",
        "`tests/sim/bargaining/test_theory_bargaining.py`, `tests/sim/test_session.py`,",
        "`tests/sim/ratification/test_rule.py`, `tests/sim/ratification/test_power.py`.",
        "",
        "| id | result | case | formula | value | found | difference | allowed | |",
        "|---|---|---|---|---:|---:|---:|---:|---|",
    ]
    for row in found:
        formula = row.formula.replace("|", "\\|")
        lines.append(
            f"| {row.id} | {row.result} ({row.source}) | {row.case} | `{formula}` | {row.expected:.6g} | "
            f"{row.found:.6g} | {_small(row.difference)} | {_small(row.allowed)} | {'ok' if row.agrees else 'NO'} |"
        )
    agree = sum(row.agrees for row in found)
    return "\n".join([*lines, "", f"{agree} of {len(found)} agree.", ""])


def _small(amount: float) -> str:
    """Below what rounding explains nothing is worth a digit, and machines differ there."""
    return "0" if abs(amount) < EXACT / 2 else f"{amount:.1e}"


def main(path: Path = DOCUMENT) -> None:
    """Write the page."""
    path.write_text(document(rows()), encoding="utf-8")
    print(f"written: {path.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENT)
