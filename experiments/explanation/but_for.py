"""But-for shares: of the worlds that failed, how many would each single change have saved, and at what price.

A change is applied to all worlds, each with the luck it had. So the same worlds are compared with themselves: saved
are failures that become deals, lost are deals that become failures, and McNemar's exact test asks whether the two
could be even. With many changes tried, p-values are adjusted by Holm's method.
Sources: McNemar (1947), Psychometrika 12; Holm (1979), Scandinavian Journal of Statistics 6; Wilson (1927).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from experiments.explanation.anatomy import STAGES, stages, witnessed
from experiments.explanation.flips import Flip, Knob, knobs, smallest_flips, value_now
from experiments.explanation.replays import Replays
from experiments.statistics.intervals import wilson_interval
from sim.errors import WrongInput
from sim.record import Ballots
from sim.scenario.scenario import Scenario
from sim.worlds.axis import BLOCK
from sim.worlds.blocks import blocks

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of a number's range: the values every world is given in turn
MOST_FLIPPED = 200  # failing worlds in which the smallest change is searched for


class Change(NamedTuple):
    """One parameter, one value, the same in all worlds."""

    knob: Knob
    value: Any


def explain_ensemble(
    scenario: Scenario, *, seed: int, worlds: int, tick: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Everything ``planb explain --worlds`` says of an ensemble, as plain data."""
    replays = Replays(scenario=scenario, seed=seed, worlds=np.arange(worlds))
    failed = np.flatnonzero(~replays.deal)
    levers, uncertainties = knobs(scenario, ["lever"]), knobs(scenario, ["uncertainty"])
    by_lever = changes(replays, levers, STEPS)
    by_uncertainty = changes(replays, uncertainties, STEPS[::4])
    total = len(by_lever) + 2
    tried = paired(replays, by_lever, lambda done: tick(done, total))
    failures = replays.among(failed)
    saved = paired(failures, by_uncertainty)
    tick(total - 1, total)
    some = failures.among(np.arange(min(len(failed), MOST_FLIPPED)))
    flips = smallest_flips(some, [knob for knob in levers if scenario.entry(knob.key).varies or not knob.is_number])
    tick(total, total)
    for row in saved:  # asked of the failures alone: what it would have cost elsewhere is not known
        for name in ("lost", "lost_share", "net", "p", "p_holm"):
            row.pop(name, None)
    return {
        "scenario": scenario.name,
        "seed": seed,
        "worlds": worlds,
        "settings": {key: str(value) for key, value in scenario.settings.items()},
        "failures": share(len(failed), worlds),
        "anatomy": _anatomy(scenario, seed, failures.worlds),
        "levers": _adjusted(sorted(tried, key=lambda row: (-row["net"], row["name"]))),
        "uncertainties": sorted(saved, key=lambda row: (-row["saved"], row["name"])),
        "smallest_changes": _smallest(flips, levers, len(some.worlds)),
        "smallest_changes_worlds": len(some.worlds),
        "replays": replays.ran + failures.ran + some.ran,
    }


def changes(replays: Replays, chosen: Sequence[Knob], steps: Sequence[float]) -> list[Change]:
    """Every other word or switch, and numbers at these steps of their range, where they differ from the value in force.

    Where the number differs between worlds, as an uncertainty does, all steps are changes.
    """
    found = []
    for knob in chosen:
        if not knob.is_number:
            found += [Change(knob, option) for option in knob.options]
            continue
        values = [knob.low + step * (knob.high - knob.low) for step in steps]
        values = [float(round(value)) if knob.whole else round(value, 10) for value in values]
        now = value_now(replays, knob)
        found += [Change(knob, value) for value in dict.fromkeys(values) if not np.all(now == value)]
    return found


def paired(
    replays: Replays, tried: Sequence[Change], tick: Callable[[int], None] = lambda done: None
) -> list[dict[str, Any]]:
    """Each change applied to all these worlds: saved, lost and the test; those that the scenario refuses left out."""
    found = []
    varying = [place for place, change in enumerate(tried) if replays.scenario.entry(change.knob.key).varies]
    deals = dict(zip(varying, _all_at_once(replays, [tried[place] for place in varying], tick), strict=True))
    for place, (knob, value) in enumerate(tried):
        if place not in deals:
            try:
                deals[place] = replays.deals_with(knob.key, round(value) if knob.whole else value)
            except WrongInput:
                continue
        tick(len(deals))
        found.append(_row(replays.deal, deals[place], knob, value))
    return found


