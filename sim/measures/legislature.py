"""The columns read from the state house: approval, power to cut, mayors' lobbying, roll calls."""

from __future__ import annotations

from functools import partial

import numpy as np

from sim.measures.measure import Columns, Measure
from sim.record import Filling, Grant, Lobbying, RollCall
from sim.worlds.axis import Array


def _budget_yes(call: RollCall, _: Columns, *, chamber: str) -> Array:
    return np.asarray(getattr(call, f"{chamber}_yes"), dtype=float)


def _of_session(name: str, unit: str, meaning: str) -> Measure:
    field = {"request_passed": "passed", "aid_struck": "struck"}.get(name, name)
    return Measure(
        name=name,
        unit=unit,
        meaning=meaning,
        happening=Grant,
        read=lambda grant, _: getattr(grant, field) + np.where(grant.where, 0.0, np.nan),
        blank="a deal was ratified at the first vote, so the session does not meet",
        needs="legislature",
    )


OF_LEGISLATURE: tuple[Measure, ...] = (
    Measure(
        name="approved",
        unit="true or false",
        meaning="The legislature let a ratified agreement stand; true where none was ratified",
        happening=Filling,
        read=lambda filling, _: filling.approved,
        otherwise=True,
    ),
    Measure(
        name="authority_share",
        unit="share of any line",
        meaning="Power to cut that the governor holds at the end",
        happening=Filling,
        read=lambda filling, _: np.array(filling.authority_share, float),
    ),
    Measure(
        name="chorus",
        unit="share of full effort",
        meaning="Lobbying effort of the average inhabitant's mayor when the governor asks for power over aid",
        happening=Lobbying,
        of="request",
        read=lambda lobbying, _: np.where(lobbying.where, lobbying.chorus, 0.0).astype(float),
        otherwise=0.0,
    ),
    Measure(
        name="local_risk",
        unit="share of payroll",
        meaning="What towns that share a union with the state would lay off without a deal, as last feared",
        happening=Filling,
        read=lambda filling, _: filling.local_risk,
        otherwise=0.0,
    ),
    *(
        Measure(
            name=f"budget_{chamber}_yes",
            unit="members",
            meaning=f"Yes in the {chamber} on the budget",
            happening=RollCall,
            of="budget",
            read=partial(_budget_yes, chamber=chamber),
            needs="budget_vote",
        )
        for chamber in ("house", "senate")
    ),
    _of_session("request_passed", "true or false", "Both chambers pass the bill on the power to cut"),
    _of_session("aid_struck", "true or false", "They strike town aid from it first"),
    _of_session("aid_spared", "true or false", "The session leaves the governor no power over town aid"),
    _of_session("house_yes", "members", "Yes in the house on the bill"),
    _of_session("house_no", "members", "No in the house on the bill"),
    _of_session("senate_yes", "members", "Yes in the senate on the bill"),
    _of_session("senate_no", "members", "No in the senate on the bill"),
)
