"""python -m tests.services.archive: have 120 old conversations of a hundred messages each.

In each a customer speaks of a violet samovar once, first of all; what follows has the same words
in every other order.
"""

import random

import django

CONVERSATIONS, MESSAGES = 120, 100
_WORDS = [
    "the",
    "violet",
    "lid",
    "of",
    "samovar",
    "and",
    "tray",
    "arrived",
    "broken",
    "please",
    "send",
    "another",
    "soon",
]


def fill() -> None:
    """Write the rows, as the channels had done it."""
    from django.utils import timezone

    from chatbot.conversations.models import (
        Channel,
        Contact,
        ContactIdentity,
        Conversation,
        Message,
        Status,
    )

    chance = random.Random(7)
    channel = Channel.objects.earliest("pk")
    for number in range(CONVERSATIONS):
        contact = Contact.objects.create(name=f"Jørgen Archivar{number}")
        conversation = Conversation.objects.create(
            channel=channel,
            contact=contact,
            identity=ContactIdentity.objects.create(
                contact=contact, channel=channel, external_id=f"archive-{number}"
            ),
            status=Status.RESOLVED,
            resolved_at=timezone.now(),
        )
        texts = [f"My violet samövar hums, number {number}"]
        texts += [" ".join(chance.sample(_WORDS, 9)) for _ in range(MESSAGES - 1)]
        Message.objects.bulk_create(
            Message(
                conversation=conversation,
                channel=channel,
                author=Message.Author.CONTACT,
                # Never the two beside each other in that order.
                text=text.replace("violet samovar", "samovar violet"),
            )
            for text in texts
        )


if __name__ == "__main__":
    django.setup()
    fill()
