"""The website says who is logged in, and is believed as far as it signed it, and no longer."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from chatbot.conversations.models import Channel, ContactIdentity, Conversation
from tests.world import KEY, Agent, Server, Visitor

NewVisitor = Callable[..., Visitor]
NewAgent = Callable[[str], Agent]
HOUR = 3_600
ANNA = {"sub": "7", "email": "anna@shop.example", "name": "Anna Lund"}
BO = {"sub": "8", "email": "bo@shop.example"}


@pytest.fixture
def secret(server: Server) -> str:
    """The secret that the demo shop's website signs with."""
    return str(Channel.objects.get(key=KEY).identity_secret)


@pytest.fixture
def other(server: Server) -> Iterator[Channel]:
    channel = Channel.objects.create(name="Another shop", key="another-shop")
    yield channel
    channel.delete()


def signed(claims: dict[str, Any], secret: str, **more: Any) -> str:
    """Return the JWT that a website makes of `claims`."""
    now = int(time.time())
    return jwt.encode({"iat": now, "exp": now + HOUR, **claims}, secret, "HS256", **more)


def hashed(value: str, secret: str) -> str:
    return hmac.new(secret.encode(), value.encode(), hashlib.sha256).hexdigest()


def session(server: Server, token: str = "", **body: Any) -> dict[str, Any]:
    """Ask for a session; it must succeed whatever the identity is."""
    answer = httpx.post(
        f"{server.url}/api/v1/widget/session", json={"key": KEY, "token": token, **body}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def identity_of(visitor: str) -> ContactIdentity | None:
    return ContactIdentity.objects.filter(external_id=visitor, channel__key=KEY).first()


def conversation_of(visitor: str) -> Conversation:
    return Conversation.objects.select_related("identity").get(identity__external_id=visitor)


def is_verified(visitor: str) -> bool:
    from chatbot.conversations.identity import is_verified

    found = identity_of(visitor)
    return found is not None and is_verified(found)


@pytest.mark.usefixtures("clean")
def test_a_signed_customer_is_known_to_agents(
    server: Server, secret: str, visitor: NewVisitor, agent: NewAgent
) -> None:
    answer = session(server, identity=signed(ANNA, secret))
    assert answer["identity"] == "verified"
    anna = visitor(token=answer["token"])
    anna.ask("How long does delivery take?")
    conversation = conversation_of(answer["visitor"])
    contact = agent("mette").get(f"conversations/{conversation.pk}")["contact"]
    assert contact["identified"] is True
    assert contact["email_checked"] is True
    assert (contact["name"], contact["email"]) == ("Anna Lund", "anna@shop.example")
    # What somebody types later does not take the place of what the website vouched for.
    anna.http.post("/api/v1/widget/contact", json={"email": "bo@shop.example"})
    contact = agent("mette").get(f"conversations/{conversation.pk}")["contact"]
    assert contact["email"] == "anna@shop.example"


@pytest.mark.usefixtures("clean")
def test_the_proof_ends_when_the_token_does(server: Server, secret: str) -> None:
    from chatbot.conversations.identity import verified_email

    until = int(time.time()) + 2
    answer = session(server, identity=signed(ANNA | {"exp": until}, secret))
    assert answer["identity"] == "verified"
    Visitor(server, token=answer["token"]).say("Where is my order?")
    time.sleep(0.5)
    assert verified_email(conversation_of(answer["visitor"])) == "anna@shop.example"
    time.sleep(until + 0.2 - time.time())
    assert verified_email(conversation_of(answer["visitor"])) == ""
    # The visitor's own token goes on, and carries the proof no further.
    again = session(server, answer["token"])
    assert (again["visitor"], again["identity"]) == (answer["visitor"], None)
    assert not is_verified(answer["visitor"])


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def rs256_by_its_public_key(secret: str) -> str:
    """Return a token that names another algorithm than it is signed with."""
    body = part({"alg": "RS256"}) + "." + part({**ANNA, "exp": int(time.time()) + HOUR})
    signature = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return body + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def unsigned(secret: str) -> str:
    return jwt.encode({**ANNA, "exp": int(time.time()) + HOUR}, None, "none")


def tampered(secret: str) -> str:
    header, _payload, signature = signed(ANNA, secret).split(".")
    return f"{header}.{part({**BO, 'exp': int(time.time()) + HOUR})}.{signature}"


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    "forge",
    [
        lambda secret: signed(ANNA, "another secret, long enough for HMAC"),
        rs256_by_its_public_key,
        unsigned,
        tampered,
        lambda secret: jwt.encode(
            {**ANNA, "exp": int(time.time()) + HOUR}, secret + "0" * 16, "HS512"
        ),
        lambda secret: signed(ANNA | {"exp": int(time.time()) - 1}, secret),
        lambda secret: jwt.encode(ANNA, secret, "HS256"),
        lambda secret: signed(ANNA | {"exp": int(time.time()) + 25 * HOUR}, secret),
        lambda secret: signed(ANNA | {"exp": 10**30}, secret),
        lambda secret: signed(ANNA | {"exp": "soon"}, secret),
        lambda secret: signed(ANNA | {"exp": float("inf")}, secret),
        lambda secret: signed(ANNA | {"iat": int(time.time()) + 120}, secret),
        lambda secret: signed(ANNA | {"nbf": int(time.time()) + 120}, secret),
        lambda secret: signed({"name": "Nobody"}, secret),
        lambda secret: signed({"email": "no address"}, secret),
        lambda secret: signed({"email": "anna@shop.example", "email_verified": False}, secret),
        lambda secret: signed({"sub": {"id": 7}}, secret),
        lambda secret: "",
        lambda secret: "no.token.atall",
        lambda secret: {"email": "anna@shop.example", "hash": hashed("bo@shop.example", secret)},
        lambda secret: {"email": "anna@shop.example", "hash": ""},
        lambda secret: {"email": "anna@shop.example", "hash": "é" * 64},
        lambda secret: {"email": "", "hash": hashed("", secret)},
        lambda secret: {"email": "a@b.example", "user_id": "7", "hash": hashed("7", secret)},
    ],
)
def test_what_proves_nothing_is_refused_and_the_chat_goes_on(
    server: Server, secret: str, visitor: NewVisitor, forge: Callable[[str], Any]
) -> None:
    answer = session(server, identity=forge(secret))
    assert answer["identity"] == "refused"
    assert identity_of(answer["visitor"]) is None
    anna = visitor(token=answer["token"])
    anna.say("Hello")
    anna.sockets[0].next("ack")
    assert not is_verified(answer["visitor"])


