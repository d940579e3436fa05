"""What the report on Connecticut says, every number of it from the results.

In its template ``{{STUDY.NAME}}`` stands for a sentence or number that a study found, ``{{STUDY.figure.NAME}}`` for a
figure with its caption, ``{{STUDY.table.NAME}}`` for a table, and ``{{facts.NAME}}`` for what is on record, read from
the scenario and its evidence.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from experiments.paper import three_draws
from experiments.paper.documents import table
from sim.scenario.scenario import Scenario, load_scenario
from sim.wording import day, percent

KEPT = Path(__file__).parents[2] / "results" / "paper"
DEPENDS = "This depends on how worlds are drawn."
CASE = "connecticut-2011"
SHARES = ("share", "low", "high", "saved", "saved_low", "saved_high", "lost", "net", "net_low", "net_high")


def places() -> dict[str, str]:
    """Everything that a study found, and what is on record, by its place."""
    found = {f"facts.{name}": words for name, words in (facts(load_scenario(CASE)) | built(KEPT)).items()}
    for path in sorted(KEPT.glob("*/findings.json")):
        found |= {f"{path.parent.name}.{name}": words for name, words in of_study(path.parent).items()}
    compared = json.loads(three_draws.KEPT.read_text(encoding="utf-8"))["findings"]
    return found | {name: f"{found[name]} {DEPENDS}" for name in three_draws.depending(compared) if name in found}


def of_study(folder: Path) -> dict[str, str]:
    """Sentences, numbers, figures and tables of one study."""
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    where = f"../results/{folder.parent.name}/{folder.name}/figures"
    return {
        "question": found["question"],
        **found["sentences"],
        **found["numbers"],
        **{
            f"figure.{name}": f"![{name.replace('_', ' ')}]({where}/{name}.png)\n\n*{caption}*"
            for name, caption in found["figures"].items()
        },
        **{f"table.{path.stem}": markdown_table(path) for path in (folder / "tables").glob("*.csv")},
    }


def markdown_table(path: Path) -> str:
    """A CSV table in Markdown; columns of shares as per cent."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *cells = list(csv.reader(file))
    titles = [name.replace("_", " ") for name in head]
    return table(titles, ([_cell(name, cell) for name, cell in zip(head, row, strict=True)] for row in cells))


def _cell(name: str, cell: str) -> str:
    if name in SHARES:
        return percent(float(cell), 1).replace("-", "−")
    return "< 0.001" if name == "p_value" and float(cell) < 0.001 else cell


def built(results: Path) -> dict[str, str]:
    """What the results say of themselves. All studies meet the same worlds: as many are distinct as the largest has."""
    manifests: list[dict[str, Any]] = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*/manifest.json"))
    ]
    return {
        "runs": f"{sum(manifest['rows'] for manifest in manifests):,}",
        "worlds": f"{max((manifest['study']['worlds'] for manifest in manifests), default=0):,}",
        "studies": str(len(manifests)),
        "seed": ", ".join(sorted({str(manifest["seed"]) for manifest in manifests})),
        "version": str(manifests[0]["planb"]) if manifests else "",
    }


def facts(scenario: Scenario) -> dict[str, str]:
    """What is on record, in words: rules, dates, June's ballots, the roll calls."""
    calendar, rules, bodies = scenario.calendar, scenario.rules, len(scenario.unions.names)
    assert calendar.window is not None and rules.revised is not None and calendar.session is not None
    june = _on_record(scenario, "ratification_votes", id="CT2011a")
    yes, no = int(june["yes"]), int(june["no"])
    house, senate = (
        _on_record(scenario, "rollcalls", date=str(calendar.session), chamber=name) for name in ("House", "Senate")
    )
    drawn = {
        "posterior": "from the posterior of the calibration",
        "range": "evenly from their ranges",
        "start": "at their middle",
        "fitted_numbers": "from the posterior of the calibration, with moods drawn anew",
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
        "deadline": day(calendar.talks.deadline),
        "first_vote": day(calendar.first_vote),
        "second_vote": day(calendar.window.vote),
        "session": day(calendar.session),
        "june_yes": f"{yes:,}",
        "june_no": f"{no:,}",
        "june_share": percent(yes / (yes + no), 1),
        "house": "{total_yes}–{total_no}".format_map(house),
        "senate": "{total_yes}–{total_no}".format_map(senate),
        "uncertainties": str(sum(row["role"] == "uncertainty" for row in scenario.parameters())),
        "drawn": drawn[scenario.sections.case.uncertainties],
    }


def _on_record(scenario: Scenario, table: str, **which: str) -> dict[str, str]:
    """The row of a table of evidence that has these cells."""
    with scenario.table_path(f"evidence/{table}.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if which.items() <= row.items())
