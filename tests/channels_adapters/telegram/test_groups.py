"""Groups: the bot reads what is addressed to it, and leaves the rest alone."""

import json
from collections.abc import Callable

from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Event, Inbound, InboundMessage, MessageEdited
from tests.channels_adapters.telegram.people import Button
from tests.channels_adapters.telegram.server import TelegramServer

Received = Callable[[], list[Inbound]]


def test_in_a_group_the_bot_reads_what_is_addressed_to_it(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(username="idaholm"), telegram.group("Family")
    name = telegram.bot_username
    telegram.say(ida, "Shall we ask?", group)
    telegram.say(ida, "@another_bot when do you open?", group)
    telegram.say(ida, "/start@another_bot", group)
    telegram.say(ida, f"🙂 @{name}, when do you open?", group)
    telegram.say(ida, f"And on Sundays, @{name.upper()}?", group)
    telegram.say(ida, f"/human@{name}", group)
    telegram.say(ida, f"@{name}", group)

    messages = [one for one in received() if isinstance(one, InboundMessage)]

    assert [(one.text, one.intent) for one in messages] == [
        ("🙂 when do you open?", "message"),
        ("And on Sundays?", "message"),
        ("Talk to a person", "human"),
        ("Hi", "message"),
    ]
    assert {one.thread for one in messages} == {f"{group}:"}
    assert {one.sender_id for one in messages} == {str(ida.id)}
    assert messages[0].details == {"username": "idaholm", "chat": "Family"}


def test_in_a_group_an_answer_to_the_bot_is_addressed_to_it(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(), telegram.group()
    ours = telegram.new_message(telegram.chats[group], telegram.bot, text="Until six.")
    telegram.say(ida, "And on Sundays?", group, reply_to_message=ours)
    telegram.say(
        ida,
        "You there?",
        group,
        entities=[{"type": "text_mention", "offset": 0, "length": 3, "user": telegram.bot}],
    )

    texts = [one.text for one in received() if isinstance(one, InboundMessage)]

    assert texts == ["And on Sundays?", "there?"]


def test_a_topic_of_a_group_is_a_thread_and_a_chain_of_replies_is_not(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(), telegram.group(topics=True)
    call = f"@{telegram.bot_username} hello"
    opening = telegram.new_message(
        telegram.chats[group],
        telegram.bot,
        forum_topic_created={"name": "Orders", "icon_color": 1},
    )
    topic = {"message_thread_id": 5, "is_topic_message": True, "reply_to_message": opening}
    telegram.say(ida, call, group, **topic)
    telegram.say(ida, "Not for the bot", group, **topic)
    telegram.say(ida, call, group, message_thread_id=9)

    messages = [one for one in received() if isinstance(one, InboundMessage)]

    assert [(one.thread, one.references) for one in messages] == [
        (f"{group}:5", ()),
        (f"{group}:", ()),
    ]


def test_before_it_knows_its_name_the_bot_is_addressed_by_replies_alone(
    telegram: TelegramServer, channel: Callable[..., Channel]
) -> None:
    unnamed = TelegramAdapter(channel(account=""))
    ida, group = telegram.person(), telegram.group()
    telegram.say(ida, f"@{telegram.bot_username} hello", group)
    payload = json.dumps(telegram.pending[0]).encode()

    assert unnamed.parse(Event("1", payload)) == []


def test_a_button_that_is_pressed_in_a_group_is_said_in_its_topic(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(), telegram.group(topics=True)
    ours = telegram.new_message(
        telegram.chats[group],
        telegram.bot,
        text="Well?",
        message_thread_id=5,
        is_topic_message=True,
        reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "m0:Yes"}]]},
    )

    telegram.press(Button("Yes", "m0:Yes", ours), ida)

    (message,) = received()
    assert isinstance(message, InboundMessage)
    assert (message.text, message.thread) == ("Yes", f"{group}:5")
    assert message.sender_id == str(ida.id)


def test_an_edit_in_a_group_is_read_where_it_is_addressed_to_the_bot(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(), telegram.group()
    ours = telegram.say(ida, f"@{telegram.bot_username} until sixx?", group)
    others = telegram.say(ida, "between us", group)
    received()

    telegram.edit(ours, f"@{telegram.bot_username} until six?")
    telegram.edit(others, "still between us")

    expected = MessageEdited(7, f"{group}:{ours['message_id']}", "until six?")
    assert received() == [expected]
