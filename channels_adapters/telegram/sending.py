"""A message on its way to a chat: its text with the buttons, then its files one by one."""

import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from django.utils.translation import gettext
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.error import BadRequest, ChatMigrated

from channels_adapters.base import SendError
from channels_adapters.telegram.bot import Remote, SvarBot
from channels_adapters.telegram.buttons import callback_data
from channels_adapters.telegram.formatting import formatted, plain
from channels_adapters.telegram.forms import PUBLIC_API
from chatbot.envelope import OutboundFile, OutboundMessage, Sent

# https://core.telegram.org/bots/api#sending-files
PHOTO_BYTES = 10 * 1024 * 1024
FILE_BYTES = 50 * 1024 * 1024
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_REMEMBERED = 1000
_SECONDS = 80  # for one attempt: the core takes one that lasts 90 for lost

# Telegram takes no key against doubles. What an attempt got through is kept here, so that the
# next attempt of the same process goes on behind it and the customer does not read it twice.
_through: OrderedDict[tuple[int, str, str], list[str]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a message goes: a chat and, in a group with topics, the topic."""

    id: int
    topic: int | None = None


def chat_of(recipient_id: str, thread: str) -> Chat:
    """Return the chat of a thread ("<chat>:<topic or nothing>"), else the private one.

    Raises SendError for what is neither.
    """
    chat, _colon, topic = thread.partition(":")
    try:
        return Chat(int(chat or recipient_id), int(topic) if topic else None)
    except ValueError:
        pass
    raise SendError(gettext("This is no chat of Telegram."), permanent=True)


def send(remote: Remote, message: OutboundMessage) -> Sent:
    """Send a message and return its ids, "<chat>:<message>" each. Raises SendError."""
    chat = chat_of(message.recipient_id, message.thread)
    _check(remote, message.files)
    key = (remote.id, str(chat.id), message.key)
    with _lock:
        through = _through.pop(key, [])
    outgoing = _Outgoing(remote, chat)
    try:
        for step in _steps(outgoing, message)[len(through) :]:
            through.append(step())
    except SendError:
        if through and message.key:
            with _lock:
                _through[key] = through
                while len(_through) > _REMEMBERED:
                    _through.popitem(last=False)
        raise
    return Sent(tuple(through))


def _steps(outgoing: "_Outgoing", message: OutboundMessage) -> list[Callable[[], str]]:
    """Return what is sent one after the other; each step returns the id of a message."""
    steps: list[Callable[[], str]] = []
    if message.text or not message.files:
        steps.append(partial(outgoing.text, message))
    for number, file in enumerate(message.files):
        # Buttons need a message to hang on: the last file where there is no text.
        has_buttons = not message.text and number == len(message.files) - 1
        steps.append(partial(outgoing.file, file, message if has_buttons else None))
    return steps


class _Outgoing:
    """One attempt at a message. Files are read on the thread that sends."""

    def __init__(self, remote: Remote, chat: Chat) -> None:
        self._remote = remote
        self._chat = chat
        self._ends = time.monotonic() + _SECONDS

    def text(self, message: OutboundMessage) -> str:
        """Send the text as HTML, and as plain text if Telegram cannot read that."""
        rich = formatted(message.text, message.html, message.citations)

        async def sending(bot: SvarBot) -> Message:
            try:
                return await self._send_text(bot, message, rich, "HTML")
            except BadRequest as error:
                if "parse entities" not in error.message.lower():
                    raise
            bare = plain(message.text, message.citations)
            return await self._send_text(bot, message, bare, None)

        return self._call(sending)

    def file(self, file: OutboundFile, of: OutboundMessage | None) -> str:
        """Send a file, as a photo where it is one; `of` has the buttons."""
        content = file.read()
        buttons = _keyboard(of) if of else None

        async def sending(bot: SvarBot) -> Message:
            if file.content_type in _PHOTOS and len(content) <= PHOTO_BYTES:
                try:
                    return await self._in_chat(
                        lambda chat: bot.send_photo(
                            chat.id,
                            content,
                            filename=file.name,
                            message_thread_id=chat.topic,
                            reply_markup=buttons,
                        )
                    )
                except BadRequest:
                    pass  # too long and thin for a photo, or broken: a document it always is
            return await self._in_chat(
                lambda chat: bot.send_document(
                    chat.id,
                    content,
                    filename=file.name,
                    message_thread_id=chat.topic,
                    reply_markup=buttons,
                )
            )

        return self._call(sending)

    def _call(self, sending: Callable[[SvarBot], Awaitable[Message]]) -> str:
        sent = self._remote.call(sending, seconds=self._ends - time.monotonic())
        return f"{sent.chat_id}:{sent.message_id}"

    async def _send_text(
        self, bot: SvarBot, message: OutboundMessage, text: str, parse_mode: str | None
    ) -> Message:
        # The preview of a source would be larger than the answer; people mean what they link to.
        previews = LinkPreviewOptions(is_disabled=message.author != "agent")
        return await self._in_chat(
            lambda chat: bot.send_message(
                chat.id,
                text,
                parse_mode=parse_mode,
                message_thread_id=chat.topic,
                link_preview_options=previews,
                reply_markup=_keyboard(message),
            )
        )

    async def _in_chat(self, send: Callable[[Chat], Awaitable[Message]]) -> Message:
        """Send, and once more where the group has become a supergroup with another id."""
        try:
            return await send(self._chat)
        except ChatMigrated as moved:
            self._chat = replace(self._chat, id=moved.new_chat_id)
        return await send(self._chat)


def _keyboard(message: OutboundMessage) -> InlineKeyboardMarkup | None:
    if not message.quick_replies:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(reply.text, callback_data=callback_data(number, reply))]
            for number, reply in enumerate(message.quick_replies)
        ]
    )


def _check(remote: Remote, files: tuple[OutboundFile, ...]) -> None:
    """Refuse what the public Bot API does not take; a server of one's own takes 2 GB."""
    for file in files:
        if remote.base_url == PUBLIC_API and file.size > FILE_BYTES:
            raise SendError(
                gettext("Telegram takes files of at most %(size)d MB.")
                % {"size": FILE_BYTES // 1024**2},
                permanent=True,
            )
