"""Pages of a list: by filters along an index, or by words, the newest match first."""

import base64
import binascii
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chatbot.conversations import search
from chatbot.conversations.models import HAS_DUE, NEXT_DUE, Conversation, Message
from chatbot.conversations.search import Piece, Words
from chatbot.inbox.asking import Asked, read
from chatbot.inbox.filters import OPEN, Filters, View, condition, listed, these, view_condition

PAGE = 50
_FEW = 300  # conversations: so few are searched themselves
_FIRST_LOOK, _NEXT_LOOK, _MOST_LOOKED = 250, 2_000, 10_000  # matches; the next page goes on there
_END = 2**63 - 1
_Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows of a list, by a moment of theirs: those that `held` says; the next stretch follows."""

    by: str
    downwards: bool = False
    held: Q | None = None


_NEWEST = (_Stretch("last_message_at", downwards=True),)
# How views are ordered, and what agents choose instead.
_OF_VIEW: Mapping[str, Sequence[_Stretch]] = {
    "queue": (_Stretch("handed_off_at"),),
    "snoozed": (_Stretch("snoozed_until"),),
}
_CHOSEN: Mapping[str | None, Sequence[_Stretch]] = {
    "newest": _NEWEST,
    "oldest": (_Stretch("last_message_at"),),
    # Apart, since an index of what is due has no place for the rest.
    "due": (_Stretch("due", held=HAS_DUE), _Stretch("last_message_at", True, ~HAS_DUE)),
}


class NoSuchPlace(ValueError):
    """A cursor that is none of ours."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `found`: of a search, where each conversation was found.

    `next` is the place where the next page begins, "" at the end. A search may give less than a
    page, and go on: it looks through so much at a time.
    """

    conversations: Sequence[Conversation]
    found: Mapping[int, Sequence[Piece]]
    next: str


def page_of_list(
    *,
    view: View,
    filters: Filters,
    user_id: int,
    cursor: str = "",
    only: Collection[int] | None = None,
) -> Page:
    """Return a page of what a view holds and `filters` leave, for the agent `user_id`.

    only: nothing but these conversations. Raises NoSuchPlace.
    """
    asked = read(filters)
    now = timezone.now()
    held = view_condition(view, user_id, now)
    if only is not None:
        held &= Q(pk__in=list(only))
    asked_of = held & condition(asked.filters, user_id, now)
    if asked.words:
        few = None
        if view != "all" or only is not None or asked.filters != Filters(sort=asked.filters.sort):
            few = _if_few(asked_of)
        of_these = held & condition(asked.filters, user_id, now, of_few=True)
        return _found(asked, of_these, cursor, among=few)
    if asked.since:
        asked_of &= Q(last_message_at__gte=asked.since)
    if asked.until:
        asked_of &= Q(last_message_at__lt=asked.until)
    # Every conversation that is open; those that are done are asked for, or looked for.
    anything = filters.text.strip() or asked.filters.status or view in ("mentions", "failed")
    if not anything and only is None and view == "all":
        asked_of &= Q(OPEN)
    elif not anything and view == "all":
        asked_of &= ~Q(status="resolved")
    order = _CHOSEN.get(asked.filters.sort) or _OF_VIEW.get(view, _NEWEST)
    return _listed(listed().filter(asked_of), order, cursor)


def _if_few(asked_of: Q) -> list[int] | None:
    """Return the conversations that are asked of, where it is better to begin with them."""
    rows = Conversation.objects.filter(asked_of).order_by()
    found = list(rows.values_list("pk", flat=True)[: _FEW + 1])
    return found if len(found) <= _FEW else None


# --- By filters -------------------------------------------------------------------------------
def _listed(rows: "QuerySet[Conversation]", order: Sequence[_Stretch], cursor: str) -> Page:
    after: _Place | None = None
    begins = 0
    if cursor:
        moment, pk, begins = _place(cursor)
        after = (moment, pk)
    found: list[tuple[_Place, int]] = []
    for number, stretch in enumerate(order[begins:], begins):
        most = PAGE + 1 - len(found)
        look = _by_due if stretch.held is HAS_DUE else _along
        found += [(place, number) for place in look(rows, stretch, after, most)] if most else []
        after = None
    following = ""
    if len(found) > PAGE:
        (moment, pk), number = found[PAGE - 1]
        following = _cursor(moment, pk, number)
    return Page(_with_all([pk for (_moment, pk), _number in found[:PAGE]]), {}, following)


def _along(
    rows: "QuerySet[Conversation]", stretch: _Stretch, after: _Place | None, most: int
) -> list[_Place]:
    """Return the places that follow in a stretch: an index has all of it, and rows are wide."""
    name = stretch.by
    if stretch.held is not None:
        rows = rows.filter(stretch.held)
    if after is not None:
        moment, pk = after
        past, shown = ("lte", "gte") if stretch.downwards else ("gte", "lte")
        rows = rows.filter(**{f"{name}__{past}": moment}).exclude(
            **{name: moment, f"pk__{shown}": pk}
        )
    sign = "-" if stretch.downwards else ""
    return list(rows.order_by(f"{sign}{name}", f"{sign}pk").values_list(name, "pk")[:most])


def _by_due(
    rows: "QuerySet[Conversation]", stretch: _Stretch, after: _Place | None, most: int
) -> list[_Place]:
    """Return what is due next of `rows`.

    Where they are many, all that is due is walked instead, along its index: a database would
    rather sort everything of a status or a topic.
    """
    few = list(rows.order_by().values_list("pk", flat=True)[: _FEW + 1])
    due = Conversation.objects.annotate(due=NEXT_DUE)
    if len(few) <= _FEW:
        return _along(due.filter(pk__in=few), stretch, after, most)
    found: list[_Place] = []
    size = _FIRST_LOOK
    while len(found) < most:
        looked = _along(due, stretch, after, size)
        of_these = rows.filter(pk__in=[pk for _moment, pk in looked]).order_by()
        held = set(of_these.values_list("pk", flat=True))
        found += [place for place in looked if place[1] in held]
        if len(looked) < size:
            break
        after, size = looked[-1], _NEXT_LOOK
    return found[:most]


def _with_all(ids: Sequence[int]) -> list[Conversation]:
    rows = (
        Conversation.objects.select_related("channel", "contact")
        .prefetch_related("label_rows__label")
        .in_bulk(ids)
    )
    return [rows[pk] for pk in ids if pk in rows]


# --- By words ---------------------------------------------------------------------------------
def _found(asked: Asked, asked_of: Q, cursor: str, *, among: list[int] | None) -> Page:
    begins = before = _place(cursor)[1] if cursor else _END
    after = 0
    if asked.until:
        before = min(before, search.number_at(asked.until))
    if asked.since:
        after = search.number_at(asked.since) - 1
    rows = Conversation.objects.filter(asked_of)
    found: dict[int, int] = {}  # by conversation: the newest message that matches
    looked, size = 0, _FIRST_LOOK
    while True:
        hits = search.hits(asked.words, before=before, after=after, among=among, most=size)
        fresh = {conversation for _message, conversation in hits} - found.keys()
        fits = fresh
        if among is None:
            fits = set(rows.filter(these(fresh)).values_list("pk", flat=True))
        for message, conversation in hits:
            before = message
            if conversation in fits:
                found.setdefault(conversation, message)
            if len(found) == PAGE:
                break
        looked += len(hits)
        full, ended = len(found) == PAGE, len(hits) < size
        if full or ended or looked >= _MOST_LOOKED:
            break
        size = _NEXT_LOOK
    if cursor:  # on a page before this one stands whatever was found later too
        newer = search.hits(
            asked.words, before=_END, after=begins - 1, among=list(found), most=_NEXT_LOOK
        )
        for _message, conversation in newer:
            found.pop(conversation, None)
    going_on = full or not ended
    following = _cursor(None, before) if going_on else ""
    return Page(_with_all(list(found)), _snippets(found, asked.words), following)


def _snippets(found: Mapping[int, int], words: Words) -> dict[int, Sequence[Piece]]:
    texts = dict(Message.objects.filter(pk__in=found.values()).values_list("pk", "text"))
    return {
        conversation: search.snippet(texts.get(message, ""), words)
        for conversation, message in found.items()
    }


# --- Places -----------------------------------------------------------------------------------
def _cursor(moment: datetime | None, number: int, stretch: int = 0) -> str:
    place = [moment.isoformat() if moment else None, number, *([stretch] if stretch else [])]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, int, int]:
    """Return the moment, the conversation and the stretch after which a page begins."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment, number, *stretch = json.loads(raw)
        at = parse_datetime(moment) if isinstance(moment, str) else timezone.now()
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise NoSuchPlace(cursor) from error
    if at is None or not isinstance(number, int) or not 0 <= number < 2**63:
        raise NoSuchPlace(cursor)
    if stretch not in ([], [1]):
        raise NoSuchPlace(cursor)
    return at if timezone.is_aware(at) else timezone.make_aware(at), number, len(stretch)