@pytest.mark.usefixtures("clean")
def test_another_channels_secret_proves_nothing_here(server: Server, other: Channel) -> None:
    answer = session(server, identity=signed(ANNA, other.identity_secret))
    assert answer["identity"] == "refused"
    Channel.objects.filter(pk=other.pk).update(identity_secret="")
    # No secret: not even an empty one signs.
    empty = {"email": "anna@shop.example", "hash": hashed("anna@shop.example", "")}
    refused = httpx.post(
        f"{server.url}/api/v1/widget/session", json={"key": other.key, "identity": empty}
    )
    assert refused.json()["identity"] == "refused"


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("field", ["email", "user_id"])
def test_the_older_form_counts_for_half_a_day(server: Server, secret: str, field: str) -> None:
    value = "anna@shop.example" if field == "email" else "7"
    answer = session(server, identity={field: value, "hash": hashed(value, secret).upper()})
    assert answer["identity"] == "verified"
    found = identity_of(answer["visitor"])
    assert found is not None
    assert found.verified_until is not None
    assert 11.9 * HOUR < found.verified_until.timestamp() - time.time() <= 12 * HOUR


@pytest.mark.usefixtures("clean")
def test_another_person_in_the_same_browser_begins_anew(
    server: Server, secret: str, visitor: NewVisitor
) -> None:
    first = session(server, identity=signed(ANNA, secret))
    anna = visitor(token=first["token"])
    anna.say("This is between us")
    anna.sockets[0].next("ack")
    renewed = session(server, first["token"], identity=signed(ANNA, secret))
    assert renewed["visitor"] == first["visitor"]
    moved = session(
        server, first["token"], identity=signed(ANNA | {"email": "a@l.example"}, secret)
    )
    assert moved["visitor"] == first["visitor"], "the same id with another address"
    second = session(server, first["token"], identity=signed(BO, secret))
    assert second["identity"] == "verified"
    assert second["visitor"] != first["visitor"]
    assert visitor(token=second["token"]).messages() == []
    # Also where the second one's proof does not hold, or cannot be compared.
    stale = signed(BO | {"exp": int(time.time()) - 10}, secret)
    third = session(server, first["token"], identity=stale)
    assert third["identity"] == "refused"
    assert third["visitor"] != first["visitor"]
    by_hash = {"user_id": "9", "hash": hashed("9", secret)}
    assert session(server, first["token"], identity=by_hash)["visitor"] != first["visitor"]
    # Broken beyond reading, it says nothing of another person.
    assert session(server, first["token"], identity="x")["visitor"] == first["visitor"]


