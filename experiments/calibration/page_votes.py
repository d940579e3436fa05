"""What docs/validation.md says of votes on record: its first lines, and the tables of scores."""

from __future__ import annotations

from typing import Any

from experiments.paper.documents import by_path, cells, rows, table

FORECASTERS = {
    "model": "model",
    "base_rate": "base rate",
    "no_change": "no change",
    "mean_swing": "mean swing",
    "mean_swing_by_kind": "mean swing by kind of change",
    "terms": "terms",
}
SCORES = {"brier": "Brier", "log_score": "log score", "crps": "CRPS", "share_log_score": "log score of the share"}
# columns of tables, each as it is written
WEIGHTS = (
    *("{prior_q05:.2f}", "{prior_q50:.2f}", "{prior_q95:.2f}"),
    *("{posterior_q05:.2f}", "{posterior_q50:.2f}", "{posterior_q95:.2f}"),
)
BINS = ("{from:.0%} to {to:.0%}", "{votes}", "{said:.0%}", "{happened:.0%}", "{low:.0%}", "{high:.0%}")
MEANS = ("{model[brier]:.3f}", "{base_rate[brier]:.3f}", "{model[log_score]:.3f}", "{base_rate[log_score]:.3f}")


def lead(cases: dict[str, Any], votes: dict[str, Any]) -> dict[str, str]:
    """Scores of the first lines: what is forecast better than by naive means, and what is not."""
    pairs, firsts = votes["pairs"]["left_out"], votes["first_votes"]["not_selected"]
    return {
        "lead.mean_swing": against(pairs, "mean_swing", "crps"),
        "lead.no_change": against(pairs, "no_change", "crps"),
        "lead.brier": against(firsts, "base_rate", "brier"),
        "lead.log_score": against(firsts, "base_rate", "log_score"),
        "lead.members_first": against(cases["first"], "base_rate", "brier"),
        "lead.members_second": against(cases["second"], "mean_swing", "crps"),
    }


def against(found: dict[str, Any], name: str, score: str) -> str:
    """One score beside that of a naive forecast, with the difference; a verdict only where its interval allows one."""
    first = next(iter(found["scores"]))
    own, other = (found["scores"][who][score]["mean"] for who in (first, name))
    less = found["less"][name][score]
    verdict = "better" if less["high"] < 0 else "worse" if less["low"] > 0 else "no clear difference"
    signed = " ".join(f"{less[end]:+.3f}" for end in ("mean", "low", "high")).replace("-", "−").split()
    return (
        f"{SCORES[score]} {own:.3f}, {FORECASTERS[name]} {other:.3f} "
        f"({signed[0]}, 90 % interval {signed[1]} to {signed[2]}: {verdict})"
    )


def on_record(found: dict[str, Any]) -> dict[str, Any]:
    """What votes on record say without the model."""
    pairs, firsts = found["pairs"], found["first_votes"]["not_selected"]
    return {
        **by_path(pairs, "pairs"),
        **by_path(firsts, "firsts"),
        "weights": rows(cells(pairs["weights"], "{name}", *WEIGHTS)),
        "pairs_left_out": scores(pairs["left_out"]),
        "pairs_dated": scores(pairs["dated"]),
        "first_votes": scores(firsts),
        "first_votes_units": scores(firsts["units"]),
        "first_votes_bodies": scores(firsts["whole_bodies"]),
        "first_votes_cases": scores(firsts["each_case_once"]),
        "bins": rows(cells(firsts["bins"], *BINS)),
        "by_case": rows(cells(firsts["by_case"], "{case}", "{votes}", "{approved}", *MEANS)),
    }


def scores(found: dict[str, Any]) -> str:
    """Mean scores with their 90 % bootstrap intervals over cases, differences, and how often intervals held."""
    first = next(iter(found["scores"]))
    known = [key for key in SCORES if key in found["scores"][first]]
    means = {FORECASTERS[name]: own for name, own in found["scores"].items()}
    means |= {f"{FORECASTERS[first]} less {FORECASTERS[name]}": own for name, own in found["less"].items()}
    compared = table(
        ("forecast", *(SCORES[key] for key in known)),
        (
            (title, *("{mean:.3f} [{low:.3f}, {high:.3f}]".format_map(own[key]) for key in known))
            for title, own in means.items()
        ),
    )
    held = {name: rates for name, rates in found.get("coverage", {}).items() if name != "votes"}
    if not held:
        return compared
    said = [f"{FORECASTERS[n]}: {r['in_50']:.0%} inside 50 %, {r['in_90']:.0%} inside 90 %" for n, r in held.items()]
    return f"{compared}\n\nOf {found['coverage']['votes']} known shares, {'; '.join(said)}."
