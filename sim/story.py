"""One world told as a dated story: what the calendar brought, in words and with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.union_tables import LABOUR
from sim.outcomes import OUTCOMES
from sim.wording import listed, money, moves_in_words, package_in_words, percent

if TYPE_CHECKING:
    from agents.union import Unit
    from sim.bargaining.talks import RoundRecord
    from sim.crisis import BudgetCrisis
    from sim.public.beliefs import Threat
    from sim.ratification.rule import Rule, Tally

TOLD_AGAIN = 0.005  # share of pay; the press reports a leaked burden again when it has moved so far
ASKS = {"governor": "asks for", LABOUR: "offers"}
PAYERS = {
    "savings": "the deal",
    "revenue": "better revenue",
    "layoffs": "layoffs",
    "programmes": "cuts in programmes",
    "aid": "town aid",
    "taxes": "taxes",
    "deficit": "a deficit that stays",
}


def first(values: Any) -> float:
    """The number of the only world there is."""
    return float(np.asarray(values).reshape(-1)[0])


class Story:
    """Writes down what happens in the first world of a model; ``events`` are as ``planb play --json`` has them.

    An event that a short telling may leave out is marked ``minor``.
    """

    def __init__(self, model: BudgetCrisis) -> None:
        self.model = model
        self.events: list[dict[str, Any]] = []
        self._last_offers: dict[str, NDArray[np.float64]] = {}
        self._last_leak: float | None = None
        self._weeks = {1: 0, 2: 0}

    def tell(self, actor: str, event: str, **numbers: Any) -> None:
        """One line of the story, dated today; ``numbers`` go into the record beside the words."""
        plain = {key: round(value, 6) if isinstance(value, float) else value for key, value in numbers.items()}
        self.events.append(
            {"date": self.model.date.isoformat(), "phase": self.model.phase, "actor": actor, "event": event} | plain
        )

    # --- talks ----------------------------------------------------------------------------------------------------

    def opening(self) -> None:
        """What the governor is left with if the talks fail, and who sits at the table."""
        model = self.model
        gap, floor = first(model.governor.gap), first(model.governor.reservation)
        where = f"at one table with {len(model.unions)} unions"
        if model.union_tables is not None:
            lead = model.unions[model.union_tables.tables.index(model.union_tables.leader)].name
            where = f"with each of {len(model.unions)} unions apart; {lead} leads"
        elif len(model.unions) == 1:
            where = f"with {model.unions[0].name}"
        fallback = f"would sooner cut than settle for less than {floor:,.0f} M$" if floor > 0 else "would take any deal"
        self.tell(
            "governor",
            f"needs {gap:,.0f} M$ a year and opens talks {where}; as things stand he {fallback}",
            gap=gap,
            reservation=floor,
        )

    def last_offer(self) -> None:
        """Nobody bargains."""
        package = self.model.package[:, :1]
        savings = first(self.model.terms_of(package).savings)
        self.tell(
            "governor",
            f"puts an offer worth {money(savings)} to the vote: {self._in_words(package)}",
            savings=savings,
            terms=self._by_name(package),
        )

    def round(self, record: RoundRecord) -> None:
        """An offer, and the answer."""
        if not record.live[0]:
            return
        model, package, proposer = self.model, record.package[:, :1], record.proposer
        savings = first(model.terms_of(package).savings)
        if proposer in self._last_offers:
            words = moves_in_words(model.case.issues, self._last_offers[proposer], package[:, 0])
        else:
            words = self._in_words(package)
        self._last_offers[proposer] = package[:, 0].copy()
        self.tell(
            self._who(proposer),
            f"{ASKS.get(proposer, 'text on the table:')} {money(savings)}: {words}; "
            f"{'accepted' if record.accepted[0] else 'refused'}",
            round=record.round + 1,
            proposer=proposer,
            savings=savings,
            package=self._by_name(package),
            values={side: round(first(value), 4) for side, value in record.values.items()},
            accepted=bool(record.accepted[0]),
        )
        if proposer == LABOUR and not model.value.calendar.talks.blackout:
            self.leak(package)
        if record.accepted[0] and model.union_tables is None:
            self.tentative_deal()

    def leak(self, package: NDArray[np.float64]) -> None:
        """Without a blackout the members read about what their side has offered."""
        offered = self.model.terms_of(package)
        burden = first(offered.benefits_burden + offered.wages_burden)
        if self._last_leak is None or abs(burden - self._last_leak) >= TOLD_AGAIN:
            self._last_leak = burden
            effect = f"{'cost' if burden >= 0 else 'bring'} members {percent(abs(burden), 1)} of pay"
            self.tell("press", f"the offer leaks: it would {effect}", burden=burden)

    def settlements(self, fresh: NDArray[np.bool_]) -> None:
        """Unions that settled at tables of their own today."""
        tables = self.model.union_tables
        assert tables is not None
        names = [name for name, new in zip(self.model.case.unions.names, fresh[:, 0], strict=True) if new]
        if not names:
            return
        count = int(tables.settled[:, 0].sum())
        self.tell(
            "unions",
            f"{listed(names)} {'settles' if len(names) == 1 else 'settle'}; {count} of {len(fresh)} unions have now",
            settled=names,
            settled_so_far=count,
        )
        if tables.agreed_round[0] == tables.pattern.round - 1:
            self.tentative_deal()

    def tentative_deal(self) -> None:
        """The terms, as they stand in the next day's papers."""
        model = self.model
        package = model.package[:, :1]
        deal = model.terms_of(package)
        apart = "" if model.union_tables is None else ", on average over the pay of the unions that have settled"
        self.tell(
            "both sides",
            f"tentative deal worth {money(first(deal.savings))}, {first(deal.structural):,.0f} M$ of it lasting: "
            f"{self._in_words(package)}{apart}",
            savings=first(deal.savings),
            structural=first(deal.structural),
            terms=self._by_name(package),
        )

    def deadline(self) -> None:
        """How the talks ended, where they came to nothing."""
        model = self.model
        if model.agreed[0]:
            return
        why = "both could have lived with some deal" if model.in_zone[0] else "no deal serves both sides"
        self.tell("both sides", f"the talks end without a deal; {why}", in_zone=bool(model.in_zone[0]))

    # --- threats and news -----------------------------------------------------------------------------------------

    def threat(self, threat: Threat, acts: NDArray[np.bool_]) -> None:
        """The governor acts."""
        if acts[0]:
            risk, belief = first(self.model.mean_risk), first(self.model.mean_belief)
            self.tell(
                "governor",
                f"{threat.act}; members give the list a chance of {percent(belief)}, "
                f"so that {percent(risk, 1)} of all posts would go",
                expected_share=risk,
                belief=belief,
            )

    def withdrawal(self, threats: list[Threat]) -> None:
        """A deal takes the threats back."""
        if threats:
            names = [threat.name.replace("_", " ").capitalize() for threat in threats]
            self.tell("governor", f"withdraws what he threatened: {listed(names)}", withdrawn=[t.name for t in threats])

    def news(self, news: Any, happens: NDArray[np.bool_]) -> None:
        """The world outside."""
        if not happens[0]:
            return
        if news.revenue is None:
            self.tell("news", news.event)
            return
        found, usable = first(news.revenue), first(news.revenue * news.usable)
        self.tell(
            "news",
            f"{news.event} by {found:,.0f} M$, of which {usable:,.0f} M$ could go towards the gap",
            revenue=found,
            usable=usable,
        )

    # --- members --------------------------------------------------------------------------------------------------

    def recommendation(self) -> None:
        """Leaders put the deal to their members."""
        model = self.model
        if not model.agreed[0] or model.talks is None:
            return
        deal = model.deal
        burden, protection = first(deal.benefits_burden) + first(deal.wages_burden), first(deal.protection)
        sure = f"for {percent(protection)} protection from layoffs"
        if protection > 0.995 or protection < 0.005:
            sure = "for no layoffs" if protection > 0.5 else "without protection from layoffs"
        hope = "expect" if model.leaders_expected[0] else "no longer expect"
        read = ""
        if not model.value.calendar.talks.blackout and model.leaks[0] > 0:
            read = f" (they had read of {percent(first(model.leaked_burden()), 1)})"
        self.tell(
            "leaders",
            f"recommend the deal: {money(first(deal.savings))}, {percent(burden, 1)} of a member's pay{read}, "
            f"{sure}; they {hope} it to pass",
            savings=first(deal.savings),
            burden=burden,
            protection=protection,
            expected=bool(model.leaders_expected[0]),
        )

    def campaign(self, vote: int) -> None:
        """A week of meetings and rumours."""
        model = self.model
        if not model.agreed[0] or model.ratified[0][0]:
            return
        self._weeks[vote] += 1
        week, weeks = self._weeks[vote], self._weeks_of(vote)
        shares = [union.information for union in model.unions]
        informed = float(np.mean([first(share.informed) for share in shares]))
        misled = float(np.mean([first(share.misinformed) for share in shares]))
        self.tell(
            "members",
            f"week {week} of {weeks} of meetings: {percent(informed)} know the terms, "
            f"{percent(misled)} believe a false claim",
            week=week,
            informed=informed,
            misinformed=misled,
            minor=1 < week < weeks,
        )

    def _weeks_of(self, vote: int) -> int:
        calendar = self.model.case.calendar
        if vote == 1:
            return int(self.model.value.calendar.campaign.weeks)
        return 0 if calendar.window is None else (calendar.window.vote - calendar.window.revised).days // 7

    def vote(self, vote: int, rule: Rule, tally: Tally) -> None:
        """The tally, in all and by union; which condition failed by how much; who refused the part on wages."""
        model = self.model
        if not model.voted[vote][0]:
            return
        yes, no = first(tally.yes_ballots.sum(axis=0)), first(tally.no_ballots.sum(axis=0))
        members = first(tally.members.sum(axis=0))
        ballots = zip(tally.names, tally.yes_ballots[:, 0], tally.no_ballots[:, 0], strict=True)
        shares = {name: float(y / (y + n)) for name, y, n in ballots if y + n > 0}
        refused = [name for name, share in shares.items() if share <= 0.5]
        idle = [name for name in tally.names if name not in shares]
        approving = len(shares) - len(refused)
        of_unions = f"; {approving} of {len(tally.names)} unions approve" if len(tally.names) > 1 else ""
        self.tell(
            "members",
            f"{yes:,.0f} yes, {no:,.0f} no ({percent(yes / max(yes + no, 1), 1)}), turnout "
            f"{percent((yes + no) / members)}{of_unions}",
            vote=vote + 1,
            yes=yes,
            no=no,
            turnout=(yes + no) / members,
            unions_yes=approving,
            unions={name: round(shares.get(name, 0.0), 4) for name in tally.names},
        )
        if len(tally.names) > 1:
            sides = (
                ("approved by", [f"{name} {percent(shares[name], 1)}" for name in shares if name not in refused]),
                ("refused by", [f"{name} {percent(shares[name], 1)}" for name in refused]),
                ("nothing to vote on in", idle),
            )
            told = [f"{word} {', '.join(names)}" for word, names in sides if names]
            self.tell("members", "; ".join(told), vote=vote + 1)
        self.verdict(vote, rule, tally)
        self.wages_ballots(vote)

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

    def wages_ballots(self, vote: int) -> None:
        """Each unit's second ballot, on its own wages against job security."""
        model = self.model
        if all(issue.ballot == "benefits" for issue in model.case.issues):
            return
        against = [unit for unit in model.units if _refused_wages(unit, vote)]
        ratified = bool(model.ratified[vote][0])
        if not against:
            self.tell("members", "every unit accepts its part on wages", wages_refused=[])
            return
        names = listed(f"{unit.name} ({percent(first(unit.wages[vote].yes_share), 1)} yes)" for unit in against)
        fate = ", which keep their raises and lose their protection from layoffs" if ratified else ""
        self.tell("members", f"the part on wages is refused in {names}{fate}", wages_refused=[u.name for u in against])

    # --- the state house ------------------------------------------------------------------------------------------

    def budget(self) -> None:
        """The budget passes, or not."""
        budget = self.model.budget
        house, senate = budget.house, budget.senate
        verb = "passes" if budget.carried[0] else "refuses"
        self.tell(
            "legislature",
            f"{verb} a budget that counts on the savings: House {first(house.yes):.0f}-{first(house.no):.0f}, "
            f"Senate {first(senate.yes):.0f}-{first(senate.no):.0f}",
            house_yes=first(house.yes),
            senate_yes=first(senate.yes),
            passed=bool(budget.carried[0]),
        )

    def request(self) -> None:
        """What the governor asks the legislature for, and what the mayors say to it."""
        model = self.model
        if model.ratified[0][0]:
            return
        assert model.request is not None
        with_aid = first(model.request.aid_scope) > 0
        self.tell(
            "governor",
            f"asks for power to cut any line by {percent(first(model.request.share))}, town aid "
            f"{'included' if with_aid else 'left out'}",
            share=first(model.request.share),
            aid=with_aid,
        )
        chorus = first(model.chorus)
        if with_aid and chorus > TOLD_AGAIN:
            self.tell(
                "mayors", f"speak up against a cut of aid, at {percent(chorus)} of their full effort", effort=chorus
            )

    def session(self) -> None:
        """How the chambers voted."""
        model, result = self.model, self.model.session
        if model.ratified[0][0]:
            return
        house = f"House {first(result.house.yes):.0f}-{first(result.house.no):.0f}"
        senate = f"Senate {first(result.senate.yes):.0f}-{first(result.senate.no):.0f}"
        verdict = "pass it" if result.passed[0] else "refuse it"
        struck = ", after taking town aid out" if result.struck[0] else ""
        spared = "town aid is spared" if result.aid_spared[0] else "town aid may be cut too"
        self.tell(
            "legislature",
            f"{house} and {senate} {verdict}{struck}: "
            f"he may cut {percent(first(result.authority_share))} of a line; {spared}",
            passed=bool(result.passed[0]),
            aid_spared=bool(result.aid_spared[0]),
            house_yes=first(result.house.yes),
            house_no=first(result.house.no),
            senate_yes=first(result.senate.yes),
            senate_no=first(result.senate.no),
        )

    def approval(self, vote: int, approval: Any) -> None:
        """The legislature's last word on a ratified agreement."""
        model = self.model
        if not model.ratified[vote][0]:
            return
        stands = bool(model.approved[0])
        if stands and model.value.legislature.approval == "deemed":
            words = "calls no vote on the agreement, which stands after thirty days"
        else:
            words = (
                f"{'approves the agreement' if stands else 'votes the agreement down'}: "
                f"House {first(approval.house.yes):.0f}-{first(approval.house.no):.0f}, "
                f"Senate {first(approval.senate.yes):.0f}-{first(approval.senate.no):.0f}"
            )
        self.tell("legislature", words, approved=stands)

    # --- the window -----------------------------------------------------------------------------------------------

    def amendment(self, favour: NDArray[np.bool_]) -> None:
        """Leaders vote on their own rule."""
        model = self.model
        if not model.agreed[0] or model.ratified[0][0]:
            return
        yes = int(favour[:, 0].sum())
        changed, revised = bool(model.rule_changed[0]), model.value.rules.revised
        change = "the rule stays"
        if changed and revised is not None:
            change = f"from now on it asks for {revised.words(len(favour))}"
        self.tell(
            "leaders",
            f"{yes} of {len(favour)} leaders vote to change the rule; {change}",
            in_favour=yes,
            changed=changed,
        )

    def revision(self) -> None:
        """A clearer text."""
        if self.model.agreed[0] and not self.model.ratified[0][0]:
            self.tell("both sides", "publish a revised deal: the same economics in clearer words")

    # --- the end --------------------------------------------------------------------------------------------------

    def settlement(self) -> None:
        """Who pays."""
        model = self.model
        amounts = {name: first(amount) for name, amount in model.money.items()}
        parts = [f"{amount:,.0f} from {PAYERS[name]}" for name, amount in amounts.items() if amount > 0.5]
        outcome = OUTCOMES[int(model.outcome[0])].replace("_", " ")
        self.tell(
            "settlement",
            f"{outcome}: of the {first(model.gap):,.0f} M$ a year, {listed(parts) if parts else 'nothing is needed'}",
            **amounts,
        )
        posts, local = first(model.posts), first(model.hit.posts)
        if posts >= 1:
            self.tell("settlement", f"{posts:,.0f} state posts are lost", posts_lost=posts)
        if amounts.get("aid", 0.0) > 0.5:
            rise = first(model.hit.mill_rise)
            self.tell(
                "towns",
                f"absorb {amounts['aid']:,.0f} M$ less aid: taxes rise by {rise:.2f} mills on average, "
                f"{local:,.0f} local posts are lost",
                mill_rise=rise,
                local_posts=local,
            )

    # --- words ----------------------------------------------------------------------------------------------------

    def _who(self, proposer: str) -> str:
        """Who speaks: where unions sit apart, labour's offers are those of the union that leads."""
        tables = self.model.union_tables
        if proposer == LABOUR and tables is not None:
            return self.model.unions[tables.tables.index(tables.leader)].name
        return proposer

    def _in_words(self, package: NDArray[np.float64]) -> str:
        return package_in_words(self.model.case.issues, package[:, 0])

    def _by_name(self, package: NDArray[np.float64]) -> dict[str, float]:
        names = [issue.name for issue in self.model.case.issues]
        return {name: round(float(x), 4) for name, x in zip(names, package[:, 0], strict=True)}


def _refused_wages(unit: Unit, vote: int) -> bool:
    ballots = unit.wages[vote]
    return first(ballots.cast) > 0 and 2 * first(ballots.yes) <= first(ballots.cast)
