"""The visitor's socket, `chat.v1` (docs/protocol.md)."""

import json
import logging
import time
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.core.exceptions import ValidationError as InvalidValue
from django.utils.translation import gettext as _
from pydantic import ValidationError

from channels_adapters.website import intake, live, signed_in, tokens
from channels_adapters.website.payloads import conversation_part
from channels_adapters.website.tokens import InvalidToken, Visitor
from chatbot import events
from chatbot.conversations import contacts, selectors, wording
from chatbot.conversations.attachments import UnknownAttachments
from chatbot.conversations.models import Channel, Conversation, Status
from chatbot.conversations.payloads import message_for_contact
from chatbot.conversations.validation import InvalidText
from chatbot.realtime import INBOX, SocketConsumer, publish, visitor_group

logger = logging.getLogger(__name__)

PROTOCOL = "chat.v1"
_NOTED_EVERY = 240.0  # seconds between notes that a visitor is still here
BAD_TOKEN, BAD_ORIGIN, TOO_BIG = 4401, 4403, 1009
_EVENTS: dict[str, type[events.Payload]] = {
    "sync": events.Sync,
    "message.send": events.SendMessage,
    "human.request": events.SendMessage,
    "typing": events.VisitorTyping,
    "seen": events.Seen,
    "contact.update": events.UpdateContact,
    "identify": events.Identify,
    "ping": events.Ping,
}


