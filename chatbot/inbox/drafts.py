"""What agents have begun to write: kept on the server, theirs alone, gone once it is sent."""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import DraftChanged, KeptDraft
from chatbot.api import ApiError, parse, respond
from chatbot.conversations import attachments
from chatbot.conversations.models import Attachment
from chatbot.conversations.payloads import agent_attachment_part
from chatbot.events import AttachmentIds, Payload
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.models import Draft
from chatbot.realtime import agent_group, publish

Kind = Literal["reply", "note"]
KINDS: tuple[Kind, ...] = ("reply", "note")


class DraftMoved(Exception):
    """Another window has changed the draft, or sent it, since this one knew it."""


# --- Writes -----------------------------------------------------------------------------------
def keep_draft(
    *,
    user_id: int,
    conversation_id: int,
    kind: Kind,
    text: str,
    version: int,
    attachment_ids: Collection[int] = (),
) -> KeptDraft | None:
    """Keep what an agent has written so far; without text and files there is no draft (None).

    `version` is the one that it grew from, 0 where there was none. Raises DraftMoved where the
    kept one is another: nobody's window writes over what it has not shown.
    """
    part = None
    try:
        with transaction.atomic():
            known = (
                Draft.objects.select_for_update()
                .filter(user_id=user_id, conversation_id=conversation_id, kind=kind)
                .first()
            )
            if (known.version if known else 0) != version:
                raise DraftMoved
            if kind == "reply":
                attachments.keep_with_draft(
                    user_id=user_id, conversation_id=conversation_id, ids=attachment_ids
                )
            if known is None:
                known = Draft(
                    user_id=user_id, conversation_id=conversation_id, kind=kind, version=0
                )
            if text.strip() or attachment_ids:
                _write(known, text)
                part = _part(known, _files(user_id, conversation_id, kind))
            else:
                _empty(known)
            _announce(user_id, conversation_id, kind, part)
    except IntegrityError as error:  # the first words in two windows at once
        raise DraftMoved from error
    return part


def _write(draft: Draft, text: str) -> None:
    draft.text, draft.version, draft.updated_at = text, draft.version + 1, timezone.now()
    draft.save()


def _empty(draft: Draft) -> None:
    if draft.pk:
        draft.delete()


def drop_draft(*, user_id: int, conversation_id: int, kind: Kind) -> None:
    """Forget a draft that was sent, in the transaction that records the message."""
    drafts = Draft.objects.filter(user_id=user_id, conversation_id=conversation_id, kind=kind)
    if kind == "reply":
        attachments.keep_with_draft(user_id=user_id, conversation_id=conversation_id, ids=())
    if drafts.delete()[0]:
        _announce(user_id, conversation_id, kind, None)


def _announce(user_id: int, conversation_id: int, kind: Kind, part: KeptDraft | None) -> None:
    event = DraftChanged(conversation=conversation_id, kind=kind, draft=part)
    publish(event, agent_group(user_id))


# --- Reads ------------------------------------------------------------------------------------
def drafts_of(*, user_id: int, conversation_id: int) -> Mapping[str, KeptDraft]:
    """Return an agent's drafts for a conversation, by kind."""
    rows = Draft.objects.filter(user_id=user_id, conversation_id=conversation_id)
    return {row.kind: _part(row, _files(user_id, conversation_id, row.kind)) for row in rows}


def drafted(*, user_id: int) -> list[int]:
    """Return the conversations in which an agent has begun to write."""
    rows = Draft.objects.filter(user_id=user_id).order_by("conversation_id")
    return list(rows.values_list("conversation_id", flat=True).distinct())


def _files(user_id: int, conversation_id: int, kind: str) -> Iterable[Attachment]:
    if kind != "reply":
        return ()
    return attachments.of_draft(user_id=user_id, conversation_id=conversation_id)


def _part(draft: Draft, files: Iterable[Attachment]) -> KeptDraft:
    return KeptDraft(
        text=draft.text,
        version=draft.version,
        attachments=[agent_attachment_part(row, message=None) for row in files],
        updated_at=draft.updated_at,
    )


# --- Calls ------------------------------------------------------------------------------------
class DraftRequest(Payload):
    """`version` is that of the draft it grew from, 0 for the first words."""

    text: Annotated[str, Field(max_length=20_000)]
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    attachments: AttachmentIds = []


class DraftsPart(Payload):
    reply: KeptDraft | None = None
    note: KeptDraft | None = None


class DraftAnswer(Payload):
    draft: KeptDraft | None


class DraftedPart(Payload):
    conversations: list[int]


class DraftedView(InboxView):
    """In which conversations the agent has begun to write."""

    @extend_schema(
        operation_id="drafted", responses={(200, "application/json"): DraftedPart, **READ}
    )
    def get(self, request: Request) -> Response:
        return respond(DraftedPart(conversations=drafted(user_id=self.agent.user_id)))


class DraftsView(InboxView):
    """The agent's drafts for a conversation."""

    @extend_schema(operation_id="drafts", responses={(200, "application/json"): DraftsPart, **READ})
    def get(self, request: Request, pk: int) -> Response:
        conversation = self.conversation(pk)
        found = drafts_of(user_id=self.agent.user_id, conversation_id=conversation.pk)
        return respond(DraftsPart(reply=found.get("reply"), note=found.get("note")))


class DraftView(InboxView):
    """One draft: kept as it grows."""

    @extend_schema(
        operation_id="keep_draft",
        parameters=[OpenApiParameter("kind", str, "path", enum=list(KINDS))],
        request={"application/json": DraftRequest},
        responses={(200, "application/json"): DraftAnswer, **WRITE},
    )
    def put(self, request: Request, pk: int, kind: Kind) -> Response:
        if kind not in KINDS:
            raise Http404
        body = parse(DraftRequest, request.data)
        conversation = self.conversation(pk)
        try:
            kept = keep_draft(
                user_id=self.agent.user_id,
                conversation_id=conversation.pk,
                kind=kind,
                text=body.text.replace("\x00", ""),
                version=body.version,
                attachment_ids=body.attachments,
            )
        except DraftMoved as error:
            detail = _("You have changed this draft in another window.")
            raise ApiError("draft_changed", detail, status=409) from error
        return respond(DraftAnswer(draft=kept))
