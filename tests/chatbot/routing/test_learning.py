"""Who is good at what, learned from what came of their cases."""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from chatbot.routing.learning import (
    USUAL_MINUTES,
    Estimate,
    Learner,
    Outcome,
    signs,
    unchanged_since,
)
from chatbot.routing.shares import expected_work, fair_shares

SPREAD = 0.5


def some(
    agent: int,
    topic: str,
    *,
    minutes: float,
    count: int,
    since: float = 0.0,
    until: float = 10.0,
    solves: float = 0.9,
    seed: int = 0,
) -> list[Outcome]:
    """Return outcomes with a median of `minutes`, evenly over the days."""
    luck = random.Random(f"{agent} {topic} {since} {seed}")
    return [
        Outcome(
            agent,
            topic,
            at=since + (until - since) * i / max(count, 1),
            minutes=minutes * math.exp(luck.gauss(0, SPREAD)),
            solved=luck.random() < solves,
        )
        for i in range(count)
    ]


def a_team(*extra: Sequence[Outcome]) -> list[Outcome]:
    """Return five usual agents with thirty cases in each of three topics, and `extra`."""
    team = [
        outcome
        for agent in range(1, 6)
        for topic in ("returns", "billing", "care")
        for outcome in some(agent, topic, minutes=20, count=30)
    ]
    return team + [outcome for outcomes in extra for outcome in outcomes]


def test_where_nothing_is_known_the_usual_is_expected() -> None:
    nothing = Learner().expertise(0.0)
    assert nothing.estimate(1, "returns") == Estimate()
    known = Learner(a_team()).expertise(10.0)
    assert known.estimate(99, "returns") == known.topics["returns"]
    assert known.topics["returns"].log_minutes == pytest.approx(math.log(20), abs=0.2)
    assert known.estimate(1, "unheard of") == Estimate()


def test_minutes_are_the_mean_of_the_log_normal() -> None:
    known = Learner(a_team()).expertise(10.0).estimate(1, "returns")
    spread = math.sqrt(2 * (math.log(known.minutes) - known.log_minutes))
    assert spread == pytest.approx(SPREAD, abs=0.06)


def test_few_cases_mean_little_and_many_much() -> None:
    def of(count: int) -> Estimate:
        quick = some(9, "returns", minutes=8, count=count)
        return Learner(a_team(quick)).expertise(10.0).estimate(9, "returns")

    usual, once, often = math.log(20), of(1), of(60)
    assert once.log_minutes > usual - 0.5 * math.log(20 / 8)
    assert often.log_minutes == pytest.approx(math.log(8), abs=0.15)
    assert once.doubt > 2 * often.doubt
    assert once.cases < 1.01
    assert often.cases > 40


def test_older_cases_fade() -> None:
    slow = some(9, "returns", minutes=20, count=20)
    for half_life, lowest, highest in ((60.0, 0.4, 0.6), (1e9, 0.9, 1.0)):
        learner = Learner(a_team(slow), half_life=half_life)
        soon, later = (learner.expertise(day).estimate(9, "returns") for day in (10.0, 70.0))
        assert lowest < later.cases / soon.cases <= highest


def test_who_was_not_tried_for_long_is_known_less_well_but_never_less_than_nobody() -> None:
    learner = Learner(a_team(), half_life=1e9)
    doubts = [learner.expertise(day).estimate(1, "returns").doubt for day in (10, 15, 20, 10_000)]
    assert doubts == sorted(doubts)
    assert doubts[0] < doubts[1] < doubts[2]
    known = learner.expertise(10_000.0)
    assert known.estimate(1, "returns").doubt == known.topics["returns"].doubt


def test_a_junior_becomes_an_expert() -> None:
    at_first = some(9, "returns", minutes=40, count=40, until=20)
    later = some(9, "returns", minutes=10, count=40, since=20, until=60)
    others = [some(a, "returns", minutes=20, count=60, until=60) for a in (1, 2, 3)]
    learner = Learner(at_first + [one for outcomes in others for one in outcomes])
    assert learner.expertise(20.0).estimate(9, "returns").minutes > 30
    for outcome in later:
        learner.add(outcome)
    known = learner.expertise(60.0)
    assert known.estimate(9, "returns").minutes < known.estimate(1, "returns").minutes


def test_a_swap_is_noticed_within_ten_cases_and_casts_doubt_on_other_topics() -> None:
    experts = [*some(8, "returns", minutes=8, count=80), *some(8, "billing", minutes=8, count=80)]
    learner = Learner(a_team(experts))
    before = (
        learner.expertise(10.0).estimate(8, "returns"),
        learner.expertise(10.0).estimate(8, "billing"),
    )
    for outcome in some(8, "returns", minutes=28, count=10, since=10, until=11, solves=0.6):
        learner.add(outcome)
    after = learner.expertise(11.0)
    assert after.estimate(8, "returns").log_minutes > before[0].log_minutes + 0.6
    assert after.estimate(8, "billing").doubt > 1.3 * before[1].doubt
    assert after.estimate(1, "returns").log_minutes == pytest.approx(math.log(20), abs=0.3)


def test_unseen_pairs_borrow_from_similar_agents_and_topics() -> None:
    """Who is quick in returns is quick in refunds, but for one of whom refunds are unknown."""
    outcomes = [
        outcome
        for agent in range(1, 9)
        for topic, quick in (("returns", 10), ("refunds", 10), ("care", 25), ("legal", 25))
        for outcome in some(
            agent, topic, minutes=quick if agent % 2 else 35 - quick, count=30, seed=agent
        )
        if not (agent in (1, 2) and topic == "refunds")
    ]
    known = Learner(outcomes).expertise(10.0)
    assert known.estimate(1, "refunds").cases == known.estimate(2, "refunds").cases == 0
    assert known.estimate(1, "refunds").minutes < 0.85 * known.estimate(2, "refunds").minutes