class ChatConsumer(SocketConsumer):
    """One tab of one visitor. Everything it may touch follows from its token."""

    visitor: Visitor
    group: str
    language = ""
    noted_at = 0.0

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols", [])
        # Accepted first in any case: a close before that is a bare 403 without a code.
        await self.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
        token = next((value for value in offered if value != PROTOCOL), "")
        try:
            self.visitor = tokens.read(token)
        except InvalidToken:
            await self.close(BAD_TOKEN)
            return
        await self._enter()

    async def _enter(self) -> None:
        entered = await database_sync_to_async(self._look_up)()
        if isinstance(entered, int):
            await self.close(entered)
            return
        self.group = visitor_group(self.visitor.channel_id, self.visitor.id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self._say(entered)
        await self._note_present()

    def _look_up(self) -> int | events.Ready:
        channel = Channel.objects.filter(pk=self.visitor.channel_id, is_active=True).first()
        if channel is None:
            return BAD_TOKEN
        if not intake.origin_allowed(channel, self._header(b"origin")):
            return BAD_ORIGIN
        conversation = self._conversation()
        self.language = conversation.language if conversation else channel.language
        return events.Ready(visitor=self.visitor.id, conversation=conversation_part(conversation))

    def _conversation(self) -> Conversation | None:
        return selectors.latest_conversation(
            channel_id=self.visitor.channel_id, sender_id=self.visitor.id
        )

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)
            await self._note_present()

    # --- In -----------------------------------------------------------------------------------
    async def websocket_receive(self, message: dict[str, Any]) -> None:
        text, data = message.get("text"), message.get("bytes")
        size = len(text.encode("utf-8", "replace")) if text is not None else len(data or b"")
        if size > settings.MAX_FRAME_BYTES:
            await self.close(TOO_BIG)
        elif hasattr(self, "group"):
            await self._receive(text)

    async def _receive(self, text: str | None) -> None:
        client_id = None
        try:
            raw = json.loads(text or "")
            if not isinstance(raw, dict):
                raise ValueError
        except (ValueError, RecursionError):
            await self._error("invalid_json", _("This is not a JSON object."))
            return
        model = _EVENTS.get(raw["type"]) if isinstance(raw.get("type"), str) else None
        if model is None:
            await self._error("unknown_event", _("There is no such event."))
            return
        if isinstance(raw.get("client_id"), str):
            client_id = raw["client_id"][:64]
        try:
            await self._handle(model.model_validate(raw))
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, e["loc"])) or "event" for e in error.errors())
            await self._error("invalid_event", _("Not right: %s.") % wrong[:200], client_id)
        except InvalidText as error:
            await self._error(error.code, error.detail, client_id)
        except intake.TooMany as error:
            await self._error("rate_limited", str(error), client_id, error.retry_after)
        except UnknownAttachments as error:
            await self._error("invalid_event", str(error), client_id)
        except InvalidValue as error:
            await self._error("invalid_event", " ".join(error.messages), client_id)
        except Exception:
            logger.exception("a visitor's event failed")
            await self._error(
                "server_error", _("Something went wrong on our side. Please try again."), client_id
            )

    async def _handle(self, event: events.Payload) -> None:
        match event:
            case events.SendMessage():
                await self._say(await database_sync_to_async(self._send)(event))
            case events.Sync():
                await self._say(await database_sync_to_async(self._history)(event))
            case events.Seen():
                await database_sync_to_async(live.note_seen)(
                    channel_id=self.visitor.channel_id,
                    sender_id=self.visitor.id,
                    message_id=event.message_id,
                )
            case events.VisitorTyping():
                await database_sync_to_async(self._typing)()
            case events.UpdateContact():
                await self._say(await database_sync_to_async(self._update_contact)(event))
            case events.Identify():
                await self._say_or_close(await database_sync_to_async(self._identify)(event))
            case _:
                await self._say(events.Pong())
                if time.monotonic() - self.noted_at > _NOTED_EVERY:
                    await self._note_present()

    def _send(self, event: events.SendMessage) -> events.Ack:
        with wording.in_language(event.language or self.language):
            recorded = intake.receive(
                self.visitor,
                client_id=event.client_id,
                text=event.text,
                intent="human" if event.type == "human.request" else "message",
                language=event.language or self.language,
                page=event.page,
                user_agent=self._header(b"user-agent"),
                origin=self.channel_name,
                attachments=event.attachments,
            )
        return events.Ack(client_id=event.client_id, message=message_for_contact(recorded.message))

    def _history(self, event: events.Sync) -> events.History:
        self.language = event.language or self.language
        messages, more = selectors.page_of(
            selectors.visible_messages(
                channel_id=self.visitor.channel_id, sender_id=self.visitor.id
            ).prefetch_related("attachments"),
            after=event.after,
        )
        conversation = self._conversation()
        return events.History(
            messages=[message_for_contact(message) for message in messages],
            conversation=conversation_part(conversation),
            has_more=more and event.after > 0,
        )

    async def _note_present(self) -> None:
        self.noted_at = time.monotonic()
        # Sockets share one thread: while this write waits for its turn, no other could be opened.
        note = database_sync_to_async(contacts.note_present, thread_sensitive=False)
        await note(channel_id=self.visitor.channel_id, sender_id=self.visitor.id)

    def _typing(self) -> None:
        conversation = self._conversation()
        if conversation is None or conversation.status == Status.RESOLVED:
            return
        author = events.Author(kind="contact", name=conversation.contact.name or None)
        publish(events.CustomerTyping(conversation=conversation.pk, author=author), INBOX)

    def _update_contact(self, event: events.UpdateContact) -> events.ContactUpdated:
        with wording.in_language(self.language):
            identity = intake.update_contact(self.visitor, email=event.email, name=event.name)
        return events.ContactUpdated(email=identity.contact.email, name=identity.contact.name)

    def _identify(self, event: events.Identify) -> int | events.Identified:
        channel = Channel.objects.filter(pk=self.visitor.channel_id, is_active=True).first()
        if channel is None:
            return BAD_TOKEN
        if event.identity is None:
            signed_in.log_out(self.visitor)
            return BAD_TOKEN
        visitor, outcome = signed_in.identify(channel, self.visitor, event.identity)
        # Of somebody else this socket must show nothing: its client asks for a session.
        return events.Identified(identity=outcome) if visitor == self.visitor else BAD_TOKEN

    # --- Out ----------------------------------------------------------------------------------
    async def push(self, message: dict[str, Any]) -> None:
        """Pass on an event of `chatbot.realtime`."""
        if message["skip"] != self.channel_name:
            await self.send(text_data=message["json"])

    async def _say_or_close(self, event: int | events.Payload) -> None:
        if isinstance(event, int):
            await self.close(event)
        else:
            await self._say(event)

    async def _say(self, event: events.Payload) -> None:
        await self.send(text_data=event.model_dump_json())

    async def _error(
        self, code: Any, detail: str, client_id: str | None = None, retry_after: int | None = None
    ) -> None:
        await self._say(
            events.Error(code=code, detail=detail, client_id=client_id, retry_after=retry_after)
        )

    def _header(self, name: bytes) -> str:
        return next(
            (value.decode("latin-1") for key, value in self.scope["headers"] if key == name), ""
        )
