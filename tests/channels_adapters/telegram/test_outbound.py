"""What customers see in Telegram of what the bot and the agents write."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_adapters.base import SendError
from channels_adapters.telegram.adapter import TelegramAdapter
from chatbot.conversations.models import Channel
from chatbot.envelope import Citation, QuickReply, Sent
from tests.channels_adapters.telegram.outbound import file, outbound
from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.mark.parametrize(
    "text",
    ["Until six.", "1 < 2 & <b>not bold</b> &amp; *not* _either_", "a\n\n  b", "æøå 🙂 ß"],
)
def test_text_arrives_as_it_was_written(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person, text: str
) -> None:
    sent = adapter.send(outbound(ida, text))

    shown = telegram.sent[0]
    assert (shown.chat_id, shown.text, shown.entities) == (ida.id, text, ())
    assert sent == Sent((shown.external_id,))


def test_the_longest_text_that_the_core_gives_fits(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    longest = "🙂" * (adapter.capabilities.text_length or 0)
    source = Citation(1, "faq:1", "Returns", "faq", datetime.now(UTC), "https://shop.example/r")

    adapter.send(outbound(ida, longest, citations=(source,)))

    assert telegram.sent[0].text == longest


def test_formatting_becomes_what_telegram_knows(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    html = (
        "<h2>Returns</h2><p>Send it <strong>within <em>30</em> days</strong> &amp; keep "
        '<code>a &lt; b</code>.<br>See <a href="https://shop.example/r?a=1&amp;b=2">here</a>'
        ' or <a href="javascript:alert(1)">there</a>.</p>'
        "<ul><li><p>one</p></li><li>two<ol><li><p>x</p></li><li>y</li></ol></li></ul><script>alert(2)</script>"
        "<p>Unclosed <b>bold"
    )

    adapter.send(outbound(ida, "plain", html=html))

    shown = telegram.sent[0]
    assert shown.text == (
        "Returns\n\nSend it within 30 days & keep a < b.\nSee here or there.\n\n"
        "• one\n• two\n1. x\n2. y\n\nUnclosed bold"
    )
    assert ("bold", "within 30 days") in shown.entities
    assert ("italic", "30") in shown.entities
    assert ("code", "a < b") in shown.entities
    assert shown.links == ("https://shop.example/r?a=1&b=2",)


def test_what_telegram_cannot_parse_arrives_without_formatting(
    telegram: TelegramServer,
    adapter: TelegramAdapter,
    ida: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "channels_adapters.telegram.sending.formatted", lambda *_given: "<u>half a <blink>tag"
    )

    adapter.send(outbound(ida, "a whole text"))

    assert [one.text for one in telegram.sent] == ["a whole text"]


def test_sources_are_named_below_an_answer(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    now = datetime.now(UTC)
    sources = (
        Citation(1, "faq:1", "Returns & refunds", "faq", now, "https://shop.example/returns"),
        Citation(2, "faq:2", "Sizes", "faq", now),
    )

    adapter.send(outbound(ida, "Thirty days [1], any size [2].", citations=sources))

    shown = telegram.sent[0]
    assert shown.text == "Thirty days [1], any size [2].\n\n[1] Returns & refunds\n[2] Sizes"
    assert shown.links == ("https://shop.example/returns",)


def test_links_of_the_bot_have_no_preview_and_those_of_people_have(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    adapter.send(outbound(ida, "https://shop.example"))
    adapter.send(outbound(ida, "https://shop.example", author="agent", key="2:0"))

    assert [one.previews for one in telegram.sent] == [False, True]


def test_pressing_a_button_says_what_stands_on_it(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person, received: Callable[[], Any]
) -> None:
    telegram.drop()
    long = "Ærgerligt: jeg vil gerne have en ny æske 📦"
    replies = (QuickReply("Track my order"), QuickReply(long), QuickReply("A person", "human"))

    adapter.send(outbound(ida, "What is it about?", quick_replies=replies))
    for button in telegram.buttons():
        telegram.press(button)

    pressed = received()
    assert [one.text for one in telegram.buttons()] == ["Track my order", long, "A person"]
    assert [(one.text, one.intent) for one in pressed] == [
        ("Track my order", "message"),
        (long, "message"),
        ("A person", "human"),
    ]
    assert {one.sender_id for one in pressed} == {str(ida.id)}
    assert len({one.external_id for one in pressed}) == 3
    assert all(one.external_id.startswith("cb:") for one in pressed)
    assert pressed[0].references == (telegram.sent[0].external_id,)


def test_a_button_of_a_message_that_is_gone_still_says_its_text(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person, received: Callable[[], Any]
) -> None:
    telegram.drop()
    adapter.send(outbound(ida, "Well?", quick_replies=(QuickReply("Track my order"),)))
    (button,) = telegram.buttons()
    button.message.pop("reply_markup")
    button.message["date"] = 0  # how Telegram marks what it cannot give any more

    telegram.press(button)

    assert [one.text for one in received()] == ["Track my order"]


def test_files_follow_the_text(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    files = (
        file("label.png", "image/png", PNG),
        file("faktura æ.pdf", "application/pdf", b"%PDF"),
    )

    sent = adapter.send(outbound(ida, "Here:", files=files))

    text, photo, document = telegram.sent
    assert (text.text, text.file) == ("Here:", None)
    assert photo.is_photo
    assert photo.file is not None
    assert photo.file.content == PNG
    assert document.file is not None
    assert (document.file.name, document.file.content) == ("faktura æ.pdf", b"%PDF")
    assert sent.external_ids == tuple(one.external_id for one in telegram.sent)


def test_a_picture_that_is_no_photo_goes_as_a_document(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    buttons = (QuickReply("Thanks"),)
    picture = file("odd.png", "image/png", b"not really")

    adapter.send(outbound(ida, "", files=(picture,), quick_replies=buttons))

    (shown,) = telegram.sent
    assert not shown.is_photo
    assert shown.file is not None
    assert shown.file.content == b"not really"
    assert [one.text for one in shown.buttons] == ["Thanks"]


def test_another_attempt_goes_on_where_the_first_one_stopped(
    telegram: TelegramServer, channel: Callable[..., Channel], ida: Person
) -> None:
    message = outbound(
        ida,
        "Two files:",
        files=(file("a.txt", "text/plain", b"a"), file("b.txt", "text/plain", b"b")),
        key="again",
    )
    telegram.fail_next(1, "500", "sendDocument")

    with pytest.raises(SendError) as raised:
        TelegramAdapter(channel()).send(message)
    sent = TelegramAdapter(channel()).send(message)

    assert not raised.value.permanent
    assert [one.text or (one.file and one.file.name) for one in telegram.sent] == [
        "Two files:",
        "a.txt",
        "b.txt",
    ]
    assert sent.external_ids == tuple(one.external_id for one in telegram.sent)


def test_in_a_group_the_answer_goes_to_its_topic(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    plain, topics = telegram.group(), telegram.group(topics=True)

    adapter.send(outbound(ida, "one", thread=f"{plain}:"))
    adapter.send(outbound(ida, "two", thread=f"{topics}:5", key="2:0"))
    adapter.show_typing(str(ida.id), f"{topics}:5")

    assert [(one.chat_id, one.topic) for one in telegram.sent] == [(plain, None), (topics, 5)]
    assert telegram.typing == [topics]


def test_an_answer_follows_a_group_that_has_moved(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    small = telegram.group(small=True)
    new = telegram.upgrade(small)

    sent = adapter.send(outbound(ida, "Until six.", thread=f"{small}:"))

    assert [one.chat_id for one in telegram.sent] == [new]
    assert sent.external_ids[0].startswith(f"{new}:")


def test_customers_see_that_somebody_writes(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    adapter.show_typing(str(ida.id), "")

    assert telegram.typing == [ida.id]


def test_many_threads_share_a_bot(
    telegram: TelegramServer, channel: Callable[..., Channel], ida: Person
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(number: int) -> Sent:
        message = outbound(ida, f"Message {number}", key=f"{number}:0")
        return TelegramAdapter(channel()).send(message)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(40)))

    assert {one.text for one in telegram.sent} == {f"Message {n}" for n in range(40)}


def test_a_forked_process_sends_on_connections_of_its_own(
    telegram: TelegramServer, adapter: TelegramAdapter, ida: Person
) -> None:
    import os

    adapter.send(outbound(ida, "from the parent"))
    child = os.fork()
    if child == 0:
        try:
            adapter.send(outbound(ida, "from the child", key="2:0"))
            os._exit(0)
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    adapter.send(outbound(ida, "from the parent again", key="3:0"))

    assert status == 0
    assert [one.text for one in telegram.sent] == [
        "from the parent",
        "from the child",
        "from the parent again",
    ]
