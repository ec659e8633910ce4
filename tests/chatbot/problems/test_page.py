"""A supervisor says what a new kind of problem is, and it is so from then on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chatbot.problems.conftest import (
    RESELLERS,
    VOTE,
    all_of,
    case_of,
    decide,
    look,
)
from tests.world import Agent, Visitor, wait_for

Ask = Callable[..., Visitor]
NAMES = {
    "name-en": "Resellers",
    "name-da": "Forhandlere",
    "name-sv": "Återförsäljare",
    "name-de": "Wiederverkäufer",
}
TURIN = "Our boutique in Turin would love to become a reseller for your lamps. What are the terms?"
AGAIN = "I own two shops in Norway and want to resell your lamps, what are the terms?"


def test_it_becomes_a_topic_with_its_conversations_and_skills(
    problem: Any, supervisor: Agent, agent: Callable[..., Agent]
) -> None:
    from chatbot.conversations.models import Classification
    from chatbot.routing.models import Skill
    from knowledge.models import Article, Category

    skill = Skill.objects.get(slug="billing")
    articles = Article.objects.count()
    shown = decide(supervisor, **all_of(problem, do="topic", skill=str(skill.pk), **NAMES))
    assert "“Resellers” is a topic now." in shown
    category = Category.objects.get(slug="resellers")
    assert category.name_in("de") == "Wiederverkäufer"
    assert list(category.skills.all()) == [skill]
    assert Article.objects.count() == articles
    mette = agent("mette")
    for case in problem.cases.all():
        row = mette.get(f"conversations/{case.conversation_id}")
        assert row["topic"]["slug"] == "resellers"
    # A person said so: it is a label, with who it was.
    labels = Classification.objects.filter(topic="resellers")
    assert labels.count() == 3
    assert {label.user.username[:4] for label in labels if label.user} == {"sten"}
    assert RESELLERS["en"] not in look(supervisor)


def test_what_is_alike_has_the_topic_before_anything_is_written(
    problem: Any, supervisor: Agent, ask: Ask
) -> None:
    decide(supervisor, **all_of(problem, do="topic", **NAMES))
    ask(AGAIN)
    case = case_of(AGAIN)
    assert case.problem_id == problem.pk
    case.conversation.refresh_from_db()
    assert case.conversation.topic == "resellers"
    assert AGAIN not in look(supervisor)


def test_an_article_is_drafted_with_the_questions_and_answers_nobody(
    problem: Any, supervisor: Agent
) -> None:
    from knowledge.models import Article

    shown = decide(supervisor, **all_of(problem, do="topic", draft="on", **NAMES))
    assert "This article is a draft" in shown
    article = Article.objects.latest("pk")
    assert article.status == Article.Status.DRAFT
    assert article.category.slug == "resellers"
    questions = dict(article.questions.values_list("language", "text"))
    assert questions == RESELLERS
    # They are no gap in what is written any more.
    assert RESELLERS["de"] not in supervisor.http.get("/admin/insights/gaps/").text


def test_what_does_not_belong_is_left_out(problem: Any, supervisor: Agent) -> None:
    out = problem.cases.get(conversation__language="de")
    kept = [str(case.pk) for case in problem.cases.all() if case.pk != out.pk]
    decide(supervisor, **{**all_of(problem, do="topic", **NAMES), "case": kept})
    out.refresh_from_db()
    out.conversation.refresh_from_db()
    assert (out.problem, out.conversation.topic) == (None, "")
    assert RESELLERS["de"] in look(supervisor).partition("Alone so far")[2]


def test_it_may_be_a_topic_that_exists(problem: Any, supervisor: Agent) -> None:
    from chatbot.conversations.models import Conversation

    shown = decide(supervisor, **all_of(problem, do="existing", topic="payment"))
    assert "They belong to “Payment" in shown
    topics = Conversation.objects.filter(unknown_case__problem=problem).values_list("topic")
    assert set(topics) == {("payment",)}


def test_dismissed_it_is_never_proposed_again_and_takes_what_is_alike(
    problem: Any, supervisor: Agent, ask: Ask
) -> None:
    from chatbot.routing.models import NewProblem

    assert "Dismissed." in decide(supervisor, **all_of(problem, do="dismiss"))
    for question in (AGAIN, TURIN):
        ask(question)
        case = case_of(question)
        assert case.problem_id == problem.pk
        case.conversation.refresh_from_db()
        assert case.conversation.topic == ""
        assert question not in look(supervisor)
    assert NewProblem.objects.count() == 1


def test_two_who_decide_at_once_decide_once(problem: Any, supervisor: Agent) -> None:
    from knowledge.models import Category

    form = all_of(problem, do="topic", **NAMES)
    decide(supervisor, **form)
    assert "Somebody has decided about this already." in decide(supervisor, **form)
    assert "Somebody has decided" in decide(supervisor, **all_of(problem, do="dismiss"))
    assert Category.objects.filter(slug__startswith="resellers").count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name-en": "", "name-da": " ", "name-sv": "", "name-de": ""}, "Give the topic a name."),
        ({"case": []}, "Choose at least one question"),
        ({"case": ["x", "999999999", "1" * 30]}, "Choose at least one question"),
    ],
)
def test_what_is_missing_is_said(
    problem: Any, supervisor: Agent, change: dict[str, Any], said: str
) -> None:
    from knowledge.models import Category

    before = Category.objects.count()
    assert said in decide(supervisor, **{**all_of(problem, do="topic", **NAMES), **change})
    assert Category.objects.count() == before
    problem.refresh_from_db()
    assert problem.state == "open"


def test_one_that_is_alone_gets_a_topic_or_is_dismissed(
    rows: None, ask: Ask, supervisor: Agent
) -> None:
    ask(VOTE)
    case = case_of(VOTE)
    form = {"do": "review", "case": str(case.pk)}
    assert "Choose a topic." in decide(supervisor, **form, topic="")
    assert "It belongs to “" in decide(supervisor, **form, topic="store")
    case.conversation.refresh_from_db()
    assert case.conversation.topic == "store"
    assert VOTE not in look(supervisor)
    assert "Somebody has decided" in decide(supervisor, **form, none="1")
    ask("who won the handball yesterday?")
    other = case_of("who won the handball yesterday?")
    decide(supervisor, do="review", case=str(other.pk), topic="store", none="1")
    other.conversation.refresh_from_db()
    assert other.conversation.topic == ""
    assert "handball" not in look(supervisor)


def test_names_and_a_skill_are_proposed(problem: Any, supervisor: Agent) -> None:
    shown = look(supervisor)
    for language in ("en", "da", "sv", "de"):
        field = shown.partition(f'name="name-{language}"')[2].partition(">")[0]
        assert 'value=""' not in field
        assert "value=" in field
    assert shown.count('name="skill"') >= 4
    skills = shown.partition("one of these skills")[2].partition("</fieldset>")[0]
    assert "checked" in skills  # of the topic that is nearest


def test_particulars_are_masked_and_markup_is_text(rows: None, ask: Ask, supervisor: Agent) -> None:
    question = (
        'will you sponsor our chess club <img src=x onerror="alert(1)"> write to '
        "anna@example.com or call +45 20 30 40 50"
    )
    ask(question)
    case_of(question)
    shown = look(supervisor)
    assert "will you sponsor our chess club" in shown
    assert "anna@example.com" not in shown
    assert "20 30 40 50" not in shown
    assert "<img src=x" not in shown


def test_a_form_without_its_token_changes_nothing(problem: Any, supervisor: Agent) -> None:
    del supervisor.http.headers["X-CSRFToken"]
    answer = supervisor.http.post("/admin/insights/problems/", data=all_of(problem, do="dismiss"))
    assert answer.status_code == 403
    wait_for(lambda: problem.refresh_from_db() or problem.state == "open")
