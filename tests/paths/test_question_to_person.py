"""The path: a question is answered with its source; what nobody wrote down reaches a person."""

from collections.abc import Callable
from pathlib import Path

from tests.world import Agent, Visitor, copy_shop, running, wait_for


def test_a_known_question_is_answered_with_its_source(visitor: Callable[..., Visitor]) -> None:
    anna = visitor("en")
    anna.open()
    reply = anna.ask("How long does delivery take?")
    assert "1–2 working days" in reply["text"] or "1-2 working days" in reply["text"]
    assert reply["citations"][0]["title"] == "How long does delivery take?"
    assert reply["html"].startswith("<p>")
    assert reply["language"] == "en"


def test_the_answer_comes_in_the_language_of_the_question(visitor: Callable[..., Visitor]) -> None:
    karen = visitor("en")  # an English page, a Danish customer
    karen.open()
    reply = karen.ask("hej, kan man dele betalingen op hos jer?")
    assert reply["language"] == "da"
    assert reply["citations"][0]["category"] == "Betaling"


def test_what_nobody_wrote_down_is_answered_by_a_person(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    freja = agent("freja")
    freja.open()
    anna = visitor("en")
    tab = anna.open()
    handoff = anna.ask("do you sponsor football clubs in lower leagues?")
    assert "bringing in a colleague" in handoff["text"]
    assert "Freja" in handoff["text"]
    assert tab.message("system", "notice")["text"] == "Freja joined the conversation"

    row = freja.get("conversations", view="mine")["results"][0]
    assert row["preview"]["text"] == "do you sponsor football clubs in lower leagues?"
    detail = freja.get(f"conversations/{row['id']}")
    assert detail["handoff"]["question"] == "do you sponsor football clubs in lower leagues?"
    assert detail["reason"] == "low_confidence"
    why = detail["assignment"]["sentence"]
    assert why.startswith("You have it because you are the only one here who can take it")
    assert why.endswith("have nothing open.")  # between, what was learned of her meanwhile
    assert {c["name"] for c in detail["assignment"]["candidates"]} == {
        "Mette",
        "Jonas",
        "Anke",
        "Freja",
    }
    assert (
        next(c for c in detail["assignment"]["candidates"] if c["name"] == "Jonas")["rejected"]
        == "not here"
    )

    freja.reply(row["id"], "We do, in Aarhus. Tell me about your club?")
    reply = tab.message("agent")
    assert reply["text"] == "We do, in Aarhus. Tell me about your club?"
    assert reply["author"] == {"kind": "agent", "name": "Freja"}

    anna.say("Great, it is FC Viby")
    seen = freja.socket.next("message", lambda e: e["message"]["text"] == "Great, it is FC Viby")
    assert seen["conversation"] == row["id"]
    tab.quiet("message")  # the bot stays out of it


def test_asking_for_a_person_is_obeyed_in_four_languages(
    visitor: Callable[..., Visitor],
) -> None:
    for language, text in [
        ("en", "I want to talk to a person"),
        ("da", "jeg vil gerne tale med et menneske"),
        ("sv", "kan jag få prata med en människa?"),
        ("de", "ich möchte mit einem Mitarbeiter sprechen"),
    ]:
        someone = visitor(language)
        tab = someone.open()
        reply = someone.ask(text)
        assert not reply["citations"]
        status = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
        assert status["conversation"]["asks_email"] is True  # nobody is at the desk


def test_greetings_and_thanks_are_answered_and_not_handed_off(
    visitor: Callable[..., Visitor],
) -> None:
    anna = visitor("en")
    tab = anna.open()
    assert anna.ask("hi there")["text"] == "Hi, I'm Lyng. What can I help you with?"
    assert "welcome" in anna.ask("thanks a lot!")["text"]
    assert "Goodbye" in anna.ask("bye")["text"]
    tab.quiet("conversation")


def test_who_waits_gets_the_next_person_who_comes(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    anna = visitor("en")
    tab = anna.open()
    anna.ask("I want to talk to a person")
    tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    mette = agent("mette")
    mette.open()
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    assert status["conversation"]["agent"]["name"] == "Mette"


def test_a_note_is_never_seen_by_the_customer(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    mette = agent("mette")
    mette.open()
    anna = visitor("en")
    tab = anna.open()
    anna.ask("I want to talk to a person")
    row = mette.given()
    mette.post(f"conversations/{row['id']}/note", 201, client_id="n1", text="difficult customer")
    mette.reply(row["id"], "Hello Anna")
    assert tab.message("agent")["text"] == "Hello Anna"
    assert "difficult" not in str(anna.messages())
    tab.send({"type": "sync", "after": 0})
    assert "difficult" not in str(tab.next("history"))
    assert "difficult" in str(mette.get(f"conversations/{row['id']}/messages"))


def test_after_hand_back_the_bot_answers_again_and_after_resolve_a_new_matter_begins(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    mette = agent("mette")
    mette.open()
    anna = visitor("en")
    tab = anna.open()
    anna.ask("I want to talk to a person")
    row = mette.given()
    mette.post(f"conversations/{row['id']}/hand-back")
    assert tab.next("conversation", lambda e: e["conversation"]["status"] == "bot")
    assert anna.ask("How long does delivery take?")["citations"]
    mette.post(f"conversations/{row['id']}/take")
    mette.post(f"conversations/{row['id']}/resolve")
    assert tab.next("conversation", lambda e: e["conversation"]["status"] == "resolved")
    assert tab.message("bot")["asks"]["kind"] == "rating"
    assert anna.ask("How do gift cards work?")["citations"]
    conversations = {
        m["id"] for m in mette.get("conversations", view="all", status="open,resolved")["results"]
    }
    assert len(conversations) >= 2


def test_two_agents_see_each_other_and_only_one_gets_it(
    visitor: Callable[..., Visitor], agent: Callable[..., Agent]
) -> None:
    anna = visitor("en")
    anna.open()
    anna.ask("I want to talk to a person")
    mette, freja = agent("mette"), agent("freja")
    mette_inbox = mette.open()
    row = mette.given()
    freja_inbox = freja.open()
    mette_inbox.send({"type": "view", "conversation": row["id"]})
    freja_inbox.send({"type": "view", "conversation": row["id"], "typing": True})
    both = mette_inbox.next("viewers", lambda e: len(e["agents"]) == 2)
    assert {(a["name"], a["typing"]) for a in both["agents"]} == {("Mette", False), ("Freja", True)}
    error = freja.post(f"conversations/{row['id']}/take", 409)["error"]
    assert error["code"] == "already_taken"
    assert "Mette" in error["detail"]
    freja.post(f"conversations/{row['id']}/reply", 409, client_id="x1", text="I answer as well")
    freja.post(f"conversations/{row['id']}/take", over=True)
    assert freja.get(f"conversations/{row['id']}")["assignee"]["name"] == "Freja"


def test_a_failure_while_answering_brings_a_person(shop: Path, tmp_path: Path) -> None:
    data = copy_shop(shop, tmp_path / "shop")
    with running(data, SVAR_EMBEDDINGS="tests.fakes.BrokenEmbeddings") as server:
        wait_for(lambda: "is in use" in server.log.read_text(), seconds=60)
        anna = Visitor(server)
        tab = anna.open()
        assert "Something went wrong on our side" in anna.ask("are you unreachable")["text"]
        tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
        mette = Agent(server, "mette")
        row = mette.get("conversations", view="queue")["results"][0]
        assert row["reason"] == "error"
        assert "unreachable" not in server.log.read_text()  # logs hold no message text
        mette.close()
        anna.close()
