"""Texts at hand: in the language of a conversation, filled with what is known of its customer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.api import ApiError, parse, respond
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.models import CannedReply
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import supervises

# {{customer.first_name}}, and what stands there where it is empty: {{customer.first_name|"du"}}
_VARIABLE = re.compile(
    r"\{\{\s*([a-z_.]{1,40})\s*(?:\|\s*[\"“”']([^\"“”'{}]{0,60})[\"“”'])?\s*\}\}"
)
_ORDERS = ("order",)


@dataclass(frozen=True, slots=True)
class Filled:
    """A canned reply as it goes into the composer; `empty`: variables that nothing is known for."""

    text: str
    language: str
    empty: list[str]


class ShortcutTaken(ValueError):
    """Somebody's texts, or the team's, have this shortcut already."""


# --- Reads ------------------------------------------------------------------------------------
def replies_for(agent: AgentProfile) -> QuerySet[CannedReply]:
    """Return an agent's own texts and the shared ones, what is used most first."""
    mine = Q(owner_id=agent.user_id) | Q(owner=None)
    return CannedReply.objects.filter(mine).order_by("-used", "shortcut", "pk")


def filled(reply: CannedReply, conversation: Conversation, agent: AgentProfile) -> Filled:
    """Return the text in the conversation's language, else in the nearest, with its variables.

    What is not known stays as it was written, so that it is seen before it is sent.
    """
    language, text = variant(reply.texts, conversation.language)
    values = _values(conversation, agent)
    empty: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name, instead = match[1], match[2]
        if name not in values:
            return match[0]  # no variable of ours: it is text
        if values[name] or instead is not None:
            return values[name] or instead
        empty.append(name)
        return f"{{{{{name}}}}}"

    return Filled(_VARIABLE.sub(fill, text), language, list(dict.fromkeys(empty)))


