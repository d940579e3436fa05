"""The patterns on record that runs are held against, one small function each.

A pattern is a claim about the world with a number on record. Its function takes what the model made of it and says
whether it agrees, and how well. Every pattern says how honest a test it is:

* fitted: the fit, or a range set by judgement, has seen the number;
* forecast: nothing has seen it before the comparison;
* theory: a result of theory or of the laboratory that no number was chosen for.

A case whose result set a range (`others.USED_FOR_THE_PRIOR`) counts as fitted.

A pattern over worlds passes when the record lies within the central 90 % of them; its score is the share of worlds at
least as far out on the record's side, doubled: 1 in the middle, below 0.1 outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.checks import apart, predict
from experiments.calibration.forecast import SecondVote, forecast
from experiments.calibration.others import USED_FOR_THE_PRIOR
from experiments.calibration.posterior import Posterior
from experiments.calibration.record import HeldOut, Record, read_held_out, read_record
from sim.acts.session import vote_on_budget
from sim.crisis import Crisis
from sim.outcomes import OUTCOMES, RATIFIED_SECOND_VOTE, SUCCESSES
from sim.ratification.tally import Tally
from sim.record import RollCall
from sim.scenario.parameters import as_stated
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import Runs, simulate

Kind = Literal["fitted", "forecast", "theory"]
INSIDE = 0.1  # score below which a pattern fails: outside the central 90 %


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the model made of a pattern."""

    record: float | str
    found: float | str
    score: float  # 0 to 1
    passes: bool
    low: float | None = None  # of the central 90 % of worlds
    high: float | None = None


