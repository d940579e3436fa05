"""``docs/validation.md``, written from the posterior's manifest and from runs.

python -m experiments.calibration.page [FILE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from experiments.calibration.forecast import as_document, forecast
from experiments.calibration.held_out import leave_cases_out, score_second_vote
from experiments.calibration.others import CASES
from experiments.calibration.record import read_held_out, read_record
from experiments.calibration.run import posterior_of
from experiments.calibration.shelf import MANIFEST
from experiments.commands.validate import check
from sim.scenario import Scenario, load_scenario

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
CASE = "connecticut-2011"
WORLDS = 4000
SEED = 2011
ENDS = ("q05", "q25", "q50", "q75", "q95")

HEAD = """# Calibration, validation, forecasts

Written by `python -m experiments.calibration.page` from the shipped posterior's manifest and from runs; the numbers are
nobody's typing. `planb calibrate`, `planb validate` and `planb forecast --score` print the same tables.

## What was fitted, to what

`planb calibrate connecticut-2011` takes the ranges of the scenario's uncertainties as the prior and the results of June
2011 as the data: ballots where they are known, shares where only those are, bare results where only those are, the
total, the turnout, and two ballots on wages. Every draw of the numbers runs through the shipped model with the deal on
record (`experiments/calibration/booths.py`), so rules, beliefs, campaign and seniority are those of any other run. A
unit's result is binomial about its chance of a yes; a unit's mood is normal, part lasting, part of the day. Draws are
weighed by importance sampling that adapts (`evidence.py`, `importance.py`); effective size and Pareto k say how far the
rows can be trusted.

Votes elsewhere that were over before 22 July 2011 are evidence on what members are like in general: sensitivity, loss
aversion, trust, reactance, belief before any threat (`others.py`). Each has a goodwill of its own, so a single odd case
cannot pull far. Where the same people voted twice, the second vote says how far a threat carried out moved them.

Kept out: everything about the second vote of 2011, every vote that was not over before the day on which it is to be
forecast, and Connecticut's vote of 2009, because the range of `members.trust` was set with it. The manifest,
`posterior.json`, lists every result, file, hash and case that entered, and what was left out and why. A test sees to it
that neither fit nor forecast opens `evidence/held_out.toml`.
"""

LIMITS = """## Where it falls short

* **The pull of a threat on a second vote is too weak.** Revotes on record moved by 0.8 to 1.4 logits; the model's
  members, who weigh their own risk of being laid off, move by a third of that. It says rightly which way, and rightly
  that the deal passes under the new rule, but gives the unions that refused in June too little chance of turning. What
  it leaves out: a unit that sees the others say yes, and a no that is known to be the last word.
* **First votes elsewhere are hardly forecast better than by their average.** Goodwill differs between cases by more
  than terms and threats do, and nothing on record tells beforehand how large it is. Read the intervals, not the median.
* **The spread of goodwill between units lies at the top of its range** (`members.trust_spread`): the universities and
  the police are further apart than the range allows for comfortably, as the units left out show.
* **Campaign and information are not identified**: their posteriors are their priors. What is said about them in a sweep
  is an assumption of the range, not a finding.
