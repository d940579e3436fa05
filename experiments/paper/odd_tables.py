"""The tables of ``docs/odd.md``, from the schema, the shipped case and the agents' own source."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import partial

import numpy as np
from pydantic import BaseModel

from experiments.paper.documents import cells, table
from experiments.runs.values import written
from sim.acts.deadline import close_talks
from sim.acts.session import hold_session, request_authority, vote_on_budget
from sim.acts.settlement import settle
from sim.acts.talks import open_talks
from sim.acts.threats import hear_news, threaten
from sim.acts.vote import first_vote, recommend, second_vote
from sim.acts.window import amend_rule, revise_deal
from sim.crisis import agenda_of
from sim.scenario.file import ScenarioFile
from sim.scenario.parameters import Parameter
from sim.scenario.scenario import load_scenario
from sim.scenario.schema import section_in, spellings

CASE = "connecticut-2011"
SCHEMA = ("`{key}`", "{unit}", "{limits}", "{meaning}")  # columns, each as it is written


def places() -> dict[str, str]:
    """Every table of the description, by its place."""
    return {
        "states": states_table(),
        "schema": schema_table(),
        "calendar": calendar_table(),
        "streams": streams_table(),
        "case": case_table(),
    }


def schema_table() -> str:
    """Every parameter a scenario may set: key, unit, bounds, meaning."""
    return table(("key", "unit", "may be", "meaning"), cells(_schema(ScenarioFile, ()), *SCHEMA))


def _schema(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[dict[str, object]]:
    for field, name in spellings(model):
        info = model.model_fields[field]
        key = (*above, name)
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        if "unit" in extra:
            yield {"key": ".".join(key), "limits": "", "meaning": info.description or "", **extra}
            continue
        below = section_in(info.annotation)
        if below is not None and below is not Parameter:
            is_list = "tuple" in str(info.annotation)
            yield from _schema(below, (*key, "NAME") if is_list else key)


def case_table() -> str:
    """The shipped case: what every parameter is, and who says so."""
    rows = [
        (f"`{row['name']}`", row["role"], written(row["value"]), _range(row), row["unit"], row["source"])
        for row in load_scenario(CASE).parameters()
    ]
    return table(("parameter", "role", "value", "range", "unit", "source"), rows)


def _range(row: dict[str, object]) -> str:
    if row["choices"]:
        return ", ".join(str(choice) for choice in row["choices"])  # type: ignore[attr-defined]
    return "" if row["low"] is None else "{low:g} to {high:g}".format_map(row)


def states_table() -> str:
    """What every kind of agent holds, from the comments beside its attributes."""
    from agents.chamber import Chamber
    from agents.governor import Governor
    from agents.leader import Leader
    from agents.legislator import Legislator
    from agents.mayor import Mayor
    from agents.union import Union, Unit
    from sim.bargaining.side import Side
    from sim.public.towns import Town
    from sim.scenario.seats import Seat

    kinds = {
        "governor": Governor,
        "side at the table": Side,
        "leader": Leader,
        "union": Union,
        "unit": Unit,
        "legislator": Legislator,
        "chamber": Chamber,
        "seat": Seat,
        "mayor": Mayor,
        "town": Town,
    }
    rows = [(entity, f"`{name}`", comment) for entity, kind in kinds.items() for name, comment in attributes(kind)]
    return table(("entity", "state variable", "what it is"), rows)


FIELD = re.compile(r"^    (\w+): .*?  # (.+)$")
ATTRIBUTE = re.compile(r"^        self\.(\w+)(?:: [^=]+)? = .*?  # (.+)$")


def attributes(kind: type) -> list[tuple[str, str]]:
    """The attributes of a class that say what they are in a comment."""
    lines = inspect.getsource(kind).splitlines()
    found = [match for line in lines if (match := FIELD.match(line) or ATTRIBUTE.match(line))]
    return [(match[1], match[2]) for match in found if not match[1].startswith("_")]


def streams_table() -> str:
    """Who draws, each from a stream of its own."""
    from sim.worlds.randomness import Stream

    lines = inspect.getsource(Stream).splitlines()
    found = [match for line in lines if (match := re.match(r"^    (\w+) = (\d+)  # (.+)$", line))]
    return table(("stream", "number", "what is drawn"), [(m[1].lower(), m[2], m[3]) for m in found])


def calendar_table() -> str:
    """What the agenda of the shipped case brings, in its order, rounds and weeks of campaign left out."""
    case = load_scenario(CASE)
    rows = []
    for day in agenda_of(case.values(seed=2011, worlds=np.arange(1))):
        if isinstance(day.act, partial) and day.act.func in (threaten, hear_news):
            kind, name = ("threats" if day.act.func is threaten else "news"), day.act.keywords["name"]
            (one,) = (one for one in getattr(case.sections, kind) if one.name == name)
            what = one.act if kind == "threats" else one.event
            rows.append((str(day.date), f"`{kind}.{name}`", f"{what}; {WHEN[one.when]}"))
        elif day.act in HAPPENS:
            key, what = HAPPENS[day.act]
            rows.append((str(day.date), f"`calendar.{key}`", what))
    return table(("date", "key", "what happens"), rows)


HAPPENS = {
    open_talks: ("talks.from", "talks open"),
    vote_on_budget: ("budget_vote", "the chambers vote on the budget, and whips learn how members lean"),
    close_talks: ("talks.deadline", "talks end"),
    recommend: ("recommendation", "leaders recommend the deal"),
    first_vote: ("first_vote", "members vote"),
    request_authority: ("request", "the governor asks for power to cut"),
    hold_session: ("session", "the chambers meet"),
    amend_rule: ("window.amendment", "leaders vote on changing the rule"),
    revise_deal: ("window.revised", "a revised deal is put forward"),
    second_vote: ("window.vote", "members vote again"),
    settle: ("settlement", "the gap is filled, and towns absorb what reaches them"),
}
WHEN = {
    "always": "in every world that has no ratified deal",
    "no_deal": "where there is no tentative deal",
    "refused": "where members refused",
}
