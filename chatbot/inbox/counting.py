"""How many conversations each view holds, counted once for all open inboxes of this process.

Every event of a conversation may change every agent's counts. Counting for each of them each time
would be agents times events; this is at most one look a second, whatever happens.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from channels.db import database_sync_to_async
from django.db.models import Count, Q
from django.utils import timezone

from chatbot.agent_events import CountsPart
from chatbot.conversations.deliveries import failed_conversations
from chatbot.conversations.models import Status
from chatbot.inbox.filters import OPEN, answered, listed
from chatbot.inbox.mentions import unseen_conversations

logger = logging.getLogger(__name__)
_EVERY, _GATHER = 1.0, 0.05  # seconds between two looks; what comes together is told together
Told = Callable[[CountsPart], Awaitable[None]]


class Counts:
    """The counts of all agents at one time: three queries for everybody, and two small ones."""

    def __init__(self, user_id: int | None = None) -> None:
        """Count for all agents, or for the agent `user_id` alone."""
        now = timezone.now()
        rows = listed().filter(answered()).order_by()
        awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
        whose = Q() if user_id is None else Q(assignee_id=user_id)
        whom = Q() if user_id is None else Q(snoozed_by_id=user_id)
        who = {} if user_id is None else {"user_id": user_id}
        self._queue = rows.filter(awake, status=Status.QUEUED).count()
        self._open = rows.filter(OPEN).count()
        self._failed = rows.filter(pk__in=failed_conversations()).count()
        self._mine = Counter[int | None](
            dict(
                rows.filter(awake, whose, status=Status.ASSIGNED)
                .values_list("assignee_id")
                .annotate(Count("pk"))
            )
        )
        # Counted here: to group them, SQLite would walk everybody's conversations.
        self._snoozed = Counter(
            rows.filter(whom, snoozed_until__gt=now).values_list("snoozed_by_id", flat=True)
        )
        self._mentions: Mapping[int, int] = unseen_conversations(**who)

    def of(self, user_id: int) -> CountsPart:
        """Return the counts of one agent's views; `all` are the open ones."""
        return CountsPart(
            queue=self._queue,
            mine=self._mine[user_id],
            all=self._open,
            failed=self._failed,
            mentions=self._mentions.get(user_id, 0),
            snoozed=self._snoozed[user_id],
        )


class _Watch:
    """One open inbox: whose it is, what it was told last, and how to tell it more."""

    def __init__(self, user_id: int, tell: Told) -> None:
        self.user_id = user_id
        self.tell = tell
        self.told: CountsPart | None = None


class Counting:
    """Counts when something may have changed, and tells each open inbox what changed for it.

    It lives on the loop that serves the sockets.
    """

    def __init__(self) -> None:
        self._watches: dict[str, _Watch] = {}
        self._looking: asyncio.Task[None] | None = None
        self._stale = False

    def watch(self, socket: str, user_id: int, tell: Told) -> None:
        """Tell this inbox its counts from now on, whenever they change."""
        self._watches[socket] = _Watch(user_id, tell)

    def leave(self, socket: str) -> None:
        """Forget this inbox."""
        self._watches.pop(socket, None)

    def touch(self) -> None:
        """Note that something changed: it is counted within about a second."""
        self._stale = True
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        await asyncio.sleep(_GATHER)
        while self._stale and self._watches:
            self._stale = False
            try:
                await self._tell(await database_sync_to_async(Counts)())
            except Exception:  # counts are a help; the next change counts again
                logger.exception("could not count for open inboxes")
            await asyncio.sleep(_EVERY)

    async def _tell(self, counts: Counts) -> None:
        for watch in list(self._watches.values()):
            part = counts.of(watch.user_id)
            if part != watch.told:
                watch.told = part
                with contextlib.suppress(Exception):  # it is just closing: the others are told
                    await watch.tell(part)


counting = Counting()