class Evidence:
    """The runs of one scenario, made when a pattern first asks for them."""

    def __init__(self, scenario: Scenario, posterior: Posterior, *, worlds: int, seed: int) -> None:
        self.scenario, self.posterior, self.worlds, self.seed = scenario, posterior, worlds, seed

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
    def june(self) -> dict[str, NDArray[np.float64]]:
        """The first vote as the posterior would have it, share of yes by body, (worlds,)."""
        record = self.record.model_copy(update={"first_vote": _every_body(self.scenario)})
        found = predict(self.scenario, record, self.posterior, worlds=self.worlds, seed=self.seed)
        return {row.of: row.shares for row in found}

    @cached_property
    def second_vote(self) -> SecondVote:
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


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A named claim, how honest a test it is, and the function that looks."""

    name: str
    words: str
    kind: Kind
    look: Callable[[Evidence], Finding]


def within(record: float, worlds: NDArray[Any]) -> Finding:
    """Is the record inside the central 90 % of worlds?"""
    known = np.asarray(worlds, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return Finding(record=record, found="no such world", score=0.0, passes=False)
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
    return Finding(record=record, found=round(share, 4), score=share, passes=share >= least)


# --- June 2011


def june_share_of_yes(runs: Evidence) -> Finding:
    return within(21415 / 37403, runs.june["all"])


def june_unions_for_it(runs: Evidence) -> Finding:
    approving = np.sum([runs.june[name] > 0.5 for name in runs.scenario.unions.names], axis=0)
    return within(11, approving)


def june_who_refused(runs: Evidence) -> Finding:
    """The chance that a union which refused was likelier to refuse than one which approved (area under the curve)."""
    refused = ("AFSCME Council 4", "CEUI", "CSPU", "IBPO Local 731")
    chance = {name: float((runs.june[name] <= 0.5).mean()) for name in runs.scenario.unions.names}
    pairs = [(chance[no], chance[yes]) for no in refused for yes in chance if yes not in refused]
    area = float(np.mean([(no > yes) + 0.5 * (no == yes) for no, yes in pairs]))
    likeliest = sorted(chance, key=lambda name: -chance[name])[: len(refused)]
    return Finding(record=", ".join(refused), found=", ".join(likeliest), score=area, passes=area >= 0.9)


def june_corrections(runs: Evidence) -> Finding:
    return within(1158 / 3804, runs.june["NP-4 corrections"])


def june_state_universities(runs: Evidence) -> Finding:
    return within(1054 / 1168, runs.june["CSU-AAUP"])


def june_known_units(runs: Evidence) -> Finding:
    """How many of the known shares lie within their 90 % intervals."""
    found = predict(runs.scenario, runs.record, runs.posterior, worlds=runs.worlds, seed=runs.seed)
    held = [bool(row.holds(0.9)) for row in found if row.seen is not None]
    share = float(np.mean(held))
    return Finding(record=f"{len(held)} shares", found=f"{sum(held)} inside 90 %", score=share, passes=share >= 0.8)


def june_other_units(runs: Evidence) -> Finding:
    """Do the intervals for units of the same kind, whose moods have not seen the results, hold June at their rates?

    The score is the smaller p-value of two exact binomial tests, of the 50 and the 90 % intervals.
    """
    from scipy.stats import binomtest

    found = predict(runs.scenario, runs.record, runs.posterior, worlds=runs.worlds, seed=runs.seed, new_moods=True)
    names = apart(runs.record, runs.scenario)
    rows = [row for row in found if (row.of, row.ballot) in names]
    inside = {level: sum(bool(row.holds(level)) for row in rows) for level in (0.5, 0.9)}
    p_value = min(float(binomtest(count, len(rows), level).pvalue) for level, count in inside.items())
    return Finding(
        record=f"{len(rows)} shares",
        found=f"{inside[0.5]} inside 50 %, {inside[0.9]} inside 90 %",
        score=round(p_value, 4),
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
    found = predict(runs.scenario, runs.record, runs.posterior, worlds=runs.worlds, seed=runs.seed)
    wages = next(row.shares for row in found if row.ballot == "wages" and row.seen is not None)
    unit = next(row.of for row in found if row.ballot == "wages" and row.seen is not None)
    return mostly("0.428 against 0.402", float((wages > runs.june[unit]).mean()))


def real_results_through_the_rules(runs: Evidence) -> Finding:
    """The real results fail 14 of 15 and 80 %, pass 8 of 15 and a majority: a fact about the rules alone."""
    refused = {"AFSCME Council 4", "CEUI", "CSPU", "IBPO Local 731"}
    unions = runs.scenario.unions
    share = np.array(
        [0.44 if name == "AFSCME Council 4" else 0.4 if name in refused else 0.66 for name in unions.names]
    )
    cast = np.round(unions.members * 37403 / 51672)
    yes = np.round(share * cast)[:, None]
    tally = Tally(names=unions.names, members=unions.members, yes_ballots=yes, no_ballots=cast[:, None] - yes)
    rules = runs.scenario.rules
    results = [rule.carries(tally)[0] for rule in (rules.ratification, rules.revised) if rule is not None]
    words = ", ".join("passes" if carried else "fails" for carried in results)
    return Finding(
        record="fails, passes", found=words, score=float(words == "fails, passes"), passes=words == "fails, passes"
    )


# --- the deal


def deal_reached(runs: Evidence) -> Finding:
    return mostly("a tentative deal", float(runs.column("tentative_deal").mean()))


def deal_size(runs: Evidence) -> Finding:
    return within(801.0, runs.column("deal_savings"))


def deal_leaders_surprised(runs: Evidence) -> Finding:
    """Of the deals that leaders expected to pass, how many their members refuse; one in ten makes June no wonder."""
    expected = runs.column("leaders_expected").astype(bool)
    refused = ~runs.column("ratified_1").astype(bool)
    return mostly("expected to pass, refused", float(refused[expected].mean()), least=0.1)


def deal_bunching(runs: Evidence) -> Finding:
    """Do deals bunch at the deadline: more of them in the last tenth of the rounds than that tenth's share of rounds?

    Passes only where the 95 % interval of the share lies above. Source: Roth, Murnighan & Schoumaker (1988).
    """
    from experiments.statistics.intervals import wilson_interval

    agreed = runs.column("agreed_round")
    agreed = agreed[np.isfinite(agreed)]
    rounds = int(as_stated(runs.scenario.calendar.talks.rounds))
    late = agreed > 0.9 * rounds
    even = float((np.arange(1, rounds + 1) > 0.9 * rounds).mean())
    low, high = (float(end) for end in wilson_interval(int(late.sum()), len(late)))
    share = float(late.mean()) if len(late) else 0.0
    return Finding(
        record=f"more than {even:.3f}",
        found=round(share, 4),
        score=min(1.0, share / (3 * even)),  # 1 at the third or more seen in the laboratory
        passes=bool(len(late)) and low > even,
        low=low,
        high=high,
    )


# --- the state house


def may_house(runs: Evidence) -> Finding:
    return within(83, runs.budget.house_yes)


def may_senate(runs: Evidence) -> Finding:
    return within(19, runs.budget.senate_yes)


def july_house(runs: Evidence) -> Finding:
    return within(78, runs.column("house_yes"))


def july_senate(runs: Evidence) -> Finding:
    return within(21, runs.column("senate_yes"))


def july_passes(runs: Evidence) -> Finding:
    return mostly("passed", float(np.nanmean(runs.column("request_passed"))))


def july_aid_spared(runs: Evidence) -> Finding:
    return mostly("spared", float(np.nanmean(runs.column("aid_spared"))))


# --- the window


def leaders_change_the_rule(runs: Evidence) -> Finding:
    return mostly("changed on 18 July", float(runs.second_vote.rule_changed.mean()))


def refusals_flip(runs: Evidence) -> Finding:
    """Of the deals refused at first, how many are ratified at the second vote."""
    outcome = runs.column("outcome")
    refused = runs.column("tentative_deal").astype(bool) & ~runs.column("ratified_1").astype(bool)
    return mostly("revotes flip as a rule", float((outcome[refused] == RATIFIED_SECOND_VOTE).mean()))


def second_vote_ratified(runs: Evidence) -> Finding:
    rules = runs.second_vote.carries
    share = float(rules.get("revised", rules["ratification"]).mean())
    held_out = runs.held_out.ratified
    right = share if held_out else 1 - share
    return Finding(
        record="ratified" if held_out else "refused", found=round(share, 4), score=right, passes=right >= 0.5
    )


def second_vote_by_union(runs: Evidence) -> Finding:
    """Of the results by union, how many were given more than even odds; better than that nothing changes?"""
    return _scored_against(runs, "no_change")


def second_vote_against_swing(runs: Evidence) -> Finding:
    """The same, against everybody moving as the people of earlier revotes did."""
    return _scored_against(runs, "uniform_swing")


def _scored_against(runs: Evidence, naive: str) -> Finding:
    """Passes where the Brier score is below that of a naive forecast; the score is one less the Brier score."""
    from experiments.calibration.held_out import score_second_vote

    score = score_second_vote(runs.second_vote, runs.scenario, runs.held_out)
    right = [row["model"]["brier"] < 0.25 for row in score["rows"]]
    brier, other = (score["scores"][name]["brier"]["mean"] for name in ("model", naive))
    return Finding(
        record=f"{len(right)} results",
        found=f"{sum(right)} called, Brier {brier:.3f} ({naive.replace('_', ' ')} {other:.3f})",
        score=1 - brier,
        passes=brier < other,
    )


CONNECTICUT = (
    Pattern(name="june_share_of_yes", words="57.3 % of ballots", kind="fitted", look=june_share_of_yes),
    Pattern(name="june_unions_for_it", words="11 of 15 unions", kind="fitted", look=june_unions_for_it),
    Pattern(name="june_who_refused", words="which four refused", kind="fitted", look=june_who_refused),
    Pattern(name="june_corrections", words="30 % in corrections", kind="fitted", look=june_corrections),
    Pattern(
        name="june_state_universities", words="90 % at the universities", kind="fitted", look=june_state_universities
    ),
    Pattern(name="june_known_units", words="units within intervals", kind="fitted", look=june_known_units),
    Pattern(name="june_other_units", words="units of the same kind", kind="fitted", look=june_other_units),
    Pattern(name="june_turnout", words="37,403 ballots cast", kind="fitted", look=june_turnout),
    Pattern(name="june_more_yes_on_wages", words="more yes on wages", kind="fitted", look=june_more_yes_on_wages),
    Pattern(name="june_fails_the_rule", words="refused under 14 of 15", kind="fitted", look=june_fails_the_rule),
    Pattern(
        name="rules_on_real_results", words="old rule no, new yes", kind="theory", look=real_results_through_the_rules
    ),
    Pattern(name="may_house", words="budget, House 83", kind="fitted", look=may_house),
    Pattern(name="may_senate", words="budget, Senate 19", kind="fitted", look=may_senate),
    Pattern(name="deal_reached", words="a tentative deal", kind="fitted", look=deal_reached),
    Pattern(name="deal_size", words="801 M$ a year", kind="fitted", look=deal_size),
    Pattern(name="deal_bunching", words="deals bunch at the end", kind="theory", look=deal_bunching),
    Pattern(name="leaders_surprised", words="leaders surprised", kind="forecast", look=deal_leaders_surprised),
    Pattern(name="july_passes", words="power to cut granted", kind="forecast", look=july_passes),
    Pattern(name="july_house", words="authority, House 78", kind="forecast", look=july_house),
    Pattern(name="july_senate", words="authority, Senate 21", kind="forecast", look=july_senate),
    Pattern(name="july_aid_spared", words="town aid spared", kind="forecast", look=july_aid_spared),
    Pattern(name="leaders_change_rule", words="rule changed in time", kind="forecast", look=leaders_change_the_rule),
    Pattern(name="refusals_flip", words="revotes flip", kind="forecast", look=refusals_flip),
    Pattern(name="second_vote_ratified", words="ratified in August", kind="forecast", look=second_vote_ratified),
    Pattern(name="second_vote_by_union", words="all unions in the end", kind="forecast", look=second_vote_by_union),
    Pattern(
        name="second_vote_against_swing", words="closer than a swing", kind="forecast", look=second_vote_against_swing
    ),
)


# --- any case with a vote on record


def first_vote_shares(runs: Evidence) -> Finding:
    """Are the shares on record where worlds drawn from the scenario's ranges put them?"""
    found = predict(runs.scenario, runs.record, None, worlds=runs.worlds, seed=runs.seed)
    known = [(row.seen, row.shares) for row in found if row.seen is not None]
    if len(known) == 1:
        return within(float(known[0][0] or 0), known[0][1])
    held = [bool(row.holds(0.9)) for row in found if row.seen is not None]
    share = float(np.mean(held)) if held else 1.0
    return Finding(record=f"{len(held)} shares", found=f"{sum(held)} inside", score=share, passes=share >= 0.8)


