"""The benchmark and its report: a table to read, one document in JSON, and ``docs/performance.md``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from experiments.bench.contest import contest, ratio
from experiments.bench.contestants import contestants
from experiments.bench.growth import Growth, growth
from experiments.bench.machine import load, machine
from experiments.bench.runs import SIZES, Run, through_the_runner
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import BLOCK

WANTED = {
    "mesa_one_agent_a_member": "at least 10,000",
    "single_world": "at least 150",
    "floor": "at most 3.5",
    "bare_floor": "-",
    "two_cores": "at least 1.8",
    "negmas": "at least 10,000",
}
MEANING = {
    "mesa_one_agent_a_member": "worlds a second, our blocks against plain Mesa with one agent a member",
    "single_world": "our blocks against one world at a time: plain Mesa with counted ballots or our own, the quicker",
    "floor": "the floor against our blocks, one core",
    "bare_floor": "the floor by the model's own short cuts against our blocks",
    "two_cores": "two cores against one",
    "negmas": "talks alone against NegMAS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured."""

    scenario: str
    machine: dict[str, str]
    load: tuple[float, float]  # before and after
    rounds: int
    rates: dict[str, list[float]]  # a second, one a round
    about: dict[str, str]
    ratios: dict[str, float | None]
    growth: list[Growth]
    runs: list[Run]

    def as_dict(self) -> dict[str, Any]:
        """What ``planb bench --json`` prints."""
        return {**asdict(self), "medians": {name: median(rates) for name, rates in self.rates.items()}}


def measure(case: Scenario, *, quick: bool, long: bool = False) -> Report:
    """Everything, in one process run (and one more process for the second core, and one for each run of a study).

    ``long``: up to ten million worlds through the runner, which takes minutes.
    """
    rounds, seconds = (1, 0.0) if quick else (7, 1.0)
    block = 256 if quick else BLOCK
    before = load()
    found, two = contestants(case, block=block, quick=quick)
    try:
        rates = contest(found, rounds=rounds, seconds=seconds)
    finally:
        two.close()
    tables = growth(case, block=block, rounds=1 if quick else 3, seconds=0.0 if quick else 0.5, quick=quick)
    runs = through_the_runner(case, (100,), some=0) if quick else through_the_runner(case, SIZES if long else SIZES[:2])
    quicker_single = max(("mesa_counted", "single"), key=lambda name: median(rates[name]))
    ratios: dict[str, float | None] = {
        "mesa_one_agent_a_member": ratio(rates, "blocks", "mesa_members"),
        "single_world": ratio(rates, "blocks", quicker_single),
        "floor": ratio(rates, "floor", "blocks"),
        "bare_floor": ratio(rates, "bare_floor", "blocks"),
        "two_cores": ratio(rates, "two_cores", "blocks"),
        "negmas": ratio(rates, "talks", "negmas") if "negmas" in rates else None,
    }
    return Report(
        scenario=case.name,
        machine=machine(),
        load=(before, load()),
        rounds=rounds,
        rates=rates,
        about={contestant.name: contestant.about for contestant in found},
        ratios=ratios,
        growth=tables,
        runs=runs,
    )


def figure(amount: float) -> str:
    """Three digits that count, thousands apart."""
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"


def as_text(report: Report) -> str:
    """The tables, to read in a terminal or as Markdown."""
    lines = ["| what | a second | slowest to fastest round |", "| :-- | --: | --: |"]
    for name, rates in report.rates.items():
        span = f"{figure(min(rates))} to {figure(max(rates))}"
        lines.append(f"| {report.about[name]} | {figure(median(rates))} | {span} |")
    lines += ["", "| ratio | measured | wanted |", "| :-- | --: | --: |"]
    for name, value in report.ratios.items():
        shown = "not installed" if value is None else figure(value)
        lines.append(f"| `{name}`: {MEANING[name]} | {shown} | {WANTED[name]} |")
    lines += ["", "| grows with | size | worlds a second | microseconds a world |", "| :-- | --: | --: | --: |"]
    for line in report.growth:
        cost = 1e6 / line.worlds_per_second
        lines.append(f"| {line.of} | {line.size:,} | {figure(line.worlds_per_second)} | {figure(cost)} |")
    lines += [
        "",
        "| worlds in a run | microseconds a world | most memory, MB | bytes a row |",
        "| --: | --: | --: | --: |",
    ]
    for run in report.runs:
        cost, peak = 1e6 * run.seconds / run.worlds, run.peak_bytes / 2**20
        lines.append(f"| {run.worlds:,} | {figure(cost)} | {figure(peak)} | {figure(run.bytes_a_row)} |")
    return "\n".join(lines)


def as_page(report: Report) -> str:
    """``docs/performance.md``."""
    known = "".join(f"- {name}: {value}\n" for name, value in report.machine.items())
    return f"""# How fast the model is

Written by `planb bench` ({report.scenario}); run it to have the table of your own machine. All contestants take turns
in one process run; a figure is the median of {report.rounds} rounds, a ratio the median of the rounds' ratios.
The load of the machine was {report.load[0]:.1f} before and {report.load[1]:.1f} after (processes that want to run).

{known}
{as_text(report)}

What is measured. *Our blocks*: the case with its whole calendar, from world addresses to a row of results. *Plain
Mesa*: the same rules as a user would write them (`tests/reference/plain/`), one world a model, through
`mesa.batch_run`; with one agent a member every member is an object that hears, is misled and casts ballots.
*Floor*: as many uniforms, normals and logistics as a world cannot do without (`experiments/bench/floor.py`), in
NumPy and in double, from its counter-based generator, into a buffer made once. The model draws most of its luck in 16
bits and moves votes in single precision; the floor *by the model's short cuts* does so too, and is lower. *Talks
alone*: two sides, six issues, forty offers. *Worlds a point*: rows of a design of distinct points, each in so many
worlds; the longest is a single point. *Worlds in a run*: a study of ten points through the runner in one process, table
and all (`planb bench --long` goes to ten million).
"""
