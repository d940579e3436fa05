"""The report: a template whose every number comes from the results.

In docs/connecticut-2011.template.md ``{{STUDY.NAME}}`` stands for a sentence or number that a study found,
``{{STUDY.figure.NAME}}`` for a figure with its caption, ``{{STUDY.table.NAME}}`` for a table, and ``{{facts.NAME}}``
for what is on record, read from the scenario and its evidence.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from experiments.paper.findings import percent
from sim.errors import WrongInput, nearest
from sim.scenario.scenario import Scenario, load_scenario

DOCS = Path(__file__).parents[2] / "docs"
TEMPLATE, REPORT = DOCS / "connecticut-2011.template.md", DOCS / "connecticut-2011.md"
CASE = "connecticut-2011"
PLACE = re.compile(r"\{\{([\w.]+)\}\}")
HEAD = "<!-- Filled by `make paper` from {template} and results/paper; do not edit. -->\n\n"


def fill_report(results: Path) -> Path:
    """Write the report from the reference outputs."""
    REPORT.write_text(filled(TEMPLATE.read_text(encoding="utf-8"), results), encoding="utf-8")
    return REPORT


def filled(template: str, results: Path) -> str:
    """The template with everything in its place.

    Raises: WrongInput for a placeholder that nothing fills.
    """
    record = facts(load_scenario(CASE)) | built(results)

    def fill(found: re.Match[str]) -> str:
        section, _, name = found[1].partition(".")
        if section == "facts":
            return _named(record, name, found[1])
        return _of_study(results, section, name, found[1])

    return HEAD.format(template=TEMPLATE.name) + PLACE.sub(fill, template)


def _of_study(results: Path, study: str, name: str, place: str) -> str:
    folder = results / study
    if not folder.is_dir():
        raise WrongInput(
            f"{TEMPLATE.name}: {place}: no such study{nearest(study, [p.name for p in results.iterdir()])}"
        )
    found = _findings(folder / "findings.json")
    kind, _, item = name.partition(".")
    if kind == "figure" and item:
        caption = _named(found["figures"], item, place)
        path = f"../results/{folder.parent.name}/{study}/figures/{item}.png"
        return f"![{item.replace('_', ' ')}]({path})\n\n*{caption}*"
    if kind == "table" and item:
        return markdown_table(folder / "tables" / f"{item}.csv")
    return _named(found["sentences"] | found["numbers"] | {"question": found["question"]}, name, place)


@cache
def _findings(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _named(known: dict[str, str], name: str, place: str) -> str:
    if name not in known:
        raise WrongInput(f"{TEMPLATE.name}: nothing fills {place}{nearest(name, known)}")
    return known[name]


def markdown_table(path: Path) -> str:
    """A CSV table in Markdown; columns of shares as per cent."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    lines = [" | ".join(name.replace("_", " ") for name in head), " | ".join("---" for _ in head)]
    lines += [" | ".join(_cell(name, cell) for name, cell in zip(head, row, strict=True)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


SHARES = ("share", "low", "high", "saved", "saved_low", "saved_high", "lost", "net", "net_low", "net_high")


def _cell(name: str, cell: str) -> str:
    if name in SHARES:
        return percent(float(cell)).replace("-", "−")
    return "< 0.001" if name == "p_value" and float(cell) < 0.001 else cell


def built(results: Path) -> dict[str, str]:
    """What the results say of themselves."""
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*/manifest.json"))]
    return {
        "worlds": f"{sum(manifest['rows'] for manifest in manifests):,}",
        "studies": str(len(manifests)),
        "seed": str(manifests[0]["seed"]) if manifests else "",
        "version": str(manifests[0]["planb"]) if manifests else "",
    }


def facts(scenario: Scenario) -> dict[str, str]:
    """What is on record, in words: rules, dates, June's ballots, the roll calls."""
    calendar, rules, bodies = scenario.calendar, scenario.rules, len(scenario.unions.names)
    assert calendar.window is not None and rules.revised is not None and calendar.session is not None
    ballots = _vote_on_record(scenario, "CT2011a")
    house, senate = (_roll_call(scenario, calendar.session, chamber) for chamber in ("House", "Senate"))
    drawn = {
        "posterior": "from the posterior of the calibration",
        "range": "evenly from their ranges",
        "start": "at their middle",
    }
    return {
        "rule": rules.ratification.words(bodies),
        "revised_rule": rules.revised.words(bodies),
        "unions": str(bodies),
        "units": str(len(scenario.units.names)),
        "members": f"{scenario.unions.members.sum():,.0f}",
        "seats": str(len(scenario.seats)),
        "towns": str(len(scenario.towns.names)) if scenario.towns is not None else "no",
        "gap": f"{float(scenario.sections.money.gap.value):,.0f} M$ a year",
        "deadline": _day(calendar.talks.deadline),
        "first_vote": _day(calendar.first_vote),
        "second_vote": _day(calendar.window.vote),
        "session": _day(calendar.session),
        "june_yes": f"{ballots[0]:,}",
        "june_no": f"{ballots[1]:,}",
        "june_share": percent(ballots[0] / sum(ballots)),
        "house": house,
        "senate": senate,
        "uncertainties": str(sum(row["role"] == "uncertainty" for row in scenario.parameters())),
        "drawn": drawn[scenario.sections.case.uncertainties],
    }


def _day(date: datetime.date) -> str:
    return f"{date.day} {date:%B}"


def _vote_on_record(scenario: Scenario, identifier: str) -> tuple[int, int]:
    with scenario.table_path("evidence/ratification_votes.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["id"] == identifier)
    return int(row["yes"]), int(row["no"])


def _roll_call(scenario: Scenario, date: datetime.date, chamber: str) -> str:
    with scenario.table_path("evidence/rollcalls.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if (row["date"], row["chamber"]) == (str(date), chamber))
    return f"{row['total_yes']}–{row['total_no']}"