def first_vote_results(runs: Evidence) -> Finding:
    """Do worlds drawn from the scenario's ranges give what happened a fair chance, one in five or more?"""
    found = predict(runs.scenario, runs.record, None, worlds=runs.worlds, seed=runs.seed)
    chances = [float(((row.shares > 0.5) == row.carried).mean()) for row in found if row.carried is not None]
    chance = float(np.mean(chances))
    carried = [row.carried for row in found if row.carried is not None]
    words = "approved" if all(carried) else "refused" if not any(carried) else f"{sum(carried)} of {len(carried)}"
    return mostly(words, chance, least=0.2)


def deal_is_possible(runs: Evidence) -> Finding:
    """Neither certain nor impossible: the case is a question."""
    share = float(np.isin(runs.column("outcome"), SUCCESSES).mean())
    return Finding(
        record="uncertain", found=round(share, 4), score=float(4 * share * (1 - share)), passes=0.02 < share < 0.98
    )


ANY_CASE = (
    Pattern(name="first_vote_share", words="share of yes within the ranges", kind="forecast", look=first_vote_shares),
    Pattern(name="first_vote_result", words="result has a fair chance", kind="forecast", look=first_vote_results),
    Pattern(name="deal_is_possible", words="neither sure nor hopeless", kind="forecast", look=deal_is_possible),
)


