"""Actions in the pipeline: when one begins, goes on, and ends, and what is recorded of it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot import replies, triage
from chatbot.actions import engine, errands, registry, runs, wording
from chatbot.actions.base import Ask, Case, Done, Known, Person, Task
from chatbot.actions.engine import Answer, Aside, Other, Said, Turn
from chatbot.actions.stock import without_products
from chatbot.answering.dialogue import Dialogue, is_upset
from chatbot.answering.drafting import Draft
from chatbot.answering.gate import Courtesy, Decision, Reply
from chatbot.answering.retrieval import Answer as RetrievedAnswer
from chatbot.answering.understanding import Kind, Understanding
from chatbot.conversations import identity, services
from chatbot.conversations import wording as common
from chatbot.conversations.attachments import sent_pictures
from chatbot.conversations.models import Message
from chatbot.envelope import QuickReply
from chatbot.routing.handing import Brief, hand_off
from chatbot.systems.ports import SystemFailure

logger = logging.getLogger(__name__)
_GOES_ON = 24 * 60 * 60  # seconds; later than that, a message begins anew
_KNOWN_PROBLEM = 0.5  # probability from which an article about a problem is offered
_FEW_LETTERS = 20

# Drafts and decides about a text, as if nothing had been said before.
Look = Callable[[str], tuple[Draft, Decision]]


def under_way(message: Message) -> Task | None:
    """Return the action that the conversation is in, or has just ended."""
    task = Task.of(message.conversation.task)
    if task is not None and message.created_at.timestamp() - task.at > _GOES_ON:
        return None
    return task


def language_of(message: Message, understanding: Understanding, task: Task) -> str:
    """Return the language to go on in: a number or an address says nothing of it."""
    if any(message.text.strip() == choice.label for choice in task.choices):
        return message.conversation.language  # the words of a button are ours
    words = " ".join(word for word in message.text.split() if "@" not in word)
    if sum(character.isalpha() for character in words) < _FEW_LETTERS:
        return message.conversation.language
    return understanding.language


def go_on(
    message: Message, understanding: Understanding, task: Task, language: str, look: Look
) -> Turn | None:
    """Go on with `task`; None where the message has nothing to do with it.

    Raises SystemFailure.
    """
    if is_upset(message.text) and task.action != "complaint" and not task.is_done:
        person = Person("person", "policy_restriction", detail="upset", task=task)
        return Turn(None, person, outcome="person")
    said = Said(
        message.text,
        wants_person=understanding.kind is Kind.HUMAN,
        is_courtesy=understanding.kind in (Kind.GREETING, Kind.THANKS, Kind.GOODBYE),
    )
    case = _case(message, language, look)
    turn = engine.go_on(task, said, case, lambda text: _aside(look, text))
    if turn is not None and isinstance(turn.aside, Other):
        draft, decision = turn.aside.begin
        return begin(message, decision, draft, look, kept=task)
    return turn


def begin(
    message: Message, decision: Decision, draft: Draft, look: Look, kept: Task | None = None
) -> Turn | None:
    """Begin the action that `decision` replies with, if it does; None if there is none to do.

    `kept` is another action whose slots are of use to this one. Raises SystemFailure.
    """
    called = _called(decision)
    if called is None:
        draft, decision = _of_any_product(message, decision, draft, look)
        called = _called(decision)
    if called is None or not isinstance(decision, Reply):
        return None
    task = Task(
        action=called.action,
        entry=called.entry,
        topic=called.topic,
        confidence=decision.confidence,
    )
    if kept is not None:
        slots = registry.actions()[called.action].slots
        names = {slot.name for slot in slots if slot.find is not None}
        task = task.having(**{k: v for k, v in kept.values.items() if k in names})
    # A chosen title says less than the question before it.
    before = Dialogue.of(message.conversation.dialogue).question if draft.is_chosen else ""
    case = _case(message, draft.language, look)
    # A picture may come before the words.
    case = replace(case, pictures=sent_pictures(conversation=message.conversation))
    turn = engine.begin(task, f"{before}\n{message.text}".strip(), case)
    others = tuple(one for one in decision.answers if not one.action)
    return replace(turn, aside=Answer(replace(decision, answers=others))) if others else turn


def _called(decision: Decision) -> RetrievedAnswer | None:
    """Return the entry among the answers whose action is to be done."""
    answers = decision.answers if isinstance(decision, Reply) else ()
    return next((one for one in answers if registry.can_do(one.action)), None)


def _of_any_product(
    message: Message, decision: Decision, draft: Draft, look: Look
) -> tuple[Draft, Decision]:
    """Look again, where the bot was not sure, at the same question about any product."""
    if isinstance(decision, Reply | Courtesy) or draft.kind is not Kind.QUESTION:
        return draft, decision
    text = without_products(message.text, draft.language) if registry.can_do("stock") else ""
    if not text:
        return draft, decision
    again, decided = look(text)
    called = _called(decided)
    if called is None or called.action != "stock":
        return draft, decision
    return replace(again, language=draft.language), decided


def _key(message: Message) -> str:
    return f"m{message.pk}"


def _case(message: Message, language: str, look: Look) -> Case:
    conversation = message.conversation
    return Case(
        conversation=conversation,
        key=_key(message),
        language=common.our_language(language),
        today=timezone.localdate(),
        email=identity.verified_email(conversation),
        pictures=len(message.pictures),
        known=lambda words: _known_problem(look, words),
    )


def _aside(look: Look, text: str) -> Aside | None:
    """Return what knowledge has for `text`, where it is as sure as for any answer."""
    draft, decision = look(text)
    if not isinstance(decision, Reply):
        return None
    called = _called(decision)
    return Other(called.action, (draft, decision)) if called is not None else Answer(decision)


def _known_problem(look: Look, words: str) -> Known | None:
    """Return an article about technical problems that may be about this one."""
    draft, _ = look(words)
    answer = draft.answer
    if answer is None or answer.action or draft.confidence < _KNOWN_PROBLEM:
        return None
    if answer.topic != "technical":
        return None
    return Known(answer.entry, answer.title, answer.text, answer.html)


# --- What is recorded -------------------------------------------------------------------------
def carry_out(
    message: Message, turn: Turn, before: Task | None, language: str, evidence: Mapping[str, Any]
) -> None:
    """Record one turn of an action: the reply, the task as it goes on, or that a person comes.

    `before` is the task before this message; `evidence` is what called a new one, unless a
    second look did.
    """
    step = turn.step
    if step is None:
        raise ValueError("a turn without a step is another action's beginning")
    begun = turn.task or step.task
    if begun is None or evidence.get("entry") != begun.entry:
        evidence = {}
    if before is not None and turn.task is not None and turn.task.action != before.action:
        runs.end(task=before, outcome="changed")
    if isinstance(step, Person):
        bring_person(message, step, evidence)
        return
    with transaction.atomic():
        task = turn.task
        if task is not None:
            task = runs.begun(conversation=message.conversation, task=task)
            task = replace(task, at=timezone.now().timestamp())
        recorded = services.record_answer(
            message=message,
            dialogue={},
            task=task.to_json() if task else {},
            evidence=evidence,
            confidence=begun.confidence if begun and evidence else None,
            **_in_words(turn, step, language),
        )
        errands.release(key=_key(message))
        if recorded is None:
            return
        if turn.outcome and (ended := task or before):
            runs.end(task=ended, outcome=turn.outcome)
        elif task is not None:
            runs.note(task=task)


def _in_words(turn: Turn, step: Ask | Done, language: str) -> dict[str, Any]:
    text, html, citations = step.text, "", []
    buttons: list[QuickReply] = []
    if isinstance(step, Ask):
        if step.is_list:
            lines = [f"{n}. {choice.label}" for n, choice in enumerate(step.choices, start=1)]
            text = "\n".join([text, *lines])
        shown = () if step.is_yes_or_no else step.choices
        buttons = [QuickReply(one) for one in (*(choice.label for choice in shown), *step.buttons)]
        if step.known is not None:
            known, intro = step.known, wording.may_be_it()
            html = f"{replies.as_html(f'{intro} {known.title}')}{known.html}"
            html += replies.as_html(text)
            text = f"{intro} {known.title}\n\n{known.text}\n\n{text}"
    elif step.offers_person:
        buttons.append(QuickReply(common.talk_to_person(), intent="human"))
    if isinstance(turn.aside, Answer):
        told = replies.answer(turn.aside.reply, language)
        said = wording.back_to(question=text) if turn.aside.is_between else text
        parts = [(told["text"], told["html"]), (said, html or replies.as_html(said))]
        if isinstance(step, Done):
            parts.reverse()
        text = "\n\n".join(part for part, _ in parts)
        html = "".join(part for _, part in parts)
        citations = told["citations"]
    elif not html and "://" in text:
        html = replies.as_html(text)
    return {
        "text": text,
        "html": html,
        "language": language,
        "citations": citations,
        "quick_replies": buttons,
    }


def bring_person(message: Message, step: Person, evidence: Mapping[str, Any]) -> None:
    """Bring a person with what an action has collected."""
    task = step.task
    with transaction.atomic():
        if task is not None:
            task = runs.begun(conversation=message.conversation, task=task)
        done = hand_off(
            message=message,
            reason=step.reason,
            topic=task.topic if task else "",
            evidence=evidence,
            confidence=task.confidence if task and evidence else None,
            brief=Brief(
                detail=step.detail,
                action=task.action if task else "",
                form=runs.form(task) if task else (),
                text=step.text,
                priority=triage.priority_of(message),
            ),
        )
        if done and task is not None:
            runs.end(task=task, outcome=step.outcome)


def system_failed(message: Message, failure: SystemFailure, task: Task | None) -> None:
    """Bring a person since a system did not answer: nothing is guessed, the customer is told."""
    logger.warning("an action failed: %s", failure)
    bring_person(message, Person("failed", "tool_failure", task=task), {})
