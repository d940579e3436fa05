"""Tables for the charts that a row a world does not feed: one world's offers and roll calls, unions, power, towns.

They stand in ``tables/NAME.csv`` of a results folder. A study may write its own; `write_run_tables` makes all of them
for one run, for ``planb chart DIR --run POINT:WORLD``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.form import as_csv
from experiments.charts.offers import SIDES
from sim.bargaining.efficiency import kalai_smorodinsky_point, nash_point, scaled_bend
from sim.crisis import Crisis
from sim.measures import Block
from sim.public.aid import loss_per_head
from sim.ratification.power import describe_power
from sim.ratification.rule import Rule
from sim.record import Happening, Offer, RollCall
from sim.scenario.numbers import Numbers
from sim.story import first, question_in_words
from sim.worlds.blocks import blocks, simulate_block

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
FORECASTS = 2000  # worlds a forecast by union is made from


@dataclass(frozen=True, slots=True)
class Told:
    """One world played to its end: what happened, and in which numbers."""

    numbers: Numbers
    record: list[Happening]

    @property
    def offers(self) -> list[Offer]:
        """What was on the table while the world still talked."""
        return [said for said in self.record if isinstance(said, Offer) and said.where[0]]


def told(scenario: Scenario, *, seed: int, world: int, point: Mapping[str, Any] | None = None) -> Told:
    """One world played to its end."""
    record: list[Happening] = []
    crisis = Crisis(scenario, worlds=np.array([world]), seed=seed, point=point, observers=[record.append])
    crisis.play()
    return Told(crisis.numbers, record)


def offers_table(run: Told) -> pd.DataFrame:
    """A row a round, as `experiments.charts.draw_offers` reads it."""
    import pandas as pd

    rows = []
    for number, said in enumerate(run.offers, start=1):
        row: dict[str, Any] = {"round": number, "date": said.date.isoformat(), "proposer": said.proposer}
        row["accepted"] = bool(said.accepted[0])
        for side in SIDES:
            asked = said.aspirations.get(side)
            row[f"value_{side}"] = first(said.values[side])
            row[f"aspiration_{side}"] = np.nan if asked is None else first(asked)
            row[f"no_deal_{side}"] = first(said.reservations[side])
        rows.append(row)
    return pd.DataFrame(rows)


def utility_space_table(run: Told) -> pd.DataFrame:
    """Offers, frontier, no deal and the solutions of theory at the last weights; see `draw_utility_space`."""
    import pandas as pd

    last = run.offers[-1]
    no_deal = [last.reservations[side] for side in SIDES]
    frontier = last.frontier()
    bend = scaled_bend(frontier, len(last.where))
    rows: list[tuple[Any, ...]] = [("frontier", first(x), first(y)) for x, y in zip(bend.own, bend.other, strict=True)]
    rows.append(("no deal", *map(first, no_deal)))
    for name, solution in (("Nash", nash_point), ("Kalai–Smorodinsky", kalai_smorodinsky_point)):
        point = solution(bend, *no_deal)
        rows.append((name, first(point.own), first(point.other)))
    for said in run.offers:
        worth = [first(frontier.own_value(said.package[:, :1])), first(frontier.others_value(said.package[:, :1]))]
        rows.append((f"{said.proposer}'s offer", *worth))
        if said.accepted[0]:
            rows.append(("accepted", *worth))
    return pd.DataFrame(rows, columns=["what", "governor", "coalition"])


def roll_call_table(run: Told, question: str = "authority") -> pd.DataFrame:
    """A row a seat, of the last roll call on this question, or where there was none of the last; see `draw_chamber`."""
    import pandas as pd

    held = [said for said in run.record if isinstance(said, RollCall) and said.where[0]]
    asked = [said for said in held if said.question == question] or held
    case = run.numbers.scenario
    rows: list[dict[str, Any]] = []
    for said in asked[-1:]:
        assert case.legislators is not None
        words = question_in_words(said, run.numbers)
        for row, (seat, party) in enumerate(zip(case.seats, case.legislators.party, strict=True)):
            vote = "absent" if not said.here[row, 0] else "yes" if said.yes[row, 0] else "no"
            of: dict[str, Any] = {"question": words, "date": said.date.isoformat(), "chamber": seat.chamber}
            of |= {"carried": bool(said.carried[0])}
            rows.append(of | {"district": seat.district, "name": seat.name, "party": party, "vote": vote})
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
    per_head = list(loss_per_head(scenario.town_halls, means["aid_lost_musd"]).values())
    return pd.DataFrame({"town": scenario.towns.names, "n": sum(sizes), "aid_lost_per_head": per_head, **means})


def write_run_tables(
    folder: Path, *, scenario: Scenario, seed: int, world: int, point: Mapping[str, Any], forecasts: int = FORECASTS
) -> list[Path]:
    """All tables of one run and of the forecast by union and town at its point; the files written.

    A table is left out where its phase did not come up: no roll call, no second vote, no towns.
    """
    one = told(scenario, seed=seed, world=world, point=point)
    lived = {"offers": offers_table(one), "utility_space": utility_space_table(one)} if one.offers else {}
    if len(seats := roll_call_table(one)):
        lived["roll_call"] = seats
    rules, unions = one.numbers.rules, scenario.unions
    by_words = {rule.world(0).words(len(unions.names)): rule for rule in (rules.ratification, rules.revised) if rule}
    tables = {"power": power_table(by_words, unions.names, unions.members)}
    tables |= {name: table.assign(world=world, seed=seed) for name, table in lived.items()}
    run = [simulate_block(scenario, seed=seed, worlds=ids, point=point) for ids in blocks(forecasts)]
    tables["unions"] = unions_table(scenario, run, real=recorded_first_vote(scenario))
    if scenario.towns is not None:
        tables["towns"] = towns_table(scenario, run)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    written = {folder / "tables" / f"{name}.csv": table for name, table in tables.items()}
    for path, table in written.items():
        path.write_text(as_csv(table), encoding="utf-8", newline="\n")
    return list(written)
