"""Telegram: a bot that customers write to, by the Bot API (https://core.telegram.org/bots/api).

Imports of python-telegram-bot stay inside functions: Django imports this module at its start.
"""

import json
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from channels_adapters.base import Accepted, Connection, HookRequest, RefusedHook
from channels_adapters.telegram.forms import PUBLIC_API, TelegramForm, Way
from channels_adapters.telegram.updates import UpdateHead
from chatbot.conversations.models import Channel
from chatbot.envelope import Capabilities, Event, Inbound, OutboundMessage, Sent

if TYPE_CHECKING:
    from channels_adapters.telegram.bot import Remote

_TOKEN_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # the header's name


class TelegramAdapter:
    """`channels_adapters.base.ChannelAdapter` for one bot."""

    label: ClassVar = "Telegram"
    about: ClassVar = _("A bot that customers write to in Telegram.")
    where_from: ClassVar = _(
        "@BotFather makes a bot and gives you its token: docs/channels.md, Telegram."
    )
    # Telegram takes 4096 UTF-16 code units, and a character has two at most: half of it in
    # characters always fits, emoji and all. Sources are added only where they fit besides.
    # A group is a thread, so that what was asked in private is not answered there.
    capabilities: ClassVar = Capabilities(
        text_length=2048,
        buttons=8,
        button_length=40,
        files=True,
        typing=True,
        edits=True,
        threads=True,
    )
    form: ClassVar = TelegramForm
    secret_fields: ClassVar = ("token", "secret_token")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        # Half-filled settings too make an adapter: what is wrong with them shows when it is used.
        self._way = channel.config.get("way") or Way.WEBHOOK
        self._base_url = str(channel.config.get("base_url") or PUBLIC_API)
        self._token = str(channel.secrets.get("token") or "")
        self._secret_token = str(channel.secrets.get("secret_token") or "")

    def send(self, message: OutboundMessage) -> Sent:
        """Send text with buttons, then files; ids are "<chat>:<message>". Raises SendError."""
        from channels_adapters.telegram import sending

        return sending.send(self._remote, message)

    def show_typing(self, recipient_id: str, thread: str) -> None:
        """Show for five seconds, or until a message comes, that one is written."""
        from channels_adapters.telegram.sending import chat_of

        chat = chat_of(recipient_id, thread)
        self._remote.call(
            lambda bot: bot.send_chat_action(chat.id, "typing", message_thread_id=chat.topic),
            seconds=10,
        )

    def accept(self, request: HookRequest) -> Accepted:
        """Take an update from Telegram. Raises RefusedHook.

        The answer may call one method of the Bot API, which stops the spinning of a pressed
        button: https://core.telegram.org/bots/api#making-requests-when-getting-updates
        """
        expected = self._secret_token
        given = request.headers.get(_TOKEN_HEADER, "")
        if not expected or not constant_time_compare(given, expected):
            raise RefusedHook(401, "The secret token is missing or wrong.")
        if request.method != "POST":
            raise RefusedHook(400, "Updates are sent by POST.")
        try:
            head = UpdateHead.model_validate_json(request.body)
        except ValidationError:
            head = None
        if head is None:
            raise RefusedHook(400, "This is no update.")
        events = (head.event(request.body),)
        if head.callback_query is None:
            return Accepted(events)
        answer = {"method": "answerCallbackQuery", "callback_query_id": head.callback_query.id}
        return Accepted(events, json.dumps(answer).encode(), "application/json")

    def parse(self, event: Event) -> Sequence[Inbound]:
        """Return messages, edits, and whether a customer has blocked the bot."""
        from channels_adapters.telegram import parsing

        us = parsing.Us(
            channel_id=self._channel.pk,
            bot_id=self._remote.id,
            username=self._channel.account.removeprefix("@"),
        )
        return parsing.parse(event.payload, us)

    @property
    def is_listening(self) -> bool:
        """Whether this server asks Telegram; else Telegram calls it."""
        return self._way == Way.POLLING

    def listen(self, record: Callable[[Sequence[Event]], None], stopping: threading.Event) -> None:
        """Ask for updates until `stopping` is set; recorded ones are confirmed with the next."""
        from channels_adapters.telegram import polling

        polling.poll(self._remote, record, stopping)

    def fetch(self, reference: str) -> bytes:
        """Return the content of the file with this file_id, of 20 MB at most. Raises SendError."""
        from channels_adapters.telegram import fetching

        return fetching.fetch(self._remote, reference)

    def connect(self, hook_url: str) -> Connection:
        """Test the token; set the webhook, or take it away. Raises SendError."""
        from channels_adapters.telegram import connecting

        if self.is_listening:
            return connecting.connect_polling(self._remote)
        return connecting.connect_webhook(self._remote, hook_url, self._secret_token)

    @property
    def _remote(self) -> "Remote":
        from channels_adapters.telegram.bot import Remote

        return Remote(self._token, self._base_url)
