"""Who should get a conversation: the policy as a table, and what holds for any team."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.routing.policy import Agent, Needs, choose, rank_agents

ANY = Needs(skills=frozenset(), language="en")
RETURNS_IN_DANISH = Needs(skills=frozenset({"orders"}), language="da")


def an_agent(pk: int = 1, **changes: Any) -> Agent:
    """Return an agent who is here, idle, good at orders and speaks Danish and English."""
    usual: dict[str, Any] = {
        "name": f"agent {pk}",
        "presence": "online",
        "skills": frozenset({"orders"}),
        "languages": frozenset({"da", "en"}),
        "open": 0,
        "capacity": 4,
    }
    return Agent(id=pk, **(usual | changes))


@pytest.mark.parametrize(
    ("changes", "rejected"),
    [
        ({}, ""),
        ({"open": 3}, ""),
        ({"languages": frozenset()}, ""),
        ({"skills": frozenset({"billing", "orders"})}, ""),
        ({"presence": "offline"}, "offline"),
        ({"presence": "away"}, "away"),
        ({"skills": frozenset()}, "lacks_skill"),
        ({"skills": frozenset({"billing"})}, "lacks_skill"),
        ({"open": 4}, "full"),
        ({"open": 9}, "full"),
        ({"capacity": 0}, "full"),
        # One reason each: what the agent can change least comes first.
        ({"presence": "away", "skills": frozenset(), "open": 4}, "away"),
        ({"presence": "offline", "open": 4}, "offline"),
        ({"skills": frozenset(), "open": 4}, "lacks_skill"),
    ],
)
def test_an_agent_is_rejected_for_a_reason(changes: dict[str, Any], rejected: str) -> None:
    [candidate] = rank_agents(RETURNS_IN_DANISH, [an_agent(**changes)])
    assert candidate.rejected == rejected
    assert (choose([candidate]) is None) == bool(rejected)
    assert candidate.score == 0 if rejected else candidate.score > 0


@pytest.mark.parametrize(
    ("needs", "agents", "order"),
    [
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, skills=frozenset({"billing"})), an_agent(2, open=3)],
            [2, 1],
            id="the needed skill decides before any room",
        ),
        pytest.param(
            Needs(frozenset({"billing", "orders"}), "da"),
            [an_agent(1, skills=frozenset({"care"})), an_agent(2)],
            [2, 1],
            id="one of the needed skills is enough",
        ),
        pytest.param(
            ANY,
            [an_agent(1, skills=frozenset(), open=1), an_agent(2, skills=frozenset())],
            [2, 1],
            id="without needs nobody lacks a skill",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, languages=frozenset({"en"})), an_agent(2, open=3)],
            [2, 1],
            id="a shared language outweighs load",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [
                an_agent(1, languages=frozenset({"en"})),
                an_agent(2, languages=frozenset({"da"}), open=99, capacity=100),
            ],
            [2, 1],
            id="a shared language outweighs even almost no room",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, open=2), an_agent(2, open=1), an_agent(3, open=3)],
            [2, 1, 3],
            id="then the least loaded",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, open=1, capacity=2), an_agent(2, open=2, capacity=8)],
            [2, 1],
            id="load is a share of the capacity",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, open=2, capacity=4), an_agent(2, open=1, capacity=2)],
            [2, 1],
            id="of equal shares, the one with fewer conversations",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(7), an_agent(3), an_agent(5)],
            [3, 5, 7],
            id="ties go to the lower id",
        ),
        pytest.param(
            RETURNS_IN_DANISH,
            [an_agent(1, presence="away"), an_agent(2, languages=frozenset(), open=3)],
            [2, 1],
            id="anybody who may comes before the best who may not",
        ),
        pytest.param(ANY, [], [], id="nobody at all"),
    ],
)
def test_agents_are_ranked(needs: Needs, agents: list[Agent], order: list[int]) -> None:
    ranked = rank_agents(needs, agents)
    assert [candidate.agent.id for candidate in ranked] == order
    best = choose(ranked)
    assert (best.agent.id if best else None) == (order[0] if order else None)


def test_nobody_is_chosen_where_all_are_rejected() -> None:
    ranked = rank_agents(ANY, [an_agent(1, presence="away"), an_agent(2, capacity=0)])
    assert choose(ranked) is None
    assert choose([]) is None


def test_the_factors_say_what_was_weighed() -> None:
    [speaks] = rank_agents(RETURNS_IN_DANISH, [an_agent(open=1)])
    assert (speaks.skill, speaks.language, speaks.room, speaks.score) == (1, 1, 0.75, 1.375)
    [other] = rank_agents(Needs(frozenset({"care"}), "sv"), [an_agent(open=1)])
    assert (other.skill, other.language, other.room, other.score) == (0, 0, 0.75, 0)
    [none] = rank_agents(ANY, [an_agent(capacity=0)])
    assert none.room == 0
    [overfull] = rank_agents(ANY, [an_agent(open=9)])
    assert overfull.room == 0


SLUGS = st.frozensets(st.sampled_from(["orders", "billing", "care"]))
LANGUAGES = st.sampled_from(["da", "sv", "de", "en"])
TEAMS = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 30),
        name=st.just("x"),
        presence=st.sampled_from(["online", "away", "offline"]),
        skills=SLUGS,
        languages=st.frozensets(LANGUAGES),
        open=st.integers(0, 6),
        capacity=st.integers(0, 6),
    ),
    max_size=8,
    unique_by=lambda agent: agent.id,
)


@given(needs=st.builds(Needs, skills=SLUGS, language=LANGUAGES), team=TEAMS, luck=st.integers())
def test_for_any_team_the_order_is_sound(needs: Needs, team: list[Agent], luck: int) -> None:
    ranked = rank_agents(needs, team)
    assert sorted(c.agent.id for c in ranked) == sorted(agent.id for agent in team)
    assert [bool(c.rejected) for c in ranked] == sorted(bool(c.rejected) for c in ranked)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    fits = [
        agent
        for agent in team
        if agent.presence == "online"
        and agent.open < agent.capacity
        and (not needs.skills or needs.skills & agent.skills)
    ]
    assert {c.agent for c in ranked if not c.rejected} == set(fits)
    best = choose(ranked)
    assert (best is None) == (not fits)
    if best and any(needs.language in agent.languages for agent in fits):
        assert needs.language in best.agent.languages
    shuffled = random.Random(luck).sample(team, len(team))
    assert rank_agents(needs, shuffled) == ranked
