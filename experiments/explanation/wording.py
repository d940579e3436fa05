"""Explanations as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.wording import millions, percent

MOST_SHOWN = 12  # rows of a table; the rest is in --json
MOST_SETTINGS = 8  # likewise settings of a run


def world_as_text(said: dict[str, Any]) -> str:
    """What ``planb explain SCENARIO --world K`` prints."""
    where = f"{said['scenario']}, world {said['world']} of seed {said['seed']}"
    pinned = {**said["settings"], **said["point"]}
    if pinned:
        where += f" with {settings_in_words(pinned)}"
    lines = [
        where,
        "",
        f"outcome: {said['outcome'].replace('_', ' ')}" + ("" if said["deal"] else f" ({said['stage']})"),
        "",
    ]
    lines += _table_lines(said["table"])
    for vote in said["votes"]:
        lines += _vote_lines(vote)
    if "amendment" in said:
        lines += _amendment_lines(said["amendment"])
    if "legislature" in said:
        lines += _legislature_lines(said["legislature"])
    lines += ["", *_flip_lines(said)]
    if said["nearest_offer"] is not None:
        lines += ["", *_offer_lines(said["nearest_offer"])]
    return "\n".join(lines)


def settings_in_words(values: Mapping[str, Any]) -> str:
    """``members.trust = 1.2, ...``: the first of them; a sampled point has too many to read."""
    words = [f"{key} = {_short(value)}" for key, value in values.items()]
    left = f" and {len(words) - MOST_SETTINGS} more (--json)" if len(words) > MOST_SETTINGS else ""
    return ", ".join(words[:MOST_SETTINGS]) + left


def ensemble_as_text(said: dict[str, Any]) -> str:
    """What ``planb explain SCENARIO --worlds N`` prints."""
    lines = [
        f"{said['scenario']}: {said['worlds']:,} worlds of seed {said['seed']}, of which {_share(said['failures'])} "
        "without a deal",
        "",
    ]
    for title, rows in (
        ("where they failed", said["anatomy"]["stages"]),
        ("for want of which condition", said["anatomy"]["conditions"]),
        ("who could have turned it alone", said["anatomy"]["pivotal"]),
    ):
        if rows:
            lines += [f"{title}, of the failures:"]
            lines += [
                f"  {percent(row['share'], 1):>7}  [{row['low']:.3f}, {row['high']:.3f}]  {row['name']}"
                for row in rows[:8]
            ]
            lines += [""]
    for table in (_lever_table(said["levers"]), _uncertainty_table(said["uncertainties"])):
        lines += [*table, ""]
    lines += list(_smallest_table(said))
    return "\n".join(lines)


def _table_lines(table: dict[str, Any] | None) -> list[str]:
    """How far the sides were apart, where they parted without a deal."""
    if table is None or table["agreed"]:
        return []
    floor = f"no deal is worth {millions(table['governors_no_deal_value'])} M$ a year to the governor"
    best = table["most_the_leaders_could_carry"]
    if best is None:
        return [f"at the table: {floor}; the leaders expect no package at all to be ratified"]
    carry = f"the best package for him that leaders expect to carry is worth {millions(best)} M$"
    apart = f"{millions(table['apart'])} M$ a year apart" if table["apart"] else "so there was something to agree on"
    return [f"at the table: {floor}; {carry}, {apart}"]


def _vote_lines(vote: dict[str, Any]) -> list[str]:
    verdict, unions = "ratified" if vote["ratified"] else "refused", vote["unions_yes"] + len(vote["refused_by"])
    approve = f", {vote['unions_yes']} of {unions} unions approve" if unions > 1 else ""
    lines = [f"vote {vote['vote']}: {percent(vote['yes_share'], 1)} yes{approve}; {verdict}"]
    lines.append(f"  the rule asks for {vote['rule']}")
    lines += [f"  failed: {failed['margin']}" for failed in vote["failed_conditions"]]
    turn = vote["fewest_ballots"]
    # what the only condition lacks, anywhere at all, has just been said
    said = turn is not None and [turn["anywhere"]] == [failed["missing"] for failed in vote["failed_conditions"]]
    if turn is not None and not (said and turn["anywhere"] == turn["ballots"]):
        where = [f"{ballots:,} in {name}" for name, ballots in turn["bodies"].items()]
        where += [f"{turn['anywhere']:,} anywhere"] if turn["anywhere"] else []
        lines.append(f"  under the whole rule {_ballots(turn['ballots'])} too few said yes: {', '.join(where)}")
    if vote["critical_bodies"]:
        bodies = [f"{body['name']} ({_ballots(body['ballots'])})" for body in vote["critical_bodies"][:5]]
        lines.append(f"  pivotal, each alone: {', '.join(bodies)}")
    elif vote["pivotal_body"]:
        lines.append(f"  nobody alone was pivotal; {vote['pivotal_body']} had the most to turn")
    return lines


def _amendment_lines(amendment: dict[str, Any]) -> list[str]:
    verdict = "changed" if amendment["in_time"] else "changed, but too late" if amendment["carried"] else "kept"
    margin = "" if amendment["carried"] else f" ({amendment['margin']})"
    return [f"the rule: {amendment['in_favour']} leaders for a change, {amendment['rule']} needed; {verdict}{margin}"]


def _legislature_lines(approval: dict[str, Any]) -> list[str]:
    sides = [
        f"{name.title()} {side['yes']}-{side['no']}"
        + (f", {side['votes_short']} vote{'s' * (side['votes_short'] != 1)} short" if side["votes_short"] else "")
        for name, side in (("house", approval["house"]), ("senate", approval["senate"]))
        if side["yes"] + side["no"]  # a council has one chamber
    ]
    return [f"the legislature: {'; '.join(sides)}"]


def _flip_lines(said: dict[str, Any]) -> Iterator[str]:
    """The smallest changes: levers, then apart from these what nobody can choose."""
    for role, several in (("lever", "levers"), ("uncertainty", "uncertainties")):
        flips = said["flips"][several]
        yield flips_heading(role, deal=said["deal"], some=bool(flips))
        words: dict[str, list[str]] = {}
        for flip in flips:
            if flip["share_of_range"] == flip["share_of_range"]:
                note = "" if flip["monotone"] else f"   {_not_monotone(flip)}"
                change = f"{_short(flip['before'])} -> {_short(flip['after'])}"
                yield f"  {flip['name']:<36}{change:<22}{percent(flip['share_of_range'], 1):>7} of its range{note}"
            else:
                words.setdefault(f"  {flip['name']:<36}{_short(flip['before'])} -> ", []).append(_short(flip["after"]))
        for start, options in words.items():
            yield start + " | ".join(options)
    quiet = said["turn_nothing"]["lever"]
    if quiet:
        yield f"{turn_nothing(len(quiet))}: {', '.join(quiet)}"


def flips_heading(role: str, *, deal: bool, some: bool) -> str:
    """What stands above the flips of a role, "lever" or "uncertainty", of a world with a deal or without one."""
    wanted = "broken the deal" if deal else "made a deal"
    if not some:
        return f"no single {role} within its range would have {wanted}"
    if role == "lever":
        return f"a single change of a lever that would have {wanted}, everything else and all luck the same:"
    return "uncertainties (nobody chooses these; had the truth been otherwise):"


def flip_in_words(flip: Mapping[str, Any]) -> str:
    """One flip as a sentence: which way the lever goes, from where to the nearest value that turns the world."""
    before, after = _short(flip["before"]), _short(flip["after"])
    if flip["share_of_range"] != flip["share_of_range"]:
        return f"{flip['name']}: {after} instead of {before}"
    way = "raise" if flip["after"] > flip["before"] else "lower"
    note = "" if flip["monotone"] else f"; {_not_monotone(flip)}"
    return f"{way} {flip['name']} from {before} to {after}, {percent(flip['share_of_range'], 1)} of its range{note}"


def turn_nothing(levers: int) -> str:
    """How many levers were tried in vain."""
    return f"{levers} other lever{'s turn' if levers != 1 else ' turns'} nothing"


def _not_monotone(flip: Mapping[str, Any]) -> str:
    return f"not monotone: seen to hold up to {_short(flip['up_to'])}"


def _offer_lines(offers: dict[str, Any]) -> Iterator[str]:
    """The last text on the table and the nearest to it that would have passed."""
    last, nearest = offers["last"], offers["nearest"]
    if last is None:
        yield "no offer was ever made"
        return
    text = "the deal" if offers["agreed"] else "the last offer on the table"
    saved, cost = last["savings"], last["burden"]
    state = f"saved {millions(saved)} M$ a year" if saved >= 0 else f"cost the employer {millions(-saved)} M$ a year"
    member = f"cost a member {percent(cost, 1)}" if cost >= 0 else f"brought a member {percent(-cost, 1)}"
    yield f"{text} would have {state} and {member} of a year's pay"
    if nearest is None:
        yield "nothing near it would have been ratified and still been worth more to the governor than no deal"
        return
    if nearest["kind"] == "as it was":
        yield "  as it was it would have been ratified, and the governor preferred it to no deal"
        return
    kinds = [nearest, *offers["single_issues"], offers["together"], offers["frontier"]]
    titles = {"single issue": "one issue changed", "together": "all issues together", "frontier": "best for both sides"}
    seen: list[dict[str, Any]] = []
    for offer in kinds:
        if offer is None or offer in seen:
            continue
        seen.append(offer)
        title = "nearest that passes" if len(seen) == 1 else titles[offer["kind"]]
        yield f"  {title}: {_changes(offer)} ({millions(offer['savings'])} M$ a year, vote {offer['at_vote']})"
        if not offer["leaders_expect_it"] and len(seen) == 1:
            yield "    the leaders did not expect their members to ratify it"


def _changes(offer: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {change['before']:.2f} -> {change['after']:.2f}"
        for name, change in offer["changes"].items()
    )


def _lever_table(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "a single lever set for everybody: failures saved, deals lost, McNemar's exact test (Holm)"
    yield f"  {'change':<48}{'saved':>14}{'95 % interval':>16}{'lost':>7}{'net':>6}{'p':>9}"
    for row in [row for row in rows if row["saved"]][:MOST_SHOWN]:
        p = "< 0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}"
        saved = _saved(f"{row['name']} = {_short(row['value'])}", row["saved_share"])
        yield f"{saved}{row['lost']:>7}{row['net']:>6}{p:>9}"


def _uncertainty_table(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "had an uncertainty been at an end of its range (nobody chooses these): failures saved"
    for row in [row for row in rows if row["saved"]][:MOST_SHOWN]:
        yield _saved(f"{row['name']} = {_short(row['value'])}", row["saved_share"])


def _smallest_table(said: dict[str, Any]) -> Iterator[str]:
    yield (
        f"some value of this lever alone would have made a deal, of {said['smallest_changes_worlds']} failures; "
        "median change as a share of its range"
    )
    for row in said["smallest_changes"]:
        size = row["median_change_of_range"]
        change = "another word" if size is None else percent(size, 1)
        note = f"   not monotone in {row['not_monotone']}" if row["not_monotone"] else ""
        yield f"{_saved(row['name'], row['saved'])}  {change}{note}"


def _ballots(number: int) -> str:
    return f"{number:,} ballot{'s' * (number != 1)}"


def _saved(change: str, share: dict[str, Any]) -> str:
    """A change, how many failures it saves, and the interval of their share."""
    count = f"{share['n']:,} of {share['of']:,}"
    return f"  {change:<48}{count:>14}  [{share['low']:.2f}, {share['high']:.2f}]"


def _share(share: dict[str, Any]) -> str:
    return f"{share['n']:,} ({percent(share['n'] / max(share['of'], 1), 1)})"


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
