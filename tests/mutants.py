"""Wrong rules, each of which a test that states a fact must notice: ``python -m tests.mutants [WORD ...]``.

By hand, not in the usual run: ``python -m tests.mutants > docs/mutants.md``. Each mutant changes one rule in a copy of
the source, runs the test that states the very fact, then the comparison with the reference, and a table says which test
noticed. Words choose mutants by their rule. A mutant is known by a short snippet, found once in all of ``sim`` and
``agents`` wherever it stands; the usual run checks that (`tests/test_mutants.py`), so a rule that is rewritten takes
its mutant along.
"""

from __future__ import annotations

import compileall
import contextlib
import hashlib
import importlib.util
import multiprocessing
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np  # noqa: F401 - what takes long to import is imported before a process is forked
import pydantic  # noqa: F401
import pytest
import scipy.stats  # noqa: F401

ROOT = Path(__file__).parents[1]
SOURCE = ("sim", "agents")
COMPARISON = "tests/reference/test_world_by_world.py"
PATIENCE = 900  # seconds a mutant may take


class Mutant(NamedTuple):
    """A rule made wrong: what it then says, the snippet and what it becomes, and the test that states the fact."""

    wrong: str
    snippet: str
    becomes: str
    fact: str


ROUND = "tests/sim/test_coming_round.py::"
MEMBERS = "tests/agents/test_members.py::"
LEADERS = "tests/agents/test_leaders.py::"
LEGISLATORS = "tests/agents/test_legislators.py::"
BELIEFS = "tests/sim/public/test_beliefs.py::"
CAMPAIGN = "tests/sim/public/test_campaign.py::"
TERMS = "tests/sim/bargaining/test_terms.py::"
BALLOTS = "tests/sim/ratification/test_ballots.py::"
THREATS = "tests/sim/test_threats.py::"
LOBBYING = "tests/sim/test_lobbying.py::"
ONE_BALLOT = "tests/sim/test_one_ballot.py::"
SETTLEMENT = "tests/sim/test_settlement.py::"
WINDOW = "tests/sim/test_window.py::"
SESSION = "tests/sim/test_session.py::"
SIGNS = "tests/sim/test_signs.py::"
TALKS = "tests/sim/test_talks_in_the_crisis.py::"

