"""The coalition of 2011: the rule it voted by in June, the one of July, and its members."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import sim

OLD = {
    "all_of": [
        {"at_least": 14, "of": "unions"},
        {"share": "4/5", "of": "members", "count": "bloc", "exactly_enough": True},
    ]
}
JULY = {
    "all_of": [
        {"at_least": 8, "of": "unions"},
        {"share": "1/2", "of": "ballots", "count": "per_capita", "exactly_enough": False},
    ]
}


def members_by(column: str) -> dict[str, int]:
    """Members of the coalition of 2011 by union or by unit, from the shipped table."""
    members: Counter[str] = Counter()
    with (Path(sim.__file__).parent / "scenarios/connecticut-2011/units.csv").open() as units:
        for unit in csv.DictReader(units):
            members[unit[column]] += int(unit["members"])
    return dict(members)
