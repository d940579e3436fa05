"""What a scenario file says about the case, its calendar, its money and its unions' tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from sim.bargaining.protocols import ALL_PROTOCOLS
from sim.scenario.parameters import Choice, Number, Section, Switch, as_stated, choice, number, switch

TABLES = ("coalition", "pattern", "last_offer")
Uncertainties = Literal["range", "start", "posterior", "fitted_numbers"]
FITTED: tuple[Uncertainties, ...] = ("posterior", "fitted_numbers")


class Case(Section):
    """Which case this is, and what its worlds take for the numbers nobody knows."""

    title: str = Field(min_length=1)
    about: str = ""
    usual: tuple[str, ...] = Field(
        default=(), description="Sections that take what this file leaves out from usual.toml"
    )
    uncertainties: Uncertainties = Field(
        default="range",
        description="range: every world draws them; start: all take the start; posterior: a row of posterior.csv and "
        "the moods that go with it; fitted_numbers: such a row, with moods drawn anew",
    )


class TalksDates(Section):
    """When the two sides bargain, and how."""

    start: datetime.date = Field(alias="from", description="Talks open; rounds follow up to the deadline")
    deadline: datetime.date = Field(description="Last round; no tentative deal afterwards")
    rounds: Number = number("rounds", "Rounds of offers between the two dates", at_least=1, at_most=400, whole=True)
    opener: Choice = choice("Who makes the first offer", ("governor", "coalition"))
    protocol: Choice = choice("Who proposes, who answers, and when it is a deal", tuple(ALL_PROTOCOLS))
    table: Choice = choice(
        "coalition: all unions at one table; pattern: each at its own, following a leader's settlement; last_offer: "
        "nobody bargains, and last_offer is put to the vote",
        TABLES,
    )
    pattern_leader: str = Field(default="", description="pattern: the union that settles first; the largest if empty")
    blackout: Switch = switch("Are offers kept from the members until the talks end?")
    crowding: Number | None = number(
        "exponent",
        "How rounds crowd towards the deadline: the time left at the last but k-th is (k / rounds)^crowding of all; "
        "1, or left out, spreads them evenly",
        at_least=1,
        default=None,
    )
    mediator: Number | None = number(
        "rounds",
        "Rounds before the deadline at which a mediator takes over the text; 0, or left out, is never",
        at_least=0,
        whole=True,
        default=None,
    )
    last_look: Switch | None = switch("Before they sign, do both look for a trade that serves both?", default=None)
    extension: Number | None = number(
        "days", "How far the deadline may be moved when it comes without a deal", at_least=0, whole=True, default=None
    )
    extension_price: Number | None = number(
        "share", "What moving it costs either side, on its own scale", at_least=0, default=None
    )

    @property
    def end(self) -> datetime.date:
        """The last day on which a deal may be struck: the deadline, or the day to which it may be moved.

        Of a calendar as the file states it (`Scenario.calendar`), which all worlds share.
        """
        days = 0 if self.extension is None else int(as_stated(self.extension))
        return self.deadline + datetime.timedelta(days=days)

    @property
    def days(self) -> int:
        """From the first of the talks to the last day on which a deal may be struck."""
        return (self.end - self.start).days


class CampaignDates(Section):
    """How long the members are spoken to before they vote."""

    weeks: Number = number("weeks", "Weeks between recommendation and first vote", at_least=0, at_most=26, whole=True)


class Window(Section):
    """From a refusal to the day on which layoff notices bite: the time in which a second vote is possible."""

    notices: datetime.date = Field(description="Real notices go out")
    amendment: datetime.date = Field(description="Leaders vote on changing the rule")
    revised: datetime.date = Field(description="A revised deal is published")
    vote: datetime.date = Field(description="Second vote")
    bite: datetime.date = Field(description="Notices take effect; told, and no rule counts from it")
    last_word: Number = number("share", "How far members know that no third vote would follow", at_least=0, at_most=1)


class Calendar(Section):
    """Every phase has its dates; a phase without a date is skipped. All worlds share the calendar."""

    talks: TalksDates
    campaign: CampaignDates
    recommendation: datetime.date = Field(description="Leaders recommend a tentative deal")
    first_vote: datetime.date
    budget_vote: datetime.date | None = Field(default=None, description="The chambers vote on the budget")
    request: datetime.date | None = Field(default=None, description="New list, and request for power to cut")
    session: datetime.date | None = Field(default=None, description="The legislature meets on the request")
    window: Window | None = None
    settlement: datetime.date = Field(description="Whatever gap is left has been filled or is reported")
    fiscal_year: datetime.date = Field(description="First day of the fiscal year")

    def dated(self) -> Iterator[tuple[str, datetime.date]]:
        """The phases in the order in which they must come, with their keys."""
        yield "talks.from", self.talks.start
        yield "talks.deadline", self.talks.deadline
        if self.talks.end > self.talks.deadline:
            yield "talks.deadline + talks.extension", self.talks.end
        yield "recommendation", self.recommendation
        yield "first_vote", self.first_vote
        if self.request is not None:
            yield "request", self.request
        if self.session is not None:
            yield "session", self.session
        if self.window is not None:
            for key in ("notices", "amendment", "revised", "vote"):
                yield f"window.{key}", getattr(self.window, key)
        yield "settlement", self.settlement

    @model_validator(mode="after")
    def _in_order(self) -> Calendar:
        phases = list(self.dated())
        for (earlier, before), (later, after) in pairwise(phases):
            if after < before:
                raise ValueError(f"{later} = {after} comes before {earlier} = {before}")
        if self.window is not None and self.window.bite < self.window.notices:
            raise ValueError(f"window.bite = {self.window.bite} comes before window.notices = {self.window.notices}")
        if self.talks.end > self.talks.deadline and as_stated(self.talks.table) != "coalition":
            raise ValueError("talks.extension: a deadline can be moved only where talks.table = coalition")
        if self.talks.extension_price is not None and self.talks.end == self.talks.deadline:
            raise ValueError("talks.extension_price is the price of talks.extension, which is not set")
        if self.session is not None and self.request is None:
            raise ValueError("session has a date but request has none")
        campaign = datetime.timedelta(weeks=int(as_stated(self.campaign.weeks)))
        if self.recommendation + campaign > self.first_vote:
            raise ValueError(
                f"campaign.weeks = {as_stated(self.campaign.weeks)} do not fit between recommendation = "
                f"{self.recommendation} and first_vote = {self.first_vote}"
            )
        return self


class Money(Section):
    """The gap and the sums it is filled from."""

    gap: Number = number("M$/yr", "Labour savings the budget counts on", at_least=0)
    layoff_saves: Number = number("M$/yr per post", "What one layoff saves in a full year", at_least=0.001)
    cuttable: Number = number("M$/yr", "Budget lines that the power to cut applies to", at_least=0)
    standing_authority: Number = number(
        "share", "Part of a line the governor may cut without asking", at_least=0, at_most=1
    )
    aid_total: Number = number("M$/yr", "Aid to towns in the budget", at_least=0)
    deficit_cost: Number = number("ratio", "Political cost of a dollar that stays a deficit, in dollars", at_least=0)


class Membership(Section):
    """Where the unions, units and seniority bands are, and how far their numbers may be off."""

    table: str = "units.csv"
    seniority: str = "seniority.csv"
    members_scale: Number = number("ratio", "Members in all against the table", at_least=0.1, at_most=10)
    list_scale: Number = number("ratio", "Posts on the layoff lists against the table", at_least=0, at_most=10)