@pytest.mark.usefixtures("clean")
def test_who_wrote_before_logging_in_keeps_the_conversation(
    server: Server, secret: str, visitor: NewVisitor
) -> None:
    anna = visitor()
    anna.say("I am not logged in yet")
    anna.sockets[0].next("ack")
    answer = session(server, anna.token, identity=signed(ANNA, secret))
    assert answer["identity"] == "verified"
    assert visitor(token=answer["token"]).messages()[0]["text"] == "I am not logged in yet"


@pytest.mark.usefixtures("clean")
def test_logging_out_ends_the_proof_and_begins_a_new_visitor(server: Server, secret: str) -> None:
    first = session(server, identity=signed(ANNA, secret))
    after = session(server, first["token"], log_out=True)
    assert after["visitor"] != first["visitor"]
    assert after["identity"] is None
    assert not is_verified(first["visitor"])
    found = identity_of(first["visitor"])
    assert found is not None
    # Whoever kept the old token is nobody's proof, and still is not somebody else.
    assert session(server, first["token"], identity=signed(BO, secret))["visitor"] not in (
        first["visitor"],
        after["visitor"],
    )


@pytest.mark.usefixtures("clean")
def test_a_socket_renews_the_proof_and_is_closed_for_another_person(
    server: Server, secret: str, visitor: NewVisitor
) -> None:
    first = session(server, identity=signed(ANNA, secret))
    anna = visitor(token=first["token"])
    socket = anna.open()
    ContactIdentity.objects.filter(external_id=first["visitor"]).update(verified_until=None)
    socket.send({"type": "identify", "identity": "no.token.atall"})
    assert socket.next("identified")["identity"] == "refused"
    assert not is_verified(first["visitor"])
    socket.send({"type": "identify", "identity": signed(ANNA, secret)})
    assert socket.next("identified")["identity"] == "verified"
    assert is_verified(first["visitor"])
    socket.send({"type": "identify", "identity": 7})
    assert socket.next("error")["code"] == "invalid_event"
    socket.send({"type": "identify", "identity": signed(BO, secret)})
    assert socket.closed_with() == 4401
    assert is_verified(first["visitor"])
    socket = anna.open()
    socket.send({"type": "identify", "identity": None})
    assert socket.closed_with() == 4401
    assert not is_verified(first["visitor"])


def test_a_foreign_website_cannot_present_one(server: Server, secret: str) -> None:
    answer = httpx.post(
        f"{server.url}/api/v1/widget/session",
        json={"key": KEY, "identity": signed(ANNA, secret)},
        headers={"Origin": "https://evil.example"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin")


@pytest.mark.usefixtures("clean")
def test_logs_say_that_one_was_refused_and_not_who(server: Server) -> None:
    session(server, identity=signed(ANNA, "another secret, long enough for HMAC"))
    log = server.log.read_text()
    assert "an identity was refused: InvalidSignatureError" in log
    assert "anna@shop.example" not in log


def test_every_channel_has_a_secret_of_its_own(server: Server, other: Channel, secret: str) -> None:
    assert len(secret) == len(other.identity_secret) == 48
    assert secret != other.identity_secret


@pytest.mark.usefixtures("clean")
def test_the_admin_shows_the_secret_and_how_to_use_it(agent: NewAgent, secret: str) -> None:
    channel = Channel.objects.get(key=KEY)
    page = agent("admin").http.get(f"/admin/conversations/channel/{channel.pk}/change/")
    assert page.status_code == 200
    assert secret in page.text
    assert "data-identity=" in page.text
