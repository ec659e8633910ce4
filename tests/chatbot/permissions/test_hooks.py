"""What services call is open to all: each request has to prove from whom it comes."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from channels_adapters.base import AcceptsHooks, HookRequest
from channels_adapters.email.webhooks import PROVIDERS
from channels_adapters.http import signing
from chatbot.adapters import adapter_class
from chatbot.conversations.models import Channel, ReceivedEvent
from chatbot.conversations.models.channel import kinds
from tests.channels_adapters.email.providers import HOOK, REQUESTS, SECRET
from tests.channels_adapters.http.system import message
from tests.channels_adapters.slack.server import SlackServer
from tests.chatbot.permissions.table import HOOKS, NO_HOOKS
from tests.world import Server, wait_for

# Postal's requests are signed with a key pair, see test_webhooks.py.
MAILS = sorted({provider for provider, _made in REQUESTS.values()})


@dataclass(frozen=True)
class Way:
    """How a service calls a channel. `sign` makes headers that prove a body of `secrets`."""

    kind: str
    secrets: dict[str, str]
    config: dict[str, str]
    request: HookRequest
    proof: tuple[str, ...]  # the headers without which nobody is believed


def telegram() -> Way:
    token = "a-secret-of-the-matrix"
    body = json.dumps({"update_id": 1}).encode()
    headers = {"x-telegram-bot-api-secret-token": token}
    request = HookRequest("POST", {"content-type": "application/json", **headers}, {}, body)
    return Way("telegram", {"token": "1:x", "secret_token": token}, {}, request, tuple(headers))


def slack() -> Way:
    service = SlackServer()
    body = json.dumps(service.callback({"type": "message", "ts": "1.1", "channel": "D1"})).encode()
    signed = {name.lower(): value for name, value in service.sign(body).items()}
    secrets = {"bot_token": "xoxb-1", "signing_secret": service.signing_secret}
    request = HookRequest("POST", {"content-type": "application/json", **signed}, {}, body)
    return Way("slack", secrets, {"way": "events"}, request, tuple(signed))


def system() -> Way:
    secret = signing.new_secret()
    body = json.dumps(message("hello")).encode()
    signed = signing.sign("m-1", body, signing.key_of(secret), now=time.time())
    request = HookRequest("POST", {"content-type": "application/json", **signed}, {}, body)
    return Way("http", {"secret": secret}, {}, request, ("webhook-signature",))


def mail(provider: str) -> Way:
    made = next(make for of, make in REQUESTS.values() if of == provider)()
    proof = ("authorization", "x-mandrill-signature", "signature")
    secrets = {"webhook_secret": SECRET, "webhook_api_key": "key"}
    config = {
        "address": "support@lund.example",
        "way_in": "webhook",
        "webhook_provider": provider,
        "hook_url": HOOK,
    }
    return Way("email", secrets, config, made, proof)


WAYS: dict[str, Callable[[], Way]] = {
    "telegram": telegram,
    "slack": slack,
    "http": system,
    **{f"email, {name}": lambda name=name: mail(name) for name in MAILS},
}


def test_every_kind_of_channel_stands_in_the_table() -> None:
    known = {kind: issubclass(adapter_class(kind), AcceptsHooks) for kind, _label in kinds()}
    assert {kind for kind, accepts in known.items() if accepts} == HOOKS
    assert {kind for kind, accepts in known.items() if not accepts} == NO_HOOKS
    assert {way.partition(",")[0] for way in WAYS} == HOOKS
    assert {*MAILS, "postal"} == set(PROVIDERS)


@pytest.fixture
def connected(server: Server) -> Iterator[Callable[[Way], Channel]]:
    """Connect a service by a way, with its secrets or with others."""
    made = []

    def connect(way: Way, **more: Any) -> Channel:
        key = f"{way.kind}-{uuid.uuid4().hex[:8]}"
        given = {"name": "Matrix", "config": way.config, "secrets": way.secrets, **more}
        made.append(Channel.objects.create(kind=way.kind, key=key, **given))
        return made[-1]

    yield connect
    for one in made:
        rows = ReceivedEvent.objects.filter(channel=one)
        Channel.objects.filter(pk=one.pk).update(is_active=False)
        wait_for(lambda rows=rows: not rows.filter(state="waiting").exists() or rows.delete())


def call(server: Server, path: str, given: HookRequest) -> httpx.Response:
    headers = {name: value.encode() for name, value in given.headers.items()}
    url = f"{server.url}/hooks/{path}"
    return httpx.request(given.method, url, headers=headers, content=given.body, timeout=20)


def recorded(channel: Channel) -> int:
    return ReceivedEvent.objects.filter(channel=channel).count()


@pytest.mark.parametrize("name", WAYS)
def test_only_what_proves_itself_is_taken(
    server: Server, connected: Callable[..., Channel], name: str
) -> None:
    way = WAYS[name]()
    channel = connected(way)
    at = f"{way.kind}/{channel.key}"
    request = way.request
    plain = {key: value for key, value in request.headers.items() if key not in way.proof}
    forged = {key: "x" if key in way.proof else value for key, value in request.headers.items()}
    empty = {key: "" if key in way.proof else value for key, value in request.headers.items()}
    if name == "email, mailgun":  # whose proof is in the form
        wrong = [
            replace(request, body=request.body.replace(b'name="signature"', b'name="other"')),
            replace(request, body=request.body.replace(b'name="token"', b'name="signature"')),
        ]
    else:
        wrong = [replace(request, headers=one) for one in (plain, forged, empty)]
        wrong.append(replace(request, headers=plain, body=b"{}"))
    wrong += [replace(request, method=method) for method in ("GET", "PUT", "PATCH", "DELETE")]
    wrong += [replace(request, method=one, body=b"", headers=plain) for one in ("GET", "POST")]
    for one in wrong:
        answer = call(server, at, one)
        assert answer.status_code in (400, 401, 403, 405), (one.method, one.headers)
        for secret in way.secrets.values():
            assert secret not in answer.text
    assert recorded(channel) == 0
    # Nor where the channel has no secret yet, or another one.
    for secrets in ({}, dict.fromkeys(way.secrets, ""), dict.fromkeys(way.secrets, "y" * 40)):
        other = connected(way, secrets=secrets)
        answer = call(server, f"{way.kind}/{other.key}", request)
        assert answer.status_code in (400, 401, 403), secrets
        assert recorded(other) == 0
    # Nor at another kind's address, at a channel that is switched off, or at one that is not there.
    off = connected(way, is_active=False)
    kind = "slack" if way.kind != "slack" else "http"
    for path in (f"{kind}/{channel.key}", f"{way.kind}/{off.key}", f"{way.kind}/nobody", "x/y"):
        assert call(server, path, request).status_code == 404
    assert recorded(channel) == recorded(off) == 0
    # And what is right is taken, or all this would say nothing.
    assert call(server, at, request).status_code == 200
    assert recorded(channel) == 1


@pytest.mark.parametrize("name", ["slack", "http"])
def test_what_is_signed_holds_for_this_body_and_for_now(
    server: Server, connected: Callable[..., Channel], name: str
) -> None:
    way = WAYS[name]()
    channel = connected(way)
    stamp = next(key for key in way.request.headers if "timestamp" in key)
    old = {**way.request.headers, stamp: str(int(time.time()) - 4_000)}
    for one in (
        replace(way.request, body=way.request.body + b" "),
        replace(way.request, headers=old),
    ):
        assert call(server, f"{way.kind}/{channel.key}", one).status_code == 401
    assert recorded(channel) == 0


def test_the_websites_visitors_have_no_hook(server: Server) -> None:
    site = Channel.objects.filter(kind="website", is_active=True)[0]
    for method in ("GET", "POST"):
        answer = call(server, f"website/{site.key}", HookRequest(method, {}, {}, b"{}"))
        assert answer.status_code == 404
