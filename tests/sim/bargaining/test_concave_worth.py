"""Concave worth: the frontier on pieces, and where a side has enough, against a linear programme."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import linprog

from agents.tactics import make_tactic
from agents.tactics.trade_off import nearest_worth
from sim.bargaining.efficiency import Bend, efficiency, nash_point, scaled_bend, with_corner
from sim.bargaining.estimates import Estimate, guess
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces, Satiation, scale
from sim.bargaining.rows import rows_of
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks

WORLDS, CASES = 20, 50  # a thousand worlds in all
LOW, HIGH = np.array([0.0, -1.0, 0.0, 2.0]), np.array([3.0, 2.0, 1.0, 5.0])
CUTS = ([1.0, 2.0], [0.0], [], [3.0, 3.5, 4.5])


def falling(random: np.random.Generator, pieces: Pieces, direction: np.ndarray, worlds: int) -> np.ndarray:
    """Weights that fall along every issue: worth rises ever more slowly, or falls ever faster, (pieces, worlds)."""
    weights = np.zeros((len(pieces.issue), worlds))
    for issue, way in enumerate(direction):
        rows = np.flatnonzero(pieces.issue == issue)
        steep = np.sort(random.exponential(size=(len(rows), worlds)), axis=0)
        weights[rows] = way * (steep if way < 0 else steep[::-1])
    return weights


def some_frontier(seed: int, *, ends: bool = False, common: bool = False, worlds: int = WORLDS) -> Frontier:
    """Opposed on every issue unless ``common``; cut at places of which one differs from world to world."""
    random = np.random.default_rng(seed)
    moving = [*CUTS[:2], [random.uniform(0.2, 0.8, worlds)], CUTS[3]]
    pieces = Pieces(LOW, HIGH, moving)
    direction = random.choice([-1.0, 1.0], 4)
    others = -direction * (random.choice([-1.0, 1.0], 4) if common else 1.0)
    own = 100 * falling(random, pieces, direction, worlds)
    other = falling(random, pieces, others, worlds)
    bends = [None, None]
    if ends:
        bends = [Satiation(random.uniform(0.3, 1.1, worlds), random.uniform(0.05, 0.9, worlds)) for _ in range(2)]
    return Frontier(own, other, LOW, HIGH, pieces=pieces, own_end=bends[0], other_end=bends[1])


def by_linear_programme(frontier: Frontier, aspiration: float, world: int) -> float:
    """The most the other can get on its scale, without the knapsack: worth of each issue as the least of its lines.

    Unknowns: the amounts, both sides' worth of each issue, and both sides' worth of the sum.
    """
    pieces = frontier.pieces
    pick = lambda rows: rows[:, world] if rows.shape[1] > 1 else rows[:, 0]  # noqa: E731
    start, width = pick(pieces.start), pick(pieces.high - pieces.low)
    issues, unknowns = len(LOW), 3 * len(LOW) + 2
    lines, limits = [], []
    for side, weights in ((0, frontier.own), (1, frontier.other)):
        slope = weights[:, world]
        for issue in range(issues):
            reached = slope[pieces.first[issue]] * LOW[issue]
            for row in np.flatnonzero(pieces.issue == issue):
                line = np.zeros(unknowns)  # worth - slope (amount - start) <= reached
                line[issues * (1 + side) + issue], line[issue] = 1.0, -slope[row]
                lines.append(line)
                limits.append(reached - slope[row] * start[row])
                reached += slope[row] * width[row]
    for side, (ruler, end) in enumerate(
        ((frontier.scale, frontier.own_end), (frontier.others_scale, frontier.other_end))
    ):
        worst, ideal = ruler.worst[world], ruler.ideal[world]
        bends = [(1.0, 0.0)]
        if end is not None and end.enough[world] < 1:
            enough, beyond = end.enough[world], end.beyond[world]
            bends = [(1 / enough, 0.0), (beyond / enough, 1 - beyond)]
        for slope, constant in bends:  # worth <= slope (sum - worst) / (ideal - worst) + constant
            line = np.zeros(unknowns)
            line[3 * issues + side] = 1.0
            line[issues * (1 + side) : issues * (2 + side)] = -slope / (ideal - worst)
            lines.append(line)
            limits.append(constant - slope * worst / (ideal - worst))
    goal = np.zeros(unknowns)
    goal[-1] = -1.0
    bounds = [*zip(LOW, HIGH, strict=True), *[(None, None)] * (2 * issues), (aspiration, None), (None, None)]
    best = linprog(goal, A_ub=np.array(lines), b_ub=np.array(limits), bounds=bounds)
    assert best.status == 0
    return -best.fun


@pytest.mark.parametrize("case", range(CASES))
def test_no_package_gives_the_other_more(case):
    """A thousand worlds: half with enough of the sum, half of either with interests in common."""
    frontier = some_frontier(case, ends=case % 2 == 1, common=case % 4 > 1)
    aspiration = np.random.default_rng(case).uniform(0, 1, WORLDS)
    package = frontier.offer(aspiration)
    assert (package >= LOW[:, None] - 1e-9).all() and (package <= HIGH[:, None] + 1e-9).all()
    found = frontier.others_value(package)
    for world in range(WORLDS):
        assert found[world] == pytest.approx(by_linear_programme(frontier, aspiration[world], world), abs=1e-6)
    if case % 4 < 2:  # what both want is given anyway
        assert np.allclose(frontier.own_value(package), aspiration, atol=1e-9)


@pytest.mark.parametrize("ends", [False, True])
def test_a_block_gives_bit_for_bit_what_its_worlds_give_one_by_one(ends):
    block = some_frontier(3, ends=ends)
    aspiration = np.linspace(0, 1, WORLDS)
    for world in range(WORLDS):
        cut = [*CUTS[:2], [block.pieces.high[5, world]], CUTS[3]]
        bends = [end and Satiation(end.enough[world], end.beyond[world]) for end in (block.own_end, block.other_end)]
        alone = Frontier(
            block.own[:, world],
            block.other[:, world],
            LOW,
            HIGH,
            pieces=Pieces(LOW, HIGH, cut),
            own_end=bends[0],
            other_end=bends[1],
        )
        assert np.array_equal(alone.offer(aspiration[world : world + 1])[:, 0], block.offer(aspiration)[:, world])


def test_without_cuts_and_with_never_enough_nothing_changes_in_any_bit():
    random = np.random.default_rng(8)
    own, other = random.normal(size=(4, WORLDS)), random.normal(size=(4, WORLDS))
    plain, straight = Frontier(own, other, LOW, HIGH), Frontier(own, other, LOW, HIGH, pieces=Pieces(LOW, HIGH))
    aspiration = random.uniform(0, 1, WORLDS)
    package = plain.offer(aspiration)
    assert np.array_equal(package, straight.offer(aspiration))
    for one, other_one in ((plain.own_value, straight.own_value), (plain.others_value, straight.others_value)):
        assert np.array_equal(one(package), other_one(package))
    never = Satiation(1.0, 0.3)
    assert np.array_equal(never.of(aspiration), aspiration) and np.array_equal(never.back(aspiration), aspiration)


def test_a_cut_between_pieces_worth_the_same_changes_nothing():
    random = np.random.default_rng(9)
    own, other = random.normal(size=(4, WORLDS)), random.normal(size=(4, WORLDS))
    pieces = Pieces(LOW, HIGH, CUTS)
    cut = Frontier(own[pieces.issue], other[pieces.issue], LOW, HIGH, pieces=pieces)
    whole = Frontier(own, other, LOW, HIGH)
    aspiration = random.uniform(0, 1, WORLDS)
    assert np.allclose(cut.offer(aspiration), whole.offer(aspiration), atol=1e-9)


def test_pieces_hold_a_package_and_give_it_back():
    pieces = Pieces(LOW, HIGH, CUTS)
    package = np.random.default_rng(0).uniform(LOW, HIGH, size=(9, 4)).T
    rows = pieces.rows(package)
    assert np.allclose(pieces.package(rows), package)
    assert np.ravel(pieces.rows(np.array([[1.5], [-0.5], [1.0], [5.0]]))).tolist() == [
        1,
        0.5,
        0,
        -0.5,
        0,
        1,
        3,
        0.5,
        1,
        0.5,
    ]


def test_a_year_that_saves_nothing_is_kept_only_when_all_else_is():
    """Two years save 100 each, a third nothing; both years cost members 3: the third is never asked for."""
    pieces = Pieces(np.zeros(2), np.array([3.0, 1.0]), ([2.0], []))
    frontier = Frontier(
        np.array([100.0, 0.0, 50.0]), np.array([-3.0, -3.0, -1.0]), np.zeros(2), np.array([3.0, 1.0]), pieces=pieces
    )
    assert frontier.offer(np.array([1.0]))[:, 0].tolist() == [2, 1]
    assert frontier.scale.ideal[0] == 250


@pytest.mark.parametrize("beyond", [0.0, 0.25])
def test_who_has_enough_asks_for_no_more(beyond):
    """The sum that fills the gap is 60 of 100: that is the ideal, whatever little the 40 beyond it are worth."""
    frontier = Frontier(
        np.array([60.0, 40.0]), np.array([-1.0, -1.0]), np.zeros(2), np.ones(2), own_end=Satiation(0.6, beyond)
    )
    assert np.allclose(frontier.offer(np.array([0.5, 1.0])), [[0.5, 1.0], [0.0, 0.0]])
    assert frontier.own_value(np.array([[1.0], [1.0]]))[0] == pytest.approx(1 + beyond * 40 / 60)


def test_nobody_gives_more_than_the_other_has_a_use_for():
    """Even asked for nothing a side keeps what the other, who has enough at 60 of 100, would not count."""
    frontier = Frontier(
        np.array([-1.0, -1.0]), np.array([60.0, 40.0]), np.zeros(2), np.ones(2), other_end=Satiation(0.6, 0.0)
    )
    package = frontier.offer(np.array([0.0]))
    assert np.allclose(package[:, 0], [1.0, 0.0])
    assert frontier.others_value(package)[0] == 1 and frontier.own_value(package)[0] == 0.5


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_when_the_other_gets_its_due_is_the_frontier_read_the_other_way(seed, ends):
    frontier = some_frontier(seed, ends=ends)
    aspiration = np.random.default_rng(seed).uniform(0.01, 1, WORLDS)
    for_other = frontier.others_value(frontier.offer(aspiration))
    assert np.allclose(frontier.own_when_other_gets(for_other), aspiration, atol=1e-7)


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_bends_are_those_of_the_frontier(seed, ends):
    """Every offer lies on the chain of corners, and no deal on it is further from it than rounding."""
    frontier = some_frontier(seed, ends=ends)
    for aspiration in np.linspace(0, 1, 11):
        found = efficiency(frontier, frontier.offer(np.full(WORLDS, aspiration)), 0.0, 0.0)
        assert (found.to_frontier < 1e-6).all()
    bend = scaled_bend(frontier, WORLDS)
    assert (np.diff(bend.own, axis=0) >= -1e-9).all() and (np.diff(bend.other, axis=0) <= 1e-9).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_nash_point_is_the_best_on_a_fine_grid(seed):
    frontier = some_frontier(seed, ends=True)
    point = nash_point(scaled_bend(frontier, WORLDS), 0.1, 0.1)
    grid = np.linspace(0, frontier.own_end.of(1.0), 2001)  # beyond 1 where more than enough is to be had
    products = []
    for aspiration in grid:
        package = frontier.offer(aspiration)
        gains = frontier.own_value(package) - 0.1, frontier.others_value(package) - 0.1
        products.append(np.where((gains[0] >= 0) & (gains[1] >= 0), gains[0] * gains[1], 0.0))
    best = np.max(products, axis=0)
    assert ((point.own - 0.1) * (point.other - 0.1) >= best - 1e-9).all()
    assert np.allclose(point.own, grid[np.argmax(products, axis=0), np.arange(WORLDS)], atol=2e-3)


def test_a_corner_may_be_put_anywhere_on_a_chain():
    bend = Bend(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]]))
    inside, beyond = with_corner(bend, 0.25), with_corner(bend, 2.0)
    assert inside.own[:, 0].tolist() == [0, 0.25, 1] and inside.other[:, 0].tolist() == [1, 0.75, 0]
    assert beyond.own[:, 0].tolist() == [0, 1, 1] and beyond.other[:, 0].tolist() == [1, 0, 0]
    turned = with_corner(bend[::-1], 0.25)
    assert turned.own[:, 0].tolist() == [1, 0.25, 0] and turned.other[:, 0].tolist() == [0, 0.75, 1]


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_package_most_like_a_target_is_worth_what_was_asked_and_none_is_nearer(seed, ends):
    """Against random packages worth as much: none of them lies nearer in the weighted squares."""
    frontier = some_frontier(seed, ends=ends, worlds=1)
    random = np.random.default_rng(seed)
    target = frontier.offer(np.array([0.2]))
    package = nearest_worth(np.array([0.7]), target, frontier)
    assert frontier.own_value(package)[0] == pytest.approx(0.7, abs=1e-9)
    cost = frontier.pieces.package(np.broadcast_to(frontier.cost, (len(frontier.own), 1)))[:, 0]
    weight = np.maximum(cost / cost.max(), 0.02) / (HIGH - LOW) ** 2

    def distance(packages: np.ndarray) -> np.ndarray:
        return weight @ (packages - target) ** 2

    others = random.uniform(LOW, HIGH, size=(20_000, 4)).T
    near = package + random.normal(size=(4, 20_000)) * 0.02 * (HIGH - LOW)[:, None]
    tried = np.clip(np.concatenate([others, near], axis=1), LOW[:, None], HIGH[:, None])
    as_good = frontier.own_value(tried) >= 0.7
    assert as_good.any() and (distance(tried[:, as_good]) >= distance(package)[0] - 1e-9).all()


def test_a_guess_knows_how_an_issue_falls_and_errs_about_its_size():
    pieces = Pieces(np.zeros(2), np.array([2.0, 1.0]), ([1.0], []))
    own, truth = np.array([[1.0], [1.0], [1.0]]), np.array([[-1.0], [-3.0], [-1.0]])
    low, high = np.zeros(2), np.array([2.0, 1.0])
    blind, wise = (guess(own, truth, low, high, insight, pieces=pieces) for insight in (0.0, 1.0))
    assert np.allclose(wise, truth / 5)
    assert np.allclose(blind[:, 0], [-0.125, -0.375, -0.5])  # both issues alike, the first falling as it does
    nobody = guess(own, np.array([[-1.0], [-3.0], [0.0]]), low, high, 1.0, pieces=pieces)
    assert nobody[2, 0] == 0
    assert guess(own, np.array([[-1.0], [-3.0], [0.0]]), low, high, 0.5, pieces=pieces)[2, 0] < 0


def test_what_is_learned_is_about_whole_issues():
    pieces = Pieces(np.zeros(2), np.array([2.0, 1.0]), ([1.0], []))
    estimate = Estimate(np.array([[1.0], [0.5], [1.0]]), np.zeros(2), np.array([2.0, 1.0]), rate=0.5, pieces=pieces)
    before = estimate.weights.copy()
    assert np.allclose(before[:, 0], np.array([1.0, 0.5, 1.0]) / 2.5)
    estimate.hear(np.array([[1.5], [0.9]]))
    estimate.hear(np.array([[1.5], [0.4]]))  # it has not moved on the first issue
    after = estimate.weights
    assert after[0, 0] == pytest.approx(2 * after[1, 0]) and after[0, 0] > before[0, 0]
    assert after[2, 0] == pytest.approx(before[2, 0])


@pytest.mark.parametrize(
    "tactics", [("linear", "linear"), ("trade_off", "agenda_setter"), ("backward_induction", "boulware")]
)
@pytest.mark.parametrize("protocol", ["alternating_offers", "single_text", "random_recognition"])
def test_talks_on_concave_worth_end_in_deals_that_beat_no_deal(tactics, protocol):
    random = np.random.default_rng(12)
    pieces = Pieces(LOW, HIGH, CUTS)
    weights = [falling(random, pieces, np.full(4, way), WORLDS) for way in (1.0, -1.0)]
    sides = tuple(
        Side(name=name, weights=own, reservation=0.3, tactic=make_tactic(tactic), end=end)
        for name, own, tactic, end in zip(
            ("governor", "coalition"), weights, tactics, (Satiation(0.7, 0.1), None), strict=True
        )
    )
    talks = Talks(
        sides=sides,
        low=LOW,
        high=HIGH,
        rounds=20,
        worlds=WORLDS,
        pieces=pieces,
        protocol=protocol,
        luck=random.uniform(size=(3, 20, WORLDS)),
    ).hold_all()
    assert talks.agreed.any()
    for side in talks.sides:
        assert (side.value(talks.package)[talks.agreed] >= 0.3 - 1e-6).all()
    assert scale(weights[0], pieces.low, pieces.high).ideal.shape == (WORLDS,)


@pytest.mark.filterwarnings("error")
def test_what_protects_from_nothing_in_some_worlds_is_never_enough_there():
    one = SimpleNamespace(saves=1.0, burden=0.1, structural=0.0, bend=None, protects=np.array([0.0, 0.5]))
    rows = rows_of({"days": one}, [SimpleNamespace(range=(0.0, 4.0), accumulates=False, ballot="benefits")])
    assert [np.asarray(protects).tolist() for protects in rows.protects] == [[0.0, 0.5], [0.0, 0.0]]
