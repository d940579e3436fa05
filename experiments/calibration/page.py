"""What the page on calibration and validation says, from the posterior's manifest and from kept runs.

``planb validate --out results/validation`` runs what it needs; nothing here runs the model. The prose around it is
``experiments/paper/templates/validation.md``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from experiments.calibration.checks import apart
from experiments.calibration.page_figures import ENDS, FOLDER, figures, in_markdown
from experiments.calibration.page_votes import lead, on_record, scores
from experiments.calibration.posterior_files import MANIFEST
from experiments.calibration.record import read_record
from experiments.paper.documents import rows, table
from experiments.paper.three_draws import KEPT as COMPARED
from experiments.paper.three_draws import counted, table_of
from sim.scenario.scenario import Scenario, load_scenario

KEPT = Path(__file__).resolve().parents[2] / "results" / "validation"
DOCUMENT, VOTES, TRUTHS, INDICES = "validation.json", "votes.json", "simulated_truths.json", "sensitivity.csv"
CASE = "connecticut-2011"
INDICES_SHOWN = 6  # a measure
Trials = list[tuple[str, str]]  # results with no unit in common, as (of, ballot)

MEANINGS = {
    ("rhode-island-2008", "first_vote_share"): "Six in a hundred said yes. The ranges of that case hardly allow less "
    "than a fifth: so united a no has a cause that the model lacks, perhaps that the contract had been ended before "
    "the vote. The case counts in the fit with a goodwill of its own and heavy tails, so it does not pull far.",
}


def write_document(document: dict[str, Any], folder: Path) -> None:
    """Keep what ``planb validate`` found; votes on record, which need no run, in a file of their own."""
    document = dict(document)
    votes = document.pop("votes", None)
    keep(document, folder / DOCUMENT)
    if votes is not None:
        keep(votes, folder / VOTES)


def keep(found: dict[str, Any], path: Path) -> None:
    """Write numbers to five digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _rounded(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_rounded(item) for item in node]
    if isinstance(node, np.generic):
        node = node.item()
    return float(f"{node:.5g}") if isinstance(node, float) else node


def places(document: dict[str, Any] | None = None, kept: Path = KEPT) -> dict[str, str]:
    """What stands in the places of the page's template; of what is kept unless a document is given."""
    document = _rounded(document or {**_read(kept / DOCUMENT), "votes": _read(kept / VOTES)})
    case = load_scenario(CASE)
    trials, manifest = apart(read_record(case), case), manifest_of(case)
    cases, votes = document["cases"], document["votes"]
    first, *others = document["scenarios"]
    shown, where = figures(manifest, votes), f"../results/validation/{FOLDER}/figures"
    return {
        **lead(cases, votes),
        **{f"figure.{one.name}": in_markdown(one, where) for one in shown},
        "worlds": f"{document['worlds']:,}",
        "seed": str(document["seed"]),
        **_fit(manifest),
        "june": predicted(manifest["posterior_predictive"], trials),
        "june_other_units": predicted(document["other_units"], trials),
        "june_left_out": predicted(manifest["units_left_out"], trials),
        **_ranks(_read(kept / TRUTHS)),
        "failures": failures(document),
        "patterns": f"### {first['scenario']}\n\n{patterns(first['patterns'])}",
        "other_patterns": "\n\n".join(f"### {case['scenario']}\n\n{patterns(case['patterns'])}" for case in others),
        **_second_vote(document["forecast"]),
        **on_record(votes),
        **_draws(document["draws"]),
        "dated": rows(_dated(row) for vote in ("first", "second") for row in cases[vote]["rows"]),
        "scores_first": scores(cases["first"]),
        "scores_second": scores(cases["second"]),
        "findings": table_of(findings := _read(kept / COMPARED.name)["findings"]),
        "findings_held": counted(findings),
        "sensitivity": rows(_indices(kept / INDICES)),
    }


