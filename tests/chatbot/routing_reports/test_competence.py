"""What the team can and lacks, by rows of a month, as the page says it."""

import re
from collections.abc import Callable
from datetime import timedelta

from tests.chatbot.routing_reports.conftest import assigned, handed_off, profile

Send = Callable[..., str]
PAGE = "insights/competence/"
OFFICE = {str(day): [["09:00", "17:00"]] for day in range(5)}


def learned(username: str, topic: str, *, minutes: float, solves: float, cases: float = 12) -> None:
    from chatbot.routing.models import Expertise

    Expertise.objects.update_or_create(
        agent=profile(username),
        topic=topic,
        defaults={
            "cases": cases,
            "minutes": minutes,
            "log_minutes": 3.0,
            "doubt": 0.1,
            "solves": solves,
            "quality": 0.8,
            "rating": 4.2,
        },
    )


def gap_of(page: str, begin: str) -> str:
    found = re.search(rf"<p>({re.escape(begin)}:.*?)</p>", page)
    assert found is not None, page[:3_000]
    return found[1].replace("&#x27;", "'")


def test_before_anything_came_it_says_what_will_be_there(send: Send) -> None:
    from chatbot.conversations.models import Conversation

    known = dict(Conversation.objects.exclude(topic="").values_list("pk", "topic"))
    Conversation.objects.update(topic="")
    try:
        told = send(PAGE)
        assert "Nothing to compare yet" in told
        assert "/admin/insights/tickets/" in told
    finally:
        for pk, topic in known.items():
            Conversation.objects.filter(pk=pk).update(topic=topic)


def test_a_language_that_nobody_good_speaks_is_a_gap_with_its_cost(send: Send) -> None:
    from chatbot.conversations.models import Channel
    from chatbot.routing.models import AgentProfile, AgentSkill

    Channel.objects.update(opening_hours=OFFICE)
    AgentProfile.objects.update(hours=OFFICE)
    levels = dict(AgentSkill.objects.values_list("pk", "level"))
    AgentSkill.objects.update(level=2)
    # Anke alone has the skill for privacy. Nobody is good at it, and things take twice as long.
    for _case in range(4):
        assigned("anke", topic="privacy", language="de", minutes=40)
    for _case in range(12):
        assigned("mette", topic="delivery", language="da", minutes=20)
    learned("anke", "privacy", minutes=40, solves=0.5)
    learned("mette", "delivery", minutes=15, solves=0.9)
    learned("jonas", "delivery", minutes=30, solves=0.9)
    try:
        told = send(PAGE)
    finally:
        for pk, level in levels.items():
            AgentSkill.objects.filter(pk=pk).update(level=level)
    sentence = gap_of(told, "Privacy in German")
    assert "4 conversations in 30 days" in sentence
    assert "nobody at level 4, or good at it by their own cases, speaks the language" in sentence
    assert "they took 40 minutes, twice the usual" in sentence
    assert "Delivery in Danish" not in told  # Mette is good at it, all day
    table = told.partition("Who is good at what")[2]
    assert re.search(r'data-shade="quick\w*">15 min<span class="small">90 % solved, n 12', table)


def test_hours_in_which_nobody_good_is_at_work_are_a_gap(send: Send) -> None:
    from chatbot.conversations.models import Channel
    from chatbot.routing.models import AgentProfile

    Channel.objects.update(opening_hours=OFFICE)
    AgentProfile.objects.update(hours={"0": [["09:00", "12:00"]]})
    learned("mette", "delivery", minutes=10, solves=0.9)
    handed_off(topic="delivery", language="da")
    told = gap_of(send(PAGE), "Delivery in Danish")
    assert "in 3 of 40 opening hours a week" in told


def test_who_has_no_hours_is_there_when_they_were(send: Send) -> None:
    from django.utils import timezone

    from chatbot.conversations.models import Channel
    from chatbot.routing.models import AgentProfile, Shift

    Channel.objects.update(opening_hours={})
    AgentProfile.objects.update(hours={})
    Shift.objects.all().delete()
    for username in ("mette", "jonas", "anke", "freja"):
        learned(username, "delivery", minutes=10, solves=0.9 if username == "mette" else 0.4)
    began = timezone.now().replace(minute=0, second=0) - timedelta(days=3)
    shift = Shift.objects.create(
        agent=profile("mette"), began_at=began, ended_at=began + timedelta(hours=5)
    )
    handed_off(topic="delivery", language="da")
    try:
        told = gap_of(send(PAGE), "Delivery in Danish")
    finally:
        shift.delete()
    assert "only Mette is good at it, in 5 of 168 opening hours a week" in told


def test_it_speaks_the_readers_language(send: Send, admin: object) -> None:
    handed_off(topic="privacy", language="sv")
    admin.http.headers["Accept-Language"] = "da"  # type: ignore[attr-defined]
    told = send(PAGE)
    assert "Persondata" in told
