"""The page on calibration and validation, written from the posterior's manifest and from kept runs.

    planb validate --out results/validation --page docs/validation.md

runs everything and writes it; `python -m experiments.calibration.page` only words anew what results/validation holds.
Nothing here runs the model.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from experiments.calibration.checks import apart
from experiments.calibration.posterior_files import MANIFEST
from experiments.calibration.record import read_record
from sim.scenario.scenario import Scenario, load_scenario

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "validation.md"
KEPT = ROOT / "results" / "validation"
DOCUMENT, TRUTHS, INDICES = "validation.json", "simulated_truths.json", "sensitivity.csv"
CASE = "connecticut-2011"
ENDS = ("q05", "q25", "q50", "q75", "q95")
FORECASTERS = {
    "model": "model",
    "base_rate": "base rate",
    "no_change": "no change",
    "mean_swing": "mean swing",
    "mean_swing_by_kind": "mean swing by kind of change",
    "terms": "terms",
}
INDICES_SHOWN = 6  # a measure

HEAD = """# Calibration, validation, forecasts

Written by `planb validate --out results/validation --page docs/validation.md` from runs and from the manifest of the
posterior that ships; nobody types its numbers. `planb calibrate`, `planb validate` and `planb forecast --score` print
the same tables, and a test says when the page is no longer what the program gives.

## What was fitted, to what

`planb calibrate connecticut-2011` takes the ranges of the scenario's uncertainties as the prior and the results of June
2011 as the data: ballots where they are known, shares where only those are, bare results where only those are, the
total, the turnout, and two ballots on wages. Every draw of the numbers runs through the shipped model with the deal on
record (`experiments/calibration/vote_as_put.py`), so rules, beliefs, campaign and seniority are those of any other run.
A unit's result is binomial about its chance of a yes; a unit's mood is normal, part lasting, part of the day. Draws are
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

MEANINGS = {
    (CASE, "deal_bunching"): "Deals do not bunch at the deadline. In the laboratory a third to a half come in the last "
    "4 % of the time (T16). Here sides concede by the clock and sign when their aspirations cross; leaders who look "
    "to the rule in force (`leaders.foresee`) sign later, and then more deals do come at the end. So the day of a deal "
    "is not to be read off this model; its terms and its fate are another matter.",
    (CASE, "second_vote_against_swing"): "Moving all unions as far as the people of the one earlier revote moved would "
    "have forecast August better than the model does. The model gets the direction and the outcome under the new rule, "
    "but moves members too little; see the end of this page. One earlier revote is thin ground to prefer a swing on: "
    "in the other cases below the two cannot be told apart.",
    ("rhode-island-2008", "first_vote_share"): "Six in a hundred said yes. The ranges of that case hardly allow less "
    "than a fifth: so united a no has a cause that the model lacks, perhaps that the contract had been ended before "
    "the vote. The case counts in the fit with a goodwill of its own and heavy tails, so it does not pull far.",
}

LIMITS = """* **First votes elsewhere are not forecast better than by their average**, nor than by even odds.
  Goodwill differs between cases by more than terms and threats do, and nothing on record tells beforehand how large it
  is. Read the intervals, not the median.
* **The 90 % intervals for units are on the narrow side**: corrections, the police and the state universities lie
  outside where only units of the same kind are asked for. The spread of goodwill lies at the top of its range
  (`members.trust_spread`), and units are further apart than it allows for comfortably. The range stands as it was
  judged beforehand; to widen it until the misses vanish would be to fit the check. What hangs on single units, such as
  which union blocks, may be surer in the model than it should be.
* **Campaign and information are not identified**: their posteriors are their priors. What is said about them in a sweep
  is an assumption of the range, not a finding.
* **Simulated truths test the fit to June's results alone**, with fewer particles than the shipped fit and without the
  votes elsewhere, whose likelihood no simulated record checks."""