def _fit(manifest: dict[str, Any]) -> dict[str, str]:
    """Size and diagnostics of the fit, and its parameters."""
    found, used = manifest["diagnostics"], manifest["used"]
    others = used["other_votes"]["cases"]
    return {
        "fit": f"{found['particles']:,} particles, effective size {found['effective_size']:,.0f}, Pareto k "
        f"{found['pareto_k']:.2f}; {used['record']['results']} results of June and {len(others)} other cases "
        f"({', '.join(case['scenario'] for case in others)}).",
        "parameters": rows(
            (
                f"`{row['name']}`",
                f"{row['low']:g} to {row['high']:g}",
                *(f"{row[key]:.3g}" for key in ("q05", "q50", "q95")),
                f"{min(row['narrowed_to'], 1):.0%}",
            )
            for row in manifest["parameters"]
        ),
    }


def patterns(found: list[dict[str, Any]]) -> str:
    """The table of patterns of one scenario."""
    return table(
        ("pattern", "kind", "record", "found", "90 % of worlds", "score>", ""),
        (
            (
                f"{row['words']} (`{row['name']}`)",
                row["kind"],
                _number(row["record"]),
                _number(row["found"]),
                "" if row["low"] is None else f"{_number(row['low'])} to {_number(row['high'])}",
                "" if row["score"] is None else f"{row['score']:.2f}",
                "pass" if row["passes"] else "**fail**",
            )
            for row in found
        ),
    )


def failures(document: dict[str, Any]) -> str:
    """How many patterns pass by kind, and what each that fails means."""
    found = [(case["scenario"], row) for case in document["scenarios"] for row in case["patterns"]]
    lines = [f"* {kind}: {passed['passed']} of {passed['of']} pass" for kind, passed in document["passed"].items()]
    failing = [(name, row) for name, row in found if not row["passes"]]
    lines += ["", "What fails, and what that means:" if failing else "None fails.", ""]
    for name, row in failing:
        said = MEANINGS.get((name, row["name"]), "Not looked into yet.")
        lines.append(f"* **{name}, {row['words']}** (found {_number(row['found'])}, {_number(row['record'])}): {said}")
    return "\n".join(lines)


def predicted(found: dict[str, Any], trials: Trials) -> str:
    """Results with a known share beside the intervals for them, and whether the intervals keep their rates."""
    known = [row for row in found["results"] if row["seen"] is not None]
    counted = [row for row in known if (row["of"], row["ballot"]) in trials]
    said = []
    for level, low, high in ((50, "q25", "q75"), (90, "q05", "q95")):
        inside = sum(row[low] <= row["seen"] <= row[high] for row in counted)
        p_value = binomtest(inside, len(counted), level / 100).pvalue
        said.append(
            f"{found[f'inside_{level}']} of {found['known_shares']} inside {level} %; of those with no unit in common "
            f"{inside} of {len(counted)} (exact binomial p = {p_value:.2g})."
        )
    shares = table(
        ("of", "ballot", "seen>", "5 %>", "25 %>", "50 %>", "75 %>", "95 %>"),
        ((row["of"], row["ballot"], f"{row['seen']:.3f}", *_ends(row, 3)) for row in known),
    )
    return f"{shares}\n\n{' '.join(said)}"


def _ranks(ranks: dict[str, Any]) -> dict[str, str]:
    """Simulation-based calibration in a paragraph and a table."""
    worst, thin = ranks["least_p_value_of_all"], ranks["thin"]
    rates = ", ".join(
        f"the {level} % interval held the truth {held['rate']:.1%} of the time (two standard errors "
        f"{held['low']:.1%} to {held['high']:.1%}; nominal {held['nominal']:.1%})"
        for level, held in ranks["recovered"].items()
    )
    said = f"""`{ranks["made_by"]}` drew {ranks["replicates"]} truths from the prior, simulated June's record
from each and ran the fit on it ({sum(ranks["particles"]):,} particles, four times as many where these left too few
effective draws; effective size at least \
{ranks["least_effective_size"]:.0f}, median {ranks["median_effective_size"]:.0f}). A truth's rank among the
{ranks["draws_a_fit"]} posterior draws must be uniform (Talts and others 2018).

* Ranks: over {len(ranks["quantities"])} quantities the least p-value of a chi-square test is \
{ranks["least_p_value"]:.3f}, which is {worst:.2f} when allowed for their number: \
{"no sign against uniform ranks." if worst > 0.05 else "**not uniform**."}
* Recovery: {rates}.
* {thin["fits"]} of the {ranks["replicates"]} fits have an effective size below the {ranks["draws_a_fit"]} draws \
taken even so: some truths lie where few particles go. Their intervals hold the truth {thin["thin_50"]:.0%} and \
{thin["thin_90"]:.0%} of the time; those of the others {thin["others_50"]:.0%} and {thin["others_90"]:.0%}. \
A fit of one's own with so small an effective size asks for more particles."""
    return {
        "ranks": said,
        "rank_rows": rows(
            (f"`{row['name']}`", f"{row['p_value']:.3f}", f"{row['covered_50']:.0%}", f"{row['covered_90']:.0%}")
            for row in ranks["quantities"]
        ),
    }


