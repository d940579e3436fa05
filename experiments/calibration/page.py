"""What the page on calibration and validation says, from the posterior's manifest and from kept runs.

``planb validate --out results/validation`` runs what it needs; nothing here runs the model. The prose around it is
``experiments/paper/templates/validation.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from experiments.calibration.checks import apart
from experiments.calibration.page_figures import FOLDER, figures, in_markdown
from experiments.calibration.page_votes import lead, on_record, scores
from experiments.calibration.posterior_files import MANIFEST
from experiments.calibration.record import read_record
from experiments.paper.documents import by_path, cells, rows, table
from experiments.paper.three_draws import KEPT as COMPARED
from experiments.paper.three_draws import counted, table_of
from sim.scenario.scenario import Scenario, load_scenario

KEPT = Path(__file__).resolve().parents[2] / "results" / "validation"
DOCUMENT, VOTES, TRUTHS, INDICES = "validation.json", "votes.json", "simulated_truths.json", "sensitivity.csv"
CASE = "connecticut-2011"
INDICES_SHOWN = 6  # a measure
# columns of tables, each as it is written
PARAMETERS = ("`{name}`", "{low:g} to {high:g}", "{q05:.3g}", "{q50:.3g}", "{q95:.3g}", "{narrowed_to:.0%}")
RANKS = ("`{name}`", "{p_value:.3f}", "{covered_50:.0%}", "{covered_90:.0%}")
SHARES = ("{q05:.3f}", "{q25:.3f}", "{q50:.3f}", "{q75:.3f}", "{q95:.3f}")
DATED = (
    *("{vote_of}", "{seen}", "{model[q05]:.2f}", "{model[q25]:.2f}", "{model[q50]:.2f}", "{model[q75]:.2f}"),
    *("{model[q95]:.2f}", "{model[probability]:.2f}", "{effective:.0f}"),
)
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


def places(document: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stands in the places of the page's template; of what is kept unless a document is given."""
    document = _rounded(document or {**read(KEPT / DOCUMENT), "votes": read(KEPT / VOTES)})
    case = load_scenario(CASE)
    trials, manifest, truths = apart(read_record(case), case), manifest_of(case), read(KEPT / TRUTHS)
    cases, votes, second, used = document["cases"], document["votes"], document["forecast"], manifest["used"]
    first, *others = document["scenarios"]
    shown, where = figures(manifest, votes), f"../results/validation/{FOLDER}/figures"
    unions = ({"name": name, **row} for name, row in second["unions"].items())
    parameters = ({**row, "narrowed_to": min(row["narrowed_to"], 1)} for row in manifest["parameters"])
    findings, uniform = read(KEPT / COMPARED.name)["findings"], truths["least_p_value_of_all"] > 0.05
    return {
        **lead(cases, votes),
        **{f"figure.{one.name}": in_markdown(one, where) for one in shown},
        "worlds": document["worlds"],
        "seed": document["seed"],
        **by_path(manifest["diagnostics"], "fit"),
        "fit.results": used["record"]["results"],
        "fit.cases": len(used["other_votes"]["cases"]),
        "fit.names": ", ".join(other["scenario"] for other in used["other_votes"]["cases"]),
        "parameters": rows(cells(parameters, *PARAMETERS)),
        "june": predicted(manifest["posterior_predictive"], trials),
        "june_other_units": predicted(document["other_units"], trials),
        "june_left_out": predicted(manifest["units_left_out"], trials),
        **by_path(truths, "truths"),
        "truths.all_particles": sum(truths["particles"]),
        "truths.all_quantities": len(truths["quantities"]),
        "truths.verdict": "no sign against uniform ranks" if uniform else "**not uniform**",
        "rank_rows": rows(cells(truths["quantities"], *RANKS)),
        "failures": failures(document),
        "patterns": f"### {first['scenario']}\n\n{patterns(first['patterns'])}",
        "other_patterns": "\n\n".join(f"### {case['scenario']}\n\n{patterns(case['patterns'])}" for case in others),
        **by_path(second, "second"),
        "forecast_unions": rows(cells(unions, "{name}", "{first_vote:.3f}", *SHARES, "{approves:.2f}")),
        "approved": sum(row["approved"] for row in second["score"]["rows"]),
        "scores": scores(second["score"]),
        **on_record(votes),
        **_draws(document["draws"]),
        **by_path(cases, "cases"),
        "dated": rows(cells(map(_seen, [*cases["first"]["rows"], *cases["second"]["rows"]]), *DATED)),
        "scores_first": scores(cases["first"]),
        "scores_second": scores(cases["second"]),
        "findings": table_of(findings),
        "findings_held": counted(findings),
        "sensitivity": rows(_indices(KEPT / INDICES)),
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
        cells(known, "{of}", "{ballot}", "{seen:.3f}", *SHARES),
    )
    return f"{shares}\n\n{' '.join(said)}"


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    """A vote with what is known of it in words: its share, or else whether it carried."""
    return row | {"seen": f"{row['seen']:.3f}" if row["seen"] is not None else "yes" if row["approved"] else "no"}


def _draws(found: dict[str, Any]) -> dict[str, str]:
    """Headline numbers under each draw, and how likely the record is under it."""
    kinds = list(found)
    *_, together = found[kinds[0]]
    written = "{share:.1%} ({low:.1%} to {high:.1%})"
    return {
        "draws": table(
            ("worlds in which", *kinds),
            ((name, *(written.format_map(found[kind][name]) for kind in kinds)) for name in found[kinds[0]]),
        ),
        "record_together": "; ".join(f"{found[kind][together]['share']:.1%} of worlds ({kind})" for kind in kinds),
    }


def _indices(path: Path) -> Iterator[list[str]]:
    """The largest Sobol indices by measure, from the kept table."""
    known = pd.read_csv(path).dropna(subset="ST")
    for _, own in known.groupby("measure", sort=False):
        largest = own.sort_values("ST", ascending=False, kind="stable").head(INDICES_SHOWN).to_dict("records")
        yield from cells(largest, "{measure}", "`{parameter}`", "{S1:.3f} ± {S1_conf:.3f}", "{ST:.3f} ± {ST_conf:.3f}")


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def read(path: Path) -> dict[str, Any]:
    """A kept result."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def manifest_of(case: Scenario) -> dict[str, Any]:
    """The manifest of the posterior that lies with a scenario."""
    return read(case.table_path(MANIFEST))
