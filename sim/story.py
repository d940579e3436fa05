"""One world told as a dated story: what the calendar brought, in words and with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.beliefs import News, Threat
    from sim.model import BudgetCrisis
    from sim.rule import Rule, Tally
    from sim.talks import RoundRecord

NARROW = 0.52  # a losing share of ballots above one half less two points is told as narrow


def first(values: Any) -> float:
    """The number of the only world there is."""
    return float(np.asarray(values).reshape(-1)[0])


class Story:
    """Writes down what happens in the first world of a model; ``events`` are as ``planb play --json`` has them."""

    def __init__(self, model: BudgetCrisis) -> None:
        self.model = model
        self.events: list[dict[str, Any]] = []

    def tell(self, actor: str, event: str, **numbers: Any) -> None:
        """One line of the story, dated today; ``numbers`` go into the record beside the words."""
        plain = {key: round(value, 6) if isinstance(value, float) else value for key, value in numbers.items()}
        self.events.append(
            {"date": self.model.date.isoformat(), "phase": self.model.phase, "actor": actor, "event": event} | plain
        )

    # --- talks ----------------------------------------------------------------------------------------------------

    def opening(self) -> None:
        """What each side is left with if the talks fail."""
        governor = self.model.governor
        self.tell(
            "governor",
            f"needs {first(governor.gap):,.0f} M$ a year and would rather cut than settle below "
            f"{first(governor.reservation):,.0f} M$",
            gap=first(governor.gap),
            reservation=first(governor.reservation),
        )

    def round(self, record: RoundRecord) -> None:
        """An offer, and the answer."""
        if not record.live[0]:
            return
        package = record.package[:, :1]
        savings = first(self.model.terms_of(package).savings)
        words = ", ".join(
            f"{_amount(amount)} {issue.unit} of {issue.name.replace('_', ' ')}"
            if issue.unit == "years"
            else f"{issue.name.replace('_', ' ')} {_amount(amount)}"
            for amount, issue in zip(package[:, 0], self.model.case.issues, strict=True)
        )
        answer = "accepted" if record.accepted[0] else "not accepted"
        self.tell(
            record.proposer,
            f"offers {savings:,.0f} M$ a year: {words}; {answer}",
            round=record.round + 1,
            savings=savings,
            package={i.name: round(float(x), 4) for i, x in zip(self.model.case.issues, package[:, 0], strict=True)},
            values={side: round(first(value), 4) for side, value in record.values.items()},
            accepted=bool(record.accepted[0]),
        )

    def settlements(self, fresh: NDArray[np.bool_]) -> None:
        """Unions that settled at tables of their own today."""
        tables = self.model.union_tables
        assert tables is not None
        names = [name for name, new in zip(self.model.case.unions.names, fresh[:, 0], strict=True) if new]
        if names:
            count = int(tables.settled[:, 0].sum())
            self.tell(
                "unions",
                f"{', '.join(names)} settle; {count} of {len(fresh)} unions have now",
                settled=names,
                settled_so_far=count,
            )

    def deadline(self) -> None:
        """How the talks ended."""
        model = self.model
        if model.agreed[0]:
            return
        why = "both could have lived with some deal" if model.in_zone[0] else "no deal serves both sides"
        self.tell("both sides", f"the talks end without a deal; {why}", in_zone=bool(model.in_zone[0]))

    # --- threats and news -----------------------------------------------------------------------------------------

    def threat(self, threat: Threat, acts: NDArray[np.bool_]) -> None:
        """The governor acts."""
        if acts[0]:
            risk = first(self.model.mean_risk)
            self.tell("governor", f"{threat.act}; members now expect {risk:.1%} of posts to go", expected_share=risk)

    def news(self, news: News, happens: NDArray[np.bool_]) -> None:
        """The world outside."""
        if happens[0]:
            money = "" if news.revenue is None else f" ({first(news.revenue):,.0f} M$)"
            self.tell("news", f"{news.event}{money}")

    # --- members --------------------------------------------------------------------------------------------------

    def recommendation(self) -> None:
        """Leaders put the deal to their members."""
        model = self.model
        if not model.agreed[0]:
            return
        deal = model.deal
        burden = first(deal.benefits_burden) + first(deal.wages_burden)
        hope = "expect" if model.leaders_expected[0] else "no longer expect"
        self.tell(
            "leaders",
            f"recommend the deal: {first(deal.savings):,.0f} M$ a year, {burden:.1%} of a member's pay, "
            f"{first(deal.protection):.0%} protection; they {hope} it to pass",
            savings=first(deal.savings),
            burden=burden,
        )

    def campaign(self, vote: int) -> None:
        """A week of meetings and rumours."""
        voting = self.model.agreed[0] and not self.model.ratified[0][0]
        if voting:
            shares = [union.information for union in self.model.unions]
            informed = float(np.mean([first(share.informed) for share in shares]))
            misled = float(np.mean([first(share.misinformed) for share in shares]))
            self.tell(
                "members",
                f"a week of meetings: {informed:.0%} know the terms, {misled:.0%} believe a false claim",
                informed=informed,
                misinformed=misled,
            )

    def vote(self, vote: int, rule: Rule, tally: Tally) -> None:
        """The tally by union, and which condition failed by how much."""
        model = self.model
        if not model.voted[vote][0]:
            return
        yes, no = first(tally.yes_ballots.sum(axis=0)), first(tally.no_ballots.sum(axis=0))
        refused = [
            name for name, y, n in zip(tally.names, tally.yes_ballots, tally.no_ballots, strict=True) if y[0] <= n[0]
        ]
        approving = len(tally.names) - len(refused)
        self.tell(
            "members",
            f"{yes:,.0f} yes, {no:,.0f} no ({yes / max(yes + no, 1):.1%}); {approving} of {len(tally.names)} unions "
            + (f"approve, refused by {', '.join(refused)}" if refused else "approve"),
            vote=vote + 1,
            yes=yes,
            no=no,
            unions_yes=approving,
            unions={
                name: round(float(y[0] / max(y[0] + n[0], 1)), 4)
                for name, y, n in zip(tally.names, tally.yes_ballots, tally.no_ballots, strict=True)
            },
        )
        self.verdict(vote, rule, tally)

    def verdict(self, vote: int, rule: Rule, tally: Tally) -> None:
        """Ratified or refused, under which rule, by which margin."""
        bodies = len(tally.names)
        if self.model.ratified[vote][0]:
            self.tell("coalition", f"ratified: the rule asks for {rule.words(bodies)}", ratified=True)
            return
        failures = [condition.margin(0) for condition in rule.failed_conditions(tally.world(0))]
        self.tell(
            "coalition",
            f"refused: the rule asks for {rule.words(bodies)}" + "".join(f"; {why}" for why in failures),
            ratified=False,
            failures=failures,
        )

    # --- the state house ------------------------------------------------------------------------------------------

    def budget(self) -> None:
        """The budget passes, or not."""
        house, senate = self.model.budget.house, self.model.budget.senate
        self.tell(
            "legislature",
            f"votes on a budget that counts on the savings: House {first(house.yes):.0f}-{first(house.no):.0f}, "
            f"Senate {first(senate.yes):.0f}-{first(senate.no):.0f}",
            house_yes=first(house.yes),
            senate_yes=first(senate.yes),
        )

    def request(self) -> None:
        """What the governor asks the legislature for."""
        model = self.model
        if model.ratified[0][0] or model.request is None:
            return
        aid = "town aid included" if first(model.request.aid_scope) > 0 else "town aid left out"
        self.tell(
            "governor",
            f"asks for power to cut any line by {first(model.request.share):.0%}, {aid}",
            share=first(model.request.share),
        )

    def session(self) -> None:
        """How the chambers voted."""
        model, result = self.model, self.model.session
        if model.ratified[0][0]:
            return
        verdict = "pass it" if result.passed[0] else "refuse it"
        spared = "town aid is spared" if result.aid_spared[0] else "town aid may be cut"
        self.tell(
            "legislature",
            f"House {first(result.house.yes):.0f}-{first(result.house.no):.0f}, Senate {first(result.senate.yes):.0f}-"
            f"{first(result.senate.no):.0f} {verdict}; "
            f"he may cut {first(result.authority_share):.0%} of a line, {spared}",
            passed=bool(result.passed[0]),
            aid_spared=bool(result.aid_spared[0]),
            house_yes=first(result.house.yes),
            house_no=first(result.house.no),
            senate_yes=first(result.senate.yes),
            senate_no=first(result.senate.no),
        )

    def approval(self, vote: int, approval: Any) -> None:
        """The legislature's last word on a ratified agreement."""
        if self.model.ratified[vote][0]:
            verdict = "stands" if self.model.approved[0] else "is voted down"
            self.tell("legislature", f"the agreement {verdict}", approved=bool(self.model.approved[0]))

    # --- the window -----------------------------------------------------------------------------------------------

    def amendment(self, favour: NDArray[np.bool_]) -> None:
        """Leaders vote on their own rule."""
        model = self.model
        if model.agreed[0] and not model.ratified[0][0]:
            yes = int(favour[:, 0].sum())
            change = "the rule is changed" if model.rule_changed[0] else "the rule stays"
            self.tell("leaders", f"{yes} of {len(favour)} leaders vote to change the rule; {change}", in_favour=yes)

    def revision(self) -> None:
        """A clearer text."""
        if self.model.agreed[0] and not self.model.ratified[0][0]:
            self.tell("both sides", "publish a revised deal: the same economics in clearer words")

    # --- the end --------------------------------------------------------------------------------------------------

    def settlement(self) -> None:
        """Who pays."""
        money = {name: first(amount) for name, amount in self.model.money.items()}
        parts = ", ".join(f"{name} {amount:,.0f}" for name, amount in money.items() if amount > 0.5)
        outcome = OUTCOMES[int(self.model.outcome[0])]
        self.tell(
            "settlement",
            f"{outcome.replace('_', ' ')}; the gap of {first(self.model.gap):,.0f} M$ a year is met by {parts}",
            **money,
        )


def _amount(amount: float) -> str:
    return f"{amount:.2f}".rstrip("0").rstrip(".")
