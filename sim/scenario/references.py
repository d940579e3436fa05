"""What one part of a scenario says of another must be there: lists, units, bodies of a rule, short names, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.bargaining.package import Issue
from sim.errors import WrongInput, nearest
from sim.scenario.parameters import as_stated

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def check_references(scenario: Scenario) -> None:
    """What one part of the file says of another must be there. Raises `WrongInput`."""
    _check_dates_of_acts(scenario)
    _check_lists(scenario)
    _check_rules(scenario)
    _check_phases(scenario)
    _check_keys(scenario)


def _check_lists(scenario: Scenario) -> None:
    """Threats point to columns and units of the units' table."""
    table, units = scenario.sections.unions.table, scenario.units
    for threat in scenario.sections.threats:
        where = f"{scenario.file}: threats.{threat.name}"
        if threat.list not in units.list_share:
            close = nearest(threat.list, units.list_share)
            raise WrongInput(f"{where}.list: no column {threat.list!r} in {table}{close}")
        if threat.aim_at and threat.aim_at not in units.names:
            close = nearest(threat.aim_at, units.names)
            raise WrongInput(f"{where}.aim_at: no unit {threat.aim_at!r} in {table}{close}")


def _check_rules(scenario: Scenario) -> None:
    """Rules name unions that vote, and a rule that may be changed says to what."""
    rules = scenario.rules
    for name in type(rules).model_fields:
        rule = getattr(rules, name)
        if rule is not None:
            try:
                rule.check_bodies(scenario.unions.names)
            except WrongInput as error:
                raise WrongInput(f"{scenario.file}: rules.{name}.{error}") from None
    if rules.amendment is not None and rules.revised is None:
        raise WrongInput(f"{scenario.file}: rules.revised is missing: rules.amendment changes the rule to it")


def _check_phases(scenario: Scenario) -> None:
    """Who is in the case has what its phase needs: chambers a day, a vote an offer, a gap the means to fill it."""
    sections, file, talks = scenario.sections, scenario.file, scenario.calendar.talks
    if sections.legislature is not None and scenario.calendar.session is None:
        raise WrongInput(f"{file}: calendar.session is missing: [legislature] has to meet on a day")
    bargained = sections.coalition is not None and as_stated(talks.table) != "last_offer"
    for issue in sections.issues:
        _check_last_offer(file, issue, bargained=bargained)
    leader, unions = talks.pattern_leader, scenario.unions.names
    if leader and leader not in unions:
        close = nearest(leader, unions)
        table = sections.unions.table
        raise WrongInput(f"{file}: calendar.talks.pattern_leader: no union {leader!r} in {table}{close}")
    if not sections.instruments:
        raise WrongInput(f"{file}: instruments is missing: say what a gap is filled from, or take the usual ones")


def _check_keys(scenario: Scenario) -> None:
    """Short names stand for keys, and what all worlds share is no uncertainty."""
    file, entries = scenario.file, scenario.entries
    for short, full in scenario.short_names.items():
        if full not in entries:
            raise WrongInput(f"{file}: names.{short}: unknown key {full!r}{nearest(full, entries)}")
        if short in entries:
            raise WrongInput(f"{file}: names.{short}: is already a key of its own")
    for entry in entries.values():
        if entry.is_parameter and entry.value.role == "uncertainty" and not entry.varies:
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


def _check_dates_of_acts(scenario: Scenario) -> None:
    """Threats and news fall between the first day and the settlement; what follows a refusal comes after the vote."""
    calendar = scenario.calendar
    for kind, acts in (("threats", scenario.sections.threats), ("news", scenario.sections.news)):
        for act in acts:
            earliest = calendar.first_vote if act.when == "refused" else calendar.talks.start
            if not earliest <= act.date <= calendar.settlement:
                raise WrongInput(
                    f"{scenario.file}: {kind}.{act.name}.date: must lie between {earliest} and {calendar.settlement}, "
                    f"got {act.date}"
                )
