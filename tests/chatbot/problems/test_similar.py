"""Beside a handed-off conversation, agents see past ones that were alike."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests.chatbot.problems.conftest import RESELLERS, case_of, conversation_of, is_kept, settled
from tests.world import Agent, Visitor, wait_for

Ask = Callable[..., Visitor]
WRONG = "my invoice has the wrong company name on it"
WRONG_DA = "der står et forkert firmanavn på min faktura"


def similar(who: Agent, question: str) -> Any:
    wait_for(lambda: is_kept(question))
    return who.get(f"conversations/{conversation_of(question).pk}/similar")


def test_who_solved_it_in_how_long_and_how_it_was_rated(
    ask: Ask, agent: Callable[..., Agent]
) -> None:
    ask(WRONG_DA, "da")
    past = settled(WRONG_DA, by="freja", minutes=25, rating=4)
    ask(WRONG)
    found = similar(agent("mette"), WRONG)
    assert found["is_new"] is False
    first = found["cases"][0]
    assert first["id"] == past.pk
    assert first["question"] == WRONG_DA
    assert (first["solved_by"], first["rating"], first["language"]) == ("Freja", 4, "da")
    assert 24 <= first["minutes"] <= 26
    assert len(found["cases"]) <= 5


def test_working_minutes_count_where_they_were_kept(ask: Ask, agent: Callable[..., Agent]) -> None:
    from chatbot.routing.models import AgentProfile, Outcome

    ask(WRONG)
    past = settled(WRONG, by="freja", minutes=600)
    Outcome.objects.create(
        agent=AgentProfile.objects.get(user__username="freja"), conversation=past, minutes=18.4
    )
    ask(WRONG_DA, "da")
    assert similar(agent("mette"), WRONG_DA)["cases"][0]["minutes"] == 18


def test_what_is_open_or_was_left_to_the_bot_solves_nothing(
    ask: Ask, agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Conversation

    ask(WRONG)
    wait_for(lambda: is_kept(WRONG))
    ask(WRONG_DA, "da")
    mette = agent("mette")
    shown = [case["id"] for case in similar(mette, WRONG_DA)["cases"]]
    assert conversation_of(WRONG).pk not in shown
    Conversation.objects.filter(pk=conversation_of(WRONG).pk).update(
        status="resolved", assignee=None
    )
    shown = [case["id"] for case in similar(mette, WRONG_DA)["cases"]]
    assert conversation_of(WRONG).pk not in shown


def test_through_the_inbox_from_the_first_question_to_the_next_case(
    ask: Ask, agent: Callable[..., Agent]
) -> None:
    first = "can a tram ticket be bought together with my lamp at your counter"
    again = "do you sell tickets for the tram at the counter, with a lamp"
    ask(first)
    wait_for(lambda: is_kept(first))
    mette, made = agent("mette"), conversation_of(first)
    mette.post(f"conversations/{made.pk}/take")
    mette.post(f"conversations/{made.pk}/reply", 201, client_id=uuid.uuid4().hex, text="No, sorry.")
    mette.post(f"conversations/{made.pk}/resolve")
    ask(again)
    found = [case for case in similar(mette, again)["cases"] if case["id"] == made.pk]
    assert [case["solved_by"] for case in found] == ["Mette"]
    assert found[0]["minutes"] in (0, 1)


def test_a_new_kind_says_so_and_how_many_others_asked(
    problem: Any, agent: Callable[..., Agent]
) -> None:
    mette = agent("mette")
    found = similar(mette, RESELLERS["en"])
    assert (found["is_new"], found["others"]) == (True, 2)
    # Once an agent has said what it is about, it is of that topic.
    case = case_of(RESELLERS["en"])
    mette.post(f"conversations/{case.conversation_id}/classify", topic="payment")
    assert similar(mette, RESELLERS["en"])["is_new"] is False


def test_vectors_of_other_embeddings_are_made_anew(ask: Ask, agent: Callable[..., Agent]) -> None:
    from chatbot.routing.models import CaseVector

    ask(WRONG_DA, "da")
    past = settled(WRONG_DA, by="freja")
    CaseVector.objects.filter(conversation=past).update(made_by="others", vector=b"\0" * 64)
    mette = agent("mette")
    ask(WRONG)  # each handoff has what is stale made anew
    wait_for(lambda: CaseVector.objects.exclude(made_by="others").filter(conversation=past))
    assert past.pk in [case["id"] for case in similar(mette, WRONG)["cases"]]


def test_what_was_not_looked_at_yet_is_compared_all_the_same(
    ask: Ask, agent: Callable[..., Agent]
) -> None:
    from chatbot.routing.models import CaseVector

    ask(WRONG_DA, "da")
    past = settled(WRONG_DA, by="freja")
    ask(WRONG)
    wait_for(lambda: is_kept(WRONG))
    CaseVector.objects.filter(conversation=conversation_of(WRONG)).delete()
    mette = agent("mette")
    found = mette.get(f"conversations/{conversation_of(WRONG).pk}/similar")
    assert past.pk in [case["id"] for case in found["cases"]]
    wait_for(lambda: is_kept(WRONG))


def test_a_conversation_with_the_bot_has_none(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Conversation

    visitor().ask("how long does delivery take?")
    made = Conversation.objects.latest("pk")
    found = agent("mette").get(f"conversations/{made.pk}/similar")
    assert found == {"is_new": False, "others": 0, "cases": []}


def test_only_agents_may_ask(ask: Ask, agent: Callable[..., Agent]) -> None:
    one = ask(WRONG)
    server = agent("mette").server
    path = f"/api/v1/inbox/conversations/{conversation_of(WRONG).pk}/similar"
    for client in (
        httpx.Client(base_url=server.url),
        one.http,
        Agent(server, "admin").http,  # a user without an agent profile
    ):
        assert client.get(path).status_code == 403
    missing = agent("mette").http.get("/api/v1/inbox/conversations/999999999/similar")
    assert missing.status_code == 404
