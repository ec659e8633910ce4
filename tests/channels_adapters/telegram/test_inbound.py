"""What customers send in Telegram, as the core gets it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.envelope import (
    Event,
    Inbound,
    InboundMessage,
    MessageEdited,
    Place,
    Reachability,
)
from tests.channels_adapters.telegram.server import TelegramServer

Received = Callable[[], list[Inbound]]


def only(inbound: list[Inbound]) -> Any:
    assert len(inbound) == 1, inbound
    return inbound[0]


def test_a_message_comes_with_who_wrote_it_and_when(
    telegram: TelegramServer, received: Received
) -> None:
    ida = telegram.person("Ida", last_name="Holm", username="idaholm", language="da")
    said = telegram.say(ida, "Hvor er min pakke?")

    message = only(received())

    assert message.channel_id == 7
    assert message.sender_id == str(ida.id)
    assert message.external_id == f"{ida.id}:{said['message_id']}"
    assert message.text == "Hvor er min pakke?"
    assert (message.intent, message.language) == ("message", "da")
    assert message.sender_name == "Ida Holm"
    assert message.details == {"username": "idaholm"}
    assert message.thread == ""
    assert abs(message.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_target_of_a_link_can_be_read(telegram: TelegramServer, received: Received) -> None:
    # Emoji count twice in Telegram's offsets.
    telegram.say(
        telegram.person(),
        "🙂 this one and https://a.example/x",
        entities=[
            {"type": "text_link", "offset": 3, "length": 8, "url": "https://shop.example/p/1"},
            {"type": "url", "offset": 16, "length": 19},
        ],
    )

    assert only(received()).text == "🙂 this one (https://shop.example/p/1) and https://a.example/x"


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("da", "Hej"), ("sv", "Hej"), ("de-AT", "Hallo"), ("nb", "Hei"), ("en", "Hi"), ("fr", "Hi")],
)
def test_who_starts_the_bot_says_hello(
    telegram: TelegramServer, received: Received, language: str, greeting: str
) -> None:
    telegram.say(telegram.person(language=language), "/start")

    assert only(received()).text == greeting


def test_a_deep_link_tells_where_the_customer_comes_from(
    telegram: TelegramServer, received: Received
) -> None:
    telegram.say(telegram.person(), "/start order-1042")

    message = only(received())

    assert (message.text, message.details) == ("Hi", {"start": "order-1042"})


@pytest.mark.parametrize(
    ("said", "text", "intent"),
    [
        ("/help", "Hi", "message"),
        ("/help my parcel is late", "my parcel is late", "message"),
        ("/human", "Talk to a person", "human"),
        ("/agent it is about an invoice", "it is about an invoice", "human"),
        ("/menneske", "Talk to a person", "human"),
        ("/order_status 1042", "order status 1042", "message"),
        ("what does /human do?", "what does /human do?", "message"),
    ],
)
def test_commands_are_read_as_what_is_meant(
    telegram: TelegramServer, received: Received, said: str, text: str, intent: str
) -> None:
    telegram.say(telegram.person(), said)

    message = only(received())

    assert (message.text, message.intent) == (text, intent)


def test_a_photo_comes_in_its_own_size_with_its_caption(
    telegram: TelegramServer, received: Received, adapter: TelegramAdapter
) -> None:
    telegram.send_photo(telegram.person(), b"\x89PNG" + b"x" * 500, "It arrived broken")

    message = only(received())
    file = message.files[0]

    assert message.text == "It arrived broken"
    assert (file.content_type, file.size) == ("image/jpeg", 504)
    assert adapter.fetch(file.reference) == b"\x89PNG" + b"x" * 500


def test_a_document_keeps_its_name(
    telegram: TelegramServer, received: Received, adapter: TelegramAdapter
) -> None:
    telegram.send_document(telegram.person(), "faktura æ.pdf", b"%PDF-1.7", "application/pdf")

    message = only(received())
    file = message.files[0]

    assert message.text == ""
    assert (file.name, file.content_type, file.size) == ("faktura æ.pdf", "application/pdf", 8)
    assert adapter.fetch(file.reference) == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("voice", {"duration": 3, "mime_type": "audio/ogg"}, ("voice.ogg", "audio/ogg")),
        ("audio", {"duration": 3, "file_name": "song.mp3"}, ("song.mp3", "audio/mpeg")),
        ("video", {"duration": 3, "width": 9, "height": 9}, ("video.mp4", "video/mp4")),
        ("video_note", {"duration": 3, "length": 9}, ("video.mp4", "video/mp4")),
        (
            "animation",
            {"duration": 3, "width": 9, "height": 9, "mime_type": "video/mp4"},
            ("video.mp4", "video/mp4"),
        ),
    ],
)
def test_sounds_and_films_come_as_files(
    telegram: TelegramServer,
    received: Received,
    kind: str,
    fields: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    file = {**telegram.keep(b"abc", "x.bin"), **fields}
    also = {"document": file} if kind == "animation" else {}
    telegram.send(telegram.person(), **{kind: file}, **also)

    message = only(received())

    assert [(one.name, one.content_type) for one in message.files] == [expected]
    assert message.files[0].reference == file["file_id"]


def test_pictures_of_an_album_stay_together(telegram: TelegramServer, received: Received) -> None:
    ida = telegram.person()
    telegram.send_photo(ida, b"\x89PNG1", "Front", media_group_id="42")
    telegram.send_photo(ida, b"\x89PNG2", media_group_id="42")

    first, second = received()

    assert isinstance(first, InboundMessage)
    assert isinstance(second, InboundMessage)
    assert first.details["album"] == second.details["album"] == "42"
    assert (first.text, second.text) == ("Front", "")


def test_places_are_places(telegram: TelegramServer, received: Received) -> None:
    ida, at = telegram.person(), {"latitude": 55.68, "longitude": 12.57}
    telegram.send(ida, location=at)
    telegram.send(ida, location=at, venue={"location": at, "title": "Moss", "address": "Torvet 1"})

    places = [one.place for one in received() if isinstance(one, InboundMessage)]

    assert places == [Place(55.68, 12.57), Place(55.68, 12.57, "Moss, Torvet 1")]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {
                "sticker": {
                    "file_id": "s",
                    "file_unique_id": "s",
                    "type": "regular",
                    "width": 9,
                    "height": 9,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "👍",
                }
            },
            "👍",
        ),
        (
            {"contact": {"phone_number": "+4512345678", "first_name": "Bo", "last_name": "Lind"}},
            "Bo Lind, +4512345678",
        ),
        (
            {
                "poll": {
                    "id": "1",
                    "question": "Which size?",
                    "options": [
                        {"text": "S", "voter_count": 0, "persistent_id": "0"},
                        {"text": "M", "voter_count": 0, "persistent_id": "1"},
                    ],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": True,
                    "type": "regular",
                    "allows_multiple_answers": False,
                    "allows_revoting": False,
                    "members_only": False,
                }
            },
            "Which size?\n• S\n• M",
        ),
    ],
)
def test_what_has_no_text_is_told_in_words(
    telegram: TelegramServer, received: Received, fields: dict[str, Any], text: str
) -> None:
    telegram.send(telegram.person(), **fields)

    assert only(received()).text == text


def test_an_edit_changes_the_message_that_was_sent(
    telegram: TelegramServer, received: Received
) -> None:
    ida = telegram.person()
    text = telegram.say(ida, "Order 1024")
    photo = telegram.send_photo(ida, b"\x89PNG", "This")
    message, picture = received()

    telegram.edit(text, "Order 1042")
    telegram.edit(photo, "This one")

    assert isinstance(message, InboundMessage)
    assert isinstance(picture, InboundMessage)
    assert received() == [
        MessageEdited(7, message.external_id, "Order 1042"),
        MessageEdited(7, picture.external_id, "This one"),
    ]


def test_a_shared_position_that_moves_is_no_edit(
    telegram: TelegramServer, received: Received
) -> None:
    ida = telegram.person()
    moving = telegram.send(ida, location={"latitude": 55.0, "longitude": 12.0, "live_period": 600})
    received()
    telegram.update(edited_message={**moving, "edit_date": moving["date"]})

    assert received() == []


def test_who_blocks_the_bot_cannot_be_reached(telegram: TelegramServer, received: Received) -> None:
    ida = telegram.person()
    telegram.block(ida)
    telegram.unblock(ida)

    assert received() == [
        Reachability(7, str(ida.id), reachable=False, reason="blocked"),
        Reachability(7, str(ida.id), reachable=True),
    ]


def test_an_answer_to_a_message_refers_to_it(telegram: TelegramServer, received: Received) -> None:
    ida = telegram.person()
    first = telegram.say(ida, "Two questions: price? size?")
    telegram.say(
        ida, "I meant this", reply_to_message=first, quote={"text": "size?", "position": 22}
    )

    _first, second = received()

    assert isinstance(second, InboundMessage)
    assert second.references == (f"{ida.id}:{first['message_id']}",)
    assert second.details == {"quoted": "size?"}


def test_bots_channels_and_service_messages_are_left_alone(
    telegram: TelegramServer, received: Received
) -> None:
    ida, group = telegram.person(), telegram.group()
    bot = {"id": 99, "is_bot": True, "first_name": "Other"}
    mention = f"@{telegram.bot_username} hello"
    with_mention = {"text": mention, "entities": [{"type": "mention", "offset": 0, "length": 14}]}
    for sender in (bot, telegram.bot):
        message = telegram.new_message(telegram.chats[group], sender, **with_mention)
        telegram.update(message=message)
    telegram.send(ida, group, new_chat_members=[ida.user])
    telegram.send(ida, group, pinned_message=telegram.say(ida, "x", group))
    telegram.send(ida, group, migrate_to_chat_id=-1009)
    channel = {"id": -1008, "type": "channel", "title": "News"}
    telegram.update(channel_post=telegram.new_message(channel, None, text="News"))
    telegram.say(ida, mention, group, is_automatic_forward=True)

    assert received() == []


def test_an_update_of_a_kind_that_is_new_says_nothing(adapter: TelegramAdapter) -> None:
    assert adapter.parse(Event("1", b'{"update_id": 1, "of_next_year": {"x": 1}}')) == []


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"update_id": 1, "message": {"text": "x"}}'])
def test_an_update_that_cannot_be_read_is_an_error(adapter: TelegramAdapter, body: bytes) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError)):
        adapter.parse(Event("1", body))
