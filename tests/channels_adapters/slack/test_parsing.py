"""What people write in Slack, as the core gets it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, InboundMessage, MessageDeleted, MessageEdited
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer


def test_a_direct_message_is_one_of_its_senders_conversation(
    slack: SlackServer, hook: Hook
) -> None:
    said = slack.say("U0IDA", "Where is my order?")
    [message] = hook.recorded.messages()
    assert message.channel_id == 7
    assert message.sender_id == "T0TEST:U0IDA"
    assert message.external_id == f"{said.channel}:{said.ts}"
    assert message.text == "Where is my order?"
    assert message.thread == ""
    assert message.sent_at == datetime.fromtimestamp(float(said.ts), UTC)
    assert "only_if_known" not in message.details


def test_a_thread_of_direct_messages_is_a_conversation_of_its_own(
    slack: SlackServer, hook: Hook
) -> None:
    first = slack.say("U0IDA", "one")
    slack.say("U0IDA", "two", thread=first.ts)
    assert [message.thread for message in hook.recorded.messages()] == ["", f"D0IDA:{first.ts}"]


def test_a_mention_begins_a_thread_and_is_one_message(slack: SlackServer, hook: Hook) -> None:
    said = slack.mention("U0IDA", "where is 1001?")
    assert len(hook.recorded.events) == 2  # message and app_mention
    [message] = hook.recorded.messages()
    assert message.external_id == f"C0HELP:{said.ts}"
    assert message.thread == f"C0HELP:{said.ts}"
    assert message.text == "where is 1001?"
    assert message.details["mentioned"] is True


def test_both_events_of_a_mention_say_the_same(slack: SlackServer, hook: Hook) -> None:
    slack.mention("U0IDA", "where is 1001?")
    adapter = SlackAdapter(hook.recorded.channel)
    [[one], [two]] = [adapter.parse(event) for event in hook.recorded.events.values()]
    assert one == two


def test_both_say_the_same_before_the_bots_name_is_known(
    slack: SlackServer, channel: Channel, hook: Hook
) -> None:
    channel.config["bot_user_id"] = ""
    slack.mention("U0IDA", "where is 1001?")
    adapter = SlackAdapter(channel)
    [[one], [two]] = [adapter.parse(event) for event in hook.recorded.events.values()]
    assert one == two


def test_a_thread_goes_on_without_a_mention_if_the_core_knows_it(
    slack: SlackServer, hook: Hook
) -> None:
    first = slack.mention("U0IDA", "where is 1001?")
    slack.say("U0OLE", "I wonder too", "C0HELP", thread=first.ts)
    second = hook.recorded.messages()[1]
    assert second.thread == f"C0HELP:{first.ts}"
    assert second.sender_id == "T0TEST:U0OLE"
    assert second.details["only_if_known"] is True
    assert second.details["mentioned"] is False


def test_people_talking_among_themselves_are_left_alone(slack: SlackServer, hook: Hook) -> None:
    slack.say("U0IDA", "lunch?", "C0HELP")
    assert hook.recorded.read() == []


def test_direct_messages_of_a_group_are_one_conversation_for_all(
    slack: SlackServer, hook: Hook
) -> None:
    slack.say("U0IDA", "hello", "G0GROUP")
    slack.say("U0OLE", "hi", "G0GROUP")
    assert [message.thread for message in hook.recorded.messages()] == ["G0GROUP:", "G0GROUP:"]


def test_a_mention_alone_is_a_message(slack: SlackServer, hook: Hook) -> None:
    slack.mention("U0IDA", "")
    [message] = hook.recorded.messages()
    assert message.text == "@Svar"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("ask <@U0OLE> or <@U0OLE|ole>", "ask @U0OLE or @ole"),
        ("in <#C0HELP|help> and <#C0HELP>", "in #help and #C0HELP"),
        ("<!here> <!subteam^S1|@crew> <!subteam^S1>", "@here @crew @subteam"),
        ("on <!date^1392734382^{date}|18 February>", "on 18 February"),
        ("see <https://shop.example/a?b=1&amp;c=2>", "see https://shop.example/a?b=1&c=2"),
        ("see <https://shop.example/a|the page>", "see the page (https://shop.example/a)"),
        ("see <http://shop.example|shop.example>", "see shop.example"),
        ("<mailto:ida@example.org|ida@example.org>", "ida@example.org"),
        ("<tel:+4512345678|+45 12 34 56 78>", "+45 12 34 56 78"),
        ("thanks :tada: *much* _so_", "thanks :tada: *much* _so_"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_slacks_markup_is_read_as_people_see_it(
    slack: SlackServer, hook: Hook, written: str, read: str
) -> None:
    slack.say("U0IDA", written)
    [message] = hook.recorded.messages()
    assert message.text == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0SVAR> hello", "hello"),
        ("<@U0SVAR>: hello", "hello"),
        ("<@U0SVAR|svar>, hello", "hello"),
        ("hello <@U0SVAR>, where is it?", "hello, where is it?"),
        ("<@U0OLE> asks <@U0SVAR>", "@U0OLE asks"),
    ],
)
def test_the_mention_of_the_bot_is_cut(
    slack: SlackServer, hook: Hook, written: str, read: str
) -> None:
    slack.say("U0IDA", written, "C0HELP")
    [message] = hook.recorded.messages()
    assert message.text == read


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "channel_join"},
        {"subtype": "bot_message", "username": "other"},
        {"subtype": "channel_topic"},
        {"user": "U0SVAR"},
        {"user": "USLACKBOT"},
        {"user": ""},
        {"text": " "},
    ],
)
def test_what_no_customer_wrote_is_no_message(
    slack: SlackServer, hook: Hook, event: dict[str, Any]
) -> None:
    whole = {"type": "message", "ts": "1.1", "channel": "D0IDA", "channel_type": "im"}
    slack.deliver(slack.callback({**whole, "user": "U0IDA", "text": "hello", **event}))
    assert hook.recorded.read() == []


@pytest.mark.parametrize("subtype", ["thread_broadcast", "me_message"])
def test_other_ways_to_write_count(slack: SlackServer, hook: Hook, subtype: str) -> None:
    slack.say("U0IDA", "hello", subtype=subtype)
    assert [message.text for message in hook.recorded.messages()] == ["hello"]


def test_an_edit_says_how_the_message_reads_now(slack: SlackServer, hook: Hook) -> None:
    said = slack.say("U0IDA", "order 1001")
    slack.edit(said, "order 1002 &amp; 1003")
    assert hook.recorded.read()[1:] == [MessageEdited(7, f"D0IDA:{said.ts}", "order 1002 & 1003")]


def test_the_preview_of_a_link_is_no_edit(slack: SlackServer, hook: Hook) -> None:
    said = slack.say("U0IDA", "see <https://shop.example>")
    slack.edit(said, said.text)
    assert len(hook.recorded.events) == 2
    assert len(hook.recorded.read()) == 1


@pytest.mark.parametrize("answered", [False, True])
def test_a_deleted_message_is_taken_back(slack: SlackServer, hook: Hook, *, answered: bool) -> None:
    said = slack.say("U0IDA", "my card number is ...")
    slack.delete(said, answered=answered)
    assert hook.recorded.read()[1:] == [MessageDeleted(7, f"D0IDA:{said.ts}")]


def test_changes_among_people_are_left_alone(slack: SlackServer, hook: Hook) -> None:
    said = slack.say("U0IDA", "lunch?", "C0HELP")
    slack.edit(said, "dinner?")
    slack.delete(said)
    slack.delete(said, answered=True)
    assert len(hook.recorded.events) == 4
    assert hook.recorded.read() == []


@pytest.mark.parametrize("answered", [False, True])
def test_a_mention_and_what_is_below_it_can_be_changed(
    slack: SlackServer, hook: Hook, *, answered: bool
) -> None:
    first = slack.mention("U0IDA", "order 1001")
    second = slack.say("U0IDA", "and 1002", "C0HELP", thread=first.ts)
    for said in (first, second):
        slack.edit(said, f"{said.text}!")
        slack.delete(said, answered=answered)
    assert hook.recorded.read()[2:] == [
        MessageEdited(7, f"C0HELP:{first.ts}", "order 1001!"),
        MessageDeleted(7, f"C0HELP:{first.ts}"),
        MessageEdited(7, f"C0HELP:{second.ts}", "and 1002!"),
        MessageDeleted(7, f"C0HELP:{second.ts}"),
    ]


def test_changes_of_our_own_messages_say_nothing(slack: SlackServer, hook: Hook) -> None:
    ours = {"user": "U0SVAR", "bot_id": "B0SVAR", "text": "old", "ts": "1.1"}
    common = {"type": "message", "ts": "2.2", "channel": "D0IDA", "channel_type": "im"}
    changed = {"subtype": "message_changed", "message": {**ours, "text": "new"}}
    deleted = {"subtype": "message_deleted", "deleted_ts": "1.1"}
    for event in (changed, deleted):
        slack.deliver(slack.callback({**common, **event, "previous_message": ours}))
    assert len(hook.recorded.events) == 2
    assert hook.recorded.read() == []


def test_files_come_with_where_they_lie(slack: SlackServer, hook: Hook) -> None:
    slack.upload("U0IDA", "skærm.png", b"PNG", mimetype="image/png")
    [message] = hook.recorded.messages()
    [file] = message.files
    assert (file.name, file.content_type, file.size) == ("skærm.png", "image/png", 3)
    assert file.reference.startswith(slack.url + "/files-pri/F")
    assert message.text == ""


def test_a_file_of_another_service_is_a_link(slack: SlackServer, hook: Hook) -> None:
    file = {
        "id": "F1",
        "name": "Plan",
        "mode": "external",
        "is_external": True,
        "url_private": "https://docs.example/plan",
    }
    slack.say("U0IDA", "see", files=[file], subtype="file_share")
    [message] = hook.recorded.messages()
    assert message.files == ()
    assert message.text == "see\nPlan: https://docs.example/plan"


def test_a_file_that_is_gone_is_left_out(slack: SlackServer, hook: Hook) -> None:
    slack.say("U0IDA", "see", files=[{"id": "F1", "mode": "tombstone"}], subtype="file_share")
    assert hook.recorded.messages()[0].files == ()


def test_an_event_that_cannot_be_read_is_an_error_without_its_text(adapter: SlackAdapter) -> None:
    event = {"type": "message", "text": "my pin is 1234", "channel": 5, "ts": "1.1"}
    payload = {"type": "event_callback", "event_id": "Ev1", "event": event}
    with pytest.raises(ValidationError) as error:
        adapter.parse(Event("Ev1", json.dumps(payload).encode()))
    assert "1234" not in str(error.value)


def test_null_is_nothing(slack: SlackServer, hook: Hook) -> None:
    slack.say("U0IDA", "hello", thread_ts=None, subtype=None, bot_id=None, files=None)
    assert [(each.text, each.thread) for each in hook.recorded.messages()] == [("hello", "")]


def test_another_workspaces_customer_of_the_same_id_is_somebody_else(
    slack: SlackServer, hook: Hook
) -> None:
    code = slack.agree_to_install("https://svar.example/back")
    workspace, _uri = slack.codes[code]
    slack.by_token[workspace.bot_token] = workspace
    slack.say("U0IDA", "hello")
    slack.say("U0IDA", "hello", team="T0OTHER")
    accounts = [event.account for event in hook.recorded.events.values()]
    assert accounts == ["T0TEST", "T0OTHER"]
    senders = [message.sender_id for message in hook.recorded.messages()]
    assert senders == ["T0TEST:U0IDA", "T0OTHER:U0IDA"]
    assert all(isinstance(message, InboundMessage) for message in hook.recorded.read())
