"""The talks in words: the opening, offers and answers, who settles, the deal, how they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.bargaining.impasse import IN_WORDS, Reason
from sim.bargaining.union_tables import LABOUR
from sim.record import Deadline, LastOffer, Offer, Opening, Settlements, TentativeDeal
from sim.story.teller import Teller, Telling
from sim.wording import AS_BEFORE, listed, millions, money, moves_in_words, percent

ASKS = {"governor": "asks for", LABOUR: "offers"}
TOLD_AGAIN = 0.005  # share of pay; the press reports a leaked burden again when it has moved so far


def opening(story: Teller, said: Opening) -> None:
    """What the governor is left with if the talks fail, and who sits at the table."""
    gap, floor = story.here(said.gap), story.here(said.reservation)
    unions = story.case.unions.names
    where = f"at one table with {len(unions)} unions"
    if said.leader:
        where = f"with each of {len(unions)} unions apart; {said.leader} leads"
    elif len(unions) == 1:
        where = f"with {unions[0]}"
    fallback = (
        f"would sooner cut than settle for less than {millions(floor)} M$" if floor > 0 else "would take any deal"
    )
    story.say(
        said,
        "governor",
        f"needs {millions(gap)} M$ a year and opens talks {where}; as things stand he {fallback}",
        gap=gap,
        reservation=floor,
    )


def last_offer(story: Teller, said: LastOffer) -> None:
    """Nobody bargains."""
    savings = story.here(story.terms(said.package).savings)
    story.say(
        said,
        "governor",
        f"puts an offer worth {money(savings)} to the vote: {story.in_words(said.package)}",
        savings=savings,
        terms=story.by_name(said.package),
    )


def offer(story: Teller, said: Offer) -> None:
    """An offer, and the answer."""
    package, proposer = said.package[:, story.place], said.proposer
    deal = story.terms(said.package)
    savings = story.here(deal.savings)
    if proposer in story.last_offers:
        words = moves_in_words(story.case.issues, story.last_offers[proposer], package)
    else:
        words = story.in_words(said.package)
    story.last_offers[proposer] = package.copy()
    words += _why_its_ideal(story, said) if words != AS_BEFORE else ""
    accepted = bool(said.accepted[story.place])
    story.say(
        said,
        said.who,
        f"{ASKS.get(proposer, 'text on the table:')} {money(savings)}: {words}; "
        f"{'accepted' if accepted else 'refused'}",
        round=said.round + 1,
        proposer=proposer,
        savings=savings,
        package=story.by_name(said.package),
        values={side: round(story.here(value), 4) for side, value in said.values.items()},
        accepted=accepted,
    )
    if proposer == LABOUR and not story.numbers.calendar.talks.blackout:
        _leak(story, said, story.here(deal.benefits_burden + deal.wages_burden))


def _why_its_ideal(story: Teller, said: Offer) -> str:
    """A side for which nothing within the bounds beats no deal asks for its ideal, however far from its last text."""
    if said.proposer not in said.reservations or story.here(said.reservations[said.proposer]) <= 1:
        return ""
    return ", all it wants, as it sees no deal that beats none"


def _leak(story: Teller, said: Offer, burden: float) -> None:
    """Without a blackout the members read about what their side has offered."""
    if story.last_leak is None or abs(burden - story.last_leak) >= TOLD_AGAIN:
        story.last_leak = burden
        effect = f"{'cost' if burden >= 0 else 'bring'} members {percent(abs(burden), 1)} of pay"
        story.say(said, "press", f"the offer leaks: it would {effect}", burden=burden)


def settlements(story: Teller, said: Settlements) -> None:
    """Unions that settled at tables of their own today."""
    fresh = said.fresh[:, story.place]
    names = [name for name, new in zip(story.case.unions.names, fresh, strict=True) if new]
    count = int(said.settled[:, story.place].sum())
    story.say(
        said,
        "unions",
        f"{listed(names)} {'settles' if len(names) == 1 else 'settle'}; {count} of {len(fresh)} unions have now",
        settled=names,
        settled_so_far=count,
    )


def tentative_deal(story: Teller, said: TentativeDeal) -> None:
    """The terms, as they stand in the next day's papers."""
    deal = story.terms(said.package)
    savings, structural = story.here(deal.savings), story.here(deal.structural)
    apart = ", on average over the pay of the unions that have settled" if said.apart else ""
    apart += ", after a trade that serves both" if said.traded[story.place] else ""
    story.say(
        said,
        "both sides",
        f"tentative deal worth {money(savings)}, {millions(structural, of=savings)} M$ of it lasting: "
        f"{story.in_words(said.package)}{apart}",
        savings=savings,
        structural=structural,
        terms=story.by_name(said.package),
    )


def deadline(story: Teller, said: Deadline) -> None:
    """How the talks ended, where they came to nothing."""
    if said.agreed[story.place]:
        return
    in_zone, place = bool(said.in_zone[story.place]), story.place
    assert said.reason is not None, "a last offer is a deal"
    why = IN_WORDS[Reason(int(said.reason[place]))]
    numbers: dict[str, Any] = {"in_zone": in_zone, "reason": Reason(int(said.reason[place])).name.lower()}
    if said.last_offers is not None and said.closing is not None and np.isfinite(said.last_offers[place]):
        between, closing = float(said.last_offers[place]), int(said.closing[place])
        issue = story.case.issues[closing].name.replace("_", " ")
        near = f"; labour's way on {issue} would have closed them" if closing >= 0 else ""
        why += f"; the last offers were {millions(abs(between))} M$ a year apart{near}"
        numbers |= {"apart": between}
    story.say(said, "both sides", f"the talks end without a deal: {why}", **numbers)


TOLD: Telling = {
    Opening: opening,
    LastOffer: last_offer,
    Offer: offer,
    Settlements: settlements,
    TentativeDeal: tentative_deal,
    Deadline: deadline,
}