def _all_at_once(replays: Replays, tried: Sequence[Change], tick: Callable[[int], None]) -> list[NDArray[np.bool_]]:
    """Deals under each of these numbers; where the worlds are few, several changes share a block."""
    places, deals = np.arange(len(replays.worlds)), list[NDArray[np.bool_]]()
    together = max(1, BLOCK // max(len(places), 1))
    for first in range(0, len(tried), together):
        some = tried[first : first + together]
        keys = np.array([change.knob.key for change in some], dtype=object)
        values = np.array([float(change.value) for change in some])
        size = len(places)
        asked = replays.deals(np.tile(places, len(some)), np.repeat(keys, size), np.repeat(values, size))
        deals += list(asked.reshape(len(some), size))
        tick(len(deals))
    return deals


def _row(before: NDArray[np.bool_], after: NDArray[np.bool_], knob: Knob, value: Any) -> dict[str, Any]:
    """One line of the table of single changes."""
    saved, lost = int((after & ~before).sum()), int((before & ~after).sum())
    failures, deals = int((~before).sum()), int(before.sum())
    return {
        **knob.told,
        "value": round(value) if knob.whole else value,
        "saved": saved,
        "saved_share": share(saved, failures),
        "lost": lost,
        "lost_share": share(lost, deals),
        "net": saved - lost,
        "p": mcnemar(saved, lost),
    }


def share(part: int, whole: int) -> dict[str, Any]:
    """A share with its 95 % Wilson interval; None where there was nothing to count."""
    low, high = wilson_interval(part, whole)
    return {"n": part, "of": whole, "share": part / whole if whole else None, "low": float(low), "high": float(high)}


def mcnemar(saved: int, lost: int) -> float:
    """Exact two-sided p-value that a world changed is as likely saved as lost; 1 where none changed."""
    fewer, changed = min(saved, lost), saved + lost
    return min(1.0, 2 * float(bdtr(fewer, changed, 0.5))) if changed else 1.0


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Adjusted p-values: below 0.05 they bound the chance of any false alarm among all tests by 0.05."""
    order = np.argsort(p)  # statsmodels has this too, and takes longer to import than all of an explanation
    scaled = np.asarray(p, float)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def _adjusted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_holm"] = float(p)
    return rows


def _smallest(flips: Sequence[Flip], levers: Sequence[Knob], failures: int) -> list[dict[str, Any]]:
    """By lever: in how many failing worlds some value of it would have made a deal, and how big a change it took."""
    rows = []
    for knob in levers:
        own = [flip for flip in flips if flip.key == knob.key]
        if own:
            sizes = [flip.share_of_range for flip in own]
            rows.append(
                {
                    "key": knob.key,
                    "name": knob.name,
                    "saved": share(len({flip.world for flip in own}), failures),
                    "median_change_of_range": float(np.median(sizes)) if knob.is_number else None,
                    "not_monotone": sum(not flip.monotone for flip in own),
                }
            )
    return sorted(rows, key=lambda row: -row["saved"]["n"])


def _anatomy(scenario: Scenario, seed: int, failed: NDArray[np.int64]) -> dict[str, Any]:
    """Of the failures: how many ended in which stage, for want of which condition, and who was pivotal."""
    counted: dict[str, Counter[str]] = {"stages": Counter(), "conditions": Counter(), "pivotal": Counter()}
    for some in blocks(len(failed)):
        model = witnessed(scenario, seed=seed, worlds=failed[some])
        counted["stages"].update(STAGES[place] for place in stages(model))
        for ballots in model.ballots:
            _count_vote(ballots, counted)
    return {
        name: [{"name": what, **share(n, len(failed))} for what, n in counter.most_common()]
        for name, counter in counted.items()
    }


def _count_vote(ballots: Ballots, counted: dict[str, Counter[str]]) -> None:
    """Which conditions failed at this vote, and which unions could each have turned it alone."""
    for changed in (False, True):
        here = ballots.where & ~ballots.ratified & (ballots.rule_changed == changed)
        if not here.any():
            continue
        rule = ballots.revised if changed and ballots.revised is not None else ballots.rule
        tally = ballots.tally
        for failure in rule.failed_conditions(tally):
            failures = int((failure.failed & here).sum())
            if failures:
                counted["conditions"][f"vote {ballots.vote}: {failure.words}"] += failures
        for name, decisive in zip(tally.names, rule.pivotal(tally), strict=True):
            times = int((decisive & here).sum())
            if times:
                counted["pivotal"][f"vote {ballots.vote}: {name}"] += times
