"""One world told as a dated story: happenings in words and with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.terms import Terms, terms
from sim.bargaining.union_tables import LABOUR
from sim.outcomes import OUTCOMES
from sim.record import (
    Absorption,
    Amendment,
    Approval,
    Ballots,
    CampaignWeek,
    Deadline,
    Filling,
    Grant,
    Happening,
    LastOffer,
    Lobbying,
    Offer,
    Opening,
    Recommendation,
    Reported,
    Requested,
    Revision,
    RollCall,
    Settlements,
    TentativeDeal,
    Threatened,
    Withdrawal,
)
from sim.scenario.numbers import Numbers
from sim.wording import listed, money, moves_in_words, package_in_words, percent
from sim.worlds.axis import total

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
Event = dict[str, Any]


def first(values: Any) -> float:
    """The number of the only world there is."""
    return float(np.asarray(values).reshape(-1)[0])


class Story:
    """Tells the world at one place of a crisis; ``events`` are as ``planb play --json`` has them.

    An event that a short telling may leave out is marked ``minor``. Happenings may be told as they come, or at the end.
    """

    def __init__(self, numbers: Numbers, record: Iterable[Happening] = (), *, place: int = 0) -> None:
        self.numbers, self.case, self.place = numbers, numbers.scenario, place
        self.events: list[Event] = []
        self._last_offers: dict[str, NDArray[np.float64]] = {}
        self._last_leak: float | None = None
        self._leaks = 0
        for happening in record:
            self.tell(happening)

    def tell(self, happening: Happening) -> None:
        """What happened, if it happened in this world."""
        if not happening.where[self.place]:
            return
        words = TELLING.get(type(happening))
        if words is None:
            told = happening.words(self.place)
            if told:
                self._say(happening, happening.who, told)
            return
        words(self, happening)

    def _say(self, happening: Happening, actor: str, event: str, **numbers: Any) -> None:
        """One line of the story; ``numbers`` go into the record beside the words."""
        plain = {key: round(value, 6) if isinstance(value, float) else value for key, value in numbers.items()}
        dated = {"date": happening.date.isoformat(), "phase": happening.phase, "actor": actor, "event": event}
        self.events.append(dated | plain)

    def _here(self, quantity: Any) -> float:
        """A number of this world, from one a world or one for all."""
        values = np.asarray(quantity)
        if values.ndim and values.shape[-1] > 1:
            return float(values[..., self.place])
        return first(values)

    # --- talks ----------------------------------------------------------------------------------------------------

    def opening(self, said: Opening) -> None:
        """What the governor is left with if the talks fail, and who sits at the table."""
        gap, floor = self._here(said.gap), self._here(said.reservation)
        unions = self.case.unions.names
        where = f"at one table with {len(unions)} unions"
        if said.leader:
            where = f"with each of {len(unions)} unions apart; {said.leader} leads"
        elif len(unions) == 1:
            where = f"with {unions[0]}"
        fallback = f"would sooner cut than settle for less than {floor:,.0f} M$" if floor > 0 else "would take any deal"
        self._say(
            said,
            "governor",
            f"needs {gap:,.0f} M$ a year and opens talks {where}; as things stand he {fallback}",
            gap=gap,
            reservation=floor,
        )

    def last_offer(self, said: LastOffer) -> None:
        """Nobody bargains."""
        savings = self._here(self._terms(said.package).savings)
        self._say(
            said,
            "governor",
            f"puts an offer worth {money(savings)} to the vote: {self._in_words(said.package)}",
            savings=savings,
            terms=self._by_name(said.package),
        )

    def offer(self, said: Offer) -> None:
        """An offer, and the answer."""
        package, proposer = said.package[:, self.place], said.proposer
        deal = self._terms(said.package)
        savings = self._here(deal.savings)
        if proposer in self._last_offers:
            words = moves_in_words(self.case.issues, self._last_offers[proposer], package)
        else:
            words = self._in_words(said.package)
        self._last_offers[proposer] = package.copy()
        accepted = bool(said.accepted[self.place])
        self._say(
            said,
            said.who,
            f"{ASKS.get(proposer, 'text on the table:')} {money(savings)}: {words}; "
            f"{'accepted' if accepted else 'refused'}",
            round=said.round + 1,
            proposer=proposer,
            savings=savings,
            package=self._by_name(said.package),
            values={side: round(self._here(value), 4) for side, value in said.values.items()},
            accepted=accepted,
        )
        if proposer == LABOUR and not self.numbers.calendar.talks.blackout:
            self._leak(said, self._here(deal.benefits_burden + deal.wages_burden))

    def _leak(self, said: Offer, burden: float) -> None:
        """Without a blackout the members read about what their side has offered."""
        self._leaks += 1
        if self._last_leak is None or abs(burden - self._last_leak) >= TOLD_AGAIN:
            self._last_leak = burden
            effect = f"{'cost' if burden >= 0 else 'bring'} members {percent(abs(burden), 1)} of pay"
            self._say(said, "press", f"the offer leaks: it would {effect}", burden=burden)

    def settlements(self, said: Settlements) -> None:
        """Unions that settled at tables of their own today."""
        fresh = said.fresh[:, self.place]
        names = [name for name, new in zip(self.case.unions.names, fresh, strict=True) if new]
        count = int(said.settled[:, self.place].sum())
        self._say(
            said,
            "unions",
            f"{listed(names)} {'settles' if len(names) == 1 else 'settle'}; {count} of {len(fresh)} unions have now",
            settled=names,
            settled_so_far=count,
        )

    def tentative_deal(self, said: TentativeDeal) -> None:
        """The terms, as they stand in the next day's papers."""
        deal = self._terms(said.package)
        savings, structural = self._here(deal.savings), self._here(deal.structural)
        apart = ", on average over the pay of the unions that have settled" if said.apart else ""
        self._say(
            said,
            "both sides",
            f"tentative deal worth {money(savings)}, {structural:,.0f} M$ of it lasting: "
            f"{self._in_words(said.package)}{apart}",
            savings=savings,
            structural=structural,
            terms=self._by_name(said.package),
        )

    def deadline(self, said: Deadline) -> None:
        """How the talks ended, where they came to nothing."""
        if said.agreed[self.place]:
            return
        in_zone = bool(said.in_zone[self.place])
        why = "both could have lived with some deal" if in_zone else "no deal serves both sides"
        self._say(said, "both sides", f"the talks end without a deal; {why}", in_zone=in_zone)

    # --- threats and news -----------------------------------------------------------------------------------------

    def threat(self, said: Threatened) -> None:
        """The governor acts."""
        risk, belief = self._here(said.expected_share), self._here(said.belief)
        self._say(
            said,
            "governor",
            f"{said.act}; members give the list a chance of {percent(belief)}, "
            f"so that {percent(risk, 1)} of all posts would go",
            expected_share=risk,
            belief=belief,
        )

    def withdrawal(self, said: Withdrawal) -> None:
        """A deal takes the threats back."""
        taken = [name for name, gone in zip(said.names, said.withdrawn[:, self.place], strict=True) if gone]
        names = [name.replace("_", " ").capitalize() for name in taken]
        self._say(said, "governor", f"withdraws what he threatened: {listed(names)}", withdrawn=taken)

    def news(self, said: Reported) -> None:
        """The world outside."""
        if said.revenue is None:
            self._say(said, "news", said.event)
            return
        found, usable = self._here(said.revenue), self._here(said.usable)
        self._say(
            said,
            "news",
            f"{said.event} by {found:,.0f} M$, of which {usable:,.0f} M$ could go towards the gap",
            revenue=found,
            usable=usable,
        )

    # --- members --------------------------------------------------------------------------------------------------

    def recommendation(self, said: Recommendation) -> None:
        """Leaders put the deal to their members."""
        if not said.bargained:
            return
        deal, expected = said.deal, bool(said.expected[self.place])
        burden = self._here(deal.benefits_burden) + self._here(deal.wages_burden)
        protection, savings = self._here(deal.protection), self._here(deal.savings)
        sure = f"for {percent(protection)} protection from layoffs"
        if protection > 0.995 or protection < 0.005:
            sure = "for no layoffs" if protection > 0.5 else "without protection from layoffs"
        hope = "expect" if expected else "no longer expect"
        read = ""
        if said.leaked_burden is not None and self._leaks > 0:
            read = f" (they had read of {percent(self._here(said.leaked_burden), 1)})"
        self._say(
            said,
            "leaders",
            f"recommend the deal: {money(savings)}, {percent(burden, 1)} of a member's pay{read}, "
            f"{sure}; they {hope} it to pass",
            savings=savings,
            burden=burden,
            protection=protection,
            expected=expected,
        )

    def campaign(self, said: CampaignWeek) -> None:
        """A week of meetings and rumours."""
        informed, misled = self._here(said.informed), self._here(said.misinformed)
        self._say(
            said,
            "members",
            f"week {said.week} of {said.weeks} of meetings: {percent(informed)} know the terms, "
            f"{percent(misled)} believe a false claim",
            week=said.week,
            informed=informed,
            misinformed=misled,
            minor=1 < said.week < said.weeks,
        )

    def vote(self, said: Ballots) -> None:
        """The tally, in all and by union; which condition failed by how much; who refused the part on wages."""
        tally = said.tally.world(self.place)
        yes, no = first(tally.yes_ballots.sum(axis=0)), first(tally.no_ballots.sum(axis=0))
        members = first(tally.members.sum(axis=0))
        ballots = zip(tally.names, tally.yes_ballots[:, 0], tally.no_ballots[:, 0], strict=True)
        shares = {name: float(y / (y + n)) for name, y, n in ballots if y + n > 0}
        refused = [name for name, share in shares.items() if share <= 0.5]
        idle = [name for name in tally.names if name not in shares]
        approving = len(shares) - len(refused)
        of_unions = f"; {approving} of {len(tally.names)} unions approve" if len(tally.names) > 1 else ""
        self._say(
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
        if len(tally.names) > 1:
            sides = (
                ("approved by", [f"{name} {percent(shares[name], 1)}" for name in shares if name not in refused]),
                ("refused by", [f"{name} {percent(shares[name], 1)}" for name in refused]),
                ("nothing to vote on in", idle),
            )
            told = [f"{word} {', '.join(names)}" for word, names in sides if names]
            self._say(said, "members", "; ".join(told), vote=said.vote)
        self._verdict(said)
        self._wages_ballots(said)

    def _verdict(self, said: Ballots) -> None:
        """Ratified or refused, under which rule, by which margin."""
        bodies, rule = len(said.tally.names), said.rule_at(self.place)
        if said.ratified[self.place]:
            self._say(said, "coalition", f"ratified: the rule asks for {rule.words(bodies)}", ratified=True)
            return
        failures = [condition.margin(0) for condition in rule.failed_conditions(said.tally.world(self.place))]
        self._say(
            said,
            "coalition",
            f"refused: the rule asks for {rule.words(bodies)}" + "".join(f"; {why}" for why in failures),
            ratified=False,
            failures=failures,
        )

    def _wages_ballots(self, said: Ballots) -> None:
        """Each unit's second ballot, on its own wages against job security."""
        if all(issue.ballot == "benefits" for issue in self.case.issues):
            return
        names = self.case.units.names
        against = [row for row, refused in enumerate(said.wages_refused[:, self.place]) if refused]
        if not against:
            self._say(said, "members", "every unit accepts its part on wages", wages_refused=[])
            return
        shares = said.wages_yes[:, self.place] / np.maximum(said.wages_cast[:, self.place], 1)
        words = listed(f"{names[row]} ({percent(float(shares[row]), 1)} yes)" for row in against)
        fate = ", which keep their raises and lose their protection from layoffs" if said.ratified[self.place] else ""
        refused = [names[row] for row in against]
        self._say(said, "members", f"the part on wages is refused in {words}{fate}", wages_refused=refused)

    # --- the state house ------------------------------------------------------------------------------------------

    def roll_call(self, said: RollCall) -> None:
        """The budget passes, or not; the other roll calls are told with what they decide."""
        if said.question != "budget":
            return
        passed = bool(said.carried[self.place])
        self._say(
            said,
            "legislature",
            f"{'passes' if passed else 'refuses'} a budget that counts on the savings: {self._counts(said)}",
            house_yes=self._here(said.house_yes),
            senate_yes=self._here(said.senate_yes),
            passed=passed,
        )

    def _counts(self, said: RollCall | Grant | Approval, between: str = ", ") -> str:
        house = f"House {self._here(said.house_yes):.0f}-{self._here(said.house_no):.0f}"
        return f"{house}{between}Senate {self._here(said.senate_yes):.0f}-{self._here(said.senate_no):.0f}"

    def request(self, said: Requested) -> None:
        """What the governor asks the legislature for."""
        with_aid, share = self._here(said.aid_scope) > 0, self._here(said.share)
        self._say(
            said,
            "governor",
            f"asks for power to cut any line by {percent(share)}, town aid {'included' if with_aid else 'left out'}",
            share=share,
            aid=with_aid,
        )

    def lobbying(self, said: Lobbying) -> None:
        """What the mayors say to it."""
        chorus = self._here(said.chorus)
        if chorus > TOLD_AGAIN:
            words = f"speak up against a cut of aid, at {percent(chorus)} of their full effort"
            self._say(said, "mayors", words, effort=chorus)

    def grant(self, said: Grant) -> None:
        """How the chambers voted."""
        passed, struck, spared = (bool(part[self.place]) for part in (said.passed, said.struck, said.aid_spared))
        self._say(
            said,
            "legislature",
            f"{self._counts(said, ' and ')} {'pass it' if passed else 'refuse it'}"
            f"{', after taking town aid out' if struck else ''}: "
            f"he may cut {percent(self._here(said.authority_share))} of a line; "
            f"{'town aid is spared' if spared else 'town aid may be cut too'}",
            passed=passed,
            aid_spared=spared,
            house_yes=self._here(said.house_yes),
            house_no=self._here(said.house_no),
            senate_yes=self._here(said.senate_yes),
            senate_no=self._here(said.senate_no),
        )

    def approval(self, said: Approval) -> None:
        """The legislature's last word on a ratified agreement."""
        stands = bool(said.approved[self.place])
        if stands and said.deemed:
            words = "calls no vote on the agreement, which stands after thirty days"
        else:
            verdict = "approves the agreement" if stands else "votes the agreement down"
            words = f"{verdict}: {self._counts(said)}"
        self._say(said, "legislature", words, approved=stands)

    # --- the window -----------------------------------------------------------------------------------------------

    def amendment(self, said: Amendment) -> None:
        """Leaders vote on their own rule."""
        leaders, yes = len(said.favour), int(said.favour[:, self.place].sum())
        changed, change = bool(said.changed[self.place]), "the rule stays"
        if changed and said.revised is not None:
            change = f"from now on it asks for {said.revised.words(leaders)}"
        words = f"{yes} of {leaders} leaders vote to change the rule; {change}"
        self._say(said, "leaders", words, in_favour=yes, changed=changed)

    def revision(self, said: Revision) -> None:
        """A clearer text."""
        self._say(said, "both sides", "publish a revised deal: the same economics in clearer words")

    # --- the end --------------------------------------------------------------------------------------------------

    def filling(self, said: Filling) -> None:
        """Who pays."""
        amounts = {name: self._here(amount) for name, amount in said.money.items()}
        parts = [f"{amount:,.0f} from {PAYERS[name]}" for name, amount in amounts.items() if amount > 0.5]
        outcome = OUTCOMES[int(said.outcome[self.place])].replace("_", " ")
        gap = self._here(said.gap)
        self._say(
            said,
            "settlement",
            f"{outcome}: of the {gap:,.0f} M$ a year, {listed(parts) if parts else 'nothing is needed'}",
            **amounts,
        )
        posts = self._here(said.posts)
        if posts >= 1:
            self._say(said, "settlement", f"{posts:,.0f} state posts are lost", posts_lost=posts)

    def absorption(self, said: Absorption) -> None:
        """What the towns do."""
        aid = self._here(said.aid)
        if aid <= 0.5:
            return
        rise = self._here(said.everywhere(said.mill_rise))
        local = self._here(said.everywhere(total_posts(said)))
        self._say(
            said,
            "towns",
            f"absorb {aid:,.0f} M$ less aid: taxes rise by {rise:.2f} mills on average, "
            f"{local:,.0f} local posts are lost",
            mill_rise=rise,
            local_posts=local,
        )

    # --- words ----------------------------------------------------------------------------------------------------

    def _terms(self, package: NDArray[np.float64]) -> Terms:
        return terms(package, self.numbers.issues, [issue.ballot for issue in self.case.issues])

    def _in_words(self, package: NDArray[np.float64]) -> str:
        return package_in_words(self.case.issues, package[:, self.place])

    def _by_name(self, package: NDArray[np.float64]) -> dict[str, float]:
        names = [issue.name for issue in self.case.issues]
        return {name: round(float(x), 4) for name, x in zip(names, package[:, self.place], strict=True)}


def question_in_words(said: RollCall, numbers: Numbers) -> str:
    """What a roll call is about, in the one world."""
    silent = said.silent is not None and bool(said.silent[0])
    aid = "included" if said.with_aid is not None and said.with_aid[0] else "left out"
    return {
        "budget": "on the budget",
        "strike_aid": "to strike town aid from the bill",
        "authority": f"power to cut any line by {percent(first(numbers.governor.request_share))}, town aid {aid}",
        "agreement": "the agreement, had it come to a vote" if silent else "to approve the agreement",
    }.get(said.question, said.question.replace("_", " "))


def total_posts(said: Absorption) -> NDArray[np.float64]:
    """Local posts lost in all towns, (worlds that cut,)."""
    return total(said.layoffs) / said.post_cost


TELLING: dict[type[Happening], Callable[[Story, Any], None]] = {
    Opening: Story.opening,
    LastOffer: Story.last_offer,
    Offer: Story.offer,
    Settlements: Story.settlements,
    TentativeDeal: Story.tentative_deal,
    Deadline: Story.deadline,
    Threatened: Story.threat,
    Withdrawal: Story.withdrawal,
    Reported: Story.news,
    Recommendation: Story.recommendation,
    CampaignWeek: Story.campaign,
    Ballots: Story.vote,
    RollCall: Story.roll_call,
    Requested: Story.request,
    Lobbying: Story.lobbying,
    Grant: Story.grant,
    Approval: Story.approval,
    Amendment: Story.amendment,
    Revision: Story.revision,
    Filling: Story.filling,
    Absorption: Story.absorption,
}