def patterns_of(scenario: Scenario) -> tuple[Pattern, ...]:
    """The patterns that are known of a scenario; of a vote without a share on record only the result can be one."""
    if scenario.name == "connecticut-2011":
        return CONNECTICUT
    known = any(result.yes_share is not None for result in read_record(scenario).first_vote)
    patterns = tuple(pattern for pattern in ANY_CASE if known or pattern.look is not first_vote_shares)
    if scenario.name in USED_FOR_THE_PRIOR:
        return tuple(replace(pattern, kind="fitted") for pattern in patterns)
    return patterns


def _every_body(scenario: Scenario) -> tuple[Any, ...]:
    """Every union, unit and the whole, asked for their shares."""
    from experiments.calibration.record import ALL, Result

    names = dict.fromkeys([*scenario.unions.names, *scenario.units.names, ALL])
    return tuple(Result(of=(name,), carried=True, source="asked for") for name in names)


def _june_tally(runs: Evidence) -> Tally:
    """The first vote as the posterior would have it, by union."""
    unions = runs.scenario.unions
    cast = np.round(unions.members * 0.72)[:, None] * np.ones(runs.worlds)
    yes = np.round(cast * np.stack([runs.june[name] for name in unions.names]))
    return Tally(names=unions.names, members=unions.members, yes_ballots=yes, no_ballots=cast - yes)


def outcome_shares(runs: Evidence) -> dict[str, float]:
    """Shares of outcomes over the ensemble, for the head of a table."""
    outcome = runs.column("outcome")
    return {name: float((outcome == code).mean()) for code, name in enumerate(OUTCOMES)}
