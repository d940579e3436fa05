"""Every parameter that ``planb show`` offers reaches the model: moved over its range, some measure moves."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from sim import load_scenario, simulate_block

CASE = "connecticut-2011"
WORLDS = np.arange(120)
# some numbers matter only where another choice lets them; every parameter must move something in one of these
SETTINGS = (
    {},
    # nobody bargains; and both sides reckon with what no deal is worth to the other
    {"calendar.talks.table": "last_offer"},
    {"governor.tactic": "agenda_setter", "coalition.tactic": "agenda_setter", "calendar.talks.opener": "coalition"},
    {"governor.tactic": "agenda_setter"},
    {"calendar.talks.blackout": "false"},
    {"instruments.taxes.allowed": "true", "legislature.request": "anticipated"},
    # leaders who hope too much: members refuse, and there is a second vote
    {"leaders.optimism": "1.5", "leaders.collegiality": "0.1"},
    {"leaders.optimism": "1.5", "rules.amendment.at_least": "1", "rules.waiver.at_least": "1"},
    {"leaders.optimism": "1.5", "rules.amendment.at_least": "1"},
    # the list of June names more town aid than the power asked for is feared to take
    {"leaders.optimism": "1.5", "legislature.feared": "0.05"},
    # worlds that differ: some refuse narrowly, some leaders are against a change
    {"case.uncertainties": "range", "leaders.collegiality": "0"},
    {"case.uncertainties": "range", "coalition.tactic": "backward_induction", "calendar.talks.rounds": "6"},
    # an agreement that the chambers do not like
    {"legislature.agreement": "-2.5"},
    {"legislature.approval": "vote", "legislature.loyalty": "0.3"},
    # nobody ratifies, and the chambers let aid be cut: a deep gap falls on cuts and on the towns
    {
        "money.gap": "2500",
        "money.cuttable": "9000",
        "governor.request_share": "0.15",
        "rule.unions_needed": "15",
        "leaders.optimism": "3",
        "rules.amendment.at_least": "15",
        "legislature.rule": "closed",
        "legislature.exposure": "0",
        "legislature.lobbying": "0",
    },
)


@functools.cache
def measures(settings: tuple[tuple[str, str], ...]) -> tuple[np.ndarray, ...]:
    case = load_scenario(CASE).with_settings({"case.uncertainties": "start", **dict(settings)})
    block = simulate_block(case, seed=3, worlds=WORLDS)
    names = sorted(set(block.columns) - {"world"})
    return (*(np.asarray(block.columns[name], float) for name in names), block.unit_yes, block.unit_posts)


def alternatives(row: dict) -> list[str]:
    """Values to try instead of the one in force."""
    if row["name"].startswith("rules.") and not row["whole"]:
        return ["0.9", "0.6"]
    if row["choices"]:
        return [option for option in row["choices"] if option != row["value"]]
    if isinstance(row["value"], bool):
        return [str(not row["value"]).lower()]
    if row["low"] is not None:
        return [str(end) for end in (row["low"], row["high"]) if end != row["value"]]
    value = float(row["value"])
    if row["whole"]:
        return [str(round(value) + 1), str(round(value) - 1)]
    return [str(value * 1.2), str(value * 0.8)] if value else ["0.1"]


@pytest.mark.slow
@pytest.mark.parametrize("row", load_scenario(CASE).parameters(), ids=lambda row: row["name"])
def test_every_parameter_moves_something(row):
    for settings in SETTINGS:
        if row["name"] in settings:
            continue
        base = measures(tuple(settings.items()))
        for other in alternatives(row):
            try:
                moved = measures((*settings.items(), (row["name"], other)))
            except ValueError:
                continue
            if any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(base, moved, strict=True)):
                return
    pytest.fail(f"{row['name']} moves nothing")