def _second_vote(found: dict[str, Any]) -> dict[str, str]:
    """The second vote of 2011 as forecast, and scored; and how far revotes on record and the model's members move."""
    shares, score = found["yes_share"], found["score"]
    said = [
        f"Of all ballots {shares['q50']:.1%} yes (50 % interval {shares['q25']:.1%} to {shares['q75']:.1%}, 90 % "
        f"{shares['q05']:.1%} to {shares['q95']:.1%}).",
        "",
    ]
    said += [
        f"* Ratified with probability {rule['probability']:.3f} under the {name} rule: {rule['words']}."
        for name, rule in found["ratified"].items()
    ]
    said.append(f"* The leaders change the rule in time with probability {found['rule_changed']:.2f}.")
    return {
        "forecast": "\n".join(said),
        "forecast_unions": rows(
            (name, f"{row['first_vote']:.3f}", *_ends(row, 3), f"{row['approves']:.2f}")
            for name, row in found["unions"].items()
        ),
        "approved": str(sum(row["approved"] for row in score["rows"])),
        "unions_yes": f"{score['unions_yes']['q05']:.0f} to {score['unions_yes']['q95']:.0f}",
        "pairs_known": str(score["pairs_known"]),
        "scores": scores(score),
    }


def _dated(row: dict[str, Any]) -> tuple[str, ...]:
    """One vote forecast from what was over before."""
    seen = f"{row['seen']:.3f}" if row["seen"] is not None else ("yes" if row["approved"] else "no")
    return (
        row["vote_of"],
        seen,
        *_ends(row["model"], 2),
        f"{row['model']['probability']:.2f}",
        f"{row['effective']:.0f}",
    )


def _draws(found: dict[str, Any]) -> dict[str, str]:
    """Headline numbers under each draw, and how likely the record is under it."""
    kinds = list(found)
    together = list(found[kinds[0]])[-1]
    cells = (
        (
            name,
            *(f"{own['share']:.1%} ({own['low']:.1%} to {own['high']:.1%})" for own in (found[k][name] for k in kinds)),
        )
        for name in found[kinds[0]]
    )
    return {
        "draws": table(("worlds in which", *kinds), cells),
        "record_together": "; ".join(f"{found[kind][together]['share']:.1%} of worlds ({kind})" for kind in kinds),
    }


def _indices(path: Path) -> Iterable[tuple[str, ...]]:
    """The largest Sobol indices by measure, from the kept table."""
    with path.open(newline="", encoding="utf-8") as file:
        known = [row for row in csv.DictReader(file) if row["ST"]]
    for measure in dict.fromkeys(row["measure"] for row in known):
        own = sorted((row for row in known if row["measure"] == measure), key=lambda row: -float(row["ST"]))
        for row in own[:INDICES_SHOWN]:
            indices = (f"{float(row[k]):.3f} ± {float(row[f'{k}_conf']):.3f}" for k in ("S1", "ST"))
            yield (measure, f"`{row['parameter']}`", *indices)


def _ends(row: Mapping[str, Any], digits: int) -> list[str]:
    return [f"{row[key]:.{digits}f}" for key in ENDS]


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def manifest_of(case: Scenario) -> dict[str, Any]:
    """The manifest of the posterior that lies with a scenario."""
    return _read(case.table_path(MANIFEST))