def write_document(document: dict[str, Any], folder: Path) -> None:
    """Keep what `planb validate` found, numbers to four digits."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(document), indent=1, ensure_ascii=False)
    (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8")


def _rounded(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _rounded(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_rounded(item) for item in node]
    if isinstance(node, np.generic):
        node = node.item()
    return float(f"{node:.5g}") if isinstance(node, float) else node


def patterns(rows: list[dict[str, Any]]) -> list[str]:
    """The table of patterns of one scenario."""
    lines = ["| pattern | kind | record | found | 90 % of worlds | score | |", "|---|---|---|---|---|---:|---|"]
    for row in rows:
        span = "" if row["low"] is None else f"{_number(row['low'])} to {_number(row['high'])}"
        lines.append(
            f"| {row['words']} (`{row['name']}`) | {row['kind']} | {_number(row['record'])} | {_number(row['found'])} "
            f"| {span} | {'' if row['score'] is None else format(row['score'], '.2f')} "
            f"| {'pass' if row['passes'] else '**fail**'} |"
        )
    return lines


def failures(document: dict[str, Any]) -> list[str]:
    """How many patterns pass by kind, and what each that fails means."""
    rows = [(table["scenario"], row) for table in document["scenarios"] for row in table["patterns"]]
    lines = [f"* {kind}: {found['passed']} of {found['of']} pass" for kind, found in document["passed"].items()]
    failing = [(name, row) for name, row in rows if not row["passes"]]
    lines += ["", "What fails, and what that means:" if failing else "None fails.", ""]
    for name, row in failing:
        said = MEANINGS.get((name, row["name"]), "Not looked into yet.")
        lines.append(f"* **{name}, {row['words']}** (found {_number(row['found'])}, {_number(row['record'])}): {said}")
    return lines


def fitted(manifest: dict[str, Any], other_units: dict[str, Any], trials: list[tuple[str, str]]) -> list[str]:
    """Parameters, diagnostics and checks of the fit; ``trials`` are results with no unit in common."""
    found = manifest["diagnostics"]
    used = manifest["used"]["other_votes"]["cases"]
    lines = [
        f"{found['particles']:,} particles, effective size {found['effective_size']:,.0f}, Pareto k "
        f"{found['pareto_k']:.2f}; {manifest['used']['record']['results']} results of June and "
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
    lines += [
        "",
        "### June as the posterior has it",
        "",
        "The same units on another day with other ballots. Every unit's mood has seen its own result, so these",
        "intervals hold more than they promise; they show that the fit reached the record, not that it forecasts.",
        "",
        *predicted(manifest["posterior_predictive"], trials),
        "",
        "### June with other units of the same kind",
        "",
        "Moods drawn anew from their spread, so that no unit's own result is in its interval: the check of the rates",
        "of the intervals that the fit can make of itself.",
        "",
        *predicted(other_units, trials),
    ]
    if "units_left_out" in manifest:
        lines += [
            "",
            "### Each result expected from all others",
            "",
            "Nothing fitted the row that is shown: it, and what tells of it, was left out and the rest fitted anew.",
            "",
            *predicted(manifest["units_left_out"], trials),
        ]
    return lines


def predicted(found: dict[str, Any], trials: list[tuple[str, str]]) -> list[str]:
    """Results with a known share beside the intervals for them, and whether the intervals keep their rates."""
    lines = ["| of | ballot | seen | 5 % | 25 % | 50 % | 75 % | 95 % |", "|---|---|---:|---:|---:|---:|---:|---:|"]
    known = [row for row in found["results"] if row["seen"] is not None]
    for row in known:
        ends = " | ".join(f"{row[key]:.3f}" for key in ENDS)
        lines.append(f"| {row['of']} | {row['ballot']} | {row['seen']:.3f} | {ends} |")
    counted = [row for row in known if (row["of"], row["ballot"]) in trials]
    said = []
    for level, low, high in ((50, "q25", "q75"), (90, "q05", "q95")):
        inside = sum(row[low] <= row["seen"] <= row[high] for row in counted)
        p_value = binomtest(inside, len(counted), level / 100).pvalue
        said.append(
            f"{found[f'inside_{level}']} of {found['known_shares']} inside {level} %; of those with no unit in common "
            f"{inside} of {len(counted)} (exact binomial p = {p_value:.2g})"
        )
    return [*lines, "", f"{said[0]}. {said[1]}."]


def ranked(ranks: dict[str, Any]) -> list[str]:
    """Simulation-based calibration in a paragraph and a table."""
    quantities, recovered = ranks["quantities"], ranks["recovered"]
    worst, thin = ranks["least_p_value_of_all"], ranks["thin"]
    rates = ", ".join(
        f"the {level} % interval held the truth {held['rate']:.1%} of the time (two standard errors "
        f"{held['low']:.1%} to {held['high']:.1%}; nominal {held['nominal']:.1%})"
        for level, held in recovered.items()
    )
    return [
        f"`{ranks['made_by']}` drew {ranks['replicates']} truths from the prior, simulated June's record from each and",
        f"ran the fit on it ({sum(ranks['particles']):,} particles; effective size at least "
        f"{ranks['least_effective_size']:.0f}, median {ranks['median_effective_size']:.0f}). A truth's rank among the",
        f"{ranks['draws_a_fit']} posterior draws must be uniform (Talts and others 2018).",
        "",
        f"* Ranks: over {len(quantities)} quantities the least p-value of a chi-square test is "
        f"{ranks['least_p_value']:.3f}, which is {worst:.2f} when allowed for their number: "
        + ("no sign against uniform ranks." if worst > 0.05 else "**not uniform**."),
        f"* Recovery: {rates}.",
        f"* {thin['fits']} of the {ranks['replicates']} fits have an effective size below the "
        f"{ranks['draws_a_fit']} draws taken: some truths lie where few particles go. "
        f"Their intervals are too narrow and hold {thin['thin_50']:.0%} and {thin['thin_90']:.0%}; those of the others "
        f"{thin['others_50']:.0%} and {thin['others_90']:.0%}. "
        "A fit of one's own with so small an effective size asks for more particles.",
        "",
        "| quantity | p-value | in 50 % | in 90 % |",
        "|---|---:|---:|---:|",
        *(
            f"| `{row['name']}` | {row['p_value']:.3f} | {row['covered_50']:.0%} | {row['covered_90']:.0%} |"
            for row in quantities
        ),
    ]


def forecasts(found: dict[str, Any]) -> list[str]:
    """The second vote of 2011 as forecast, and scored."""
    shares = found["yes_share"]
    lines = [
        f"Of all ballots {shares['q50']:.1%} yes (50 % interval {shares['q25']:.1%} to {shares['q75']:.1%}, 90 % "
        f"{shares['q05']:.1%} to {shares['q95']:.1%}).",
        "",
    ]
    lines += [
        f"* Ratified with probability {rule['probability']:.3f} under the {name} rule: {rule['words']}."
        for name, rule in found["ratified"].items()
    ]
    lines += [
        f"* The leaders change the rule in time with probability {found['rule_changed']:.2f}.",
        "",
        "| union | June | 5 % | 25 % | 50 % | 75 % | 95 % | approves |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in found["unions"].items():
        ends = " | ".join(f"{row[key]:.3f}" for key in ENDS)
        lines.append(f"| {name} | {row['first_vote']:.3f} | {ends} | {row['approves']:.2f} |")
    score = found["score"]
    approved = sum(row["approved"] for row in score["rows"])
    ends_of_count = f"{score['unions_yes']['q05']:.0f} to {score['unions_yes']['q95']:.0f}"
    return [
        *lines,
        "",
        "What happened: 14 of 15 unions said yes when the result was announced, all 15 in the end. Scored on",
        f"the end: {approved} unions for it, where the forecast's 90 % interval was {ends_of_count}. No change and",
        "mean swing start from June's shares; the swing is that of the pairs of votes on record that were over by",
        f"22 July 2011 ({score['pairs_known']} of them), so all three knew the same.",
        "",
        *scores(score),
    ]


def dated(found: dict[str, Any]) -> list[str]:
    """Each other case forecast from what was over before."""
    lines = ["| vote | seen | 5 % | 25 % | 50 % | 75 % | 95 % | P(yes) | effective |", "|---|" + "---:|" * 8]
    for vote in ("first", "second"):
        for row in found[vote]["rows"]:
            seen = f"{row['seen']:.3f}" if row["seen"] is not None else ("yes" if row["approved"] else "no")
            ends = " | ".join(f"{row['model'][key]:.2f}" for key in ENDS)
            chance = row["model"]["probability"]
            lines.append(f"| {row['vote_of']} | {seen} | {ends} | {chance:.2f} | {row['effective']:.0f} |")
    for vote, title in (("first", "First votes"), ("second", "Second votes")):
        lines += ["", f"{title}:", "", *scores(found[vote])]
    return lines


def scores(found: dict[str, Any]) -> list[str]:
    """Mean scores with their 90 % bootstrap intervals over cases, differences, and how often intervals held."""
    first = next(iter(found["scores"]))
    names = {"brier": "Brier", "log_score": "log score", "crps": "CRPS", "share_log_score": "log score of the share"}
    known = [key for key in names if key in found["scores"][first]]
    lines = ["| forecast | " + " | ".join(names[key] for key in known) + " |", "|---" * (len(known) + 1) + "|"]
    rows = {FORECASTERS[name]: means for name, means in found["scores"].items()}
    rows |= {f"{FORECASTERS[first]} less {FORECASTERS[name]}": means for name, means in found["less"].items()}
    for title, means in rows.items():
        cells = " | ".join(f"{means[k]['mean']:.3f} [{means[k]['low']:.3f}, {means[k]['high']:.3f}]" for k in known)
        lines.append(f"| {title} | {cells} |")
    held = {name: rates for name, rates in found.get("coverage", {}).items() if name != "votes"}
    said = [f"{FORECASTERS[n]}: {r['in_50']:.0%} inside 50 %, {r['in_90']:.0%} inside 90 %" for n, r in held.items()]
    return lines + (["", f"Of {found['coverage']['votes']} known shares, " + "; ".join(said) + "."] if said else [])


def on_record(found: dict[str, Any]) -> list[str]:
    """What votes on record say without the model."""
    pairs, firsts = found["pairs"], found["first_votes"]
    diagram = firsts["not_selected"]["reliability"]
    lines = ["| weight, logits | prior 5 % | 50 % | 95 % | posterior 5 % | 50 % | 95 % |", "|---|" + "---:|" * 6]
    for row in pairs["weights"]:
        ends = " | ".join(f"{row[f'{kind}_q{q}']:.2f}" for kind in ("prior", "posterior") for q in ("05", "50", "95"))
        lines.append(f"| {row['name']} | {ends} |")
    return [
        *lines,
        "",
        "Each pair forecast from the other pairs:",
        "",
        *scores(pairs["left_out"]),
        "",
        "By date, each from the pairs that were over before:",
        "",
        *scores(pairs["dated"]),
        "",
        "First votes by date, those not selected for how they came out:",
        "",
        *scores(firsts["not_selected"]),
        "",
        f"Reliability: miscalibration {diagram['miscalibration']:.3f}, resolution {diagram['resolution']:.3f}, "
        f"uncertainty {diagram['uncertainty']:.3f}; so much miscalibration comes about by chance with probability "
        f"{diagram['p_value']:.2f}.",
    ]


def sensitivity(path: Path) -> list[str]:
    """The largest Sobol indices by measure, from the kept table."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = ["| measure | parameter | first order | total |", "|---|---|---|---|"]
    for measure in dict.fromkeys(row["measure"] for row in rows):
        own = sorted((r for r in rows if r["measure"] == measure and r["ST"]), key=lambda r: -float(r["ST"]))
        for row in own[:INDICES_SHOWN]:
            first, total = (f"{float(row[k]):.3f} ± {float(row[f'{k}_conf']):.3f}" for k in ("S1", "ST"))
            lines.append(f"| {measure} | `{row['parameter']}` | {first} | {total} |")
    return lines


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def as_page(document: dict[str, Any], kept: Path = KEPT) -> str:
    """The whole page."""
    document = _rounded(document)
    case = load_scenario(CASE)
    trials = apart(read_record(case), case)
    first, *others = document["scenarios"]
    lines = [HEAD, "## The fit", "", *fitted(manifest_of(case), document["other_units"], trials), ""]
    lines += ["### Simulated truths", "", *ranked(json.loads((kept / TRUTHS).read_text(encoding="utf-8"))), ""]
    lines += [
        "## Patterns",
        "",
        "*Fitted*: the fit, or a range set by judgement, has seen the number. *Forecast*: nothing has. *Theory*: a",
        "result of theory or of the laboratory. *Prior*: a check of a case's ranges before any fit; wide ranges pass",
        "it, so it is no evidence. A pattern over worlds passes inside their central 90 %; its score is 1 in the",
        f"middle and below 0.1 outside. {document['worlds']:,} worlds of seed {document['seed']}.",
        "",
        *failures(document),
        "",
        f"### {first['scenario']}",
        "",
        *patterns(first["patterns"]),
        "",
        "## The second vote of 2011, forecast from June",
        "",
        *forecasts(document["forecast"]),
        "",
        "## Votes on record, without the model",
        "",
        *on_record(document["votes"]),
        "",
        "## Other cases, each forecast from what was over before",
        "",
        "Brier and log scores: lower is better; 0.25 and 0.69 say nothing. *Effective*: how many equally weighted",
        "draws are left of the fit. Intervals in brackets are 90 % and drawn over cases. A difference below zero is in",
        "the model's favour; where its interval holds zero, the votes on record do not tell the two apart.",
        "",
        *dated(document["cases"]),
        "",
        "Each case in its own ranges, before any fit:",
        "",
    ]
    for table in others:
        lines += [f"### {table['scenario']}", "", *patterns(table["patterns"]), ""]
    lines += [
        "## What the outcomes depend on",
        "",
        "Sobol indices over all uncertainties and numeric levers at once, luck among them, by",
        "`planb sensitivity connecticut-2011 --worlds 300000 --out results/validation`; the largest totals of each",
        "measure. Intervals are 95 % and hold for all parameters at once. `results/validation/sensitivity.csv` has the",
        "rest; a test sees that none lies below 0 or above 1 by more than its interval.",
        "",
        *sensitivity(kept / INDICES),
        "",
        "## Where it falls short",
        "",
        LIMITS,
        "",
    ]
    return "\n".join(lines)


def manifest_of(case: Scenario) -> dict[str, Any]:
    """The manifest of the posterior that lies with a scenario."""
    manifest: dict[str, Any] = json.loads(case.table_path(MANIFEST).read_text(encoding="utf-8"))
    return manifest


def main() -> None:
    """Word anew what is kept."""
    document = json.loads((KEPT / DOCUMENT).read_text(encoding="utf-8"))
    PAGE.write_text(as_page(document), encoding="utf-8")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
