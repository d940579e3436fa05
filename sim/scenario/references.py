"""What one part of a scenario says of another must be there: lists, units, bodies of a rule, short names, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.bargaining.package import Issue
from sim.errors import WrongInput, nearest
from sim.scenario.parameters import as_stated

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def check_references(scenario: Scenario) -> None:
    """What one part of the file says of another must be there."""
    sections, file, calendar = scenario.sections, scenario.file, scenario.calendar
    _check_acts(scenario)
    for threat in sections.threats:
        lists = scenario.units.list_share
        if threat.list not in lists:
            raise WrongInput(
                f"{file}: threats.{threat.name}.list: no column {threat.list!r} in {sections.unions.table}"
                f"{nearest(threat.list, lists)}"
            )
        if threat.aim_at and threat.aim_at not in scenario.units.names:
            raise WrongInput(
                f"{file}: threats.{threat.name}.aim_at: no unit {threat.aim_at!r} in {sections.unions.table}"
                f"{nearest(threat.aim_at, scenario.units.names)}"
            )
    for name in type(sections.rules).model_fields:
        rule = getattr(sections.rules, name)
        if rule is not None:
            try:
                rule.check_bodies(scenario.unions.names)
            except WrongInput as error:
                raise WrongInput(f"{file}: rules.{name}.{error}") from None
    if sections.legislature is not None and calendar.session is None:
        raise WrongInput(f"{file}: calendar.session is missing: [legislature] has to meet on a day")
    if sections.rules.amendment is not None and sections.rules.revised is None:
        raise WrongInput(f"{file}: rules.revised is missing: rules.amendment changes the rule to it")
    table, leader = as_stated(calendar.talks.table), calendar.talks.pattern_leader
    bargained = sections.coalition is not None and table != "last_offer"
    for issue in sections.issues:
        _check_last_offer(file, issue, bargained=bargained)
    if leader and leader not in scenario.unions.names:
        raise WrongInput(
            f"{file}: calendar.talks.pattern_leader: no union {leader!r} in {sections.unions.table}"
            f"{nearest(leader, scenario.unions.names)}"
        )
    if not sections.instruments:
        raise WrongInput(f"{file}: instruments is missing: say what a gap is filled from, or take the usual ones")
    for short, full in sections.names.items():
        if full not in scenario.entries:
            raise WrongInput(f"{file}: names.{short}: unknown key {full!r}{nearest(full, scenario.entries)}")
        if short in scenario.entries:
            raise WrongInput(f"{file}: names.{short}: is already a key of its own")
    for entry in scenario.entries.values():
        parameter = entry.value
        if entry.is_parameter and parameter.role == "uncertainty" and not entry.varies:
            raise WrongInput(f"{file}: {entry.key}: cannot be an uncertainty, because all worlds share it")


def _check_last_offer(file: str, issue: Issue, *, bargained: bool) -> None:
    """Where nobody bargains every issue has an amount in the employer's last offer."""
    low, high = issue.range
    if issue.last_offer is None:
        if not bargained:
            raise WrongInput(
                f"{file}: issues.{issue.name}.last_offer is missing: nobody bargains without [coalition], nor with "
                'calendar.talks.table = "last_offer"'
            )
    elif not low <= float(as_stated(issue.last_offer)) <= high:
        raise WrongInput(
            f"{file}: issues.{issue.name}.last_offer: must be from {low:g} to {high:g} {issue.unit}, "
            f"got {as_stated(issue.last_offer)!r}"
        )


def _check_acts(scenario: Scenario) -> None:
    """Threats and news fall between the first round and the settlement; what follows a refusal comes after the vote."""
    calendar = scenario.calendar
    for kind, acts in (("threats", scenario.sections.threats), ("news", scenario.sections.news)):
        for act in acts:
            earliest = calendar.first_vote if act.when == "refused" else calendar.talks.start
            if not earliest <= act.date <= calendar.settlement:
                raise WrongInput(
                    f"{scenario.file}: {kind}.{act.name}.date: must lie between {earliest} and {calendar.settlement}, "
                    f"got {act.date}"
                )
