"""What the inbox's API says of messages, files, deliveries and people."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.utils import timezone

from chatbot.envelope import InboundFile, Place
from tests.chatbot.inbox_channels import rows
from tests.world import KEY, Agent, Server, Visitor, wait_for

NewVisitor = Callable[..., Visitor]
NewAgent = Callable[[str], Agent]
FILES = "/api/v1/inbox/attachments"


def thread(agent: Agent, conversation: Any) -> Any:
    """Return what was said; that somebody joined may stand before it, where they are here."""
    messages = agent.get(f"conversations/{conversation.pk}/messages")["messages"]
    return [one for one in messages if one["author"]["kind"] != "system"]


def upload(agent: Agent, name: str = "offer.pdf", content: bytes = b"%PDF-1.7") -> Any:
    return agent.http.post(FILES, files={"file": (name, content, "application/pdf")})


def uploaded(agent: Agent, **more: Any) -> Any:
    answer = upload(agent, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(agent: Agent, pk: int, *ids: int, **more: Any) -> httpx.Response:
    """Reply with files."""
    body = {"client_id": uuid.uuid4().hex, "text": "", "attachments": list(ids), **more}
    return agent.http.post(f"/api/v1/inbox/conversations/{pk}/reply", json=body)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["detail"]
    return answer.status_code, error["code"]


def with_mette(visitor: NewVisitor, agent: NewAgent) -> tuple[Visitor, Agent, int]:
    """Return a visitor whom Mette has, and the conversation."""
    anna, mette = visitor(), agent("mette")
    anna.open()
    anna.ask("I want to talk to a person")
    row = mette.get("conversations", view="all")["results"][0]
    mette.post(f"conversations/{row['id']}/take", over=True)
    return anna, mette, row["id"]


# --- Messages ---------------------------------------------------------------------------------
def test_a_mail_says_who_got_it_and_what_its_server_checked(agent: NewAgent) -> None:
    mette = agent("mette")
    made = rows.mail()
    (message,) = thread(mette, made)
    assert message["channel"] == {"kind": "email", "name": "Lund & Lyng"}
    assert message["html"] is None
    assert message["more"] == ["html", "quoted", "signature"]
    assert message["mail"]["verified"] is True
    assert message["mail"]["to"] == [{"name": "Lund & Lyng", "address": "help@shop.example"}]
    assert message["mail"]["cc"] == [{"name": "Bo", "address": "bo@example.com"}]
    picture, invoice = message["attachments"]
    assert (picture["width"], picture["inline"]) == (320, True)
    assert (invoice["width"], invoice["inline"], invoice["state"]) == (0, False, "ready")
    more = mette.get(f"messages/{message['id']}")
    assert 'src="data:image/png;base64,' in more["html"]
    assert more["remote_pictures"] is True
    assert more["quoted"].startswith("On Monday")
    row = mette.get(f"conversations/{made.pk}")
    assert row["subject"] == "My broken bowl"
    assert row["goes_to"]["address"] == made.identity.external_id


@pytest.mark.parametrize(
    ("checks", "verified"),
    [
        ({}, None),
        ({"dmarc": "pass"}, True),
        ({"dmarc": "fail", "spf": "pass"}, False),
        ({"spf": "pass", "dkim": "pass"}, False),  # of which domain, that says nothing
    ],
)
def test_only_dmarc_is_about_the_sender_that_people_see(
    agent: NewAgent, clean: None, checks: dict[str, str], verified: bool | None
) -> None:
    made = rows.mail(details={"authentication": checks})
    assert thread(agent("mette"), made)[0]["mail"]["verified"] is verified


def test_what_was_edited_and_taken_back_comes_again_and_reads_as_it_is_now(
    agent: NewAgent,
) -> None:
    from chatbot.conversations import changes
    from chatbot.envelope import MessageDeleted, MessageEdited

    mette = agent("mette")
    inbox = mette.open()
    made = rows.conversation(rows.identity(rows.channel("http", "Shop"), uuid.uuid4().hex))
    message = rows.said(made, "My order is 1", external_id=uuid.uuid4().hex)
    known = str(message.external_id)
    changes.apply_edit(edit=MessageEdited(made.channel_id, known, "My order is 2"))
    edited = thread(mette, made)[0]
    assert (edited["text"], edited["more"]) == ("My order is 2", ["before"])
    assert edited["edited_at"]
    assert mette.get(f"messages/{message.pk}")["before"] == ["My order is 1"]
    changes.apply_deletion(deletion=MessageDeleted(made.channel_id, known))
    deleted = thread(mette, made)[0]
    assert (deleted["text"], deleted["attachments"], deleted["more"]) == ("", [], [])
    assert deleted["deleted_at"]
    inbox.unread.clear()


def test_who_wrote_instead_of_the_customer_is_named(agent: NewAgent) -> None:
    made = rows.mail()
    other = rows.identity(made.channel, f"bo.{uuid.uuid4().hex}@example.com", "Bo Holm")
    rows.said(made, "I am her husband", identity=other, author_name="Bo Holm")
    own = rows.identity(rows.channel("telegram", "Bot"), uuid.uuid4().hex, "Anna")
    own.contact = made.contact
    own.save(update_fields=["contact"])
    rows.said(made, "It is me, elsewhere", identity=own)
    _mail, theirs, hers = thread(agent("mette"), made)
    assert theirs["writer"] == {"name": "Bo Holm", "address": other.external_id}
    assert hers["writer"] is None


def test_what_a_machine_sent_says_why_nobody_answers(agent: NewAgent) -> None:
    made = rows.mail(details={"why": "auto_reply"})
    assert thread(agent("mette"), made)[0]["why"] == "auto_reply"


# --- Files ------------------------------------------------------------------------------------
def test_files_are_for_downloading_and_never_shown(agent: NewAgent) -> None:
    mette = agent("mette")
    made = rows.conversation(rows.identity(rows.channel("telegram", "Bot"), uuid.uuid4().hex))
    rows.said(
        made,
        "",
        files=(
            InboundFile("page.html", "text/html", content=b"<script>alert(1)</script>"),
            InboundFile("a\u202egnp.svg\r\nX: 1", "image/svg+xml", content=b"<svg/>"),
            InboundFile('say "hi".oga', "audio/ogg", content=b"OggS"),
            InboundFile("later.mp4", "video/mp4", size=9_000_000, reference="r"),
        ),
        place=Place(56.1567, 10.2108, "Jægergårdsgade 42"),
    )
    *here, later, place = thread(mette, made)[0]["attachments"]
    for part in here:
        assert part["width"] == 0
        answer = mette.http.get(part["url"])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "\u202e" not in part["name"]
        assert "\n" not in part["name"]
    assert (later["state"], later["url"]) == ("waiting", "")
    assert mette.http.get(f"{FILES}/{later['id']}").status_code == 404
    assert place["place"] == {"latitude": 56.1567, "longitude": 10.2108}
    assert (place["name"], place["url"]) == ("Jægergårdsgade 42", "")


def test_a_file_of_an_agent_arrives_and_only_its_readers_get_it(
    visitor: NewVisitor, agent: NewAgent, server: Server
) -> None:
    anna, mette, pk = with_mette(visitor, agent)
    bo, freja = visitor(), agent("freja")
    part = uploaded(mette, name="tilbud på skål.pdf")
    assert part["name"] == "tilbud på skål.pdf"
    for_visitor = part["url"].replace("inbox", "widget")
    assert mette.http.get(part["url"]).status_code == 200
    assert freja.http.get(part["url"]).status_code == 404, "it was not sent yet"
    assert anna.http.get(for_visitor).status_code == 404
    assert error_of(send(freja, pk, part["id"])) == (409, "not_yours")
    sent = send(mette, pk, part["id"])
    assert sent.status_code == 201, sent.text
    assert sent.json()["message"]["text"] == ""
    came = anna.sockets[0].message("agent")
    assert [one["url"] for one in came["attachments"]] == [for_visitor]
    assert anna.messages()[-1]["attachments"] == came["attachments"]
    answer = anna.http.get(for_visitor)
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert bo.http.get(for_visitor).status_code == 404
    assert freja.http.get(part["url"]).status_code == 200
    assert error_of(anna.http.delete(for_visitor))[0] == 404
    assert error_of(mette.http.delete(part["url"])) == (409, "conflict")
    assert httpx.get(server.url + part["url"]).status_code == 403


@pytest.mark.parametrize("ids", [[1], [2**62], [7, 7]])
def test_only_ones_own_unsent_files_can_be_sent(
    visitor: NewVisitor, agent: NewAgent, ids: list[int]
) -> None:
    _anna, mette, pk = with_mette(visitor, agent)
    before = len(mette.get(f"conversations/{pk}/messages")["messages"])
    assert error_of(send(mette, pk, *ids)) == (400, "invalid")
    assert len(mette.get(f"conversations/{pk}/messages")["messages"]) == before


def test_a_file_goes_with_one_message_once_and_never_with_a_note(
    visitor: NewVisitor, agent: NewAgent
) -> None:
    _anna, mette, pk = with_mette(visitor, agent)
    part = uploaded(mette)
    note = {"client_id": "n1", "text": "x", "attachments": [part["id"]]}
    answer = mette.http.post(f"/api/v1/inbox/conversations/{pk}/note", json=note)
    assert error_of(answer) == (400, "invalid")
    first = send(mette, pk, part["id"], client_id="r1", text="The offer")
    again = send(mette, pk, part["id"], client_id="r1", text="The offer")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["message"]["attachments"] == first.json()["message"]["attachments"]
    assert error_of(send(mette, pk, part["id"])) == (400, "invalid")
    assert error_of(send(mette, pk)) == (400, "empty")


def test_a_file_is_refused_with_a_sentence(agent: NewAgent) -> None:
    from django.conf import settings

    mette = agent("mette")
    most = settings.MAX_AGENT_FILE_BYTES
    assert error_of(upload(mette, content=b"\0" * (most + 1))) == (413, "too_large")
    assert error_of(upload(mette, content=b"")) == (400, "invalid")
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    assert error_of(mette.http.post(FILES, files=two))[0] == 400
    assert error_of(mette.http.post(FILES, json={}))[0] == 415
    part = uploaded(mette, name="..\\..\\etc/pass\u202ewd")
    assert part["name"] == "passwd"
    assert mette.http.delete(part["url"]).status_code == 204
    assert mette.http.get(part["url"]).status_code == 404


def test_nobody_but_agents_may_upload_merge_or_resend(
    server: Server, visitor: NewVisitor, agent: NewAgent
) -> None:
    made = rows.mail()
    message = made.messages.get()
    calls = [f"messages/{message.pk}/resend", "merges/1/undo"]
    calls.append(f"contacts/{made.contact_id}/merge")
    file = {"file": ("a.txt", b"a")}
    for client in (
        httpx.Client(base_url=server.url),
        visitor().http,
        Agent(server, "admin").http,
    ):
        for call in calls:
            assert client.post(f"/api/v1/inbox/{call}", json={}).status_code == 403
        assert client.post(FILES, files=file).status_code == 403
        assert client.get(f"/api/v1/inbox/messages/{message.pk}").status_code == 403
    mette = agent("mette")
    del mette.http.headers["X-CSRFToken"]
    for call in calls:
        assert mette.http.post(f"/api/v1/inbox/{call}", json={}).status_code == 403
    assert mette.http.post(FILES, files=file).status_code == 403


# --- Ways out ---------------------------------------------------------------------------------
def test_what_failed_is_listed_with_its_reason_and_sent_again(agent: NewAgent) -> None:
    from chatbot.conversations.models import Delivery, Message

    mette = agent("mette")
    inbox = mette.open()
    before = mette.get("me")["counts"]["failed"]
    away = rows.channel("http", "Away", config={"url": ""})
    made = rows.conversation(rows.identity(away, uuid.uuid4().hex, "Ida"))
    message = rows.said(made, "It ships today", author="agent", author_name="Mette")
    rows.failed(message, made.identity, "The mailbox is full.")
    assert mette.get("me")["counts"]["failed"] == before + 1
    listed = mette.get("conversations", view="failed")["results"]
    assert [row["failed"] for row in listed if row["id"] == made.pk] == [True]
    (shown,) = thread(mette, made)
    assert (shown["delivery"], shown["deliveries"][0]["error"]) == (
        "failed",
        "The mailbox is full.",
    )
    again = mette.post(f"messages/{message.pk}/resend")
    assert again["delivery"] in ("queued", "failed")  # the channel has no address
    came = inbox.next("message", lambda e: e["message"]["id"] == message.pk)
    assert came["conversation"] == made.pk
    assert inbox.next("row", lambda e: e["row"]["id"] == made.pk)
    wait_for(lambda: Delivery.objects.get(message=message).state == "failed")
    assert mette.http.post("/api/v1/inbox/messages/0/resend").status_code == 404
    Message.objects.filter(pk=message.pk).delete()


def test_the_name_of_an_exception_is_no_reason(agent: NewAgent) -> None:
    made = rows.conversation(rows.identity(rows.channel("http", "Away"), uuid.uuid4().hex))
    message = rows.said(made, "Hello", author="agent")
    rows.failed(message, made.identity, "ConnectTimeout")
    assert thread(agent("mette"), made)[0]["deliveries"][0]["error"] == ""


def test_an_agent_sees_what_the_visitor_has_seen(visitor: NewVisitor, agent: NewAgent) -> None:
    anna, mette, pk = with_mette(visitor, agent)
    inbox = mette.open()
    message = mette.reply(pk, "Here it is")
    came = anna.sockets[0].message("agent")
    wait_for(lambda: _delivery(mette, pk, message["id"]) == "sent")
    anna.sockets[0].send({"type": "seen", "message_id": came["id"]})
    seen = inbox.next("seen")
    assert (seen["conversation"], seen["message"]) == (pk, came["id"])
    assert _delivery(mette, pk, message["id"]) == "read"


def _delivery(agent: Agent, pk: int, message: int) -> str:
    found = agent.get(f"conversations/{pk}/messages")["messages"]
    return next(one["delivery"] for one in found if one["id"] == message)


def test_a_visitor_sees_that_the_agent_writes_once_in_a_while(
    visitor: NewVisitor, agent: NewAgent
) -> None:
    anna, mette, pk = with_mette(visitor, agent)
    inbox = mette.open()
    for _ in range(3):
        inbox.send({"type": "view", "conversation": pk, "typing": True})
    assert anna.sockets[0].next("typing")["author"] == {"kind": "agent", "name": "Mette"}
    anna.sockets[0].quiet("typing")


def test_a_reply_says_where_it_goes(visitor: NewVisitor, agent: NewAgent) -> None:
    from chatbot.conversations.models import Channel, Conversation

    anna, mette, pk = with_mette(visitor, agent)
    goes_to = mette.get(f"conversations/{pk}")["goes_to"]
    assert (goes_to["channel"]["kind"], goes_to["by_email"]) == ("website", "")
    assert goes_to["files"] is True
    anna.http.post("/api/v1/widget/contact", json={"email": "anna@example.com"})
    shop = Channel.objects.get(key=KEY)
    before = shop.mailbox_id
    mailbox = rows.channel("email", "Lund & Lyng")
    Channel.objects.filter(pk=shop.pk).update(mailbox=mailbox)
    try:
        goes_to = mette.get(f"conversations/{pk}")["goes_to"]
        assert (goes_to["by_email"], goes_to["minutes"]) == ("anna@example.com", 10)
    finally:
        Channel.objects.filter(pk=shop.pk).update(mailbox=before)
    made = Conversation.objects.get(pk=pk)
    made.answer_to = rows.identity(mailbox, f"{uuid.uuid4().hex}@example.com", "Anna")
    made.save(update_fields=["answer_to"])
    goes_to = mette.get(f"conversations/{pk}")["goes_to"]
    assert goes_to["channel"]["kind"] == "email"
    assert goes_to["address"] == made.answer_to.external_id


# --- One person -------------------------------------------------------------------------------
def test_two_contacts_become_one_and_two_again(agent: NewAgent) -> None:
    from chatbot.conversations.models import ContactIdentity, Conversation

    mette = agent("mette")
    email = f"anna.{uuid.uuid4().hex[:8]}@example.com"
    made = rows.mail(email)
    ida = rows.identity(rows.channel("telegram", "Bot"), uuid.uuid4().hex, "Ida", email=email)
    other = rows.conversation(ida)
    rows.said(other, "Hi", details={"username": "ida_l"})
    ContactIdentity.objects.filter(pk=ida.pk).update(unreachable="blocked")
    person = mette.get(f"conversations/{made.pk}")["person"]
    (likely,) = person["likely"]
    assert (likely["name"], likely["conversations"]) == ("Ida", 1)
    kept = made.contact_id
    merge = mette.post(f"contacts/{kept}/merge", other=likely["id"])
    assert (merge["name"], merge["by"], merge["way"]) == ("Ida", "Mette", "agent")
    detail = mette.get(f"conversations/{made.pk}")
    by_kind = {one["channel"]["kind"]: one for one in detail["person"]["identities"]}
    assert by_kind["telegram"]["address"] == "@ida_l"
    assert by_kind["telegram"]["unreachable"] == "blocked"
    assert [(one["id"], one["channel"]["kind"]) for one in detail["past"]] == [
        (other.pk, "telegram")
    ]
    undone = mette.post(f"merges/{merge['id']}/undo")
    assert [one["channel"]["kind"] for one in undone["identities"]] == ["email"]
    assert Conversation.objects.get(pk=other.pk).contact_id != kept
    mette.post(f"merges/{merge['id']}/undo", 409)
    for path, body, status in [
        (f"contacts/{kept}/merge", {"other": kept}, 409),
        (f"contacts/{kept}/merge", {"other": 2**62}, 409),
        (f"contacts/{2**62}/merge", {"other": kept}, 404),
        (f"contacts/{kept}/merge", {"other": "1"}, 400),
        (f"merges/{2**62}/undo", {}, 404),
    ]:
        answer = mette.http.post(f"/api/v1/inbox/{path}", json=body)
        assert error_of(answer)[0] == status, path


def test_markup_stays_text_in_every_field(agent: NewAgent) -> None:
    mette = agent("mette")
    made = rows.mail(subject=rows.HOSTILE, details={"subject": rows.HOSTILE, "from": rows.HOSTILE})
    (message,) = thread(mette, made)
    assert message["mail"]["subject"] == message["mail"]["sender"] == rows.HOSTILE
    assert mette.get(f"conversations/{made.pk}")["subject"] == rows.HOSTILE
    assert made.created_at <= timezone.now()
