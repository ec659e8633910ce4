"""Questions far from all topics are kept, and become a problem once enough have asked alike."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.chatbot.problems.conftest import (
    RESELLERS,
    VOTE,
    case_of,
    conversation_of,
    is_kept,
    look,
)
from tests.world import Agent, Visitor, wait_for

Ask = Callable[..., Visitor]


def test_three_who_ask_alike_in_three_languages_are_one_problem(
    problem: Any, ask: Ask, supervisor: Agent
) -> None:
    assert problem.cases.count() == 3
    shown = look(supervisor)
    assert "<strong>3</strong>" in shown
    for question in RESELLERS.values():
        assert question in shown
    # One more joins it, and does not make another.
    ask("I own two shops in Norway and want to resell your lamps, what are the terms?")
    wait_for(lambda: problem.cases.count() == 4)
    assert "<strong>4</strong>" in look(supervisor)


def test_the_sidebar_says_how_many_wait(problem: Any, supervisor: Agent) -> None:
    page = supervisor.http.get("/admin/").text
    at = page.index(f"{'/admin/insights/problems/'}")
    assert ">1<" in "".join(page[at : at + 4_000].split())


def test_the_same_customer_asking_again_is_not_enough(rows: None, ask: Ask) -> None:
    from chatbot.routing.models import NewProblem, UnknownCase

    first, *others = RESELLERS.items()
    one = ask(first[1], first[0])
    case = case_of(first[1])
    contact = case.conversation.contact
    for language, question in others:
        ask(question, language)
        made = case_of(question)
        type(made.conversation).objects.filter(pk=made.conversation_id).update(contact=contact)
    again = "What are your terms for resellers who want to carry your lamps in a boutique?"
    ask(again)
    case_of(again)
    assert UnknownCase.objects.count() == 4
    assert not NewProblem.objects.filter(cases__conversation__contact=contact).exists()
    one.close()


def test_alone_it_waits_and_is_shown_as_alone(rows: None, ask: Ask, supervisor: Agent) -> None:
    from chatbot.routing.models import NewProblem

    ask(VOTE)
    assert case_of(VOTE).problem is None
    assert not NewProblem.objects.exists()
    assert VOTE in look(supervisor).partition("Alone so far")[2]


@pytest.mark.parametrize(
    "question",
    [
        "my invoice has the wrong company name on it",  # near a topic
        "I want to talk to a person",  # says nothing of what it is about
        "asdf",  # one word is a try
    ],
)
def test_what_is_no_far_question_is_no_case(rows: None, ask: Ask, question: str) -> None:
    from chatbot.routing.models import UnknownCase

    ask(question)
    wait_for(lambda: is_kept(question))
    assert not UnknownCase.objects.filter(conversation=conversation_of(question)).exists()


def test_a_colleague_who_says_what_it_is_about_answers_it(
    rows: None, ask: Ask, agent: Callable[..., Agent], supervisor: Agent
) -> None:
    ask(VOTE)
    case = case_of(VOTE)
    agent("mette").post(f"conversations/{case.conversation_id}/classify", topic="store")
    assert VOTE not in look(supervisor)


def test_the_customer_is_told_before_and_not_after_it_is_looked_at(rows: None, ask: Ask) -> None:
    """Nothing is said to the customer that has to do with it."""
    one = ask(VOTE)
    case_of(VOTE)
    said = [message["text"] for message in one.messages() if message["author"]["kind"] == "bot"]
    assert len(said) == 1


def test_nothing_is_decided_by_who_has_no_right_to(
    problem: Any, staff: Callable[..., Agent], agent: Callable[..., Agent]
) -> None:
    from tests.chatbot.problems.conftest import PATH, all_of, decide

    assert httpx.get(agent("mette").server.url + PATH).status_code == 302
    for one in (agent("mette"), staff({})):  # staff without the right, as agents are
        assert one.http.get(PATH).status_code == 404
        decide(one, 404, **all_of(problem, do="dismiss"))
    jonas = agent("jonas")  # no staff at all
    assert jonas.http.get(PATH).status_code == 302
    looker = staff({"routing": ("view_newproblem",)})
    shown = look(looker)
    assert RESELLERS["en"] in shown
    assert "Make it a topic" not in shown
    assert "Dismiss" not in shown
    decide(looker, 404, **all_of(problem, do="dismiss"))
    decider = staff({"routing": ("change_newproblem",)})
    assert "Make it a topic" not in look(decider)
    decide(decider, 404, **all_of(problem, do="topic", **{"name-en": "Resellers"}))
    problem.refresh_from_db()
    assert problem.state == "open"


def test_nobody_waits_to_write_while_a_question_is_embedded(
    rows: None, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An update has thousands of old questions looked at, one after the other.
    from django.db import connection

    from chatbot.routing import problems, similar

    ask(VOTE)
    wait_for(lambda: is_kept(VOTE))
    embed, within = similar.query_vector, list[bool]()

    def embedded(text: str) -> Any:
        within.append(connection.in_atomic_block)
        return embed(text)

    monkeypatch.setattr(similar, "query_vector", embedded)
    problems.note_case(conversation=conversation_of(VOTE), question=VOTE)
    assert within == [False]
