"""Deeds to many conversations in one request, told one by one, and taken back for ten minutes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.agent_events import RowPart
from chatbot.api import ApiError, parse, respond
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox import macro_steps, past_deeds
from chatbot.inbox.access import READ, WRITE, InboxView
from chatbot.inbox.doing import DEEDS, ROWS, Name, Refused, RowId, Values, perform
from chatbot.inbox.live import one_announcement
from chatbot.inbox.models import BulkDeed
from chatbot.inbox.payloads import failed_of, names_of, row_part
from chatbot.routing import undoing
from chatbot.routing.assigning import once_for_many
from chatbot.routing.selectors import supervises

PastName = Name | Literal["macro"]
MOST = 500
_LISTED = 20


class DeedRequest(Payload):
    deed: Name
    ids: Annotated[list[RowId], Field(min_length=1, max_length=MOST)]
    values: Values = Values()


class FailurePart(Payload):
    """A conversation to which it was not done, or not undone, and why."""

    id: int
    name: str
    detail: str


class DonePart(Payload):
    """`id` names it for undoing, null where nothing changed; `rows` are those to which it was done.

    `until`: when it can be undone no more.
    """

    id: int | None
    deed: Name
    until: datetime | None
    rows: list[RowPart]
    failed: list[FailurePart]


class UndonePart(Payload):
    """`rows`: as they are again; `left`: what somebody changed since; `told`: customers who know.

    They were told before it was undone, and know that something was. Of a macro `left` are steps;
    `text` is what it had put into the composer, and `notes` of its notes stay.
    """

    deed: PastName
    text: str = ""
    notes: int = 0
    rows: list[RowPart]
    left: list[FailurePart]
    told: int


class PastDeedPart(Payload):
    """Something that can still be undone."""

    id: int
    deed: PastName
    count: int
    until: datetime


class PastDeedsPart(Payload):
    deeds: list[PastDeedPart]


class DeedsView(InboxView):
    """Do something to conversations; and what of it can be undone."""

    @extend_schema(
        operation_id="past_deeds", responses={(200, "application/json"): PastDeedsPart, **READ}
    )
    def get(self, request: Request) -> Response:
        rows = past_deeds.undoable(self.agent.user_id)[:_LISTED]
        deeds = [
            PastDeedPart.model_validate(
                {
                    "id": row.pk,
                    "deed": row.deed,
                    "count": len(row.before),
                    "until": past_deeds.until(row),
                }
            )
            for row in rows
        ]
        return respond(PastDeedsPart(deeds=deeds))

    @extend_schema(
        operation_id="do",
        request={"application/json": DeedRequest},
        responses={(200, "application/json"): DonePart, **WRITE},
    )
    def post(self, request: Request) -> Response:
        body = parse(DeedRequest, request.data)
        deed, agent, boss = DEEDS[body.deed], self.agent, supervises(self.agent.user)
        deed.check(body.values, agent)
        wanted = list(dict.fromkeys(body.ids))
        found = _rows(wanted)
        kept: dict[str, Any] = {}
        done: list[int] = []
        failed = [
            FailurePart(id=pk, name="", detail=_("This does not exist any more."))
            for pk in wanted
            if pk not in found
        ]
        with one_announcement(), once_for_many():
            for pk, conversation in found.items():
                try:
                    what = perform(deed, conversation, agent, body.values, boss)
                except Refused as refused:
                    failed.append(_failure(conversation, str(refused)))
                    continue
                done.append(pk)
                if what is not None:
                    kept[str(pk)] = what
        row = past_deeds.keep_deed(
            user_id=agent.user_id,
            deed=body.deed,
            kept=kept,
            values=body.values.model_dump(mode="json", exclude={"reason"}),
        )
        return respond(
            DonePart(
                id=row.pk if row else None,
                deed=body.deed,
                until=past_deeds.until(row),
                rows=_parts(done),
                failed=failed,
            )
        )


class UndoView(InboxView):
    """Take back what one did oneself, within ten minutes."""

    @extend_schema(
        operation_id="undo",
        request=None,
        responses={(200, "application/json"): UndonePart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        row = BulkDeed.objects.filter(pk=pk, user_id=self.agent.user_id).first()
        if row is None:
            raise Http404
        if not past_deeds.claim_deed(deed=row):
            raise ApiError("conflict", _("This cannot be undone any more."), status=409)
        undo = self._macro if row.deed == past_deeds.MACRO else self._deed
        with one_announcement(), once_for_many():
            values = undo(row, _rows([int(one) for one in row.before]))
        done = values.pop("done")
        return respond(
            UndonePart.model_validate({"deed": row.deed, "rows": _parts(done), **values})
        )

    def _deed(self, row: BulkDeed, found: Mapping[int, Conversation]) -> dict[str, Any]:
        deed, told = DEEDS[row.deed], 0
        done: list[int] = []
        left: list[FailurePart] = []
        for conversation_id, conversation in found.items():
            try:
                told += deed.undo(conversation, self.agent, row.before[str(conversation_id)])
            except undoing.Changed:
                left.append(_failure(conversation, _("Somebody has changed it since.")))
            except undoing.Superseded:
                detail = _("This customer has a newer conversation open.")
                left.append(_failure(conversation, detail))
            else:
                done.append(conversation_id)
        return {"done": done, "left": left, "told": told}

    def _macro(self, row: BulkDeed, found: Mapping[int, Conversation]) -> dict[str, Any]:
        """Take back a macro, which was run with one conversation."""
        for pk, conversation in found.items():
            taken = macro_steps.take_back(
                conversation=conversation, agent=self.agent, kept=row.before[str(pk)]
            )
            left = [FailurePart(id=pk, name=step, detail=why) for step, why in taken.left]
            return {
                "done": [pk] if taken.back or taken.text else [],
                "left": left,
                "told": int(taken.told),
                "text": taken.text,
                "notes": taken.notes,
            }
        return {"done": [], "left": [], "told": 0}


def _rows(ids: Iterable[int]) -> dict[int, Conversation]:
    """Return conversations by id, in the order asked for."""
    rows = Conversation.objects.select_related(*ROWS).in_bulk(list(ids))
    return {pk: rows[pk] for pk in ids if pk in rows}


def _failure(conversation: Conversation, detail: str) -> FailurePart:
    return FailurePart(id=conversation.pk, name=str(conversation.contact), detail=detail)


def _parts(ids: Sequence[int]) -> list[RowPart]:
    rows = list(
        Conversation.objects.select_related("channel", "contact")
        .prefetch_related("label_rows__label")
        .filter(pk__in=ids)
    )
    names, failed = names_of(rows), failed_of(rows)
    return [row_part(one, names, failed) for one in rows]
