"""The members' votes in words: the deal put to them, the campaign, the tally, a new rule, a clearer text."""

from __future__ import annotations

import datetime

import numpy as np

from sim.record import Amendment, Ballots, CampaignWeek, Recommendation, Revision
from sim.story.teller import Teller, Telling, first
from sim.wording import listed, money, percent
from sim.worlds.axis import Array


def recommendation(story: Teller, said: Recommendation) -> None:
    """Leaders put the deal to their members."""
    if not said.bargained:
        return
    deal, expected = said.deal, bool(said.expected[story.place])
    burden = story.here(deal.benefits_burden) + story.here(deal.wages_burden)
    protection, savings = story.here(deal.protection), story.here(deal.savings)
    sure = f"for {percent(protection)} protection from layoffs"
    if protection > 0.995 or protection < 0.005:
        sure = "for no layoffs" if protection > 0.5 else "without protection from layoffs"
    hope = "expect" if expected else "no longer expect"
    read = ""
    if said.leaked_burden is not None and np.isfinite(story.here(said.leaked_burden)):
        read = f" (they had read of {percent(story.here(said.leaked_burden), 1)})"
    story.say(
        said,
        "leaders",
        f"recommend the deal: {money(savings)}, {percent(burden, 1)} of a member's pay{read}, "
        f"{sure}; they {hope} it to pass",
        savings=savings,
        burden=burden,
        protection=protection,
        expected=expected,
    )


def campaign(story: Teller, said: CampaignWeek) -> None:
    """A week of meetings and rumours."""
    informed, misled = story.here(said.informed), story.here(said.misinformed)
    story.say(
        said,
        "members",
        f"week {said.week} of {said.weeks} of meetings: {percent(informed)} know the terms"
        f"{_by_unit(story, said.unit_informed)}, {percent(misled)} believe a false claim"
        f"{_by_unit(story, said.unit_misinformed)}",
        week=said.week,
        informed=informed,
        misinformed=misled,
        minor=1 < said.week < said.weeks,
    )


def _by_unit(story: Teller, shares: Array | None) -> str:
    """Where units differ: from which to which."""
    if shares is None:
        return ""
    here, names = shares[:, story.place if shares.shape[-1] > 1 else 0], story.case.units.names
    least, most = int(np.argmin(here)), int(np.argmax(here))
    if here[least] == here[most]:
        return ""
    return f" ({percent(here[least])} in {names[least]} to {percent(here[most])} in {names[most]})"


def vote(story: Teller, said: Ballots) -> None:
    """The tally, in all and by union; which condition failed by how much; who refused the part on wages."""
    tally = said.tally.world(story.place)
    yes, no = first(tally.yes_ballots.sum(axis=0)), first(tally.no_ballots.sum(axis=0))
    members = first(tally.members.sum(axis=0))
    ballots = zip(tally.names, tally.yes_ballots[:, 0], tally.no_ballots[:, 0], strict=True)
    shares = {name: float(y / (y + n)) for name, y, n in ballots if y + n > 0}
    approve = dict(zip(tally.names, said.approving[:, story.place], strict=True))
    refused = [name for name in shares if not approve[name]]
    idle = [name for name in tally.names if name not in shares]
    approving = sum(map(bool, approve.values()))
    of_unions = f"; {approving} of {len(tally.names)} unions approve" if len(tally.names) > 1 else ""
    story.say(
        said,
        "members",
        f"{yes:,.0f} yes, {no:,.0f} no ({percent(yes / max(yes + no, 1), 1)}), turnout "
        f"{percent((yes + no) / members)}{of_unions}",
        vote=said.vote,
        yes=yes,
        no=no,
        turnout=(yes + no) / members,
        unions_yes=approving,
        unions={name: round(shares.get(name, 0.0), 4) for name in tally.names},
    )
    if said.days_before is not None:
        spread, began = _spread(said.days_before, said.date)
        story.say(said, "members", f"units voted over {spread} days, from {began}; those later knew who had said yes")
    if len(tally.names) > 1:
        sides = (
            ("approved by", [f"{name} {percent(shares[name], 1)}" for name in shares if name not in refused]),
            ("refused by", [f"{name} {percent(shares[name], 1)}" for name in refused]),
            ("nothing to vote on in", idle),
        )
        told = [f"{word} {', '.join(names)}" for word, names in sides if names]
        story.say(said, "members", "; ".join(told), vote=said.vote)
    _verdict(story, said)
    _wages_ballots(story, said)


def _spread(days_before: Array, counted: datetime.date) -> tuple[int, datetime.date]:
    """Over how many days units voted, and from when."""
    longest = int(days_before.max())
    return longest - int(days_before.min()) + 1, counted - datetime.timedelta(days=longest)


def _verdict(story: Teller, said: Ballots) -> None:
    """Ratified or refused, under which rule, by which margin."""
    bodies, rule = len(said.tally.names), said.rule_at(story.place)
    if said.ratified[story.place]:
        story.say(said, "coalition", f"ratified: the rule asks for {rule.words(bodies)}", ratified=True)
        return
    failures = [condition.margin(0) for condition in rule.failed_conditions(said.tally.world(story.place))]
    story.say(
        said,
        "coalition",
        f"refused: the rule asks for {rule.words(bodies)}" + "".join(f"; {why}" for why in failures),
        ratified=False,
        failures=failures,
    )


def _wages_ballots(story: Teller, said: Ballots) -> None:
    """Each unit's second ballot, on its own wages against job security; where wages are all of the deal, its first."""
    if not any(issue.ballot == "wages" for issue in story.case.issues):
        return
    names, binds = story.case.units.names, said.ratified[story.place]
    against = [row for row, refused in enumerate(said.wages_refused[:, story.place]) if refused]
    refused = [names[row] for row in against]
    fate = ", which keep their raises and lose their protection from layoffs" if binds else ""
    if said.wages_yes is None or said.wages_cast is None:
        if against and binds:
            story.say(said, "members", f"the deal is refused in {listed(refused)}{fate}", wages_refused=refused)
    elif not against:
        story.say(said, "members", "every unit accepts its part on wages", wages_refused=[])
    else:
        shares = said.wages_yes[:, story.place] / np.maximum(said.wages_cast[:, story.place], 1)
        words = listed(f"{names[row]} ({percent(float(shares[row]), 1)} yes)" for row in against)
        story.say(said, "members", f"the part on wages is refused in {words}{fate}", wages_refused=refused)


def amendment(story: Teller, said: Amendment) -> None:
    """Leaders vote on their own rule."""
    leaders, yes = len(said.favour), int(said.favour[:, story.place].sum())
    changed, change = bool(said.changed[story.place]), "the rule stays"
    if changed and said.revised is not None:
        change = f"from now on it asks for {said.revised.words(leaders)}"
    words = f"{yes} of {leaders} leaders vote to change the rule; {change}"
    story.say(said, "leaders", words, in_favour=yes, changed=changed)


def revision(story: Teller, said: Revision) -> None:
    """A clearer text."""
    story.say(said, "both sides", "publish a revised deal: the same economics in clearer words")


TOLD: Telling = {
    Recommendation: recommendation,
    CampaignWeek: campaign,
    Ballots: vote,
    Amendment: amendment,
    Revision: revision,
}
