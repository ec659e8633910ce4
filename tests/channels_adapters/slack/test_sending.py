"""What goes out to Slack, and what becomes of its refusals."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_adapters.base import SendError
from channels_adapters.slack import client
from channels_adapters.slack.adapter import SlackAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Citation, OutboundFile, OutboundMessage, QuickReply
from tests.channels_adapters.slack.receiving import Hook
from tests.channels_adapters.slack.server import SlackServer

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def message(text: str = "Hello", **more: Any) -> OutboundMessage:
    whole: dict[str, Any] = {
        "message_id": 5,
        "recipient_id": "T0TEST:U0IDA",
        "identity_id": 1,
        "author": "bot",
        "author_name": "Svar",
        "kind": "text",
        "language": "en",
        "created_at": NOW,
        "key": "message-5-0",
        **more,
    }
    return OutboundMessage(text=text, **whole)


def file(name: str, content: bytes) -> OutboundFile:
    return OutboundFile(name, "application/octet-stream", len(content), lambda: content)


def test_an_answer_goes_to_the_senders_direct_messages(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    sent = adapter.send(message())
    [posted] = slack.posted
    assert (posted.channel, posted.thread_ts, posted.text) == ("D0IDA", "", "Hello")
    assert posted.seen == "Hello"
    assert sent.external_ids == (f"D0IDA:{posted.ts}",)


def test_an_answer_goes_into_the_thread_of_the_mention(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    said = slack.mention("U0IDA", "where is 1001?")
    [came] = hook.recorded.messages()
    adapter.send(message(recipient_id=came.sender_id, thread=came.thread))
    [posted] = slack.posted
    assert (posted.channel, posted.thread_ts) == ("C0HELP", said.ts)


def test_an_answer_to_a_group_goes_to_the_group(slack: SlackServer, adapter: SlackAdapter) -> None:
    adapter.send(message(thread="G0GROUP:"))
    assert (slack.posted[0].channel, slack.posted[0].thread_ts) == ("G0GROUP", "")


@pytest.mark.parametrize(
    "text",
    [
        "use *args and **kwargs, _so_ ~not~ `that`",
        "1 < 2 & 3 > 2",
        "<!channel> <@U0IDA> :tada:",
        "> no quote\n• no list\n\n  indented",
    ],
)
def test_plain_text_never_turns_into_formatting(
    slack: SlackServer, adapter: SlackAdapter, text: str
) -> None:
    adapter.send(message(text))
    [posted] = slack.posted
    assert posted.blocks == [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
            ],
        }
    ]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert posted.text == escaped


def test_previews_of_links_are_off(slack: SlackServer, adapter: SlackAdapter) -> None:
    adapter.send(message("See https://shop.example/returns."))
    given = slack.posted[0].given
    assert given["unfurl_links"] is False
    assert given["unfurl_media"] is False


def test_quick_replies_are_buttons_and_pressing_one_says_its_text(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    replies = (QuickReply("Track my order"), QuickReply("Talk to a person", intent="human"))
    adapter.send(message(quick_replies=replies))
    [posted] = slack.posted
    assert posted.buttons == ["Track my order", "Talk to a person"]

    pressed = slack.press(posted, "Talk to a person")
    assert pressed.statuses == (200,)
    [came] = hook.recorded.messages()
    assert (came.text, came.intent) == ("Talk to a person", "human")
    assert came.sender_id == "T0TEST:U0IDA"
    assert came.thread == ""
    [event] = hook.recorded.events.values()
    assert (event.account, event.order) == ("T0TEST", float(pressed.ts))


def test_a_button_in_a_thread_speaks_in_that_thread(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    thread = "C0HELP:1700000000.000100"
    adapter.send(message(thread=thread, quick_replies=(QuickReply("Yes"),)))
    slack.press(slack.posted[0], "Yes")
    slack.press(slack.posted[0], "Yes", user="U0OLE")
    first, second = hook.recorded.messages()
    assert first.thread == second.thread == thread
    assert first.external_id != second.external_id


def test_a_button_in_a_group_speaks_in_the_group(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    adapter.send(message(thread="G0GROUP:", quick_replies=(QuickReply("Yes"),)))
    slack.press(slack.posted[0], "Yes")
    assert hook.recorded.messages()[0].thread == "G0GROUP:"


def test_as_many_and_as_long_buttons_as_are_promised_are_taken(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    able = SlackAdapter.capabilities
    assert able.text_length
    replies = tuple(
        QuickReply(f"{n:02}" + "ø" * (able.button_length - 2)) for n in range(able.buttons)
    )
    adapter.send(message("&" * able.text_length, quick_replies=replies))
    assert len(slack.posted[0].buttons) == able.buttons


def test_sources_are_small_print_with_links(slack: SlackServer, adapter: SlackAdapter) -> None:
    citations = tuple(
        Citation(n, "e", "Returns <30 days> | *all*", "c", NOW, url)
        for n, url in enumerate(["https://shop.example/a?b=1&c=2|3", None] * 6, start=1)
    )
    adapter.send(message(citations=citations))
    contexts = [block for block in slack.posted[0].blocks if block["type"] == "context"]
    assert [len(block["elements"]) for block in contexts] == [10, 2]
    linked, bare = contexts[0]["elements"][:2]
    assert linked["text"] == (
        "<https://shop.example/a?b=1&amp;c=2%7C3|[1] Returns &lt;30 days&gt; ¦ *all*>"
    )
    assert bare == {"type": "plain_text", "text": "[2] Returns <30 days> | *all*", "emoji": False}


def test_an_agent_writes_under_their_name_where_that_is_permitted(
    slack: SlackServer, channel: Channel
) -> None:
    SlackAdapter(channel).send(message(author="agent", author_name="Karen"))
    SlackAdapter(channel).send(message(author="bot", key="2"))
    channel.config["scopes"] = ["chat:write"]
    SlackAdapter(channel).send(message(author="agent", author_name="Karen", key="3"))
    assert [posted.username for posted in slack.posted] == ["Karen", "", ""]


def test_a_message_whose_answer_was_lost_is_not_posted_twice(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    for kind in ("lost", "done_but_fatal"):
        slack.fail_next(1, kind, "chat.postMessage")
        with pytest.raises(SendError) as failed:
            adapter.send(message(key=kind))
        assert not failed.value.permanent
        sent = adapter.send(message(key=kind))
        assert sent.external_ids == (f"D0IDA:{slack.posted[-1].ts}",)
    assert len(slack.posted) == 2


def test_files_are_shown_in_the_thread_after_the_text(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    files = (file("etiket.pdf", b"%PDF"), file("b.txt", b"b"))
    adapter.send(message("Your label", thread="C0HELP:17.1", files=files))
    assert [posted.text for posted in slack.posted] == ["Your label"]
    assert [(each.channel, each.thread_ts, each.name) for each in slack.shared] == [
        ("C0HELP", "17.1", "etiket.pdf"),
        ("C0HELP", "17.1", "b.txt"),
    ]
    assert slack.shared[0].content == b"%PDF"


def test_a_file_alone_goes_to_the_senders_direct_messages(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    sent = adapter.send(message("", files=(file("a.pdf", b"%PDF"),)))
    assert slack.posted == []
    assert [(each.channel, each.thread_ts) for each in slack.shared] == [("D0IDA", "")]
    assert sent.external_ids == ()


def test_nothing_is_seen_of_a_message_whose_file_cannot_be_uploaded(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    for kind in ("500", "429"):
        slack.fail_next(1, kind, "upload")
        with pytest.raises(SendError) as failed:
            adapter.send(message("Your label", files=(file("a.pdf", b"%PDF"),)))
        assert not failed.value.permanent
    assert failed.value.retry_after == 7
    assert slack.posted == []


@pytest.mark.parametrize(
    ("kind", "retry_after"),
    [
        ("500", None),
        ("503", None),
        ("429", 7.0),
        ("timeout", None),
        ("reset", None),
        ("half", None),
        ("internal_error", None),
        ("fatal_error", None),
        ("service_unavailable", None),
        ("duplicate_message_not_found", None),
    ],
)
def test_what_passes_is_worth_a_retry(
    slack: SlackServer,
    adapter: SlackAdapter,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    retry_after: float | None,
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.2)
    slack.fail_next(1, kind)
    with pytest.raises(SendError) as failed:
        adapter.send(message("my secret text"))
    assert not failed.value.permanent
    assert failed.value.retry_after == retry_after
    assert failed.value.__suppress_context__
    adapter.send(message())
    assert len(slack.posted) == 1


def test_one_message_a_second_is_what_slack_takes(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    slack.rate_seconds = 60
    adapter.send(message(key="1"))
    with pytest.raises(SendError) as failed:
        adapter.send(message(key="2"))
    assert (failed.value.permanent, failed.value.retry_after) == (False, 1.0)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("invalid_auth", "Copy it anew"),
        ("token_revoked", "Install the app there again"),
        ("account_inactive", "Install the app there again"),
        ("channel_not_found", "invited to the channel"),
        ("is_archived", "archived"),
        ("not_in_channel", "/invite"),
        ("missing_scope", "lacks the permission"),
        ("msg_too_long", "too long"),
        ("restricted_action", "does not let the bot write"),
        ("invalid_blocks", "(invalid_blocks)"),
    ],
)
def test_what_stays_is_told_to_people(
    slack: SlackServer, adapter: SlackAdapter, kind: str, told: str
) -> None:
    slack.fail_next(1, kind)
    with pytest.raises(SendError) as failed:
        adapter.send(message("my secret text"))
    assert failed.value.permanent
    assert told in str(failed.value)
    assert "secret" not in str(failed.value)
    assert slack.bot_token not in str(failed.value)


def no_scope(slack: SlackServer) -> None:
    slack.home.scopes.remove("chat:write")


def archive(slack: SlackServer) -> None:
    slack.archived.add("C0HELP")


def not_invited(slack: SlackServer) -> None:
    slack.home.scopes.remove("chat:write.public")


def leave(slack: SlackServer) -> None:
    slack.closed.add("C0HELP")


def uninstall(slack: SlackServer) -> None:
    slack.home.active = False


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (no_scope, "the permission chat:write."),
        (archive, "archived"),
        (not_invited, "/invite"),
        (leave, "invited"),
        (uninstall, "removed"),
    ],
)
def test_the_state_of_a_workspace_is_told(
    slack: SlackServer, adapter: SlackAdapter, happens: Callable[[SlackServer], None], told: str
) -> None:
    happens(slack)
    with pytest.raises(SendError) as failed:
        adapter.send(message(thread="C0HELP:1.1"))
    assert failed.value.permanent
    assert told in str(failed.value)


def test_nobody_at_the_address_is_worth_a_retry(slack: SlackServer, channel: Channel) -> None:
    channel.config["api_url"] = "http://127.0.0.1:9/api/"
    with pytest.raises(SendError) as failed:
        SlackAdapter(channel).send(message())
    assert not failed.value.permanent


def test_agents_are_told_in_their_channel_with_a_link(
    slack: SlackServer, adapter: SlackAdapter, hook: Hook
) -> None:
    for place in ("#help", "help", "C0HELP"):
        adapter.post_notice(place, "*Ida* waits: <b>", "https://svar.example/inbox/c/5/", "Open")
    assert [posted.channel for posted in slack.posted] == ["C0HELP"] * 3
    posted = slack.posted[0]
    assert posted.blocks[0]["text"]["type"] == "plain_text"
    assert posted.text == "*Ida* waits: &lt;b&gt;"
    assert posted.button("Open")["url"] == "https://svar.example/inbox/c/5/"

    assert slack.press(posted, "Open").statuses == (200,)
    assert hook.recorded.read() == []


def test_a_notice_whose_answer_was_lost_is_not_posted_twice(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    told = ("help", "Ida waits", "https://svar.example/", "Open")
    slack.fail_next(1, "lost")
    with pytest.raises(SendError):
        adapter.post_notice(*told, key="notice-1")
    adapter.post_notice(*told, key="notice-1")
    adapter.post_notice(*told, key="notice-2")
    assert len(slack.posted) == 2


def test_a_senders_name_and_address_can_be_asked_for(
    slack: SlackServer, adapter: SlackAdapter
) -> None:
    assert adapter.describe("T0TEST:U0IDA") == ("Ida Holm", "ida@example.org")
    assert adapter.describe("T0TEST:U0OLE") == ("Ole Vig", "")
    with pytest.raises(SendError):
        adapter.describe("T0TEST:U0NOBODY")
