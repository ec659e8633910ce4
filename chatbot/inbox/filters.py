"""What a list of the inbox holds: strict types, and what they mean as queries."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from pydantic import Field, ValidationError

from chatbot.conversations.deliveries import failed_conversations
from chatbot.conversations.models import (
    Channel,
    Contact,
    Conversation,
    ConversationLabel,
    Priority,
    Status,
)
from chatbot.events import Payload
from chatbot.inbox.access import Id
from chatbot.inbox.mentions import lately, mentioned_in

View = Literal["queue", "mine", "all", "mentions", "snoozed", "failed"]
VIEWS: tuple[View, ...] = get_args(View)
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^,\x00]+$")]
_MOST = 50  # values of one kind


class Filters(Payload):
    """What is asked of a conversation: everything that is set has to be so.

    Of several values of a kind one suffices. status: none set is every open one, or any where a
    text is looked for. assignee: users, "me" and "nobody". channels: kinds ("email"), or numbers
    of channels. topics: slugs, "-" for none. text: as typed into the search field. waiting: for an
    answer of ours. overdue: a promised reply is late. blocked: contacts whom nobody answers, who
    are left out unless they are asked for. None: either way. sort: leaves nothing out, but says in
    which order the list stands; None: in the view's own.
    """

    status: Annotated[
        list[Literal["open", "bot", "queued", "assigned", "resolved"]],
        Field(max_length=_MOST),
    ] = []
    assignee: Annotated[list[Id | Literal["me", "nobody"]], Field(max_length=_MOST)] = []
    channels: Annotated[list[Word], Field(max_length=_MOST)] = []
    topics: Annotated[list[Word], Field(max_length=_MOST)] = []
    labels: Annotated[list[Id], Field(max_length=_MOST)] = []
    priorities: Annotated[list[Literal["normal", "high", "urgent"]], Field(max_length=_MOST)] = []
    languages: Annotated[list[Word], Field(max_length=_MOST)] = []
    vip: bool | None = None
    waiting: bool | None = None
    overdue: bool | None = None
    failed: bool | None = None
    snoozed: bool | None = None
    blocked: bool | None = None
    mentions: Literal["unseen", "all"] | None = None
    sort: Literal["newest", "oldest", "due"] | None = None
    text: Annotated[str, Field(max_length=200)] = ""


LISTS = ("status", "assignee", "channels", "topics", "labels", "priorities", "languages")


def filters_of(stored: Any) -> Filters | None:
    """Return what was stored as filters; None where a later version cannot read it any more."""
    try:
        return Filters.model_validate(stored)
    except ValidationError:
        return None


# A literal, not a parameter: SQLite uses an index of some rows only where it can see that the
# query is about those.
OPEN = RawSQL("NOT (conversations_conversation.status = 'resolved')", [], BooleanField())


class _NoIndex(RawSQL):
    """The plus keeps a column out of SQLite's choice of an index.

    Most conversations are read in no other, and of a page's conversations one asks whose they are,
    not of each person which are theirs. PostgreSQL has statistics of columns for that, and none of
    expressions.
    """

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, params = self.as_sql(compiler, connection)
        return sql.replace("+conversations", "conversations"), params


class _These(RawSQL):
    """Of many numbers, as one parameter: a mark for each takes longer to read than its row."""

    def __init__(self, numbers: Collection[int]) -> None:
        self.numbers = list(numbers)
        sql = "conversations_conversation.id IN (SELECT value FROM json_each(%s))"
        super().__init__(sql, [json.dumps(self.numbers)], BooleanField())

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "(conversations_conversation.id = ANY(%s))", [self.numbers]


_ITSELF = _NoIndex("+conversations_conversation.merged_into_id IS NULL", [], BooleanField())
_BY = "+conversations_conversation.contact_id IN (SELECT id FROM conversations_contact WHERE %s)"
_WITH = (
    "+conversations_conversation.id IN"
    " (SELECT conversation_id FROM conversations_conversationlabel WHERE label_id IN (%s))"
)
_FEW = 500  # rows: so few are looked up one by one
_BLOCKED = _NoIndex(_BY % "blocked_at IS NOT NULL", [], BooleanField())
_VIP = _NoIndex(_BY % "is_vip", [], BooleanField())


def view_condition(view: View, user_id: int, now: datetime) -> Q:
    """Return which conversations a view of the inbox holds for an agent."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    match view:
        case "queue":
            return Q(status=Status.QUEUED) & awake
        case "mine":
            return Q(status=Status.ASSIGNED, assignee_id=user_id) & awake
        case "mentions":
            return Q(pk__in=_mentioned(user_id, unseen=False))
        case "snoozed":
            return Q(snoozed_until__gt=now, snoozed_by_id=user_id)
        case "failed":
            return Q(pk__in=failed_conversations())
        case "all":
            return Q()


