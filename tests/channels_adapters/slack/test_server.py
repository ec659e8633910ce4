"""The Slack of these tests, used by Slack's own libraries: they understand it."""

import json
import logging
import threading

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web import WebClient

from channels_adapters.slack.adapter import SlackAdapter
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer
from tests.channels_adapters.slack.test_sending import message
from tests.channels_adapters.slack.test_socket_mode import Listening


def test_bolt_takes_its_events_and_presses(slack: SlackServer, hook: Hook) -> None:
    web = WebClient(token=slack.bot_token, base_url=slack.api_url)
    bolt = App(client=web, signing_secret=slack.signing_secret, process_before_response=True)
    seen: list[str] = []
    bolt.event("message")(lambda event: seen.append(event["text"]))
    bolt.event("app_mention")(lambda event: seen.append(event["channel"]))
    bolt.action("reply.0.message")(lambda ack, payload: (ack(), seen.append(payload["value"])))

    slack.mention("U0IDA", "hello")
    SlackAdapter(hook.recorded.channel).post_notice("help", "a", "https://svar.example/", "Open")
    slack.posted[0].button("Open").update(action_id="reply.0.message", value="pressed")
    slack.press(slack.posted[0], "Open")
    for request in hook.requests:
        kept = {name: [value] for name, value in request.headers.items()}
        assert bolt.dispatch(BoltRequest(body=request.body.decode(), headers=kept)).status == 200
    assert seen == ["<@U0SVAR> hello", "C0HELP", "pressed"]


def test_the_sdk_uses_its_web_api(slack: SlackServer) -> None:
    web = WebClient(token=slack.bot_token, base_url=slack.api_url)
    posted = web.chat_postMessage(channel="#help", text="one")
    web.chat_postMessage(channel="C0HELP", text="two", thread_ts=posted["ts"])
    web.files_upload_v2(channel="C0HELP", filename="a.txt", content="text")
    web.chat_update(channel="C0HELP", ts=posted["ts"], text="changed")
    assert [each.text for each in slack.posted] == ["changed", "two"]
    assert slack.shared[0].content == b"text"
    replies = web.conversations_replies(channel="C0HELP", ts=posted["ts"])["messages"]
    assert [each["text"] for each in replies] == ["two"]
    assert web.conversations_info(channel="C0HELP")["channel"]["id"] == "C0HELP"
    web.chat_delete(channel="C0HELP", ts=posted["ts"])
    assert [each["text"] for each in web.conversations_history(channel="C0HELP")["messages"]] == []


@pytest.mark.parametrize(
    ("block", "error"),
    [
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}}], "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "rich_text", "elements": []}], "invalid_blocks"),
    ],
)
def test_limits_of_block_kit_are_enforced(
    slack: SlackServer, block: list[dict[str, object]], error: str
) -> None:
    web = WebClient(token=slack.bot_token, base_url=slack.api_url)
    with pytest.raises(SlackApiError) as failed:
        web.chat_postMessage(channel="C0HELP", text="a", blocks=block)
    assert failed.value.response["error"] == error


def test_the_sdk_takes_its_events_by_socket_mode(slack: SlackServer) -> None:
    web = WebClient(base_url=slack.api_url)
    client = SocketModeClient(slack.app_token, web_client=web, auto_reconnect_enabled=False)
    seen: list[str] = []

    def answer(own: BaseSocketModeClient, request: SocketModeRequest) -> None:
        seen.append(request.payload["event"]["text"])
        own.send_socket_mode_response({"envelope_id": request.envelope_id})

    client.socket_mode_request_listeners.append(answer)
    client.connect()
    slack.socket_mode.wait_connected()
    assert slack.say("U0IDA", "hello").statuses == (200,)
    assert seen == ["hello"]
    threading.Thread(target=client.close, daemon=True).start()  # takes seconds


def test_logs_have_no_text_of_messages_and_no_secrets(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.say("U0IDA", "my pin is 1234")
    adapter.parse(next(iter(hook.recorded.events.values())))
    adapter.send(message("your pin is 1234"))
    slack.connect_events("")
    adapter.channel.config["way"] = "socket"
    listening = Listening(adapter.channel, hook.recorded)
    slack.socket_mode.wait_connected()
    slack.say("U0IDA", "my pin is 1234")
    slack.deliver({"type": "event_callback", "event": {"text": "my pin is 1234"}})
    short = json.dumps({"type": "x", "payload": {"text": "1234"}})
    slack.socket_mode.connections[0].send(short)  # long frames are cut in logs
    slack.say("U0IDA", "hello")
    listening.stop()
    # The Slack of these tests logs what its own side of the connection has.
    ours = [
        f"{record.name} {record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if record.name != "websockets.server"
    ]
    for secret in ("1234", slack.bot_token, slack.app_token, slack.signing_secret):
        assert not [line for line in ours if secret in line]
