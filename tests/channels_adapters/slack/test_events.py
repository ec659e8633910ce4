"""What Slack posts: verified, recorded once, answered at once."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from channels_adapters.base import (
    AcceptsHooks,
    Connects,
    Fetches,
    HookRequest,
    Listens,
    RefusedHook,
)
from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer


def posted(slack: SlackServer, payload: Any, **headers: str) -> HookRequest:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = {name.lower(): value for name, value in slack.sign(body).items()}
    kind = {"content-type": "application/json"}
    return HookRequest("POST", {**kind, **signed, **headers}, {}, body)


def test_the_adapter_does_what_the_core_asks_of_it(adapter: SlackAdapter) -> None:
    for protocol in (AcceptsHooks, Listens, Fetches, Connects):
        assert isinstance(adapter, protocol)
    assert not adapter.is_listening


def test_the_example_of_slacks_documentation_is_verified(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": (
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        ),
    }
    channel.secrets["signing_secret"] = "8f742231b10e8888abcd99yyyzzz85a5"
    request = HookRequest("POST", headers, {}, body)
    with pytest.raises(RefusedHook) as refused:
        SlackAdapter(channel).accept(request)
    assert refused.value.status == 401  # it is years old

    monkeypatch.setattr("slack_sdk.signature.time", lambda: 1531420618 + 299)
    assert SlackAdapter(channel).accept(request).events == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v0=é"},
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": "now"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": str(int(time.time()) - 400)},
        {"x-slack-request-timestamp": str(int(time.time()) + 400)},
    ],
)
def test_a_request_that_is_not_signed_by_slack_is_refused(
    slack: SlackServer, adapter: SlackAdapter, headers: dict[str, str]
) -> None:
    payload = slack.callback({"type": "message", "ts": "1.1", "channel": "D1"})
    with pytest.raises(RefusedHook) as refused:
        adapter.accept(posted(slack, payload, **headers))
    assert refused.value.status == 401


def test_a_body_changed_on_its_way_is_refused(slack: SlackServer, adapter: SlackAdapter) -> None:
    request = posted(slack, slack.callback({"type": "message", "ts": "1.1"}))
    changed = HookRequest("POST", request.headers, {}, request.body + b" ")
    with pytest.raises(RefusedHook):
        adapter.accept(changed)


def test_without_a_signing_secret_nothing_is_accepted(slack: SlackServer, channel: Channel) -> None:
    channel.secrets["signing_secret"] = ""
    with pytest.raises(RefusedHook) as refused:
        SlackAdapter(channel).accept(posted(slack, {"type": "url_verification", "challenge": "c"}))
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b"\xff", b'{"type": "event_callback"}', b"[" * 99_999]
)
def test_what_is_no_event_is_refused(
    slack: SlackServer, adapter: SlackAdapter, body: bytes
) -> None:
    if body == b"\xff":  # cannot have been signed
        slack.sign(body)
    with pytest.raises(RefusedHook) as refused:
        adapter.accept(posted(slack, body))
    assert refused.value.status in (400, 401)


def test_slack_is_told_its_challenge(slack: SlackServer, adapter: SlackAdapter) -> None:
    challenge = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB"}
    accepted = adapter.accept(posted(slack, challenge))
    assert accepted.body == b"3eZbrw1aB"
    assert not accepted.events


def test_a_check_of_the_certificate_is_answered(adapter: SlackAdapter) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = HookRequest("POST", headers, {}, b"ssl_check=1&token=t")
    assert adapter.accept(request).events == ()


def test_an_event_is_recorded_with_its_id_order_and_workspace(
    slack: SlackServer, hook: Hook
) -> None:
    said = slack.say("U0IDA", "hello")
    assert said.statuses == (200,)
    [event] = hook.recorded.events.values()
    assert event.event_id == said.event_ids[0]
    assert event.order == float(said.ts)
    assert event.account == "T0TEST"
    assert json.loads(event.payload)["event"]["text"] == "hello"


def test_an_event_that_slack_sends_again_changes_nothing(slack: SlackServer, hook: Hook) -> None:
    hook.fails = 2
    said = slack.say("U0IDA", "hello")
    assert said.statuses == (500, 500, 200)
    assert [request.headers.get("x-slack-retry-num") for request in hook.requests] == [
        None,
        "1",
        "2",
    ]
    assert len(hook.recorded.events) == 1


def test_the_workspace_of_a_shared_channel_is_ours(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    payload = slack.callback({"type": "message", "ts": "1.1", "channel": "C1"})
    payload["team_id"] = "T0PARTNER"
    [event] = adapter.accept(posted(slack, payload)).events
    assert event.account == "T0TEST"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "ts": "1.1", "channel": "D1", "bot_id": "B0SVAR", "text": "ours"},
        {"type": "reaction_added", "user": "U0IDA"},
        {"type": "app_home_opened", "user": "U0IDA"},
    ],
)
def test_what_is_never_read_is_not_recorded(
    slack: SlackServer, adapter: SlackAdapter, event: dict[str, Any]
) -> None:
    assert adapter.accept(posted(slack, slack.callback(event))).events == ()


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission", "user": {"id": "U0IDA"}, "view": {}},
        {"type": "block_actions", "user": {"id": "U0IDA"}, "container": {"type": "view"}},
        {"type": "shortcut"},
        {"type": "app_rate_limited", "minute_rate_limited": 1},
    ],
)
def test_other_things_of_slacks_are_passed_over(
    slack: SlackServer, adapter: SlackAdapter, payload: dict[str, Any]
) -> None:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert adapter.accept(posted(slack, body, **form)).events == ()


def test_refusals_say_nothing_of_what_was_sent(slack: SlackServer, adapter: SlackAdapter) -> None:
    body = {
        "type": "event_callback",
        "event_id": "",
        "event": {"type": "message", "text": "my pin"},
    }
    with pytest.raises(RefusedHook) as refused:
        adapter.accept(posted(slack, body))
    assert refused.value.__context__ is None
    assert "pin" not in str(refused.value)