MUTANTS = [
    # --- members
    Mutant(
        "reactance raises goodwill instead of lowering it",
        "members.trust - members.fatigue - members.reactance",
        "members.trust - members.fatigue + members.reactance",
        MEMBERS + "test_resentment_bred_by_threats_lowers_every_unit_s_chance_of_a_yes",
    ),
    Mutant(
        "weariness counts as goodwill",
        "of_all = members.trust - members.fatigue",
        "of_all = members.trust + members.fatigue",
        MEMBERS + "test_weary_members_say_yes_less_often_in_every_unit",
    ),
    Mutant(
        "solidarity ignores how far a unit shares a payroll with the towns",
        "solidarity = dual_payroll * (",
        "solidarity = 1.0 * (",
        MEMBERS + "test_solidarity_weighs_by_how_far_a_unit_shares_its_union_with_the_towns",
    ),
    Mutant(
        "the wages ballot weighs the whole deal, as the benefits ballot does",
        "burden = self.felt(self.wage_factor * deal.wages_burden)",
        "burden = self.felt(self.wage_factor * deal.wages_burden + deal.benefits_burden)  # whole",
        MEMBERS + "test_what_the_terms_cost_on_benefits_is_no_matter_on_the_wages_ballot",
    ),
    Mutant(
        "the benefits ballot leaves wages out",
        "burden = self.felt(self.wage_factor * deal.wages_burden + deal.benefits_burden)",
        "burden = self.felt(deal.benefits_burden)",
        MEMBERS + "test_what_it_costs_in_wages_is_weighed_on_both_ballots",
    ),
    Mutant(
        "fewer turn out where more is at stake",
        "base + per_stake * stakes",
        "base - per_stake * stakes",
        MEMBERS + "test_turnout_rises_where_posts_are_at_risk_and_nowhere_else",
    ),
    Mutant(
        "another electorate votes the second time",
        "        if not self._known:\n",
        "        if True:\n",
        MEMBERS + "test_the_same_people_vote_again",
    ),
    Mutant(
        "the leaked reference point is compared the wrong way",
        "np.maximum(0.0, burden - self.leaked_burden)",
        "np.maximum(0.0, self.leaked_burden - burden)",
        SIGNS + "test_leaked_offers_never_raise_a_unit_s_yes_share",
    ),
    Mutant(
        "the same question, asked again, gains a yes",
        "bound = 3 * deviation",
        "bound = 3 * deviation + 0.5",
        BALLOTS + "test_the_same_people_asked_the_same_question_give_the_same_answer",
    ),
    # --- leaders
    Mutant(
        "a leader whose own members are at risk of layoff is against changing the rule",
        "+ risk_weight * own_risk",
        "- risk_weight * own_risk",
        LEADERS + "test_a_leader_whose_own_members_are_at_risk_is_readier_to_change_the_rule",
    ),
    Mutant(
        "leaders' optimism has the wrong sign",
        "self.heard_mood + single(self.preferences.optimism)",
        "self.heard_mood - single(self.preferences.optimism)",
        LEADERS + "test_the_more_optimistic_the_leaders_the_more_they_sign_away",
    ),
    Mutant(
        "leaders who look to a majority look to the rule, and the other way round",
        'leaders.foresee == "majority"',
        'leaders.foresee != "majority"',
        LEADERS + "test_leaders_who_look_to_the_rule_hold_out_for_more_than_those_content_with_a_majority",
    ),
    Mutant(
        "a leader minds what the members of all unions do not want",
        "+ (majority_yes_share - 0.5)",
        "- (majority_yes_share - 0.5)",
        LEADERS + "test_a_leader_follows_his_own_members_and_the_members_of_all_unions",
    ),
    Mutant(
        "a leader waives the notice only of a change he votes for",
        "lean + self.preferences.collegiality > 0",
        "lean > 0",
        LEADERS + "test_a_collegial_leader_lets_a_change_take_effect_that_he_votes_against",
    ),
    # --- beliefs
    Mutant(
        "a list that is re-aimed does not keep its length",
        "shares * (1 - np.asarray(aim))",
        "shares",
        BELIEFS + "test_a_list_that_is_re_aimed_keeps_its_length",
    ),
    Mutant(
        "an act that points to a list speaks to units without posts on it",
        "self._acts.append(Weight(single(exposed),",
        "self._acts.append(Weight(single(np.ones_like(exposed)),",
        BELIEFS + "test_whoever_has_no_post_on_the_list_learns_nothing_from_a_threat",
    ),
    Mutant(
        "a threat makes the list less believed",
        "odds = odds + reached[some] * weight",
        "odds = odds - reached[some] * weight",
        BELIEFS + "test_a_threat_adds_the_logarithm_of_its_likelihood_ratio",
    ),
    Mutant(
        "belief breeds the resentment, as if both were one number",
        "np.where(happened, threat.resented, 0.0)",
        "np.where(happened, np.log(threat.believed), 0.0)",
        ROUND + "test_a_more_resented_threat_never_raises_one",
    ),
    Mutant(
        "a withdrawn threat is believed as before",
        "evidence=act.evidence * (1 - where * evidence)",
        "evidence=act.evidence",
        ROUND + "test_a_withdrawn_threat_fades_and_one_that_stands_does_not",
    ),
    Mutant(
        "whoever said yes gives up as readily as whoever said no",
        "self.people - yes - middle",
        "self.people - middle",
        ROUND + "test_who_gives_up_is_drawn_from_the_noes_and_the_rest_vote_as_the_people_they_are",
    ),
    Mutant(
        "harm that has begun moves whom it does not name",
        "exposed * acts for threat, acts in state.threats_out if threat.begins_harm",
        "np.ones_like(exposed) * acts for threat, acts in state.threats_out if threat.begins_harm",
        ROUND + "test_harm_that_has_begun_moves_the_units_it_names_most",
    ),
    Mutant(
        "better revenue makes the list more believed",
        "self.common + np.where(happened, np.log(likelihood_ratio), 0.0)",
        "self.common - np.where(happened, np.log(likelihood_ratio), 0.0)",
        BELIEFS + "test_better_revenue_makes_the_list_less_believed",
    ),
    Mutant(
        "the menu is published in spite of a tentative deal",
        '        if when == "no_deal":\n            return ~self.agreed\n',
        '        if when == "no_deal":\n            return ~self.ratified[0]\n',
        BELIEFS + "test_a_deal_at_the_table_ends_the_reason_to_threaten",
    ),
    Mutant(
        "a re-aimed list is forgotten with the act that re-aimed it",
        "state.re_aimed.get(threat.list, drawn_up[:, None])",
        "drawn_up[:, None]",
        BELIEFS + "test_the_notices_of_july_go_to_the_list_as_it_was_re_aimed_in_june",
    ),
    # --- campaign
    Mutant(
        "the second campaign runs at the first one's rate",
        "value.meetings_per_week if vote == 1 else value.second_meetings_per_week",
        "value.meetings_per_week",
        CAMPAIGN + "test_each_campaign_runs_at_its_own_rate",
    ),
    Mutant(
        "outsiders mislead those who have just been to a meeting",
        "misled = misinform * (now.unaware - learned)",
        "misled = misinform * now.unaware",
        CAMPAIGN + "test_whoever_has_been_to_a_meeting_is_not_misled_that_week",
    ),
    Mutant(
        "false beliefs give way as readily as ignorance",
        "corrected = informing * correction * now.misinformed",
        "corrected = informing * now.misinformed",
        CAMPAIGN + "test_a_false_belief_gives_way_only_as_far_as_it_can_be_corrected",
    ),
    Mutant(
        "a clarified text disarms the other part of the false claims",
        "cleared = share * now.misinformed",
        "cleared = (1 - share) * now.misinformed",
        CAMPAIGN + "test_a_clarified_text_disarms_its_part_of_the_false_claims",
    ),
    # --- terms and talks
    Mutant(
        "job security protects more than wholly",
        "np.minimum(rows.guards.added_up(amounts, here), FULL_PROTECTION)",
        "rows.guards.added_up(amounts, here)",
        TERMS + "test_nobody_is_protected_more_than_wholly",
    ),
    Mutant(
        "all that a deal saves hangs on the wages ballot",
        "wage_savings=total(saved[rows.on_wages])",
        "wage_savings=total(saved)",
        TERMS + "test_only_what_is_on_the_wages_ballot_hangs_on_it",
    ),
    Mutant(
        "every saving lasts",
        "structural=total(rows.structural * saved)",
        "structural=total(saved)",
        TERMS + "test_savings_add_up_and_the_lasting_part_is_each_issue_s_own",
    ),
    Mutant(
        "the zone of agreement ignores that no deal may be worth more than any package",
        "beats_none = np.asarray(governor.reservation) <= 1",
        "beats_none = np.asarray(governor.reservation) <= np.inf",
        TALKS + "test_there_is_no_zone_of_agreement_where_no_deal_is_worth_more_to_the_governor_than_any_package",
    ),
    Mutant(
        "a side takes what is worth what it asks for now, and not what it would ask for next",
        "return self.aspiration(moment.next())",
        "return self.aspiration(moment)",
        "tests/sim/bargaining/test_talks.py::test_a_side_takes_what_it_would_itself_ask_for_next",
    ),
    Mutant(
        "a side with enough asks for all there is",
        "return np.minimum(self.enough, 1.0)",
        "return self.enough + self.beyond * np.maximum(1.0 - self.enough, 0.0)",
        "tests/sim/bargaining/test_concave_worth.py::test_who_has_enough_asks_for_no_more",
    ),
    Mutant(
        "yielding costs nothing in the next crisis where a demand binds",
        "bound = (reservation + reputation + price * demand) / (1.0 + reputation + price)",
        "bound = (reservation + price * demand) / (1.0 + price)",
        "tests/sim/bargaining/test_reasons_to_hold_out.py::"
        "test_who_yields_pays_again_in_the_next_crisis_so_the_floor_is_where_a_deal_less_that_is_worth_no_deal",
    ),
    Mutant(
        "leaders do not know what their members have read",
        "hearing=bodies.leaders.hear(conditions_of(state, numbers), risk=risks)",
        "hearing=bodies.leaders.hear(Conditions(state.beliefs.resentment), risk=risks)",
        TALKS + "test_what_members_have_read_of_their_offers_keeps_leaders_from_signing",
    ),
    Mutant(
        "who votes later does not know who has said yes",
        "of_all = of_all + members.others_yes * conditions.heard_yes",
        "of_all = of_all + 0 * conditions.heard_yes",
        "tests/sim/test_voting_in_turn.py::test_yes_that_is_known_brings_more_yes_and_the_first_to_vote_know_of_none",
    ),
    # --- threats
    Mutant(
        "the price of withdrawing a threat is charged where it is not withdrawn",
        "np.where(taken, threat.withdrawal, 0.0)",
        "np.where(~taken, threat.withdrawal, 0.0)",
        THREATS + "test_only_a_threat_that_is_withdrawn_costs_its_withdrawal",
    ),
    Mutant(
        "a governor who threatens only where it pays counts all of the gain instead of half",
        "0.5 * gain > cost + withdrawal",
        "gain > cost + withdrawal",
        THREATS + "test_a_governor_who_counts_threatens_where_half_of_what_it_adds_is_worth_its_price",
    ),
    Mutant(
        "a threat that is not issued costs its price too",
        "np.where(acts, threat.cost, 0.0)",
        "np.where(True, threat.cost, 0.0)",
        THREATS + "test_only_a_threat_that_is_issued_costs_its_price",
    ),
    Mutant(
        "a tentative deal leaves the threats hanging",
        "[*withdraw_threats(where, state, numbers), *silent]",
        "[*silent]",
        THREATS + "test_only_a_threat_that_is_withdrawn_costs_its_withdrawal",
    ),
    Mutant(
        "a tentative deal takes threats back only once it is voted on",
        "return [*happenings, deal, *relent(record.accepted, state, bodies, numbers)]",
        "return [*happenings, deal]",
        LOBBYING + "test_a_tentative_deal_takes_threats_back_on_its_day",
    ),
    Mutant(
        "a list that nobody published is in force all the same",
        "listed = aimed if acts.all() else np.where(acts, aimed, state.listed)",
        "listed = aimed",
        LOBBYING + "test_a_list_that_was_not_published_takes_nobody_s_post",
    ),
    Mutant(
        "whips do not count again when a list puts other jobs at stake",
        "    if other_posts and not state.talks_over:",
        "    if False:",
        LOBBYING + "test_a_longer_list_during_the_talks_makes_the_whips_count_fewer_votes",
    ),
    # --- mayors
    Mutant(
        "legislators hear on the first day what the governor only foresees",
        "return bodies.assembly.members.weighs(loss_share, felt)",
        "toll = bodies.assembly.members.weighs(loss_share, felt)\n"
        "    return bodies.assembly.members.hear_towns(toll, np.ones(len(threat), bool)) or toll",
        LOBBYING + "test_the_governor_foresees_what_mayors_would_do_and_legislators_hear_nothing_of_it",
    ),
    Mutant(
        "mayors do not mind what a list names",
        "named = np.maximum(state.aid_threat, threat.aid * _open_share(state))",
        "named = state.aid_threat",
        LOBBYING + "test_mayors_are_silent_until_the_menu_names_their_aid",
    ),
    Mutant(
        "a list that names less than is feared calms mayors",
        "named = np.maximum(state.aid_threat, threat.aid * _open_share(state))",
        "named = threat.aid * _open_share(state)",
        LOBBYING + "test_a_list_that_names_next_to_no_aid_calms_nobody",
    ),
    Mutant(
        "a menu names all its aid though part of the gap is filled",
        "threat.aid * _open_share(state))",
        "threat.aid)",
        LOBBYING + "test_a_menu_shrinks_with_the_revenue_that_is_found",
    ),
    Mutant(
        "revenue that is found does not calm mayors",
        "less = state.aid_threat * _open_share(state) / np.maximum(before, TINY)",
        "less = state.aid_threat",
        LOBBYING + "test_a_menu_shrinks_with_the_revenue_that_is_found",
    ),
    Mutant(
        "mayors lobby on though there is a deal",
        "*withdraw_threats(where, state, numbers), *silent]",
        "*withdraw_threats(where, state, numbers)]",
        LOBBYING + "test_a_deal_silences_mayors_on_its_day",
    ),
    Mutant(
        "a refusal does not alarm mayors",
        "threat = np.where(state.ratified[0], 0.0, feared_cut(state, numbers))",
        "threat = np.zeros(state.worlds)",
        LOBBYING + "test_mayors_speak_up_when_members_refuse_and_are_silent_where_they_ratify",
    ),
    Mutant(
        "a request makes mayors forget what a list named",
        "feared = np.maximum(feared_cut(state, numbers), state.aid_threat)",
        "feared = feared_cut(state, numbers)",
        LOBBYING + "test_twice_the_aid_on_the_list_of_june_makes_mayors_louder_where_it_exceeds_what_they_feared",
    ),
    Mutant(
        "a request without town aid alarms mayors too",
        "threat = np.where(state.request.aid_scope > 0, feared, 0.0)",
        "threat = feared",
        LOBBYING + "test_a_request_without_aid_and_a_deal_ratified_in_august_end_the_lobbying",
    ),
    Mutant(
        "mayors lobby on though the second vote ratifies",
        'stops = mayors_answer(np.zeros(state.worlds), "deal", state.ratified[1], state, bodies)',
        "stops: Happenings = []",
        LOBBYING + "test_a_request_without_aid_and_a_deal_ratified_in_august_end_the_lobbying",
    ),
    Mutant(
        "a mayor does not count on his balance",
        "resolve * (loss_share - cushion_share)",
        "resolve * loss_share",
        LOBBYING + "test_every_town_s_effort_is_what_its_balance_leaves_uncovered",
    ),
    # --- session
    Mutant(
        "whips learn nothing from the recorded roll call",
        "state.counted = True",
        "state.counted = False",
        LOBBYING + "test_once_leans_are_known_and_never_waver_the_session_does_what_the_whips_foretell",
    ),
    Mutant(
        "whips take a lean of old for the lean of the day",
        "return steadiness * self.lean, np.maximum(",
        "return self.lean, np.maximum(",
        LEGISLATORS + "test_the_rest_of_a_lean_has_nothing_to_do_with_what_is_foretold_and_the_spread_it_is_given",
    ),
    Mutant(
        "whips are as unsure of the rest of a lean as of all of it",
        "np.maximum(np.sqrt(1 - np.square(steadiness)), single(LEAST_MOOD))",
        "single(1.0)",
        LEGISLATORS + "test_the_rest_of_a_lean_has_nothing_to_do_with_what_is_foretold_and_the_spread_it_is_given",
    ),
    Mutant(
        "who missed the recorded roll call comes to it",
        'here[self.seat.recorded["absent"]] = False',
        'here[self.seat.recorded["absent"]] = True',
        SESSION + "test_where_members_are_known_by_their_votes_the_roll_call_is_the_recorded_one",
    ),
    Mutant(
        "an agreement speaks to the governor's side alone",
        "Asked(-(extra + own_side), -single(extra))",
        "Asked(-(extra + own_side), single(0.0))",
        LOBBYING + "test_an_agreement_speaks_to_both_sides_of_the_aisle",
    ),
    Mutant(
        "a legislator's new lean ignores steadiness",
        "np.sqrt(1 - np.square(steadiness)) * mood + steadiness * lean",
        "np.sqrt(1 - np.square(steadiness)) * mood + lean",
        LEGISLATORS + "test_a_new_day_changes_a_lean_and_not_how_far_leans_are_spread",
    ),
    Mutant(
        "striking aid takes a majority of the House only",
        "struck = (scope > 0) & assembly.carried(amendment, amendment=True)",
        "struck = (scope > 0) & assembly.house.carries(amendment.house)",
        SESSION + "test_striking_aid_takes_a_majority_of_each_chamber",
    ),
    Mutant(
        "the lieutenant governor breaks ties of the House too",
        'kind("house", rows["house"], tie_breaker=False)',
        'kind("house", rows["house"], tie_breaker=bool(self.preferences.tie_breaker))',
        SESSION + "test_a_tie_fails_unless_the_lieutenant_breaks_it_in_the_senate",
    ),
    Mutant(
        "an agreement needs a vote though silence would do",
        'if wants.approval == "deemed":',
        'if wants.approval != "deemed":',
        SESSION + "test_an_agreement_is_deemed_approved_where_a_vote_would_tie",
    ),
    # --- settlement
    Mutant(
        "the power to cut is granted also where the session never met",
        "lapses = in_force | state.ratified[0]",
        "lapses = in_force",
        SETTLEMENT + "test_a_session_that_never_met_grants_nothing",
    ),
    Mutant(
        "units that refuse the part on wages keep their protection",
        "unprotected = 1.0 - accepts * state.deal.protection",
        "unprotected = 1.0 - in_force * state.deal.protection",
        SETTLEMENT + "test_a_unit_that_refuses_its_wages_part_loses_its_protection_and_one_that_accepts_keeps_it",
    ),
    Mutant(
        "units that refuse the part on wages lose their raises all the same",
        "savings = state.deal.savings - forgone / total(payroll)",
        "savings = state.deal.savings",
        SETTLEMENT + "test_a_unit_that_refuses_its_wages_part_keeps_its_raises",
    ),
    Mutant(
        "a deal with no part on wages binds those alone who accept it",
        "if not rows.on_wages.any():",
        "if rows.on_wages.all() is None:",
        ONE_BALLOT + "test_units_are_bound_and_protected_by_a_deal_all_on_benefits",
    ),
    Mutant(
        "what a deal saves beyond the gap counts",
        "np.where(in_force, np.minimum(savings, state.gap), 0.0)",
        "np.where(in_force, savings, 0.0)",
        SETTLEMENT + "test_what_a_deal_saves_beyond_the_gap_fills_nothing",
    ),
    Mutant(
        "an agreement that the chambers refuse is in force",
        "return ratified & state.approved",
        "return ratified",
        SETTLEMENT + "test_an_agreement_that_the_chambers_refuse_saves_nothing_and_protects_nobody",
    ),
    Mutant(
        "revenue that is not usable fills the gap",
        "np.where(happens, usable, 0.0)",
        "np.where(happens, news.revenue, 0.0)",
        SETTLEMENT + "test_revenue_fills_the_gap_as_far_as_it_is_usable",
    ),
    Mutant(
        "a layoff saves the whole year's pay, whenever its notice runs out",
        '"layoffs": layoffs * part_of_year(numbers.scenario)',
        '"layoffs": layoffs',
        SETTLEMENT + "test_layoffs_save_what_is_left_of_the_year_when_notices_have_run_out",
    ),
    # --- window
    Mutant(
        "the second vote is always counted under the revised rule",
        "state.rule_changed, revised.carries(tally), rules.ratification.carries(tally)",
        "True, revised.carries(tally), rules.ratification.carries(tally)",
        WINDOW + "test_the_second_vote_is_counted_under_the_rule_that_then_stands",
    ),
    Mutant(
        "a change of the rule takes effect without a waiver of the notice",
        "state.rule_changed = changed & in_time",
        "state.rule_changed = changed",
        LEADERS + "test_without_everybody_s_waiver_a_change_comes_too_late",
    ),
    Mutant(
        "a deal ratified in June is voted on again",
        "return self.agreed & ~self.ratified[0]",
        "return self.agreed",
        WINDOW + "test_only_a_refused_deal_is_voted_on_twice",
    ),
]


