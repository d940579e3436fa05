"""Tables for the charts that a row a world does not feed: one world's offers and roll calls, unions, power, towns.

They stand in ``tables/NAME.csv`` of a results folder. A study may write its own; `write_run_tables` makes all of them
for one run, for ``planb chart DIR --run POINT:WORLD``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.page.moments import RollCallSeen
from experiments.page.run import WatchedCrisis
from sim.bargaining.efficiency import Bend, kalai_smorodinsky_point, nash_point
from sim.bargaining.package import Frontier, scale, value_of
from sim.bargaining.talks import RoundRecord
from sim.ratification.power import describe_power
from sim.ratification.rule import Rule
from sim.story import first
from sim.worlds.blocks import Block, blocks, simulate_block

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

SIDES = ("governor", "coalition")
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
FORECASTS = 2000  # worlds a forecast by union is made from


class ToldCrisis(WatchedCrisis):
    """One world whose every round is noted, with what both sides then thought no deal was worth."""

    def __init__(self, **settings: Any) -> None:
        self.rounds: list[dict[str, Any]] = []
        self.packages: list[NDArray[np.float64]] = []
        super().__init__(**settings)

    def note_round(self, record: RoundRecord) -> None:
        """Keep the round before the model goes on."""
        assert self.talks is not None
        if record.live[0]:
            row: dict[str, Any] = {
                "round": len(self.rounds) + 1,
                "date": self.date.isoformat(),
                "proposer": record.proposer,
                "accepted": bool(record.accepted[0]),
            }
            for side in SIDES:
                asked = record.aspirations.get(side)
                row[f"value_{side}"] = first(record.values[side])
                row[f"aspiration_{side}"] = np.nan if asked is None else first(asked)
                row[f"no_deal_{side}"] = first(self.talks.side(side).reservation)
            self.rounds.append(row)
            self.packages.append(np.array(record.package[:, :1]))
        super().note_round(record)


def told(scenario: Scenario, *, seed: int, world: int, point: Mapping[str, Any] | None = None) -> ToldCrisis:
    """One world played to its end."""
    model = ToldCrisis(scenario=scenario, seed=seed, world=world, point=point)
    while model.running:
        model.step()
    return model


def offers_table(model: ToldCrisis) -> pd.DataFrame:
    """A row a round, as `experiments.charts.draw_offers` reads it."""
    import pandas as pd

    return pd.DataFrame(model.rounds)


def utility_space_table(model: ToldCrisis) -> pd.DataFrame:
    """Offers, frontier, no deal and the solutions of theory at the last weights; see `draw_utility_space`."""
    import pandas as pd

    assert model.talks is not None
    governor, coalition = (model.talks.side(side) for side in SIDES)
    low, high = model.talks.low, model.talks.high
    scales = [scale(side.weights, low, high) for side in (governor, coalition)]
    own, other = Frontier(governor.weights, coalition.weights, low, high).corners()
    bend = Bend(
        *(
            np.asarray(ruler.of(values)).reshape(len(values), -1)
            for ruler, values in zip(scales, (own, other), strict=True)
        )
    )
    rows: list[tuple[Any, ...]] = [("frontier", first(x), first(y)) for x, y in zip(bend.own, bend.other, strict=True)]
    rows.append(("no deal", first(governor.reservation), first(coalition.reservation)))
    for name, solution in (("Nash", nash_point), ("Kalai–Smorodinsky", kalai_smorodinsky_point)):
        point = solution(bend, governor.reservation, coalition.reservation)
        rows.append((name, first(point.own), first(point.other)))
    for told_round, package in zip(model.rounds, model.packages, strict=True):
        worth = [
            first(ruler.of(value_of(package, np.asarray(side.weights).reshape(len(package), -1))))
            for ruler, side in zip(scales, (governor, coalition), strict=True)
        ]
        rows.append((f"{told_round['proposer']}'s offer", *worth))
        if told_round["accepted"]:
            rows.append(("accepted", *worth))
    return pd.DataFrame(rows, columns=["what", "governor", "coalition"])


def roll_call_table(model: ToldCrisis, question: str = "power to cut") -> pd.DataFrame:
    """A row a seat, of the last roll call on this question, or where there was none of the last; see `draw_chamber`."""
    import pandas as pd

    held: Sequence[RollCallSeen] = model.snapshots[-1].roll_calls
    asked = [roll_call for roll_call in held if question in roll_call.question] or held
    seats = model.snapshots[-1].case.seats
    rows: list[dict[str, Any]] = []
    for roll_call in asked[-1:]:
        for seat, vote in zip(seats, roll_call.votes, strict=True):
            row = {"question": roll_call.question, "date": roll_call.date.isoformat(), "chamber": seat.chamber}
            row |= {"carried": roll_call.carried}
            rows.append(row | {"district": seat.district, "name": seat.name, "party": seat.party, "vote": vote})
    return pd.DataFrame(rows)


def unions_table(
    scenario: Scenario, run: Sequence[Block], *, vote: int = 1, real: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """A row a union: quantiles of its yes share over the worlds that held the vote; see `draw_union_votes`."""
    import pandas as pd

    shares = np.concatenate([block.union_yes[vote - 1] for block in run], axis=-1)
    rows: list[dict[str, Any]] = []
    for name, members, row in zip(scenario.unions.names, scenario.unions.members, shares, strict=True):
        known = row[np.isfinite(row)]
        if len(known):
            spread = dict(zip(QUANTILES, np.quantile(known, list(QUANTILES.values())).tolist(), strict=True))
            rows.append({"union": name, "members": float(members), "n": len(known), **spread})
            rows[-1] |= {"approves": float(np.mean(known > 0.5)), "real": (real or {}).get(name, np.nan)}
    return pd.DataFrame(rows)


def recorded_first_vote(scenario: Scenario) -> dict[str, float]:
    """Yes shares of whole unions at the real first vote, where the case has a record of them."""
    import tomllib

    path = scenario.table_path("evidence/record.toml")
    if not path.is_file():
        return {}
    shares = {}
    for result in tomllib.loads(path.read_text(encoding="utf-8")).get("first_vote", []):
        (name, *others), yes = result["of"], result.get("yes")
        share = result.get("share") if yes is None else yes / (yes + result["no"])
        if not others and share is not None and name in scenario.unions.names:
            shares[name] = float(share)
    return shares


def power_table(rules: Mapping[str, Rule], names: Sequence[str], members: NDArray[np.float64]) -> pd.DataFrame:
    """A row a rule and body: exact power; see `draw_power`."""
    import pandas as pd

    rows = [
        {"rule": title, "body": row.name, **row._asdict()}
        for title, rule in rules.items()
        for row in describe_power(rule.world(0), names, np.rint(members))
    ]
    return pd.DataFrame(rows).drop(columns="name")


def towns_table(scenario: Scenario, run: Sequence[Block]) -> pd.DataFrame:
    """A row a town: mean aid lost, rise of the tax rate and local posts lost over the worlds of these blocks."""
    import pandas as pd

    assert scenario.towns is not None
    sizes = [len(block.columns["world"]) for block in run]
    means = {
        name: np.average([getattr(block, attribute) for block in run], axis=0, weights=sizes)
        for name, attribute in (("aid_lost_musd", "town_loss"), ("mills", "town_mills"), ("posts", "town_layoffs"))
    }
    assert scenario.town_halls is not None
    people = np.array([town.population for town in scenario.town_halls.towns])
    per_head = means["aid_lost_musd"] * 1e6 / people
    return pd.DataFrame({"town": scenario.towns.names, "n": sum(sizes), "aid_lost_per_head": per_head, **means})


def write_run_tables(
    folder: Path,
    *,
    scenario: Scenario,
    seed: int,
    world: int,
    point: Mapping[str, Any],
    forecasts: int = FORECASTS,
) -> list[Path]:
    """All tables of one run and of the forecast by union and town at its point; the files written.

    A table is left out where its phase did not come up: no roll call, no second vote, no towns.
    """
    model = told(scenario, seed=seed, world=world, point=point)
    rules = model.value.rules
    compared = {"ratification": rules.ratification, "revised": rules.revised}
    by_words = {rule.world(0).words(len(scenario.unions.names)): rule for rule in compared.values() if rule is not None}
    tables = {"power": power_table(by_words, scenario.unions.names, scenario.unions.members)}
    if model.talks is not None:
        tables |= {"offers": offers_table(model), "utility_space": utility_space_table(model)}
    if model.snapshots[-1].roll_calls:
        tables["roll_call"] = roll_call_table(model)
    model.release()
    one_world = ("offers", "utility_space", "roll_call")
    tables = {n: table.assign(world=world, seed=seed) if n in one_world else table for n, table in tables.items()}
    run = [simulate_block(scenario, seed=seed, worlds=ids, point=point) for ids in blocks(forecasts)]
    tables["unions"] = unions_table(scenario, run, real=recorded_first_vote(scenario))
    if scenario.towns is not None:
        tables["towns"] = towns_table(scenario, run)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        path = folder / "tables" / f"{name}.csv"
        table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
        written.append(path)
    return written
