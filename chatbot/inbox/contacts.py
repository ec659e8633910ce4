"""Two contacts that are one person: made one, and taken apart again."""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot.api import ApiError, parse, respond
from chatbot.conversations import merging
from chatbot.conversations.models import Contact, ContactMerge
from chatbot.events import Payload
from chatbot.inbox.access import WRITE, Id, InboxView
from chatbot.inbox.person import MergePart, PersonPart, merge_part, person_part


class MergeRequest(Payload):
    """`other` becomes part of the contact that is named in the address."""

    other: Id


class MergeView(InboxView):
    """Make two contacts one."""

    @extend_schema(
        operation_id="merge_contacts",
        request={"application/json": MergeRequest},
        responses={(200, "application/json"): MergePart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        body = parse(MergeRequest, request.data)
        found = {row.pk: row for row in Contact.objects.filter(pk__in=[pk, body.other])}
        if pk not in found:
            raise Http404
        try:
            merge = merging.merge_contacts(
                kept=found[pk],
                other=found.get(body.other, Contact(pk=body.other)),
                way=ContactMerge.Way.AGENT,
                user_id=self.agent.user_id,
            )
        except merging.CannotMerge as error:
            detail = _("These two cannot be merged: one of them is not there any more.")
            raise ApiError("cannot_merge", detail, status=409) from error
        return respond(merge_part(merge))


class UndoMergeView(InboxView):
    """Make two contacts of one again; the answer is about the one that stays."""

    @extend_schema(
        operation_id="undo_merge",
        request=None,
        responses={(200, "application/json"): PersonPart, **WRITE},
    )
    def post(self, request: Request, pk: int) -> Response:
        merge = ContactMerge.objects.select_related("kept").filter(pk=pk).first()
        if merge is None:
            raise Http404
        try:
            merging.undo_merge(merge=merge)
        except merging.CannotUndo as error:
            raise ApiError("cannot_undo", _("This was taken apart already."), status=409) from error
        return respond(person_part(merge.kept))
