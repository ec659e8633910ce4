"""Past conversations that were alike: what they were about, who solved them, and how."""

from datetime import datetime

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatbot import problems
from chatbot.api import respond
from chatbot.background import enqueue
from chatbot.conversations.models import Conversation
from chatbot.events import Payload
from chatbot.inbox.access import READ, InboxView
from chatbot.routing import similar
from chatbot.routing.problems import others_alike

_LONGEST = 300  # characters of a question; the conversation itself is a click away


class SimilarPart(Payload):
    """A resolved conversation that was alike.

    `minutes` are working time where that was kept, else from when `solved_by` got it until it was
    resolved; `rating` is 1 to 5 or null.
    """

    id: int
    question: str
    language: str
    solved_by: str
    minutes: int | None
    rating: int | None
    resolved_at: datetime


class SimilarsPart(Payload):
    """`is_new`: far from every topic; `others`: how many other customers asked alike, unsolved."""

    is_new: bool
    others: int
    cases: list[SimilarPart]


class SimilarView(InboxView):
    """Up to five past conversations that were alike, the nearest first."""

    @extend_schema(
        operation_id="similar", responses={(200, "application/json"): SimilarsPart, **READ}
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(similars_of(self.conversation(pk)))


def similars_of(conversation: Conversation) -> SimilarsPart:
    """Return what is known of conversations like this one; nothing for one the bot has kept."""
    question = problems.question_of(conversation) if conversation.handed_off_at else ""
    if not question:
        return SimilarsPart(is_new=False, others=0, cases=[])
    if not similar.is_kept(conversation):
        enqueue("problem")  # a crash may have left it
    others = others_alike(conversation)
    return SimilarsPart(
        is_new=others is not None,
        others=others or 0,
        cases=[
            SimilarPart(
                id=case.conversation_id,
                question=case.question[:_LONGEST],
                language=case.language,
                solved_by=case.solved_by,
                minutes=None if case.minutes is None else round(case.minutes),
                rating=case.rating,
                resolved_at=case.resolved_at,
            )
            for case in similar.past_cases(conversation=conversation, question=question)
        ],
    )
