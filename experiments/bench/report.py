"""The benchmark and its report: tables to read, one document in JSON, and what ``docs/performance.md`` says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from experiments.bench.contest import contest, load, machine, ratio
from experiments.bench.contestants import SMALL, contestants
from experiments.bench.growth import growth
from experiments.bench.runs import SIZES, through_the_runner
from experiments.paper.documents import table
from sim.scenario.scenario import Scenario
from sim.worlds.axis import BLOCK

KEPT = Path(__file__).resolve().parents[2] / "results" / "performance.json"  # of the last run that wrote the page


class Ratio(NamedTuple):
    """One rate over another: how many times ``quick`` is quicker than the quickest of ``slow``."""

    quick: str
    slow: tuple[str, ...]
    wanted: str
    meaning: str


RATIOS = {
    "mesa_one_agent_a_member": Ratio(
        *("blocks", ("mesa_members",), "at least 10,000"),
        "worlds a second, our blocks against plain Mesa with one agent a member",
    ),
    "single_world": Ratio(
        *("blocks", ("mesa_counted", "single"), "at least 150"),
        "our blocks against one world at a time: plain Mesa with counted ballots or our own, the quicker",
    ),
    "floor": Ratio("floor", ("blocks",), "at most 3.5", "the floor against our blocks, one core"),
    "bare_floor": Ratio("bare_floor", ("blocks",), "-", "the floor by the model's own short cuts against our blocks"),
    "two_cores": Ratio("two_cores", ("blocks",), "at least 1.8", "two cores against one"),
    "negmas": Ratio("talks", ("negmas",), "at least 10,000", "talks alone, many at a time, against NegMAS"),
    "one_world": Ratio(
        *("single", ("mesa_counted",), "at least 1"),
        "one world at a time after start-up, ours against plain Mesa with counted ballots",
    ),
    "worlds_64": Ratio(
        *("worlds_64", ("single",), "at least 25"), f"{SMALL} worlds at a time against one at a time, a world"
    ),
    "explain": Ratio("single", ("explain",), "at most 500", "single worlds in the time that explaining one takes"),
    "talks_negmas": Ratio("talks_single", ("negmas",), "at least 1", "talks alone, one at a time, against NegMAS"),
    "talks_mesa": Ratio("talks_single", ("mesa_talks",), "-", "talks alone, one at a time, against plain Mesa"),
}
UNIONS = ("unions_2000", "at most 133", "a world with two thousand unions against one with fifteen, its cost")


def measure(case: Scenario, *, quick: bool, long: bool = False) -> dict[str, Any]:
    """What ``planb bench --json`` prints: rates a second, one a round, their ratios, and what grows with what.

    All in one process run (and one more process for the second core, and one for each run of a study). ``long``: up to
    ten million worlds through the runner, which takes minutes.
    """
    rounds, seconds = (1, 0.0) if quick else (7, 1.0)
    block = 256 if quick else BLOCK
    before = load()
    found, two = contestants(case, block=block, quick=quick)
    try:
        rates = contest(found, rounds=rounds, seconds=seconds, warmed=not quick)
    finally:
        two.close()
    sizes = growth(case, block=block, rounds=1 if quick else 3, seconds=0.0 if quick else 0.5, quick=quick)
    runs = through_the_runner(case, (100,), some=0) if quick else through_the_runner(case, SIZES if long else SIZES[:2])
    unions = [line.worlds_per_second for line in sizes if line.of == "unions"]
    return {
        "scenario": case.name,
        "machine": machine(),
        "load": (before, load()),
        "rounds": rounds,
        "rates": rates,
        "about": {contestant.name: contestant.about for contestant in found},
        "ratios": {name: _ratio(rates, asked) for name, asked in RATIOS.items()} | {UNIONS[0]: unions[0] / unions[-1]},
        "growth": [line._asdict() for line in sizes],
        "runs": [run._asdict() for run in runs],
        "medians": {name: median(own) for name, own in rates.items()},
    }


def _ratio(rates: dict[str, list[float]], asked: Ratio) -> float | None:
    """A ratio, or None where one of the two is not installed."""
    if not {asked.quick, *asked.slow} <= set(rates):
        return None
    return ratio(rates, asked.quick, max(asked.slow, key=lambda name: median(rates[name])))


def keep(report: dict[str, Any]) -> None:
    """Keep what the page is made from."""
    KEPT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def figure(amount: float) -> str:
    """Three digits that count, thousands apart."""
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"


def places(found: dict[str, Any] | None = None) -> dict[str, str]:
    """What stands in the places of the page; of what is kept unless a report is given."""
    report = json.loads(KEPT.read_text(encoding="utf-8")) if found is None else found
    return {
        "scenario": report["scenario"],
        "machine": "\n".join(f"- {name}: {value}" for name, value in report["machine"].items()),
        "rounds": str(report["rounds"]),
        "load": f"{report['load'][0]:.1f} before and {report['load'][1]:.1f} after",
        "tables": as_text(report),
    }


def as_text(report: dict[str, Any]) -> str:
    """The tables, to read in a terminal or as Markdown."""
    wanted = {name: (asked.meaning, asked.wanted) for name, asked in RATIOS.items()} | {UNIONS[0]: UNIONS[:0:-1]}
    rates = ((report["about"][name], *_spread(found)) for name, found in report["rates"].items())
    ratios = (
        (f"`{name}`: {wanted[name][0]}", "not installed" if value is None else figure(value), wanted[name][1])
        for name, value in report["ratios"].items()
    )
    grown = (
        (line["of"], f"{line['size']:,}", figure(line["worlds_per_second"]), figure(1e6 / line["worlds_per_second"]))
        for line in report["growth"]
    )
    runs = (
        (
            f"{run['worlds']:,}",
            *(figure(n) for n in (1e6 * run["seconds"] / run["worlds"], run["peak_bytes"] / 2**20, run["bytes_a_row"])),
        )
        for run in report["runs"]
    )
    return "\n\n".join(
        (
            table(("what", "a second>", "slowest to fastest round>"), rates),
            table(("ratio", "measured>", "wanted>"), ratios),
            table(("grows with", "size>", "worlds a second>", "microseconds a world>"), grown),
            table(("worlds in a run>", "microseconds a world>", "most memory, MB>", "bytes a row>"), runs),
        )
    )


def _spread(rates: Sequence[float]) -> tuple[str, str]:
    return figure(median(rates)), f"{figure(min(rates))} to {figure(max(rates))}"
