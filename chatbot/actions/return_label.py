"""A return: whether it may be returned, of which items, and a label for the parcel by email."""

import base64
from datetime import date, timedelta

from django.conf import settings

from chatbot.actions import access, reading, wording
from chatbot.actions.access import Granted
from chatbot.actions.base import Action, Ask, Case, Choice, Done, Step, Task
from chatbot.actions.errands import add_errand
from chatbot.actions.models import Errand
from chatbot.actions.slots import CODE, EMAIL, ORDER, PHONE, PLACED, words
from chatbot.systems import connected
from chatbot.systems.ports import Line, Order, OrderState

_ONLY, _NONE = "only", "none"  # what yes and no say where one line may come back


class ReturnLabel(Action):
    name = "return_label"
    port = "returns"
    slots = (ORDER, PLACED, EMAIL, CODE, PHONE, words("lines"))

    def begun(self, task: Task, text: str, case: Case) -> Task:
        return task.having(_first=text[:500])

    def step(self, task: Task, case: Case) -> Step:
        found = access.order_for(task, case)
        if not isinstance(found, Granted):
            return found
        order, task = found.order, found.task
        refusal = refused(order, case.today)
        if refusal:
            return Done("refused", refusal, offers_person=True, asks_person=True, task=task)
        lines = returnable(order)
        chosen = _chosen(task, order)
        kept = [line.name for line in order.lines if not line.is_returnable]
        if chosen and not any(line.is_returnable for line in chosen):
            text = wording.not_returnable(names=[line.name for line in chosen])
            return Done("refused", text, offers_person=True, task=task)
        chosen = [line for line in chosen if line.is_returnable]
        if not chosen and task.value("lines") == _NONE:
            return Done("cancelled", wording.left_alone(), task=task)
        if not chosen and len(lines) == 1:
            text = f"{wording.not_returnable(names=kept)} {wording.only_line(name=lines[0].name)}"
            only = (Choice(lines[0].id, lines[0].name),)
            buttons = (wording.yes(), wording.no())
            return Ask("lines", text, only, buttons, task, is_yes_or_no=True)
        if not chosen:
            choices = tuple(Choice(line.id, line.name) for line in lines)
            question = wording.which_lines()
            text = f"{wording.not_returnable(names=kept)} {question}" if kept else question
            return Ask("lines", text, choices, (wording.all_of_it(),), task, is_list=True)
        return self._create(order, chosen, task, case)

    def _create(self, order: Order, lines: list[Line], task: Task, case: Case) -> Step:
        returns = connected.returns()
        if returns is None:
            raise LookupError("no system takes returns")
        key = f"{order.number}:{','.join(sorted(line.id for line in lines))}"
        label = returns.create(order, tuple(lines), key=key)
        until = last_day(order, case.today)
        names = [line.name for line in lines]
        text = wording.label_made(number=label.number, email=order.email, names=names, until=until)
        add_errand(
            kind=Errand.Kind.LABEL,
            case=case,
            payload={
                "email": order.email,
                "language": case.language,
                "number": label.number,
                "names": "; ".join(names),
                "day": wording.day(until),
                "url": label.url,
                "pdf": base64.b64encode(label.pdf).decode(),
            },
        )
        if label.url:
            text = f"{text} {wording.label_link(url=label.url)}"
            if task.value("phone") and connected.texts() is not None:
                add_errand(
                    kind=Errand.Kind.TEXT,
                    case=case,
                    payload={
                        "phone": task.value("phone"),
                        "text": wording.label_text(number=label.number, url=label.url),
                    },
                )
        return Done("created", text, task=task.having(lines="; ".join(names)))

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        if task.asked == "lines" and task.choices:
            chosen = reading.chosen(text, [choice.label for choice in task.choices])
            if chosen:
                return task.having(lines=",".join(task.choices[one].value for one in chosen))
        meant = reading.yes_or_no(text)
        if task.asked == "lines" and len(task.choices) == 1 and meant is not None:
            return task.having(lines=_ONLY if meant else _NONE)
        return access.answered(task, text)


def returnable(order: Order) -> list[Line]:
    """Return the lines of an order that may come back."""
    return [line for line in order.lines if line.is_returnable]


def last_day(order: Order, today: date) -> date:
    """Return the last day on which an order may be returned."""
    return (order.delivered_on or today) + timedelta(days=settings.RETURN_DAYS)


def refused(order: Order, today: date) -> str:
    """Return why an order cannot be returned, or ""."""
    if order.state == OrderState.CANCELLED:
        return wording.cancelled_already(order=order.number)
    if order.state == OrderState.RETURNED:
        return wording.returned_already(order=order.number)
    if order.state != OrderState.DELIVERED:
        return wording.not_delivered_yet(order=order.number)
    if today > last_day(order, today):
        return wording.too_late(
            order=order.number, until=last_day(order, today), days=settings.RETURN_DAYS
        )
    return "" if returnable(order) else wording.nothing_returnable(order=order.number)


def _chosen(task: Task, order: Order) -> list[Line]:
    """Return the lines that the customer chose, or named at once; the only one there is."""
    if len(order.lines) == 1:
        return list(order.lines)
    if task.value("lines") == _ONLY:
        return returnable(order)
    chosen = task.value("lines").split(",")
    found = [line for line in order.lines if line.id in chosen]
    if found:
        return found
    names = [line.name for line in order.lines]
    positions = reading.named(reading.without_numbers(task.value("_first")), names)
    return [order.lines[n] for n in positions] if len(positions) < len(names) else []