def places(snippet: str, root: Path = ROOT) -> list[Path]:
    """Every file of the source with this snippet, once for each time that it stands there."""
    files = [file for folder in SOURCE for file in sorted((root / folder).rglob("*.py"))]
    return [file for file in files for _ in range(file.read_text(encoding="utf-8").count(snippet))]


class Failures:
    """A plugin of pytest's that remembers which tests failed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.append(report.nodeid.split("::", 1)[1])


def failed(*tests: str) -> list[str]:
    """Names of the tests that fail, at most the first. Raises RuntimeError where none was run."""
    failures = Failures()
    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[failures])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run {tests}: {code!r}")
    return failures.names


def noticed(root: Path, *runs: tuple[str, ...]) -> list[list[str]]:
    """Who notices in a copy of the tree: of each run of tests, those that fail. In a process forked for it."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply_async(_run, (root, runs)).get(PATIENCE)


def _run(root: Path, runs: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    ours = {ROOT, ROOT / "tests", ROOT / "tests/support"}
    sys.path[:] = [str(root), str(root / "tests"), *(path for path in sys.path if Path(path).resolve() not in ours)]
    sys.dont_write_bytecode = True
    os.chdir(root)
    with (root / "said.txt").open("w") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        _keep_the_reference(root / "kept")
        import sim

        assert Path(sim.__file__).is_relative_to(root), "the tree that is tested is the copy"
        return [failed(*tests) for tests in runs]


def _keep_the_reference(folder: Path) -> None:
    """Of the model it shares the scenario and the luck only, so what it plays is the same under every mutant."""
    from reference import crisis

    play = crisis.play
    folder.mkdir(exist_ok=True)

    def kept(case: Any, *, seed: int, world: int) -> Any:
        key = repr((case.name, sorted(case.settings.items()), seed, world)).encode()
        file = folder / hashlib.sha256(key).hexdigest()
        if not file.exists():
            file.write_bytes(pickle.dumps(play(case, seed=seed, world=world)))
        return pickle.loads(file.read_bytes())

    crisis.play = kept


@contextlib.contextmanager
def made_wrong(mutant: Mutant, root: Path) -> Iterator[None]:
    """The copy of the tree with this rule made wrong, and then as it was."""
    (file,) = places(mutant.snippet, root)
    right = file.read_text(encoding="utf-8")
    file.write_text(right.replace(mutant.snippet, mutant.becomes), encoding="utf-8")
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
    try:
        yield
    finally:
        file.write_text(right, encoding="utf-8")


def chosen(words: list[str]) -> list[Mutant]:
    """All mutants, or those whose rule has one of these words in it."""
    return [mutant for mutant in MUTANTS if not words or any(word in mutant.wrong for word in words)]


HEADING = """# Wrong rules, and who notices

Each row is a rule of the model made wrong, the test of a fact that fails under it, and the setting in which the
comparison with the scalar reference (`tests/reference/`) first fails. `python -m tests.mutants > docs/mutants.md`
writes this page; it is run by hand, since every row plays the crisis anew.

| the rule made wrong | noticed by the test | and in the comparison by |
|---|---|---|"""


def main(words: list[str]) -> int:
    """Print the page, a row a mutant. How many went unnoticed by the test of their fact."""
    unnoticed, say = 0, partial(print, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "tree"
        left_out = shutil.ignore_patterns(".*", "__pycache__", "results", "docs", "*.egg-info", "build")
        shutil.copytree(ROOT, root, ignore=left_out)
        for part in (*SOURCE, "tests"):
            compileall.compile_dir(root / part, quiet=2)
        facts = tuple(sorted({mutant.fact for mutant in chosen(words)}))
        if any(noticed(root, facts, (COMPARISON,))):
            raise RuntimeError("a test fails without any mutant")
        say(HEADING)
        for mutant in chosen(words):
            with made_wrong(mutant, root):
                fact, compared = noticed(root, (mutant.fact,), (COMPARISON,))
            unnoticed += not fact
            cells = [", ".join(f"`{name}`" for name in names) or "**nobody**" for names in (fact, compared)]
            say(f"| {mutant.wrong} | {cells[0]} | {cells[1]} |")
    return unnoticed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