def variant(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return the language and the text for who writes `language`.

    Its own, then its kin's (Danish, Norwegian and Swedish are read by each other), then English,
    then whichever there is.
    """
    short = language.partition("-")[0]
    kin = {"da": ("nb", "sv"), "nb": ("da", "sv"), "sv": ("nb", "da")}.get(short, ())
    for wanted in (language, short, *kin, "en", *texts):
        if texts.get(wanted):
            return wanted, texts[wanted]
    return language, ""


def _values(conversation: Conversation, agent: AgentProfile) -> dict[str, str]:
    name = conversation.contact.name.strip()
    return {
        "customer.name": name,
        "customer.first_name": name.split()[0] if name else "",
        "agent.name": agent.name,
        "company": conversation.channel.name,
        "order.number": _order(conversation),
    }


def _order(conversation: Conversation) -> str:
    collected = dict(conversation.handoff.get("form", ()))
    collected |= conversation.task.get("values", {}) if conversation.task else {}
    return next((str(collected[one]) for one in _ORDERS if collected.get(one)), "")


# --- Writes -----------------------------------------------------------------------------------
def note_use(*, reply: CannedReply) -> None:
    """Count that a text was put into a composer, which orders the list."""
    CannedReply.objects.filter(pk=reply.pk).update(used=F("used") + 1)


def keep_reply(
    *,
    reply: CannedReply,
    owner_id: int | None,
    shortcut: str,
    title: str,
    texts: Mapping[str, str],
) -> None:
    """Save a text at hand, new or changed; `owner_id` None: the team's. Raises ShortcutTaken."""
    reply.owner_id = owner_id
    reply.shortcut, reply.title, reply.texts = shortcut, title.strip(), dict(texts)
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        raise ShortcutTaken(shortcut) from error


def remove_reply(*, reply: CannedReply) -> None:
    """Forget a text at hand; what was sent of it stays."""
    reply.delete()


# --- Calls ------------------------------------------------------------------------------------
Text = Annotated[str, Field(max_length=4_000)]
Code = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class CannedRequest(Payload):
    """`texts` by language, at least one; `shared`: for the team, which supervisors may do."""

    shortcut: Annotated[str, Field(pattern=r"^[\w-]{1,30}$")]
    title: Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
    texts: Annotated[dict[Code, Text], Field(min_length=1, max_length=12)]
    shared: bool = False


class CannedPart(Payload):
    """`may_change`: whether the agent who asks may change and remove it."""

    id: int
    shortcut: str
    title: str
    texts: dict[str, str]
    shared: bool
    may_change: bool


class CannedList(Payload):
    replies: list[CannedPart]


class FilledPart(Payload):
    text: str
    language: str
    empty: list[str]


def canned_part(reply: CannedReply, agent: AgentProfile) -> CannedPart:
    """Return a text at hand to the agent who asks."""
    return CannedPart(
        id=reply.pk,
        shortcut=reply.shortcut,
        title=reply.title,
        texts=reply.texts,
        shared=reply.owner_id is None,
        may_change=reply.owner_id == agent.user_id
        or (reply.owner_id is None and supervises(agent.user)),
    )


class _CannedView(InboxView):
    def keep(self, row: CannedReply, body: CannedRequest) -> CannedPart:
        """Save `row` as `body` says. Raises ApiError."""
        if (body.shared or (row.pk and row.owner_id is None)) and not supervises(self.agent.user):
            detail = _("Only supervisors may change what the team shares.")
            raise ApiError("permission_denied", detail, status=403)
        texts = {code: text.strip() for code, text in body.texts.items() if text.strip()}
        if not texts or any("\x00" in text for text in (body.title, *texts.values())):
            raise ApiError("invalid", _("Write the text in one language at least."))
        try:
            keep_reply(
                reply=row,
                owner_id=None if body.shared else self.agent.user_id,
                shortcut=body.shortcut,
                title=body.title,
                texts=texts,
            )
        except ShortcutTaken as error:
            detail = _("/%(shortcut)s is taken already. Choose another shortcut.")
            raise ApiError("conflict", detail % {"shortcut": body.shortcut}, status=409) from error
        return canned_part(row, self.agent)

    def reply(self, pk: int) -> CannedReply:
        """Return a text that the agent may use. Raises Http404."""
        found = replies_for(self.agent).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def changeable(self, pk: int) -> CannedReply:
        """Return a text that the agent may change. Raises Http404 and ApiError."""
        found = self.reply(pk)
        if not canned_part(found, self.agent).may_change:
            detail = _("Only supervisors may change what the team shares.")
            raise ApiError("permission_denied", detail, status=403)
        return found


class CannedRepliesView(_CannedView):
    """The texts at hand."""

    @extend_schema(
        operation_id="canned_replies", responses={(200, "application/json"): CannedList, **READ}
    )
    def get(self, request: Request) -> Response:
        rows = replies_for(self.agent)
        return respond(CannedList(replies=[canned_part(row, self.agent) for row in rows]))

    @extend_schema(
        operation_id="add_canned_reply",
        request={"application/json": CannedRequest},
        responses={(201, "application/json"): CannedPart, **WRITE},
    )
    def post(self, request: Request) -> Response:
        return respond(self.keep(CannedReply(), parse(CannedRequest, request.data)), status=201)


class CannedReplyView(_CannedView):
    """One text at hand."""

    @extend_schema(
        operation_id="change_canned_reply",
        request={"application/json": CannedRequest},
        responses={(200, "application/json"): CannedPart, **WRITE},
    )
    def put(self, request: Request, pk: int) -> Response:
        body = parse(CannedRequest, request.data)
        return respond(self.keep(self.changeable(pk), body))

    @extend_schema(operation_id="remove_canned_reply", responses={204: None, **WRITE})
    def delete(self, request: Request, pk: int) -> Response:
        remove_reply(reply=self.changeable(pk))
        return Response(status=204)


class FillView(_CannedView):
    """A text at hand, ready for a conversation; that it was used is counted."""

    @extend_schema(
        operation_id="fill_canned_reply",
        request=None,
        responses={(200, "application/json"): FilledPart, **WRITE},
    )
    def post(self, request: Request, pk: int, reply: int) -> Response:
        conversation = self.conversation(pk)
        row = self.reply(reply)
        note_use(reply=row)
        done = filled(row, conversation, self.agent)
        return respond(FilledPart(text=done.text, language=done.language, empty=done.empty))