def test_declared_levels_count_until_cases_say_otherwise() -> None:
    declared = {(9, "returns"): 5, (8, "returns"): 1}
    known = Learner(a_team()).expertise(10.0, declared)
    assert known.estimate(9, "returns").minutes < known.estimate(8, "returns").minutes
    told = Learner(a_team(some(9, "returns", minutes=40, count=30))).expertise(10.0, declared)
    assert told.estimate(9, "returns").minutes > 35


def test_what_was_slow_for_much_else_to_do_is_not_held_against_an_agent() -> None:
    """Two equally good agents, one of whom always has three others open."""
    luck = random.Random(1)
    outcomes = [
        Outcome(
            agent, "returns", i / 10, 20 * (1 + others) * math.exp(luck.gauss(0, 0.4)), open=others
        )
        for i in range(100)
        for agent, others in ((1, i % 2), (2, 2 + i % 2))
    ]
    known = Learner(outcomes).expertise(10.0)
    ratio = known.estimate(2, "returns").minutes / known.estimate(1, "returns").minutes
    assert 0.75 < ratio < 1.35


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(Outcome(1, "x", 0, minutes=5, solved=True), (1.0, 0.0), id="quick"),
        pytest.param(Outcome(1, "x", 0, minutes=50, solved=True), (0.5, 0.0), id="slow"),
        pytest.param(Outcome(1, "x", 0, minutes=5), (0.0, 0.0), id="not known yet"),
        pytest.param(Outcome(1, "x", 0, solved=False), (0.0, 1.0), id="escalated"),
        pytest.param(Outcome(1, "x", 0, follow_ups=4), (0.0, 2.0), id="many follow-ups"),
        pytest.param(Outcome(1, "x", 0, follow_ups=3), (0.0, 0.0), id="some follow-ups"),
        pytest.param(Outcome(1, "x", 0, rating=5), (2.0, 0.0), id="content"),
        pytest.param(Outcome(1, "x", 0, rating=3), (0.0, 0.0), id="neither"),
        pytest.param(Outcome(1, "x", 0, rating=2), (0.0, 2.0), id="not content"),
        pytest.param(
            Outcome(1, "x", 0, minutes=5, solved=True, follow_ups=9, rating=4), (3.0, 2.0), id="all"
        ),
    ],
)
def test_signs(outcome: Outcome, expected: tuple[float, float]) -> None:
    assert signs(outcome, USUAL_MINUTES) == expected


def with_signs(make: Callable[[int], Outcome]) -> float:
    return (
        Learner([make(i) for i in range(20)] + a_team())
        .expertise(10.0)
        .estimate(9, "returns")
        .quality
    )


def test_signs_make_the_quality() -> None:
    def good(i: int) -> Outcome:
        return Outcome(9, "returns", i / 2, minutes=8, solved=True, rating=5)

    def middling(i: int) -> Outcome:
        return Outcome(9, "returns", i / 2, minutes=30, solved=i % 3 > 0)

    def bad(i: int) -> Outcome:
        return Outcome(9, "returns", i / 2, solved=False, follow_ups=6)

    assert with_signs(good) > with_signs(middling) > with_signs(bad)


# --- Has somebody changed? --------------------------------------------------------------------
def test_steady_cases_are_kept_and_a_change_is_dated() -> None:
    draw = np.random.default_rng(1)
    steady = draw.normal(3.0, 0.5, 60)
    solved = np.ones(60)
    assert unchanged_since(steady, solved, 3.0, 0.6, 0.8).min() > 0.4
    changed = np.concatenate([steady[:40], draw.normal(4.2, 0.5, 20)])
    same = unchanged_since(changed, solved, 3.0, 0.6, 0.8)
    assert same.shape == (60,)
    assert same[:38].max() < 0.1
    assert same[42:].min() > 0.9
    assert (np.diff(same) >= -1e-9).all()


def test_what_is_unknown_says_nothing() -> None:
    unknown = [math.nan] * 30
    same = unchanged_since(unknown, unknown, 3.0, 0.6, 0.8)
    assert ((same > 0.7) & (same <= 1)).all()
    assert unchanged_since([3.0, 9.0], [1, 0], 3.0, 0.6, 0.8).tolist() == [1, 1]


def test_a_change_shows_in_solved_cases_too() -> None:
    unknown = [math.nan] * 40
    same = unchanged_since(unknown, [1.0] * 25 + [0.0] * 15, 3.0, 0.6, 0.8)
    assert same[10] < 0.05
    assert same[30] > 0.9


# --- Fair shares ------------------------------------------------------------------------------
def test_a_fair_share_is_relative_to_the_time_present() -> None:
    shares = fair_shares({1: 4000.0, 2: 1000.0, 3: 3000.0}, {1: 9600.0, 2: 4800.0, 3: 9600.0})
    assert shares[1] > 1.15
    assert 0.95 > shares[3] > shares[2]
    assert fair_shares({}, {1: 100.0, 2: 0.0}) == {1: 1.0, 2: 1.0}


def test_of_somebody_who_just_came_nothing_is_said() -> None:
    shares = fair_shares({1: 4800.0, 2: 5.0}, {1: 9600.0, 2: 5.0, 3: 0.0})
    assert shares[3] == 1
    assert shares[2] == pytest.approx(1, abs=0.02)


def test_who_passes_on_has_done_half() -> None:
    assert expected_work(Estimate(minutes=30, solves=1.0)) == 30
    assert expected_work(Estimate(minutes=30, solves=0.0)) == 15
