"""The agent's socket (docs/inbox-api.md)."""

import asyncio
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from chatbot import agent_events, events
from chatbot.conversations.models import Conversation
from chatbot.conversations.wording import our_language
from chatbot.inbox.counting import counting
from chatbot.inbox.live import announce_presence, announce_viewers
from chatbot.inbox.mentions import see_mentions
from chatbot.inbox.payloads import localised, me_part
from chatbot.inbox.typing import show_typing
from chatbot.realtime import INBOX, SocketConsumer, agent_group
from chatbot.routing import presence
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import profile_of

logger = logging.getLogger(__name__)
LOGGED_OUT, FORBIDDEN, TOO_BIG = 4401, 4403, 1009
_ROW, _RECOUNT = '{"type":"row"', '{"type":"recount"'
_KEPT_SECONDS = 2.0  # for which a row in a language is kept
_LOOK_SECONDS = 30.0  # so often at most who is told looks whether they still work here
_EVENTS: dict[str, type[events.Payload]] = {
    "view": agent_events.View,
    "presence": agent_events.SetPresence,
    "ping": events.Ping,
}


class _Rows:
    """Rows in the languages of the open inboxes: each is made once, however many are open."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def text(self, raw: str, language: str) -> str:
        """Return the event `raw` with its row in `language`."""
        key = (language, raw)
        task = self._made.get(key)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = asyncio.get_running_loop().create_task(self._make(raw, language))
            self._made[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)  # who leaves meanwhile ends it for nobody else

    async def _make(self, raw: str, language: str) -> str:
        text: str = await database_sync_to_async(_in_language)(raw, language)
        return text

    def _forget(self, key: tuple[str, str], done: "asyncio.Task[str]") -> None:
        # All that are open ask in the same moment: what is older is asked for by nobody.
        done.get_loop().call_later(_KEPT_SECONDS, lambda: self._made.pop(key, None))


def _in_language(raw: str, language: str) -> str:
    event = json.loads(raw)
    event["row"] = localised(event["row"], language)
    return json.dumps(event)


_rows = _Rows()


class InboxConsumer(SocketConsumer):
    """One open inbox of one agent. Only users with an agent profile come in."""

    agent: AgentProfile
    language = "en"
    looked_at = 0.0

    async def connect(self) -> None:
        user = self.scope.get("user")
        agent = await database_sync_to_async(profile_of)(user) if user else None
        if agent is None:
            await self.accept()  # a close before that is a bare 403 without a code
            await self.close(FORBIDDEN)
            return
        self.agent = agent
        self.looked_at = time.monotonic()
        asked = parse_qs(self.scope.get("query_string", b"").decode()).get("language", ["en"])[0]
        self.language = our_language(asked)
        # Before it is open to the page, which then fetches: what happens later comes as an event.
        await self.channel_layer.group_add(INBOX, self.channel_name)
        await self.channel_layer.group_add(agent_group(agent.user_id), self.channel_name)
        await self.accept()
        await self._say(await database_sync_to_async(self._arrive)())
        counting.watch(self.channel_name, agent.user_id, self._counted)

    def _arrive(self) -> agent_events.InboxReady:
        presence.connect(agent=self.agent, socket=self.channel_name)
        announce_presence()
        return agent_events.InboxReady(me=me_part(self._fresh()))

    def _fresh(self) -> AgentProfile:
        return AgentProfile.objects.select_related("user").get(pk=self.agent.pk)

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "agent"):
            return
        counting.leave(self.channel_name)
        await self.channel_layer.group_discard(INBOX, self.channel_name)
        await self.channel_layer.group_discard(agent_group(self.agent.user_id), self.channel_name)
        await database_sync_to_async(self._leave)()

    def _leave(self) -> None:
        viewed = presence.disconnect(socket=self.channel_name)
        if viewed is not None:
            announce_viewers(viewed)
        announce_presence()

    # --- In -----------------------------------------------------------------------------------
    async def websocket_receive(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if len(text or message.get("bytes") or "") > settings.MAX_FRAME_BYTES:
            await self.close(TOO_BIG)
        elif hasattr(self, "agent"):
            await self._receive(text)

    async def _receive(self, text: str | None) -> None:
        try:
            raw = json.loads(text or "")
            model = _EVENTS.get(raw["type"]) if isinstance(raw, dict) else None
        except (ValueError, KeyError, TypeError, RecursionError):
            await self._error("invalid_json", _("This is not a JSON object with a type."))
            return
        if model is None:
            await self._error("unknown_event", _("There is no such event."))
            return
        if not await self._welcome():
            return
        try:
            await self._handle(model.model_validate(raw))
        except ValidationError:
            await self._error("invalid_event", _("The event is not right."))
        except Exception:
            logger.exception("an agent's event failed")
            await self._error("server_error", _("Something went wrong on our side."))

    async def _handle(self, event: events.Payload) -> None:
        match event:
            case agent_events.View():
                await database_sync_to_async(self._view)(event)
            case agent_events.SetPresence():
                await database_sync_to_async(self._set_presence)(event)
            case _:
                await self._say(events.Pong())

    async def _welcome(self, *, is_alive: bool = True) -> bool:
        """Close the socket of who has logged out or was deactivated meanwhile; return if not."""
        if await database_sync_to_async(self._still_welcome)(is_alive=is_alive):
            self.looked_at = time.monotonic()
            return True
        await self.close(LOGGED_OUT)
        return False

    def _still_welcome(self, *, is_alive: bool) -> bool:
        """Return False where the agent has logged out or was deactivated; else note a sign of life.

        `is_alive`: they said something just now.
        """
        session = self.scope["session"]
        here = profile_of(self._fresh().user)
        if here is None or not here.user.is_active or not session.exists(session.session_key):
            return False
        if is_alive:
            presence.hear(agent=self.agent, socket=self.channel_name)
        return True

    def _view(self, event: agent_events.View) -> None:
        wanted = event.conversation
        if wanted is not None and not Conversation.objects.filter(pk=wanted).exists():
            wanted = None
        before = presence.view(
            agent=self.agent,
            socket=self.channel_name,
            conversation_id=wanted,
            typing=event.typing,
        )
        if wanted is not None:
            see_mentions(user_id=self.agent.user_id, conversation_id=wanted)
        for conversation_id in {before, wanted} - {None}:
            announce_viewers(conversation_id)  # type: ignore[arg-type]  # None was taken out
        if event.typing and wanted is not None:
            show_typing(conversation_id=wanted, agent=self.agent)

    def _set_presence(self, event: agent_events.SetPresence) -> None:
        presence.choose_presence(agent=self._fresh(), presence=event.presence)
        announce_presence()

    # --- Out ----------------------------------------------------------------------------------
    async def push(self, message: dict[str, Any]) -> None:
        """Pass on an event of `chatbot.realtime`; a changed row may change the counts too.

        A page of ours says something every 25 s; who stays silent is looked at here.
        """
        is_due = time.monotonic() - self.looked_at > _LOOK_SECONDS
        if is_due and not await self._welcome(is_alive=False):
            return
        raw: str = message["json"]
        if raw.startswith(_ROW):
            counting.touch()
            raw = await _rows.text(raw, self.language)
        elif raw.startswith(_RECOUNT):
            counting.touch()
            return
        await self.send(text_data=raw)

    async def _counted(self, counts: agent_events.CountsPart) -> None:
        await self._say(agent_events.CountsChanged(counts=counts))

    async def _say(self, event: events.Payload) -> None:
        await self.send(text_data=event.model_dump_json())

    async def _error(self, code: Any, detail: str) -> None:
        await self._say(events.Error(code=code, detail=detail))
