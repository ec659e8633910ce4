"""What the tests of ratings have in common: somebody is helped by a person, and is asked."""

from typing import Any

from tests.channels_adapters.worlds import World
from tests.world import Agent, wait_for

QUESTION = "How did we do?"
LIKELY = "How likely are you to recommend us"
HUMAN = "I want to talk to a person"


def helped(world: World, mette: Agent, answer: str = "It is on its way.") -> int:
    """Have Mette answer and resolve what the customer wants; return the conversation."""
    world.say(HUMAN)
    conversation = int(mette.given()["id"])
    mette.reply(conversation, answer)
    wait_for(lambda: any(answer in one for one in world.replies()), seconds=30)
    mette.post(f"conversations/{conversation}/resolve")
    return conversation


def asked(world: World, question: str = QUESTION, count: int = 1) -> str:
    """Wait until the customer was asked so often; return the last question."""

    def questions() -> list[str]:
        found = [one for one in world.replies() if question in one]
        return found if len(found) >= count else []

    return str(
        wait_for(questions, seconds=30, why=lambda: repr([one[:60] for one in world.replies()]))[-1]
    )


def rating_of(conversation: int) -> Any:
    from chatbot.conversations.models import Rating

    return Rating.objects.filter(conversation_id=conversation).first()


def recommendation_of(conversation: int) -> Any:
    from chatbot.conversations.models import Recommendation

    return Recommendation.objects.filter(conversation_id=conversation).order_by("-pk").first()


def rated(conversation: int, score: int) -> Any:
    """Wait for a score, and return the rating."""
    wait_for(lambda: rating_of(conversation).score == score, seconds=30)
    return rating_of(conversation)


def conversations_beside(conversation: int) -> list[str]:
    """Return the states of the contact's conversations, the given one first."""
    from chatbot.conversations.models import Conversation

    one = Conversation.objects.get(pk=conversation)
    others = Conversation.objects.filter(contact_id=one.contact_id).exclude(pk=conversation)
    return [str(one.status), *map(str, others.values_list("status", flat=True))]


def channel_of(conversation: int) -> Any:
    from chatbot.conversations.models import Channel

    return Channel.objects.filter(conversation=conversation)
