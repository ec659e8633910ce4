"""Customers who ask what nobody has written about, and supervisors who look at it."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.world import PASSWORD, Agent, Server, Visitor, wait_for

RESELLERS = {
    "en": "We have a boutique in Lyon and would like to carry your lamps. What are your terms for "
    "resellers?",
    "da": "Vi har en boutique i Lyon og vil gerne forhandle jeres lamper. Hvilke betingelser har I "
    "for forhandlere?",
    "de": "Wir haben eine Boutique in Lyon und würden gern Ihre Lampen führen. Welche Konditionen "
    "haben Sie für Wiederverkäufer?",
}
VOTE = "who should i vote for in the election"
PATH = "/admin/insights/problems/"
RIGHTS = {
    "routing": ("view_newproblem", "change_newproblem"),
    "knowledge": ("add_category", "add_article", "view_article", "change_article"),
}
_names = itertools.count()


def conversation_of(question: str) -> Any:
    """Return the newest conversation in which `question` was handed off."""
    from chatbot.conversations.models import Conversation

    return Conversation.objects.filter(handoff__question=question).order_by("-pk").first()


def case_of(question: str) -> Any:
    """Return the unknown case of `question`, once there is one."""
    from chatbot.routing.models import UnknownCase

    def found() -> Any:
        return UnknownCase.objects.filter(conversation__handoff__question=question).last()

    return wait_for(found)


def is_kept(question: str) -> bool:
    """Return whether what is known of `question` is kept: it was looked at."""
    made = conversation_of(question)
    return made is not None and hasattr(made, "case_vector")


def settled(question: str, by: str = "mette", minutes: int = 12, rating: int | None = None) -> Any:
    """Resolve the conversation of `question` as if `by` had taken so many minutes."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from chatbot.conversations.models import Conversation, Rating
    from chatbot.routing.models import Assignment

    wait_for(lambda: is_kept(question))
    made, user, now = conversation_of(question), User.objects.get(username=by), timezone.now()
    began = now - timedelta(minutes=minutes)
    Assignment.objects.filter(conversation=made).delete()
    Assignment.objects.create(
        conversation=made,
        agent=user.agent,  # type: ignore[attr-defined]  # the profile's related name
        created_at=began,
        ended_at=now,
    )
    Conversation.objects.filter(pk=made.pk).update(
        status="resolved", assignee=user, resolved_at=now, waiting_since=None
    )
    if rating is not None:
        Rating.objects.create(conversation=made, user=user, score=rating, answered_at=now)
    return made


@pytest.fixture
def ask(visitor: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Ask as a customer of the website who has not been here before."""

    def asked(question: str, language: str = "en") -> Visitor:
        one = visitor(language)
        one.ask(question)
        wait_for(lambda: conversation_of(question))
        return one

    return asked


@pytest.fixture
def rows(server: Server, clean: None) -> Iterator[None]:
    """Take away what was decided."""
    from chatbot.routing.models import NewProblem, UnknownCase
    from knowledge.models import Article, Category
    from knowledge.services import delete_articles

    categories = set(Category.objects.values_list("pk", flat=True))
    articles = set(Article.objects.values_list("pk", flat=True))
    yield
    UnknownCase.objects.all().delete()
    NewProblem.objects.all().delete()
    delete_articles(articles=list(Article.objects.exclude(pk__in=articles)))
    Category.objects.exclude(pk__in=categories).delete()


@pytest.fixture
def problem(rows: None, ask: Callable[..., Visitor]) -> Any:
    """Three customers have asked alike, in three languages; return what was made of it."""
    from chatbot.routing.models import NewProblem

    for language, question in RESELLERS.items():
        ask(question, language)
        case_of(question)
    return wait_for(lambda: NewProblem.objects.filter(state="open").first())


@pytest.fixture
def staff(server: Server, rows: None) -> Iterator[Callable[..., Agent]]:
    """Make somebody of the staff with these permissions, by app; None for all it takes."""
    from django.contrib.auth.models import Permission, User

    made: list[Agent] = []

    def make(rights: dict[str, tuple[str, ...]] | None = None) -> Agent:
        user = User.objects.create_user(f"sten{next(_names)}", password=PASSWORD, is_staff=True)
        for app, names in (RIGHTS if rights is None else rights).items():
            user.user_permissions.add(
                *Permission.objects.filter(content_type__app_label=app, codename__in=names)
            )
        made.append(Agent(server, user.username))
        return made[-1]

    yield make
    for one in made:
        one.close()
    User.objects.filter(username__startswith="sten").delete()


@pytest.fixture
def supervisor(staff: Callable[..., Agent]) -> Agent:
    return staff()


def look(who: Agent) -> str:
    """Return what the page says."""
    answer = who.http.get(PATH)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.text)


def decide(who: Agent, status: int = 200, **form: Any) -> str:
    """Send the page's form and follow; return what is read there."""
    answer = who.http.post(
        PATH,
        data={**form, "csrfmiddlewaretoken": who.http.cookies["csrftoken"]},
        headers={"Referer": who.server.url + PATH},
        follow_redirects=True,
    )
    assert answer.status_code == status, (answer.status_code, answer.url)
    return re.sub(r"\s+", " ", answer.text)


def all_of(problem: Any, **more: Any) -> dict[str, Any]:
    """Return the form of a problem with all of its questions ticked."""
    cases = [str(pk) for pk in problem.cases.values_list("pk", flat=True)]
    return {"problem": str(problem.pk), "shown": cases, "case": cases, **more}
