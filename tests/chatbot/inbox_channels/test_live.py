"""What changes later reaches open inboxes: edits, deletions, and what became of a reply."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from channels_adapters.http import signing
from tests.channels_adapters.telegram.server import TelegramServer
from tests.chatbot.inbox_channels import rows
from tests.world import Agent, Server, Socket, wait_for


class Receiver:
    """Another system: it takes what is posted to it, or refuses."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[Any] = []
        answered = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if answered.status == 200:
                    answered.received.append(json.loads(body))
                self.send_response(answered.status)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def post(server: Server, receiver: Receiver, clean: None) -> Callable[..., None]:
    """Post as another system does, to a channel of its own."""
    secret = signing.new_secret()
    channel = rows.channel(
        "http", f"App {uuid.uuid4().hex[:6]}", config={"url": receiver.url},
        secrets={"secret": secret},
    )  # fmt: skip

    def send(**part: Any) -> None:
        body = json.dumps(part).encode()
        headers = signing.sign(uuid.uuid4().hex, body, signing.key_of(secret), now=time.time())
        answer = httpx.post(f"{server.url}/hooks/http/{channel.key}", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    return send


def came(inbox: Socket, text: str) -> Any:
    """Return the next event of a message that reads `text`."""
    return inbox.next("message", lambda event: event["message"]["text"] == text)


def test_an_edit_and_a_deletion_come_by_themselves(
    agent: Callable[[str], Agent], post: Callable[..., None]
) -> None:
    inbox = agent("mette").open()
    sender = {"id": uuid.uuid4().hex, "name": "Ida"}
    post(type="message", id="m1", sender=sender, text="My order is 1", wants_person=True)
    first = came(inbox, "My order is 1")
    post(type="edit", event="e1", id="m1", text="My order is 2")
    edited = came(inbox, "My order is 2")
    assert edited["message"]["id"] == first["message"]["id"]
    assert edited["message"]["more"] == ["before"]
    post(type="delete", event="e2", id="m1")
    deleted = inbox.next("message", lambda event: event["message"]["deleted_at"])
    assert (deleted["conversation"], deleted["message"]["text"]) == (first["conversation"], "")


def test_what_another_system_refuses_is_told_and_what_is_sent_again_arrives(
    agent: Callable[[str], Agent], post: Callable[..., None], receiver: Receiver
) -> None:
    mette = agent("mette")
    inbox = mette.open()
    post(
        type="message",
        id="m1",
        sender={"id": "ida", "name": "Ida"},
        text="Hello",
        wants_person=True,
    )
    pk = came(inbox, "Hello")["conversation"]
    wait_for(lambda: mette.get(f"conversations/{pk}")["status"] in ("queued", "assigned"))
    mette.post(f"conversations/{pk}/take", over=True)
    receiver.status = 410
    part = mette.http.post(
        "/api/v1/inbox/attachments", files={"file": ("offer.txt", b"ten crowns", "text/plain")}
    ).json()
    body = {"client_id": "r1", "text": "The offer", "attachments": [part["id"]]}
    mette.post(f"conversations/{pk}/reply", 201, **body)

    def told(state: str) -> Any:
        return inbox.next(
            "message",
            lambda e: e["message"]["text"] == "The offer" and e["message"]["delivery"] == state,
        )

    failed = told("failed")["message"]
    assert failed["deliveries"][0]["error"] == "It answered with HTTP 410."
    assert inbox.next("row", lambda e: e["row"]["id"] == pk and e["row"]["failed"])
    assert inbox.next("counts", lambda e: e["counts"]["failed"] > 0)
    receiver.status = 200
    mette.post(f"messages/{failed['id']}/resend")
    assert told("sent")
    assert inbox.next("row", lambda e: e["row"]["id"] == pk and not e["row"]["failed"])
    sent = next(one for one in receiver.received if one["text"] == "The offer")
    assert sent["files"][0]["name"] == "offer.txt"


class Told:
    """Everything that an inbox is told, in order."""

    def __init__(self, inbox: Socket) -> None:
        self.inbox, self.events = inbox, list[Any]()

    def until(self, kind: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the next event of `kind` that fits."""
        while True:
            event = json.loads(self.inbox.connection.recv(timeout=20))
            self.events.append(event)
            if event["type"] == kind and where(event):
                return event


def test_what_is_told_last_is_how_it_stands(
    agent: Callable[[str], Agent], post: Callable[..., None], receiver: Receiver
) -> None:
    # The request that records a reply tells of it, and at the same time the thread that sends it.
    mette = agent("mette")
    told = Told(mette.open())

    def fail(number: int) -> int:
        receiver.status = 200
        sender = {"id": f"ida-{number}", "name": "Ida"}
        text = f"No. {number}"
        post(type="message", id=f"m{number}", sender=sender, text=text, wants_person=True)
        pk: int = told.until("message", lambda e: e["message"]["text"] == text)["conversation"]
        wait_for(lambda: mette.get(f"conversations/{pk}")["status"] in ("queued", "assigned"))
        mette.post(f"conversations/{pk}/take", over=True)

        def all_sent() -> bool:
            said = mette.get(f"conversations/{pk}/messages")["messages"]
            return all(one["delivery"] in (None, "sent") for one in said)

        wait_for(all_sent)
        receiver.status = 410
        mette.post(f"conversations/{pk}/reply", 201, client_id=f"r{number}", text="The offer")
        told.until(
            "message",
            lambda e: (
                (e["message"]["text"], e["conversation"], e["message"]["delivery"])
                == ("The offer", pk, "failed")
            ),
        )
        told.until("row", lambda e: e["row"]["id"] == pk and e["row"]["failed"])
        return pk

    failed = [fail(number) for number in range(15)]
    told.inbox.send({"type": "ping"})
    told.until("pong")
    rows_told = [e["row"] for e in told.events if e["type"] == "row"]
    last = {row["id"]: row["failed"] for row in rows_told}
    assert [last[pk] for pk in failed] == [True] * 15
    messages = [e["message"] for e in told.events if e["type"] == "message"]
    states = {one["id"]: one["delivery"] for one in messages if one["text"] == "The offer"}
    assert list(states.values()) == ["failed"] * 15


def test_who_writes_on_telegram_sees_that_the_agent_does(agent: Callable[[str], Agent]) -> None:
    with TelegramServer() as service:
        ida = service.person("Ida")
        service.say(ida, "hi")
        bot = rows.channel(
            "telegram",
            f"Bot {uuid.uuid4().hex[:6]}",
            config={"way": "webhook", "base_url": service.url},
            secrets={"token": service.token, "secret_token": "x"},
        )
        mette, freja = agent("mette"), agent("freja")
        made = rows.conversation(rows.identity(bot, str(ida.id), "Ida"))
        mette.post(f"conversations/{made.pk}/take", over=True)
        inbox, others = mette.open(), freja.open()
        others.send({"type": "view", "conversation": made.pk, "typing": True})
        for _ in range(3):
            inbox.send({"type": "view", "conversation": made.pk, "typing": True})
        wait_for(lambda: service.typing)
        time.sleep(0.3)
        assert service.typing == [ida.id]
