"""What docs/validation.md says of votes on record: its first lines, and the tables of scores."""

from __future__ import annotations

from typing import Any

from experiments.paper.documents import rows, table

FORECASTERS = {
    "model": "model",
    "base_rate": "base rate",
    "no_change": "no change",
    "mean_swing": "mean swing",
    "mean_swing_by_kind": "mean swing by kind of change",
    "terms": "terms",
}
SCORES = {"brier": "Brier", "log_score": "log score", "crps": "CRPS", "share_log_score": "log score of the share"}


def lead(cases: dict[str, Any], votes: dict[str, Any]) -> dict[str, str]:
    """The numbers of the first lines: what is forecast better than by naive means, and what is not."""
    pairs, firsts = votes["pairs"]["left_out"], votes["first_votes"]["not_selected"]
    held = pairs["coverage"]["terms"]
    return {
        "lead.pairs": f"{pairs['votes']} pairs of votes",
        "lead.inside": f"the 50 % interval holds {held['in_50']:.0%} and the 90 % interval {held['in_90']:.0%}",
        "lead.mean_swing": against(pairs, "mean_swing", "crps"),
        "lead.no_change": against(pairs, "no_change", "crps"),
        "lead.firsts": f"{firsts['votes']} votes of {firsts['cases']} cases",
        "lead.brier": against(firsts, "base_rate", "brier"),
        "lead.log_score": against(firsts, "base_rate", "log_score"),
        "lead.members_first": f"{cases['first']['votes']} first votes: {against(cases['first'], 'base_rate', 'brier')}",
        "lead.members_second": f"{cases['second']['coverage']['votes']} second votes with a known share: "
        f"{against(cases['second'], 'mean_swing', 'crps')}",
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


def on_record(found: dict[str, Any]) -> dict[str, str]:
    """What votes on record say without the model."""
    pairs, firsts = found["pairs"], found["first_votes"]["not_selected"]
    ends = [f"{kind}_q{q}" for kind in ("prior", "posterior") for q in ("05", "50", "95")]
    return {
        "weights": rows((row["name"], *(f"{row[end]:.2f}" for end in ends)) for row in pairs["weights"]),
        "pairs_left_out": scores(pairs["left_out"]),
        "pairs_dated": scores(pairs["dated"]),
        "first_votes": scores(firsts),
        "first_votes_units": scores(firsts["units"]),
        "first_votes_bodies": scores(firsts["whole_bodies"]),
        "first_votes_cases": scores(firsts["each_case_once"]),
        "units": f"{firsts['units']['votes']} of {firsts['units']['cases']} cases",
        "bodies": f"{firsts['whole_bodies']['votes']} of {firsts['whole_bodies']['cases']}",
        "bins": rows(
            (
                f"{row['from']:.0%} to {row['to']:.0%}",
                str(row["votes"]),
                *(f"{row[name]:.0%}" for name in ("said", "happened", "low", "high")),
            )
            for row in firsts["bins"]
        ),
        "by_case": rows(
            (
                row["case"],
                str(row["votes"]),
                str(row["approved"]),
                *(f"{row[name][score]:.3f}" for score in ("brier", "log_score") for name in ("model", "base_rate")),
            )
            for row in firsts["by_case"]
        ),
        **{name: f"{firsts['reliability'][name]:.3f}" for name in ("miscalibration", "resolution", "uncertainty")},
        "miscalibrated_by_chance": f"{firsts['reliability']['p_value']:.2f}",
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
            (title, *(f"{own[key]['mean']:.3f} [{own[key]['low']:.3f}, {own[key]['high']:.3f}]" for key in known))
            for title, own in means.items()
        ),
    )
    held = {name: rates for name, rates in found.get("coverage", {}).items() if name != "votes"}
    if not held:
        return compared
    said = [f"{FORECASTERS[n]}: {r['in_50']:.0%} inside 50 %, {r['in_90']:.0%} inside 90 %" for n, r in held.items()]
    return f"{compared}\n\nOf {found['coverage']['votes']} known shares, {'; '.join(said)}."
