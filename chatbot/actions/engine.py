"""The dialogue around an action: what a message means while one is under way.

One thing is asked at a time. A message fills every slot that it speaks of, whichever was asked
for; corrects those that were filled; says "never mind" or asks for a person; or asks something
else, which is answered before the action goes on. Two answers in a row that are none end it
kindly, with a person who gets what was collected.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chatbot.actions import reading, registry, wording
from chatbot.actions.base import UNKNOWN, Action, Ask, Case, Done, Person, Slot, Step, Task

_MOST_FAILURES = 2
_ENOUGH_WORDS = 3  # beside what fills slots, to look for a question in between


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that knowledge has to a question beside; `reply` is the caller's own.

    is_between: the action waits for it, and is come back to.
    """

    reply: Any
    is_between: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """The message calls another action, or the same anew; `begin` is the caller's own."""

    action: str
    begin: Any


Aside = Answer | Other


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message as the caller understood it. Kinds are those of `understanding.Kind`."""

    text: str
    wants_person: bool = False
    is_courtesy: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one message.

    task: as it goes on; None: there is none any more. step: what the bot says. aside: what it
    answers before that. outcome: of an action that has ended.
    """

    task: Task | None
    step: Step | None = None
    aside: Aside | None = None
    outcome: str = ""


def begin(task: Task, text: str, case: Case) -> Turn:
    """Begin an action with the message that called it."""
    action = registry.actions()[task.action]
    task = _filled(action, task, text)
    return _advance(action, action.begun(task, text, case), case)


def go_on(task: Task, said: Said, case: Case, aside: Callable[[str], Aside | None]) -> Turn | None:
    """Go on with an action; None where the message has nothing to do with it.

    `aside` looks in knowledge for what a text asks, where that is not about the action.
    """
    action = registry.actions().get(task.action)
    if action is None:
        return None
    if task.is_done:
        return _again(action, task, said, case, aside)
    if said.wants_person:
        return _to_person(task)
    if reading.says_first("never_mind", said.text):
        return Turn(None, Done("cancelled", wording.left_alone()), outcome="cancelled")
    asked = action.slot(task.asked)
    understood = _understood(action, task, said.text, case)
    if understood is not None:
        question = _question_beside(said.text, task, understood)
        found = aside(question) if question else None
        turn = _advance(action, understood, case)
        return replace(turn, aside=found) if isinstance(found, Answer) else turn
    if said.is_courtesy or not said.text.strip():  # thanks, or a picture alone
        return _ask_again(action, task, case)
    asks = asked is None or asked.find is not None or reading.is_question(said.text)
    found = aside(reading.without_opening(said.text)) if asks else None
    free = asked is not None and asked.find is None
    if isinstance(found, Other) and found.action == task.action:
        # What is being done already, in other words; or simply the answer, where any words are.
        if not free:
            return _failed(action, task, case) if task.failures else _ask_again(action, task, case)
        found = None
    if isinstance(found, Other):
        return Turn(None, None, found, outcome="changed")
    if isinstance(found, Answer):
        between = replace(found, is_between=True)
        return replace(_ask_again(action, task, case), aside=between)
    if asked is not None and free:
        return _advance(action, task.having(**{asked.name: said.text.strip()[:2_000]}), case)
    return _failed(action, task, case)


# --- What a message fills ---------------------------------------------------------------------
def _filled(action: Action, task: Task, text: str) -> Task:
    """Return the task with every slot filled that `text` speaks of."""
    values = {}
    for slot in action.slots:
        if slot.find is None:
            continue
        value = slot.find(text, slot.name == task.asked)
        # Digits that were asked for as a code are no order's.
        if value and not (slot.name == "order" and task.asked == "code" and reading.code_in(text)):
            values[slot.name] = value
    return task.having(**values) if values else task


