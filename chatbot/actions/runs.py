"""The record of actions: begun, going on, and what came of them."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chatbot.actions.base import Task
from chatbot.actions.models import ActionRun
from chatbot.conversations.models import Conversation

_SECRET = ("code",)


def begun(*, conversation: Conversation, task: Task) -> Task:
    """Record that an action has begun, unless it is recorded; return it with its record."""
    if task.run:
        return task
    with transaction.atomic():
        run = ActionRun.objects.create(
            conversation=conversation, action=task.action, confidence=task.confidence
        )
    return replace(task, run=run.pk)


def note(*, task: Task) -> None:
    """Record what was collected so far."""
    _runs(task).update(values=told(task), turns=F("turns") + 1)


def end(*, task: Task, outcome: str) -> None:
    """Record what came of an action."""
    with transaction.atomic():
        _runs(task).update(
            values=told(task),
            turns=F("turns") + 1,
            outcome=outcome[:20],
            ended_at=timezone.now(),
        )


def _runs(task: Task) -> QuerySet[ActionRun]:
    return ActionRun.objects.filter(pk=task.run)


def told(task: Task) -> dict[str, str]:
    """Return what a task has collected, without what is secret or the dialogue's own."""
    return {
        name: task.value(name)
        for name in task.values
        if not name.startswith("_") and name not in _SECRET and task.value(name)
    }


def form(task: Task) -> tuple[tuple[str, str], ...]:
    """Return what a task has collected, to be read by a person."""
    return tuple(told(task).items())
