"""The patterns on record that runs are held against, one small function each.

A pattern is a claim about the world with a number on record. Its function takes what the model made of it and says
whether it agrees, and how well. Every pattern says how honest a test it is:

* fitted: the fit, or a range set by judgement, has seen the number;
* forecast: nothing has seen it before the comparison;
* theory: a result of theory or of the laboratory that no number was chosen for;
* prior: a check of the ranges of a case before any fit. Wide ranges pass it easily, so it is counted apart.

A pattern over worlds passes when the record lies within the central 90 % of them; its score is the share of worlds at
least as far out on the record's side, doubled: 1 in the middle, below 0.1 outside. Other patterns have no score.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from experiments.calibration.checks import Predicted, apart, predict
from experiments.calibration.dated import score_second_vote
from experiments.calibration.forecast import Forecast, forecast
from experiments.calibration.posterior import Posterior
from experiments.calibration.record import ALL, HeldOut, Record, Result, read_held_out, read_record
from experiments.calibration.scores import auc
from experiments.statistics.estimates import share
from sim.acts.rounds import round_dates
from sim.acts.session import vote_on_budget
from sim.crisis import Crisis
from sim.outcomes import RATIFIED_SECOND_VOTE
from sim.ratification.tally import Tally
from sim.record import RollCall
from sim.scenario.parameters import as_stated
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import Runs, simulate

Kind = Literal["fitted", "forecast", "theory", "prior"]
Look = Callable[["Evidence"], "Finding"]
INSIDE = 0.1  # score below which a pattern fails: outside the central 90 %
REFUSED = ("AFSCME Council 4", "CEUI", "CSPU", "IBPO Local 731")  # in June 2011


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the model made of a pattern."""

    record: float | str
    found: float | str
    passes: bool
    score: float | None = None  # of a pattern over worlds, 0 to 1
    low: float | None = None  # of the central 90 % of worlds
    high: float | None = None


class Evidence:
    """The runs of one scenario, made when a pattern first asks for them."""

    def __init__(self, scenario: Scenario, posterior: Posterior, *, worlds: int, seed: int) -> None:
        # worlds of the ranges: the posterior, which has seen the first vote, is asked for apart
        self.scenario = scenario.with_settings({"case.uncertainties": "range"})
        self.posterior, self.worlds, self.seed = posterior, worlds, seed

    @cached_property
    def record(self) -> Record:
        """What is on record of the first vote."""
        return read_record(self.scenario)

    @cached_property
    def held_out(self) -> HeldOut:
        """What is on record of the second, opened after the forecast is made."""
        _ = self.second_vote
        return read_held_out(self.scenario) or HeldOut()

    @cached_property
    def ensemble(self) -> Runs:
        """Worlds drawn from the scenario's ranges: nothing in them is fitted to the votes."""
        return simulate(self.scenario, worlds=self.worlds, seed=self.seed)

    def column(self, name: str) -> NDArray[Any]:
        """A measure of the ensemble, (worlds,)."""
        return np.concatenate([block.columns[name] for block in self.ensemble.blocks])

    @cached_property
    def deals(self) -> NDArray[np.float64]:
        """What was signed, (issues, worlds with a tentative deal)."""
        crisis = Crisis(self.scenario, worlds=np.arange(self.worlds), seed=self.seed)
        crisis.until(self.scenario.calendar.talks.end + datetime.timedelta(days=1))  # most are signed on the last day
        return crisis.state.package[:, crisis.state.agreed]

    def predicted(
        self, posterior: Posterior | None, record: Record | None = None, *, new_moods: bool = False
    ) -> list[Predicted]:
        """Results of the first vote, of those on record unless others are asked for, as `predict` has them."""
        record = self.record if record is None else record
        return predict(self.scenario, record, posterior, worlds=self.worlds, seed=self.seed, new_moods=new_moods)

    @cached_property
    def june(self) -> dict[str, NDArray[np.float64]]:
        """The first vote as the posterior would have it, share of yes by body, (worlds,)."""
        names = dict.fromkeys([*self.scenario.unions.names, *self.scenario.units.names, ALL])
        asked = tuple(Result(of=(name,), carried=True, source="asked for") for name in names)
        found = self.predicted(self.posterior, self.record.model_copy(update={"first_vote": asked}))
        return {row.of: row.shares for row in found}

    @cached_property
    def second_vote(self) -> Forecast:
        """The second vote as forecast."""
        return forecast(self.scenario, self.record, self.posterior, worlds=self.worlds, seed=self.seed)

    @cached_property
    def budget(self) -> RollCall:
        """The roll call of May over again, from the fitted coefficients rather than the record of each seat."""
        case = self.scenario.with_settings({"legislature.recall": False})
        crisis = Crisis(case, worlds=np.arange(self.worlds), seed=self.seed)
        (call,) = vote_on_budget(crisis.state, crisis.bodies, crisis.numbers, crisis.luck)
        assert isinstance(call, RollCall)
        return call


