"""Who may call the inbox's API, and what all of its calls share."""

from typing import Annotated, Any

from django.http import Http404
from pydantic import Field
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from chatbot.api import ErrorResponse
from chatbot.conversations.models import Conversation
from chatbot.routing.models import AgentProfile
from chatbot.routing.selectors import profile_of

Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


class IsAgent(BasePermission):
    """Whoever is logged in and has an agent profile."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        agent = profile_of(request.user)
        request.agent = agent  # type: ignore[attr-defined]  # for the view
        return agent is not None


class InboxView(APIView):
    """Base of the inbox's calls."""

    permission_classes = (IsAgent,)
    throttle_scope = "inbox"

    @property
    def agent(self) -> AgentProfile:
        """Who calls."""
        agent: AgentProfile = self.request.agent  # type: ignore[attr-defined]  # set by IsAgent
        return agent

    def conversation(self, pk: int) -> Conversation:
        """Return the conversation `pk`. Raises Http404."""
        found = (
            Conversation.objects.select_related(
                "channel__mailbox", "contact", "identity__channel", "answer_to__channel", "assignee"
            )
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise Http404
        return found


def errors_of(*codes: int) -> dict[Any, Any]:
    """Return how errors of these statuses are described in the schema."""
    return {(code, "application/json"): ErrorResponse for code in codes}


READ, WRITE = errors_of(400, 403, 404, 406, 429), errors_of(400, 403, 404, 406, 409, 415, 429)