def _understood(action: Action, task: Task, text: str, case: Case) -> Task | None:
    """Return the task as `text` changes it; None where it changes nothing."""
    asked = action.slot(task.asked)
    filled = _filled(action, task, text)
    if task.choices:
        own = action.answered(filled, text, case)
        if own is not None:
            return own
        chosen = reading.chosen(text, [choice.label for choice in task.choices])
        if len(chosen) == 1:
            return filled.having(**{task.asked: task.choices[chosen[0]].value})
    if filled != task:
        return _and_words(asked, filled, text)
    answered = action.answered(task, text, case)
    if answered is not None:
        return answered
    if asked is not None and asked.is_optional and reading.cannot_say(text):
        return task.having(**{asked.name: UNKNOWN})
    if asked is not None and asked.find and asked.find(text, True) == task.value(asked.name) != "":
        return task  # the same value once more
    return None


def _and_words(asked: Slot | None, task: Task, text: str) -> Task:
    """Return the task with the words that were asked for, where more came along with them."""
    free = asked is not None and asked.find is None and not task.knows(asked.name)
    if asked is None or not free or reading.is_correction(text) or not reading.tells(text):
        return task
    return task.having(**{asked.name: text.strip()[:2_000]})


def _question_beside(text: str, before: Task, after: Task) -> str:
    """Return a question that came along with what fills slots, without that."""
    if "?" not in text:
        return ""
    parts = [part.strip() for part in text.replace("\n", ". ").split(". ")]
    new = [v.lower() for k, v in after.values.items() if before.values.get(k) != v]
    left = [
        part for part in parts if "?" in part and not any(value in part.lower() for value in new)
    ]
    question = " ".join(left)
    return question if len(question.split()) >= _ENOUGH_WORDS else ""


# --- What follows -----------------------------------------------------------------------------
def _advance(action: Action, task: Task, case: Case) -> Turn:
    step = action.step(task, case)
    task = step.task or task
    match step:
        case Ask():
            failures = task.failures + 1 if step.failed else 0
            task = replace(task, asked=step.slot, choices=step.choices, failures=failures)
            if failures >= _MOST_FAILURES:
                return _given_up(task)
            return Turn(task, step)
        case Done():
            over = replace(
                task,
                asked="person" if step.asks_person else "",
                choices=(),
                failures=0,
                is_done=True,
            )
            return Turn(over, step, outcome=step.outcome)
        case Person():
            return Turn(None, replace(step, task=task), outcome=step.outcome)


def _ask_again(action: Action, task: Task, case: Case) -> Turn:
    step = action.step(task, case)
    if not isinstance(step, Ask):
        return _advance(action, task, case)
    task = replace(step.task or task, asked=step.slot, choices=step.choices)
    return Turn(task, step)


def _failed(action: Action, task: Task, case: Case) -> Turn:
    task = replace(task, failures=task.failures + 1)
    if task.failures >= _MOST_FAILURES:
        return _given_up(task)
    turn = _ask_again(action, task, case)
    if not isinstance(turn.step, Ask) or turn.task is None:
        return turn
    text = wording.not_understood(slot=turn.step.slot, again=turn.step.text)
    return replace(turn, step=replace(turn.step, text=text))


def _to_person(task: Task) -> Turn:
    return Turn(None, Person("person", "customer_request", task=task), outcome="person")


def _given_up(task: Task) -> Turn:
    person = Person("gave_up", "pending_clarification", wording.giving_up(), task=task)
    return Turn(None, person, outcome="gave_up")


def _again(
    action: Action, task: Task, said: Said, case: Case, aside: Callable[[str], Aside | None]
) -> Turn | None:
    """Do an action again that is over, where a message gives it another value: "and 10443?"."""
    if said.wants_person or said.is_courtesy:
        return None
    if reading.says_first("never_mind", said.text):
        return Turn(None, Done("", wording.left_alone()))
    if task.asked == "person" and reading.yes_or_no(said.text):
        return _to_person(task)
    task = replace(task, asked="")
    fresh = _filled(action, replace(task, is_done=False), said.text)
    if fresh.values == task.values:
        fresh = action.answered(replace(task, is_done=False), said.text, case) or task
    if fresh.values == task.values:
        return None
    found = aside(said.text)
    if isinstance(found, Answer) or (isinstance(found, Other) and found.action != task.action):
        return None
    changed = [name for name, value in fresh.values.items() if task.values.get(name) != value]
    kept = {name: fresh.values[name] for name in fresh.values if name in {*changed, "email"}}
    return _advance(action, replace(fresh, values=kept, run=0), case)
