"""Handed-off questions behind the request: kept for later ones like them, new kinds named.

Nobody waits for it: not the customer, who was told before, and not the agent, who is only shown
less until it is done.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from chatbot import composing
from chatbot.answering.naming import write_names
from chatbot.answering.understanding import without_greeting
from chatbot.background import Turns
from chatbot.conversations.models import Conversation
from chatbot.routing import problems, similar
from chatbot.routing.models import NewProblem

logger = logging.getLogger(__name__)
_LATELY = timedelta(hours=1)
_AT_ONCE = 200
_turns = Turns()
_looked_back: list[bool] = []  # whether this process has looked at old conversations too


def question_of(conversation: Conversation) -> str:
    """Return what a handed-off conversation is about, without a greeting; "" for no words."""
    text = similar.told(conversation.handoff).strip()
    return without_greeting(text) if text else ""


@task()
def note_cases() -> None:
    """Keep the questions of all conversations that were handed off and not looked at yet.

    The first time in a process of old ones too: those of before an update, and what a crash left.
    """
    _turns.take(0, _note_some)


def _note_some() -> bool:
    since = timezone.now() - _LATELY if _looked_back else None
    waiting = similar.unseen(since=since, most=_AT_ONCE)
    kept = 0
    # In the order in which they were asked: what makes a problem of several is the last of them.
    for conversation in reversed(waiting):
        try:
            _note(conversation)
            kept += 1
        except Exception:  # the others are looked at all the same
            logger.exception("could not keep the question of conversation %s", conversation.pk)
    if len(waiting) < _AT_ONCE and not _looked_back:
        _looked_back.append(True)
    return len(waiting) == _AT_ONCE and kept > 0


def _note(conversation: Conversation) -> None:
    problem = problems.note_case(conversation=conversation, question=question_of(conversation))
    if problem is not None and settings.LANGUAGE_MODEL:
        _name(problem)


def _name(problem: NewProblem) -> None:
    """Have the language model say what a new problem might be called; its words will do else."""
    try:
        writer = composing.writer(seconds=settings.LANGUAGE_MODEL_SECONDS)
        if writer is None:
            return
        cases = problems.cases_of(problem)
        names = write_names(
            [case.question for case in cases],
            [code for code, _ in settings.LANGUAGES],
            writer,
            names=[case.conversation.contact.name for case in cases],
            seconds=settings.LANGUAGE_MODEL_SECONDS,
        )
    except Exception as error:  # the name is proposed by the questions' own words then
        logger.warning("the language model named no problem: %s", type(error).__name__)
        return
    if names:
        problems.name_problem(problem=problem, names=names)
