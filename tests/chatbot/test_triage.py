"""What a handoff is about and how soon it is wanted, through the website's door."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import Visitor, wait_for


def handed_off(one: Visitor, text: str) -> Any:
    from chatbot.conversations.models import Conversation

    one.ask(text)
    conversation = Conversation.objects.latest("pk")
    wait_for(lambda: Conversation.objects.get(pk=conversation.pk).reason)
    return Conversation.objects.get(pk=conversation.pk)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I want to talk to a person, it is urgent"),
        ("da", "jeg vil tale med et menneske, det haster"),
        ("sv", "jag vill prata med en människa, det är bråttom"),
        ("de", "ich möchte mit einem Menschen sprechen, es eilt"),
    ],
)
def test_urgent_words_make_it_urgent(
    visitor: Callable[..., Visitor], language: str, text: str
) -> None:
    assert handed_off(visitor(language), text).priority == "urgent"


def test_anger_makes_it_high(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en")
    found = handed_off(one, "this is ridiculous, my blanket fell apart, fix this")
    assert (found.priority, found.handoff["detail"]) == ("high", "upset")


def test_a_vip_comes_first(visitor: Callable[..., Visitor]) -> None:
    from chatbot.conversations.models import Contact

    one = visitor("en")
    one.ask("hello")
    Contact.objects.filter(pk=Contact.objects.latest("pk").pk).update(is_vip=True)
    assert handed_off(one, "I want to talk to a person").priority == "high"


def test_most_are_normal(visitor: Callable[..., Visitor]) -> None:
    assert handed_off(visitor("en"), "do you sponsor football clubs?").priority == "normal"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("my invoice has the wrong company name on it", "payment"),
        ("is it possible to have the parcel brought after six in the evening by a van", "delivery"),
    ],
)
def test_an_unsure_question_still_has_a_topic(
    visitor: Callable[..., Visitor], text: str, topic: str
) -> None:
    found = handed_off(visitor("en"), text)
    assert found.topic == topic