def condition(filters: Filters, user_id: int, now: datetime, *, of_few: bool = False) -> Q:
    """Return which conversations `filters` leave, but for their text, to the agent `user_id`.

    of_few: it is asked of conversations whose numbers are known.
    """
    asked = Q()
    if filters.status and "open" not in filters.status:
        asked &= Q(status__in=filters.status)
    elif filters.status and "resolved" not in filters.status:
        asked &= Q(OPEN)
    if filters.assignee:
        users = {user_id if one == "me" else one for one in filters.assignee} - {"nobody"}
        theirs = Q(assignee_id__in=users)
        nobody = "nobody" in filters.assignee
        asked &= theirs | Q(assignee_id__isnull=True) if nobody else theirs
    if filters.channels:
        asked &= Q(channel_id__in=_channels(filters.channels))
    if filters.topics:
        asked &= Q(topic__in=["" if topic == "-" else topic for topic in filters.topics])
    if filters.labels:
        asked &= _labelled(filters.labels)
    if filters.priorities and set(filters.priorities) != set(Priority.values):
        asked &= Q(priority__in=filters.priorities)
    if filters.languages:
        asked &= Q(language__in=filters.languages)
    return asked & _facts(filters, user_id, now, of_few=of_few)


def _facts(filters: Filters, user_id: int, now: datetime, *, of_few: bool) -> Q:
    asked = Q()
    if filters.vip is not None:
        asked &= _vips(of_few) if filters.vip else ~Q(_VIP)
    if filters.waiting is not None:
        asked &= Q(waiting_since__isnull=not filters.waiting)
        if filters.waiting:
            asked &= ~Q(status=Status.RESOLVED)
    if filters.overdue is not None:
        late = Q(reply_due_at__lt=now)
        asked &= late if filters.overdue else (Q(reply_due_at__isnull=True) | ~late)
    if filters.failed is not None:
        failed = Q(pk__in=failed_conversations())
        asked &= failed if filters.failed else ~failed
    if filters.snoozed is not None:
        asleep = Q(snoozed_until__gt=now)
        awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
        asked &= asleep if filters.snoozed else awake
    if filters.mentions is not None:
        asked &= Q(pk__in=_mentioned(user_id, unseen=filters.mentions == "unseen"))
    if not filters.blocked:
        return asked & ~Q(_BLOCKED)
    if of_few:
        return asked & Q(_BLOCKED)
    blocked = Contact.objects.filter(blocked_at__isnull=False)
    return asked & Q(contact_id__in=blocked.values("pk"))


def _labelled(labels: Sequence[int]) -> Q:
    """Return which have one of these labels: few by their numbers, many along the list's index."""
    rows = ConversationLabel.objects.filter(label_id__in=labels).order_by()
    few = list(rows.values_list("conversation_id", flat=True)[: _FEW + 1])
    if len(few) <= _FEW:
        return Q(pk__in=few)
    marks = ", ".join(["%s"] * len(labels))
    return Q(_NoIndex(_WITH % marks, list(labels), BooleanField()))


def _vips(of_few: bool) -> Q:
    """Return which are of VIPs: of few people by who they are, else along the list's index."""
    if of_few:
        return Q(_VIP)
    few = list(Contact.objects.filter(is_vip=True).values_list("pk", flat=True)[: _FEW + 1])
    return Q(contact_id__in=few) if len(few) <= _FEW else Q(_VIP)


def _channels(asked: Sequence[str]) -> list[int]:
    """Return the channels of these kinds or numbers: few rows, so the query gets their numbers."""
    numbers = [int(one) for one in asked if one.isdecimal() and len(one) < 19]
    return list(
        Channel.objects.filter(Q(kind__in=asked) | Q(pk__in=numbers)).values_list("pk", flat=True)
    )


def _mentioned(user_id: int, *, unseen: bool) -> Any:
    which = {"seen_at": None} if unseen else {"message__created_at__gte": lately()}
    return mentioned_in(user_id=user_id, **which).values("read_in")


def these(numbers: Collection[int]) -> Q:
    """Return which of the conversations with these numbers, however many they are."""
    return Q(_These(numbers))


def listed() -> Any:
    """Return conversations that stand in lists for themselves: not those read in another."""
    return Conversation.objects.filter(_ITSELF)


def answered() -> Q:
    """Return which conversations are with somebody who is answered: who is not blocked."""
    return ~Q(_BLOCKED)