"""


def rows_of_patterns(case: Scenario) -> list[str]:
    """The table of patterns of one scenario."""
    lines = ["| pattern | kind | record | found | 90 % of worlds | score | |", "|---|---|---|---|---|---:|---|"]
    for row in check(case, worlds=WORLDS, seed=SEED):
        span = "" if row["low"] is None else f"{_number(row['low'])} to {_number(row['high'])}"
        lines.append(
            f"| {row['words']} (`{row['name']}`) | {row['kind']} | {_number(row['record'])} | {_number(row['found'])} "
            f"| {span} | {row['score']:.2f} | {'pass' if row['passes'] else '**fail**'} |"
        )
    return lines


def fitted(manifest: dict[str, Any]) -> list[str]:
    """Parameters, diagnostics and checks of the fit."""
    found = manifest["diagnostics"]
    used = manifest["used"]["other_votes"]["cases"]
    lines = [
        f"{found['particles']:,} particles, effective size {found['effective_size']:,.0f}, Pareto k "
        f"{found['pareto_k']:.2f}; {len(manifest['used']['record']['results'])} results of June and "
        f"{len(used)} other cases ({', '.join(case['scenario'] for case in used)}).",
        "",
        "| parameter | range | 5 % | 50 % | 95 % | width against the range's |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in manifest["parameters"]:
        ends = " | ".join(f"{row[key]:.3g}" for key in ("q05", "q50", "q95"))
        lines.append(
            f"| `{row['name']}` | {row['low']:g} to {row['high']:g} | {ends} | {min(row['narrowed_to'], 1):.0%} |"
        )
    lines += ["", "### June as the posterior has it, on another day with other ballots", ""]
    lines += predicted(manifest["posterior_predictive"])
    if "units_left_out" in manifest:
        lines += ["", "### Each result expected from all others", ""]
        lines += [
            "Nothing fitted the row that is shown: it, and what tells of it, was left out and the rest fitted anew.",
            "Above, every unit's mood has seen its result, so those intervals hold more than they promise; these are",
            "the test. AFSCME is the sum of four units listed before it, so it is no tenth independent trial.",
            "",
        ]
        lines += predicted(manifest["units_left_out"])
    if "simulation_based_calibration" in manifest:
        lines += ["", "### Simulated truths", "", *ranked(manifest["simulation_based_calibration"])]
    return lines


def predicted(found: dict[str, Any]) -> list[str]:
    """Results with a known share beside the intervals for them."""
    lines = ["| of | ballot | seen | 5 % | 25 % | 50 % | 75 % | 95 % |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    for row in found["results"]:
        if row["seen"] is not None:
            ends = " | ".join(f"{row[key]:.3f}" for key in ENDS)
            lines.append(f"| {row['of']} | {row['ballot']} | {row['seen']:.3f} | {ends} |")
    known = found["known_shares"]
    return [*lines, "", f"Inside 50 %: {found['inside_50']} of {known}. Inside 90 %: {found['inside_90']} of {known}."]


def ranked(ranks: dict[str, Any]) -> list[str]:
    """Simulation-based calibration in a paragraph and a table."""
    quantities = ranks["quantities"]
    halves = sum(row["covered_50"] for row in quantities) / len(quantities)
    nineties = sum(row["covered_90"] for row in quantities) / len(quantities)
    lines = [
        f"{ranks['replicates']} truths drawn from the prior, a record simulated for each, the fit run on it. The",
        "truth's rank among the posterior draws must be uniform (Talts and others 2018). Over",
        f"{len(quantities)} quantities the least p-value of a chi-square test is {ranks['least_p_value']:.3f};",
        f"chance alone makes the least about {1 / (len(quantities) + 1):.3f}. The 50 % and 90 % intervals held the",
        f"truth {halves:.0%} and {nineties:.0%} of the time.",
        "",
        "| quantity | p-value | in 50 % | in 90 % |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| `{row['name']}` | {row['p_value']:.3f} | {row['covered_50']:.0%} | {row['covered_90']:.0%} |"
        for row in quantities
    ]
    return lines


def forecasts(case: Scenario) -> list[str]:
    """The second vote of 2011 as forecast, and scored."""
    record = read_record(case)
    posterior, _ = posterior_of(case)
    found = forecast(case, record, posterior, worlds=WORLDS, seed=SEED)
    document = as_document(found, case)
    shares = document["yes_share"]
    lines = [
        f"Of all ballots {shares['q50']:.1%} yes (50 % interval {shares['q25']:.1%} to {shares['q75']:.1%}, 90 % "
        f"{shares['q05']:.1%} to {shares['q95']:.1%}).",
        "",
    ]
    lines += [
        f"* Ratified with probability {rule['probability']:.3f} under the {name} rule: {rule['words']}."
        for name, rule in document["ratified"].items()
    ]
    lines += [
        f"* The leaders change the rule in time with probability {document['rule_changed']:.2f}.",
        "",
        "| union | June | 5 % | 25 % | 50 % | 75 % | 95 % | approves |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in document["unions"].items():
        ends = " | ".join(f"{row[key]:.3f}" for key in ENDS)
        lines.append(f"| {name} | {row['first_vote']:.3f} | {ends} | {row['approves']:.2f} |")
    held_out = read_held_out(case)  # opened only now
    if held_out is not None:
        score = score_second_vote(found, case, held_out)
        approved = sum(row["approved"] for row in score["rows"])
        ends_of_count = f"{score['unions_yes']['q05']:.0f} to {score['unions_yes']['q95']:.0f}"
        lines += [
            "",
            "What happened: 14 of 15 unions said yes when the result was announced, all 15 in the end. Scored on",
            f"the end: {approved} unions for it, where the forecast's 90 % interval was {ends_of_count}. No change and",
            "uniform swing start from June's shares; the swing is that of the revotes with shares on record that were",
            f"over by 22 July 2011 ({len(score['swings'])} of them), so all three knew the same.",
            "",
            *scores(score["scores"]),
        ]
    return lines


def left_out(case: Scenario) -> list[str]:
    """Each other case forecast from the rest."""
    found = leave_cases_out(case, read_record(case), seed=SEED)
    lines = [
        "| vote | seen | 5 % | 25 % | 50 % | 75 % | 95 % | P(yes) | no change | uniform swing |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found["rows"]:
        seen = f"{row['yes_share']:.3f}" if row["yes_share"] is not None else ("yes" if row["approved"] else "no")
        ends = " | ".join(f"{row[key]:.2f}" for key in ENDS)
        chances = " | ".join(f"{row[name]['probability']:.2f}" for name in ("model", "no_change", "uniform_swing"))
        lines.append(f"| {row['vote_of']} | {seen} | {ends} | {chances} |")
    coverage = found["coverage"]
    lines += [
        "",
        " ".join(f"Inside {level} %: {held['inside']} of {held['of']}." for level, held in coverage.items()),
        "",
        "All votes:",
        "",
        *scores(found["scores"]),
    ]
    for vote, title in (("1", "First votes"), ("2", "Second votes")):
        lines += ["", f"{title}:", "", *scores(found["by_vote"][vote])]
    return lines


def scores(found: dict[str, Any]) -> list[str]:
    """Mean scores with their 90 % bootstrap intervals."""
    lines = ["| forecast | Brier | log score |", "|---|---|---|"]
    for name, means in found.items():
        cells = " | ".join(f"{m['mean']:.3f} [{m['low']:.3f}, {m['high']:.3f}]" for m in means.values())
        lines.append(f"| {name.replace('_', ' ')} | {cells} |")
    return lines


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def page() -> str:
    """The whole page."""
    case = load_scenario(CASE)
    manifest = json.loads(case.table_path(MANIFEST).read_text(encoding="utf-8"))
    lines = [HEAD, "## The fit", "", *fitted(manifest), ""]
    lines += [
        "## Patterns",
        "",
        "*Fitted*: the fit, or a range set by judgement, has seen the number. *Forecast*: nothing has. *Theory*: a",
        "result of theory or of the laboratory. A pattern over worlds passes inside their central 90 %; its score is",
        "1 in the middle and below 0.1 outside.",
        "",
        *rows_of_patterns(case),
        "",
        "## The second vote of 2011, forecast from June",
        "",
        *forecasts(case),
        "",
        "## Other cases, each forecast from June 2011 and all the others",
        "",
        "Brier and log scores: lower is better; 0.25 and 0.69 say nothing. For a first vote *no change* is the",
        "average of the other cases and *uniform swing* the average of those with the same kind of threat. Dates play",
        "no part in leaving one out. How each case fares in its own ranges is in the tables below.",
        "",
        *left_out(case),
        "",
    ]
    for name in CASES:
        lines += [f"### {name}", "", *rows_of_patterns(load_scenario(name)), ""]
    return "\n".join([*lines, LIMITS])


def main(path: Path = DOCUMENT) -> None:
    """Write it."""
    path.write_text(page(), encoding="utf-8")
    print(f"written: {path.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENT)
