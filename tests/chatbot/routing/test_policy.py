"""Who should get a conversation: who is rejected, who preferred, what holds for any team."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.routing.learning import Estimate
from chatbot.routing.policy import (
    DIGITS,
    FACTORS,
    STRATEGIES,
    Agent,
    Candidate,
    Needs,
    Requirement,
    Room,
    Strategy,
    choose,
    rank_agents,
    relax,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday
ORDERS = Requirement(frozenset({"orders"}))
NEEDS = Needs(requirements=(ORDERS,), language="da", topic="returns")
WEEKDAYS = {str(day): [["09:00", "17:00"]] for day in range(5)}
TODAY = (date(2026, 11, 24), date(2026, 11, 24))
ROUTINE, COMPLEX, CRITICAL, VIP = (
    STRATEGIES[name] for name in ("routine", "complex", "critical", "vip")
)


def an_agent(pk: int = 1, **changes: Any) -> Agent:
    """Return an agent who is here, idle, has the skill and the language."""
    usual: dict[str, Any] = {
        "name": f"agent {pk}",
        "skills": {"orders": 3},
        "languages": frozenset({"da", "en"}),
        "hours": WEEKDAYS,
    }
    return Agent(id=pk, **(usual | changes))


def knowing(**changes: Any) -> dict[str, Any]:
    """Return the expertise of somebody with ten cases of the topic."""
    log_minutes = changes.pop("log_minutes", 3.0)
    return {"expertise": {"returns": Estimate(cases=10, log_minutes=log_minutes, **changes)}}


def order(needs: Needs, agents: list[Agent], strategy: Strategy = ROUTINE) -> list[int]:
    return [candidate.agent.id for candidate in rank_agents(needs, agents, NOW, strategy)]


def value(candidate: Candidate, name: str) -> float:
    [found] = [factor.value for factor in candidate.factors if factor.name == name]
    return found


# --- Who cannot take it -----------------------------------------------------------------------
# What the agent can change least comes first; each row has what all the later ones have too.
PRECEDENCE = [
    ("absent", {"days_off": (TODAY,)}),
    ("offline", {"presence": "offline"}),
    ("off_hours", {"hours": {"1": [["11:00", "17:00"]]}}),
    ("lacks_skill", {"skills": {"billing": 5}}),
    ("declined", {"id": 9}),
    ("full", {"open": 4, "capacity": 4}),
]


@pytest.mark.parametrize("place", range(len(PRECEDENCE)))
@pytest.mark.parametrize("is_alone", [True, False])
def test_an_agent_is_rejected_for_the_first_of_their_reasons(place: int, is_alone: bool) -> None:
    reason, changes = PRECEDENCE[place]
    for _, more in [] if is_alone else PRECEDENCE[place + 1 :]:
        changes = more | changes
    agent = replace(an_agent(), **changes)
    [candidate] = rank_agents(replace(NEEDS, declined=frozenset({9})), [agent], NOW)
    assert candidate.rejected == reason
    assert candidate.factors == ()
    assert candidate.score == 0
    assert choose([candidate]) is None


@pytest.mark.parametrize(
    ("changes", "rejected"),
    [
        pytest.param({}, "", id="here with room"),
        pytest.param({"presence": "away"}, "away", id="away"),
        pytest.param({"open": 3}, "", id="room for one more"),
        pytest.param({"open": 9}, "full", id="overfull"),
        pytest.param({"capacity": 0}, "full", id="takes none"),
        pytest.param({"languages": frozenset()}, "", id="a language is no condition"),
        pytest.param({"hours": {}}, "", id="no hours: always"),
        pytest.param(
            {"days_off": ((date(2026, 11, 20), date(2026, 11, 24)),)}, "absent", id="last day off"
        ),
        pytest.param(
            {"days_off": ((date(2026, 11, 24), date(2026, 11, 30)),)}, "absent", id="first day off"
        ),
        pytest.param(
            {"days_off": ((date(2026, 11, 1), date(2026, 11, 23)),)}, "", id="back from holiday"
        ),
        pytest.param({"zone": "America/New_York"}, "off_hours", id="5 in the morning over there"),
        pytest.param({"zone": "Asia/Tokyo"}, "off_hours", id="7 in the evening over there"),
        pytest.param({"zone": "Europe/Copenhagen"}, "", id="11 over there"),
    ],
)
def test_an_agent_may_or_may_not(changes: dict[str, Any], rejected: str) -> None:
    [candidate] = rank_agents(NEEDS, [an_agent(**changes)], NOW)
    assert candidate.rejected == rejected
    assert candidate.score == 0 if rejected else candidate.score > 0


def test_a_day_off_is_one_in_the_agents_zone() -> None:
    late = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # the 25th in Tokyo
    there = an_agent(zone="Asia/Tokyo", hours={}, days_off=(TODAY,))
    [candidate] = rank_agents(NEEDS, [there], late)
    assert candidate.rejected == ""


def test_every_requirement_is_needed_but_one_skill_of_each_is_enough() -> None:
    both = (ORDERS, Requirement(frozenset({"french", "italian"})))
    ranked = rank_agents(
        replace(NEEDS, requirements=both),
        [an_agent(1), an_agent(2, skills={"orders": 1, "italian": 2}), an_agent(3, skills={})],
        NOW,
    )
    assert [(c.agent.id, c.rejected) for c in ranked] == [
        (2, ""),
        (1, "lacks_skill"),
        (3, "lacks_skill"),
    ]


def test_nobody_is_chosen_where_all_are_rejected() -> None:
    ranked = rank_agents(NEEDS, [an_agent(1, presence="away"), an_agent(2, capacity=0)], NOW)
    assert choose(ranked) is None
    assert choose([]) is None
    assert rank_agents(NEEDS, [], NOW) == []


# --- Who is preferred -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({}, {"open": 1}, id="fewer open"),
        pytest.param({"complexity": 0.2}, {"complexity": 2.0}, id="easier ones open"),
        pytest.param({}, {"hours": {"1": [["09:00", "10:05"]]}}, id="whose shift lasts"),
        pytest.param({"preferences": frozenset({"returns"})}, {}, id="who likes the topic"),
        pytest.param({"recent": 0.8}, {"recent": 1.2}, id="who had less than their share"),
        pytest.param(knowing(log_minutes=2.5), knowing(log_minutes=3.0), id="the quicker"),
        pytest.param(knowing(quality=0.9), knowing(quality=0.5), id="the better"),
        pytest.param(knowing(doubt=0.4), knowing(doubt=0.1), id="who is less known"),
        pytest.param({"skills": {"orders": 5}}, {"skills": {"orders": 2}}, id="declared skill"),
    ],
)
def test_all_else_being_equal(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert order(NEEDS, [an_agent(1, **second), an_agent(2, **first)]) == [2, 1]


def test_ties_go_to_fewer_open_ones_then_to_the_lower_id() -> None:
    assert order(NEEDS, [an_agent(7), an_agent(3), an_agent(5)]) == [3, 5, 7]
    none = Strategy("none", language=1.0)
    agents = [an_agent(1, open=2), an_agent(2, open=1), an_agent(3, open=3)]
    assert order(NEEDS, agents, none) == [2, 1, 3]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=lambda one: one.name)
def test_a_shared_language_outweighs_everything_else_together(strategy: Strategy) -> None:
    everything = knowing(log_minutes=0.0, quality=0.99, rating=5.0, doubt=0.6)
    wonder = an_agent(
        1, languages=frozenset({"en"}), recent=0.0, preferences=frozenset({"returns"}), **everything
    )
    nothing = knowing(log_minutes=6.0, quality=0.02, rating=1.0, doubt=0.0)
    poor = an_agent(
        2, open=99, capacity=100, complexity=99.0, recent=9.0, skills={"orders": 1}, **nothing
    )
    needs = replace(NEEDS, last_agent=1)
    assert order(needs, [wonder, poor], strategy) == [2, 1]
    parts = [getattr(strategy, name) for name in FACTORS if hasattr(strategy, name)]
    assert sum(parts) + strategy.room == pytest.approx(2 * strategy.language)


def test_the_last_agent_goes_on_or_who_stands_in_for_them() -> None:
    needs = replace(NEEDS, last_agent=3)
    assert order(needs, [an_agent(1), an_agent(2), an_agent(3, open=1)])[0] == 3
    away = [an_agent(1), an_agent(2, stands_in_for=frozenset({3}), open=1)]
    assert order(needs, [*away, an_agent(3, days_off=(TODAY,))]) == [2, 1, 3]


def test_each_strategy_prefers_what_it_is_for() -> None:
    expert = an_agent(1, open=2, recent=1.15, **knowing(log_minutes=2.5, quality=0.95, rating=3.8))
    idle = an_agent(2, recent=0.85, **knowing(log_minutes=3.2, quality=0.75, rating=3.8))
    liked = an_agent(3, open=1, **knowing(log_minutes=3.4, quality=0.8, rating=4.9))
    team = [expert, idle, liked]
    assert order(NEEDS, team, ROUTINE)[0] == 2  # even load
    assert order(NEEDS, team, COMPLEX)[0] == 1  # best match
    assert order(NEEDS, team, CRITICAL)[0] == 2  # soonest
    assert order(NEEDS, team, VIP)[0] == 3  # best rated


def test_the_shares_of_room_can_be_changed() -> None:
    lover = an_agent(1, open=2, preferences=frozenset({"returns"}))
    only_room = Strategy("room", room=1.0)
    assert order(NEEDS, [lover, an_agent(2)], only_room) == [2, 1]
    by_taste = Room(open=0.0, complexity=0.0, availability=0.0, preference=1.0)
    assert order(NEEDS, [lover, an_agent(2)], replace(only_room, shares=by_taste)) == [1, 2]


def test_nobody_is_frozen_out() -> None:
    """Forty cases in a row, each at once done: the slow one gets some, the quick one most."""
    had = {1: 0, 2: 0}
    for _ in range(40):
        fair = max(sum(had.values()) / 2, 1)
        quick = an_agent(1, recent=had[1] / fair, **knowing(log_minutes=2.3, quality=0.95))
        slow = an_agent(2, recent=had[2] / fair, **knowing(log_minutes=3.3, quality=0.6))
        best = choose(rank_agents(NEEDS, [quick, slow], NOW))
        assert best is not None
        had[best.agent.id] += 1
    assert 4 <= had[2] < had[1]


def test_what_was_declared_matters_until_there_are_cases() -> None:
    new, known = (
        rank_agents(NEEDS, [an_agent(expertise={"returns": Estimate(cases=cases)})], NOW, ROUTINE)[
            0
        ]
        for cases in (0, 27)
    )
    assert value(new, "declared") == 0.6
    assert value(known, "declared") == 0.06


def test_of_an_unknown_topic_what_is_known_in_general_counts() -> None:
    usual = {"": Estimate(quality=0.9)}
    [candidate] = rank_agents(NEEDS, [an_agent(expertise=usual)], NOW)
    assert candidate.estimate == usual[""]
    [nothing] = rank_agents(NEEDS, [an_agent()], NOW)
    assert nothing.estimate == Estimate()


# --- Letting a requirement go -----------------------------------------------------------------
def test_of_requirements_that_nobody_here_meets_the_least_goes() -> None:
    french = Requirement(frozenset({"french"}), priority=2)
    legal = Requirement(frozenset({"legal"}), priority=1)
    needs = replace(NEEDS, requirements=(ORDERS, french, legal))
    team = [an_agent(1), an_agent(2, presence="offline", skills={"french": 5, "legal": 5})]
    assert relax(needs, team) == (ORDERS, french)
    assert relax(replace(needs, requirements=(ORDERS, french)), team) == (ORDERS,)
    assert relax(NEEDS, team) == (ORDERS,)
    assert relax(NEEDS, []) == ()


# --- For any team -----------------------------------------------------------------------------
SKILLS = st.dictionaries(st.sampled_from(["orders", "billing", "care"]), st.integers(1, 5))
LANGUAGES = st.sampled_from(["da", "sv", "en"])
SHARES = st.floats(0, 1)
ESTIMATES = st.builds(
    Estimate,
    cases=st.floats(0, 200),
    log_minutes=st.floats(-1, 8),
    doubt=st.floats(0, 2),
    quality=SHARES,
    rating=st.floats(1, 5),
)
AGENTS = st.builds(
    Agent,
    id=st.integers(1, 30),
    name=st.just("x"),
    presence=st.sampled_from(["online", "online", "online", "away", "offline"]),
    skills=SKILLS,
    languages=st.frozensets(LANGUAGES),
    open=st.integers(0, 6),
    capacity=st.integers(0, 6),
    complexity=st.floats(0, 6),
    recent=st.floats(0, 100),
    preferences=st.frozensets(st.just("returns")),
    hours=st.sampled_from([{}, WEEKDAYS]),
    zone=st.sampled_from(["UTC", "Europe/Copenhagen", "Asia/Tokyo"]),
    stands_in_for=st.frozensets(st.integers(1, 30), max_size=2),
    expertise=st.dictionaries(st.just("returns"), ESTIMATES),
)
TEAMS = st.lists(AGENTS, max_size=8, unique_by=lambda agent: agent.id)
NEEDED = st.builds(
    Needs,
    requirements=st.lists(
        st.builds(Requirement, st.frozensets(st.sampled_from(["orders", "care"]), min_size=1)),
        max_size=2,
    ).map(tuple),
    language=LANGUAGES,
    topic=st.just("returns"),
    complexity=SHARES,
    last_agent=st.none() | st.integers(1, 30),
    declined=st.frozensets(st.integers(1, 30), max_size=2),
)
WEIGHTS = st.floats(0, 2)
ANY_STRATEGY = st.sampled_from(list(STRATEGIES.values())) | st.builds(
    Strategy,
    name=st.just("any"),
    **{name: WEIGHTS for name in FACTORS if name in Strategy.__slots__},
    room=WEIGHTS,
)


@settings(max_examples=150, deadline=None)
@given(
    needs=NEEDED, team=TEAMS, strategy=ANY_STRATEGY, hours=st.integers(0, 200), luck=st.integers()
)
def test_for_any_team_the_order_is_sound_and_the_sum_exact(
    needs: Needs, team: list[Agent], strategy: Strategy, hours: int, luck: int
) -> None:
    now = NOW + timedelta(hours=hours)
    ranked = rank_agents(needs, team, now, strategy)
    assert sorted(c.agent.id for c in ranked) == sorted(agent.id for agent in team)
    keys = [(bool(c.rejected), -c.score, c.agent.open, c.agent.id) for c in ranked]
    assert keys == sorted(keys)
    for candidate in ranked:
        shown = [Decimal(str(factor.points)) for factor in candidate.factors]
        assert Decimal(str(candidate.score)) == sum(shown, Decimal(0))
        for factor in candidate.factors:
            assert 0 <= factor.value <= 1
            by_hand = Decimal(str(factor.weight)) * Decimal(str(factor.value))
            last = Decimal(1).scaleb(-DIGITS)
            assert Decimal(str(factor.points)) == by_hand.quantize(last, ROUND_HALF_UP)
    best = choose(ranked)
    assert (best is None) == all(c.rejected for c in ranked)
    if best and strategy in STRATEGIES.values():
        able = [c for c in ranked if not c.rejected and needs.language in c.agent.languages]
        assert not able or needs.language in best.agent.languages
    shuffled = random.Random(luck).sample(team, len(team))
    assert [c.agent.id for c in rank_agents(needs, shuffled, now, strategy)] == [
        c.agent.id for c in ranked
    ]
