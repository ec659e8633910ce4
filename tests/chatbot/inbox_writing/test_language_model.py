"""Translations and summaries for agents, by a model on loopback."""

from collections.abc import Iterator

import pytest

from tests.chatbot.inbox_writing.test_writing import written
from tests.chatbot.writing.completions import CompletionsServer
from tests.paths.test_language_model import model, svar
from tests.world import Agent, Server, Visitor, wait_for

__all__ = ["model", "svar"]


@pytest.fixture
def mette(svar: Server) -> Iterator[Agent]:
    """An agent of the server with a language model."""
    agent = Agent(svar, "mette")
    yield agent
    agent.close()


def test_a_model_translates_and_summarises_and_is_checked(
    svar: Server, model: CompletionsServer, mette: Agent
) -> None:
    anna = Visitor(svar, "de")
    anna.open()
    anna.say("Ich möchte mit einem Menschen sprechen")
    row = wait_for(
        lambda: next(
            (
                one
                for one in mette.get("conversations", view="all")["results"]
                if one["status"] in ("queued", "assigned") and "Menschen" in one["preview"]["text"]
            ),
            None,
        )
    )
    pk = row["id"]
    mette.post(f"conversations/{pk}/take", over=True)
    socket = mette.open()
    anna.say("Meine Adresse ist anna.holm@example.com, wo ist Paket LL-1042?")
    asked = socket.message("contact")
    model.requests.clear()
    model.text = "My address is [EMAIL_1], where is parcel LL-1042?"
    told = mette.post(f"messages/{asked['id']}/translate")
    assert told["text"] == "My address is anna.holm@example.com, where is parcel LL-1042?"
    assert "anna.holm" not in str(model.requests), "what is personal stays here"
    count = len(model.requests)
    assert mette.post(f"messages/{asked['id']}/translate") == told
    assert len(model.requests) == count, "it is asked once"
    model.text = "Einen Moment bitte."
    replied = mette.post(f"conversations/{pk}/translate", text="One moment please.")
    assert replied == {"text": "Einen Moment bitte.", "language": "de"}

    for number in range(6):
        mette.post(
            f"conversations/{pk}/reply", 201, **written(f"I look for parcel LL-1042 {number}")
        )
    model.text = "I look for parcel LL-1042\nThe refund is 9,999 kr."
    first = mette.get(f"conversations/{pk}/summary")
    assert first["by"] == "parts", "nobody waits for the model"
    model.text = "- I look for parcel LL-1042"
    mette.post(f"conversations/{pk}/reply", 201, **written("I look for parcel LL-1042 now"))
    mette.get(f"conversations/{pk}/summary")
    socket.next("summary", lambda event: event["conversation"] == pk)
    assert mette.get(f"conversations/{pk}/summary") == {
        "lines": ["I look for parcel LL-1042"],
        "by": "model",
    }
    anna.close()