class Pattern(NamedTuple):
    """A named claim, how honest a test it is, and the function that looks."""

    name: str
    words: str
    kind: Kind
    look: Look


def within(record: float, worlds: NDArray[Any]) -> Finding:
    """Is the record inside the central 90 % of worlds?"""
    known = np.asarray(worlds, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return Finding(record=record, found="no such world", passes=False, score=0.0)
    below, above = (known <= record).mean(), (known >= record).mean()
    score = float(min(1.0, 2 * min(below, above)))
    low, high = np.quantile(known, [0.05, 0.95])
    return Finding(
        record=record,
        found=float(np.median(known)),
        score=score,
        passes=score >= INSIDE,
        low=float(low),
        high=float(high),
    )


def mostly(record: str, share: float, *, least: float = 0.5) -> Finding:
    """Does it happen in most worlds, as it did?"""
    return Finding(record=record, found=round(share, 4), passes=share >= least)


def mostly_held(rows: list[Predicted], words: str) -> Finding:
    """Do the 90 % intervals hold four in five of the shares that are known?"""
    held = [bool(row.holds(0.9)) for row in rows if row.seen is not None]
    return Finding(record=f"{len(held)} shares", found=f"{sum(held)} {words}", passes=bool(np.mean(held) >= 0.8))


def column_holds(record: float, name: str) -> Look:
    """Is the record inside the central 90 % of a measure of the ensemble?"""
    return lambda runs: within(record, runs.column(name))


def mostly_so(record: str, name: str) -> Look:
    """Is a measure that is yes or no mostly yes, where it is known?"""
    return lambda runs: mostly(record, float(np.nanmean(runs.column(name))))


# --- June 2011


def june_share(of: str, yes: int, cast: int) -> Look:
    """Is the share of yes of a body where the posterior would have it?"""
    return lambda runs: within(yes / cast, runs.june[of])


def june_unions_for_it(runs: Evidence) -> Finding:
    approving = np.sum([runs.june[name] > 0.5 for name in runs.scenario.unions.names], axis=0)
    return within(11, approving)


def june_who_refused(runs: Evidence) -> Finding:
    """The chance that a union which refused was likelier to refuse than one which approved (area under the curve)."""
    chance = {name: float((runs.june[name] <= 0.5).mean()) for name in runs.scenario.unions.names}
    area = auc(np.array(list(chance.values())), np.isin(list(chance), REFUSED))
    likeliest = sorted(chance, key=lambda name: -chance[name])[: len(REFUSED)]
    return Finding(record=", ".join(REFUSED), found=", ".join(likeliest), passes=area >= 0.9)


def june_known_units(runs: Evidence) -> Finding:
    """How many of the known shares lie within their 90 % intervals."""
    return mostly_held(runs.predicted(runs.posterior), "inside 90 %")


def june_other_units(runs: Evidence) -> Finding:
    """Do the intervals for units of the same kind, whose moods have not seen the results, hold June at their rates?

    Passes where neither of two exact binomial tests, of the 50 and the 90 % intervals, has a p-value below 0.05.
    """
    names = apart(runs.record, runs.scenario)
    rows = [row for row in runs.predicted(runs.posterior, new_moods=True) if (row.of, row.ballot) in names]
    inside = {level: sum(bool(row.holds(level)) for row in rows) for level in (0.5, 0.9)}
    p_value = min(float(binomtest(count, len(rows), level).pvalue) for level, count in inside.items())
    return Finding(
        record=f"{len(rows)} shares",
        found=f"{inside[0.5]} inside 50 %, {inside[0.9]} inside 90 %",
        passes=p_value > 0.05,
    )


def june_turnout(runs: Evidence) -> Finding:
    """Ballots cast: how many members there are is itself uncertain, from 47,000 to 54,000."""
    worlds = np.arange(runs.worlds)
    scale = runs.scenario.values(runs.seed, worlds).unions.members_scale
    return within(37403, runs.column("turnout_1") * runs.scenario.units.members.sum() * scale)


def june_fails_the_rule(runs: Evidence) -> Finding:
    carries = runs.scenario.rules.ratification.carries(_june_tally(runs))
    return mostly("refused", float(1 - carries.mean()))


def june_more_yes_on_wages(runs: Evidence) -> Finding:
    """The same people said yes more often where their own wages and jobs were the question."""
    found = runs.predicted(runs.posterior)
    wages = next(row for row in found if row.ballot == "wages" and row.seen is not None)
    return mostly("0.428 against 0.402", float((wages.shares > runs.june[wages.of]).mean()))


def real_results_through_the_rules(runs: Evidence) -> Finding:
    """The real results fail 14 of 15 and 80 %, pass 8 of 15 and a majority: a fact about the rules alone."""
    unions = runs.scenario.unions
    shares = [0.44 if name == "AFSCME Council 4" else 0.4 if name in REFUSED else 0.66 for name in unions.names]
    cast = np.round(unions.members * 37403 / 51672)
    yes = np.round(np.array(shares) * cast)[:, None]
    tally = Tally(names=unions.names, members=unions.members, yes_ballots=yes, no_ballots=cast[:, None] - yes)
    rules = runs.scenario.rules
    results = [rule.carries(tally)[0] for rule in (rules.ratification, rules.revised) if rule is not None]
    words = ", ".join("passes" if carried else "fails" for carried in results)
    return Finding(record="fails, passes", found=words, passes=words == "fails, passes")


# --- the deal


def deal_leaders_surprised(runs: Evidence) -> Finding:
    """Of the deals that leaders expected to pass, how many their members refuse; one in ten makes June no wonder."""
    expected = runs.column("leaders_expected").astype(bool)
    refused = ~runs.column("ratified_1").astype(bool)
    return mostly("expected to pass, refused", float(refused[expected].mean()), least=0.1)


def deal_holds(issue: str) -> Look:
    """Is the deal of 13 May 2011 where the model's deals are, as to one issue?"""

    def look(runs: Evidence) -> Finding:
        place = [one.name for one in runs.scenario.issues].index(issue)
        return within(_on_record(runs)[place], runs.deals[place])

    return look


def deal_composition(runs: Evidence) -> Finding:
    """Deals within a quarter of every issue's range of the deal of 13 May; one in twenty makes that no wonder."""
    span = np.array([issue.range[1] - issue.range[0] for issue in runs.scenario.issues])
    near = np.abs(runs.deals - _on_record(runs)[:, None]) <= 0.25 * span[:, None]
    return mostly("within a quarter of the range on all six", float(near.all(axis=0).mean()), least=0.05)


def _on_record(runs: Evidence) -> NDArray[np.float64]:
    return np.array([as_stated(issue.last_offer) for issue in runs.scenario.issues], dtype=float)


def deal_bunching(runs: Evidence) -> Finding:
    """Do deals bunch at the deadline: more of them in the last twenty-fifth of the time than the rounds held in it?

    Passes only where the 95 % interval of the share lies above. Source: Roth, Murnighan & Schoumaker (1988).
    """
    agreed = runs.column("agreed_day")
    agreed = agreed[np.isfinite(agreed)]
    talks = runs.scenario.calendar.talks
    latest = 0.96 * talks.days
    held = [(date - talks.start).days for date in round_dates(runs.scenario.values(runs.seed, np.arange(1)))]
    late, even = share(agreed >= latest), float(np.mean(np.array(held) >= latest))
    return Finding(
        record=f"more than {even:.3f}",
        found=round(late.value, 4) if late.n else 0.0,
        passes=late.n > 0 and late.low > even,
        low=late.low,
        high=late.high,
    )


# --- the window


def refusals_flip(runs: Evidence) -> Finding:
    """Of the deals refused at first, how many are ratified at the second vote."""
    outcome = runs.column("outcome")
    refused = runs.column("tentative_deal").astype(bool) & ~runs.column("ratified_1").astype(bool)
    return mostly("revotes flip as a rule", float((outcome[refused] == RATIFIED_SECOND_VOTE).mean()))


def leaders_change_rule(runs: Evidence) -> Finding:
    return mostly("changed on 18 July", float(runs.second_vote.rule_changed.mean()))


def second_vote_ratified(runs: Evidence) -> Finding:
    rules = runs.second_vote.carries
    carried = float(rules.get("revised", rules["ratification"]).mean())
    held_out = runs.held_out.ratified
    right = carried if held_out else 1 - carried
    return Finding(record="ratified" if held_out else "refused", found=round(carried, 4), passes=right >= 0.5)


def beats(runs: Evidence, naive: str) -> Finding:
    """Passes where the results by union have a lower Brier score than under a naive forecast."""
    score = score_second_vote(runs.second_vote, runs.scenario, runs.held_out)
    right = [row["model"]["brier"] < 0.25 for row in score["rows"]]
    brier, other = (score["scores"][name]["brier"]["mean"] for name in ("model", naive))
    return Finding(
        record=f"{len(right)} results",
        found=f"{sum(right)} called, Brier {brier:.3f} ({naive.replace('_', ' ')} {other:.3f})",
        passes=brier < other,
    )


CONNECTICUT = (
    Pattern("june_share_of_yes", "57.3 % of ballots", "fitted", june_share(ALL, 21415, 37403)),
    Pattern("june_unions_for_it", "11 of 15 unions", "fitted", june_unions_for_it),
    Pattern("june_who_refused", "which four refused", "fitted", june_who_refused),
    Pattern("june_corrections", "30 % in corrections", "fitted", june_share("NP-4 corrections", 1158, 3804)),
    Pattern("june_state_universities", "90 % at the universities", "fitted", june_share("CSU-AAUP", 1054, 1168)),
    Pattern("june_known_units", "units within intervals", "fitted", june_known_units),
    Pattern("june_other_units", "units of the same kind", "fitted", june_other_units),
    Pattern("june_turnout", "37,403 ballots cast", "fitted", june_turnout),
    Pattern("june_more_yes_on_wages", "more yes on wages", "fitted", june_more_yes_on_wages),
    Pattern("june_fails_the_rule", "refused under 14 of 15", "fitted", june_fails_the_rule),
    Pattern("rules_on_real_results", "old rule no, new yes", "theory", real_results_through_the_rules),
    Pattern("may_house", "budget, House 83", "fitted", lambda runs: within(83, runs.budget.house_yes)),
    Pattern("may_senate", "budget, Senate 19", "fitted", lambda runs: within(19, runs.budget.senate_yes)),
    Pattern("deal_wage_freeze", "2 years of freeze", "fitted", deal_holds("wage_freeze")),
    Pattern("deal_pension", "the pension list", "fitted", deal_holds("pension")),
    Pattern("deal_health", "the health list", "fitted", deal_holds("health")),
    Pattern("deal_other", "the other savings", "fitted", deal_holds("other_savings")),
    Pattern("deal_job_security", "4 years of security", "fitted", deal_holds("job_security")),
    Pattern("deal_raises", "half a point more", "fitted", deal_holds("later_raises")),
    Pattern("deal_composition", "all six together", "fitted", deal_composition),
    Pattern("deal_reached", "a tentative deal", "fitted", mostly_so("a tentative deal", "tentative_deal")),
    Pattern("deal_size", "801 M$ a year", "fitted", column_holds(801.0, "deal_savings")),
    Pattern("deal_bunching", "deals bunch at the end", "theory", deal_bunching),
    Pattern("leaders_surprised", "leaders surprised", "forecast", deal_leaders_surprised),
    Pattern("july_passes", "power to cut granted", "forecast", mostly_so("passed", "request_passed")),
    Pattern("july_house", "authority, House 78", "forecast", column_holds(78, "house_yes")),
    Pattern("july_senate", "authority, Senate 21", "forecast", column_holds(21, "senate_yes")),
    Pattern("july_aid_spared", "town aid spared", "forecast", mostly_so("spared", "aid_spared")),
    Pattern("leaders_change_rule", "rule changed in time", "forecast", leaders_change_rule),
    Pattern("refusals_flip", "revotes flip", "forecast", refusals_flip),
    Pattern("second_vote_ratified", "ratified in August", "forecast", second_vote_ratified),
    Pattern("second_vote_by_union", "all unions in the end", "forecast", lambda runs: beats(runs, "no_change")),
    Pattern("second_vote_against_swing", "closer than a swing", "forecast", lambda runs: beats(runs, "mean_swing")),
)


# --- any case with a vote on record


def first_vote_shares(runs: Evidence) -> Finding:
    """Are the shares on record where worlds drawn from the scenario's ranges put them?"""
    known = [row for row in runs.predicted(None) if row.seen is not None]
    return within(float(known[0].seen or 0), known[0].shares) if len(known) == 1 else mostly_held(known, "inside")


def first_vote_results(runs: Evidence) -> Finding:
    """Do worlds drawn from the scenario's ranges give what happened a fair chance, one in five or more?"""
    known = [row for row in runs.predicted(None) if row.carried is not None]
    carried = [bool(row.carried) for row in known]
    chances = [float(((row.shares > 0.5) == row.carried).mean()) for row in known]
    words = "approved" if all(carried) else "refused" if not any(carried) else f"{sum(carried)} of {len(carried)}"
    return mostly(words, float(np.mean(chances)), least=0.2)


ANY_CASE = (
    Pattern("first_vote_share", "share of yes within the ranges", "prior", first_vote_shares),
    Pattern("first_vote_result", "result has a fair chance", "prior", first_vote_results),
)


def patterns_of(scenario: Scenario) -> tuple[Pattern, ...]:
    """The patterns that are known of a scenario; of a vote without a share on record only the result can be one."""
    if scenario.name == "connecticut-2011":
        return CONNECTICUT
    known = any(result.yes_share is not None for result in read_record(scenario).first_vote)
    return tuple(pattern for pattern in ANY_CASE if known or pattern.look is not first_vote_shares)


def _june_tally(runs: Evidence) -> Tally:
    """The first vote as the posterior would have it, by union."""
    unions = runs.scenario.unions
    cast = np.round(unions.members * 0.72)[:, None] * np.ones(runs.worlds)
    yes = np.round(cast * np.stack([runs.june[name] for name in unions.names]))
    return Tally(names=unions.names, members=unions.members, yes_ballots=yes, no_ballots=cast - yes)
