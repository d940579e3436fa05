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

from agents.members import Appeal, Mix, yes_probability
from agents.tactics import make_tactic
from agents.tactics.time_dependent import concession
from sim.bargaining.agenda_setting import gridlock_interval, majority, price_of_majority, setter_proposal
from sim.bargaining.efficiency import Bend, kalai_smorodinsky_point, nash_point
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
        appeal = Appeal(certain=np.array(-sharp * price), protection=sharp * loss)
        all_alike = Mix(np.ones(1), np.ones((1, 1)), (0.0,))
        yes = yes_probability(appeal, np.array([[chance]]), all_alike)[0]
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
