"""`python -m tests.services.crowd N`: N customers ask for a person, each in a thread of its own.

Two agents have their inboxes open. Runs in a process of the installation under test, so that
nothing but the database keeps the threads in order.
"""

import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatbot.settings")
django.setup()

from django.db import OperationalError, connection  # noqa: E402

from chatbot import pipeline  # noqa: E402
from chatbot.conversations.models import Channel, Message  # noqa: E402
from chatbot.conversations.recording import record_inbound  # noqa: E402
from chatbot.envelope import InboundMessage  # noqa: E402
from chatbot.routing import presence  # noqa: E402
from chatbot.routing.models import AgentProfile  # noqa: E402


def main(customers: int) -> None:
    channel = Channel.objects.get()
    messages: list[Message] = []
    for number in range(customers):
        inbound = InboundMessage(
            channel_id=channel.pk,
            sender_id=f"crowd-{number}",
            external_id=f"crowd-{number}",
            text="I want to talk to a person",
            intent="human",
        )
        messages.append(record_inbound(inbound=inbound).message)
    for agent in AgentProfile.objects.filter(capacity__gt=0):
        presence.connect(agent=agent, socket=f"crowd-{agent.pk}")
    connection.close()
    failures: list[BaseException] = []
    together = threading.Barrier(customers)

    def answer(message: Message) -> None:
        together.wait()
        try:
            while not answered(message):
                pass
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    def answered(message: Message) -> bool:
        """Answer it, unless all connections are taken for too long: as the sweep, then again."""
        try:
            pipeline.answer_pending.call(message.conversation_id)
        except OperationalError as error:
            if "couldn't get a connection" not in str(error):
                raise
            return False
        return True

    threads = [threading.Thread(target=answer, args=[message]) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


if __name__ == "__main__":
    main(int(sys.argv[1]))
