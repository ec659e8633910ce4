"""Who may know what: the only caller of the ports that tell or change something personal.

An order is given out to a customer whom the host site has signed in under its address, who has
typed a code that was mailed to it, or who knows both its number and its address. Everybody else
reads the same words, whether it exists or not.
"""

import hmac
from dataclasses import dataclass

from chatbot.actions import proof, reading, wording
from chatbot.actions.base import UNKNOWN, Ask, Case, Choice, Done, Person, Step, Task
from chatbot.actions.proof import TooMany
from chatbot.systems import connected
from chatbot.systems.ports import Order, Orders

_MOST_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Granted:
    """The order that was asked for, to whoever may know it, and the task that named it."""

    order: Order
    task: Task


def _orders() -> Orders:
    orders = connected.orders()
    if orders is None:
        raise LookupError("no system has orders")
    return orders


def order_for(task: Task, case: Case) -> Granted | Step:
    """Return the order that the customer means and may know, or what to ask for next.

    Raises SystemFailure.
    """
    email = case.email or proof.proven_email(case.conversation)
    if email:
        return _own_order(task, case, email)
    number = task.value("order")
    if number and proof.has_proven(case.conversation, number):
        order = _orders().find(number)
        if order is not None:
            return Granted(order, task)
    if task.values.get("order") == UNKNOWN:
        return _by_code(task, case)
    if not number:
        return Ask("order", wording.ask_order(), buttons=(wording.no_number(),))
    if not task.value("email"):
        return Ask("email", wording.ask_email_of_order(order=number))
    return _by_number(task, case, number)


def answered(task: Task, text: str) -> Task | None:
    """Return the task with `text` understood as what may be said when an order is asked for."""
    if task.asked == "code" and reading.says("resend", text):
        return task.without("code", "_code_to")
    if task.asked in ("order", "email") and not task.choices and reading.says("code_please", text):
        return task.having(order=UNKNOWN)
    return None


def _own_order(task: Task, case: Case, email: str) -> Granted | Step:
    """Return which of the orders of `email`, which is proven, is meant."""
    orders = _orders().of(email)
    number = task.value("order")
    if number:
        named = next((o for o in orders if same_number(o.number, number)), None)
        if named is not None:
            return Granted(named, task)
        if proof.has_proven(case.conversation, number):
            found = _orders().find(number)
            if found is not None:
                return Granted(found, task)
        text = wording.no_such_order_of_yours(order=number, email=email)
        return Ask("order", text, tuple(_choices(orders)), task=task.without("order"), failed=True)
    if not orders:
        return Done("none", wording.no_orders(email=email), offers_person=True, task=task)
    placed = task.value("placed")
    of_that_day = [order for order in orders if order.placed_on.isoformat() == placed]
    if len(of_that_day) == 1:
        orders = of_that_day
    if len(orders) == 1:
        return Granted(orders[0], task.having(order=orders[0].number))
    return Ask("order", wording.which_order(), tuple(_choices(orders)), task=task)


def _choices(orders: list[Order]) -> list[Choice]:
    return [Choice(o.number, wording.order_line(order=o)) for o in orders[:_MOST_OFFERED]]


def same_number(one: str, other: str) -> bool:
    """Return whether two order numbers are the same, whatever is written around them."""
    return one.strip(" #").casefold() == other.strip(" #").casefold()


def _by_number(task: Task, case: Case, number: str) -> Granted | Step:
    """Check an order's number against its address. Every miss reads the same."""
    email = task.value("email")
    if task.values.get("_tried") == f"{number} {email}":
        return _no_match(task, number, email, failed=True)
    try:
        proof.count("order", case, subject=number)
        proof.count("visitor", case, subject=str(case.conversation.identity_id))
    except TooMany:
        return _unproven(task)
    order = _orders().find(number)
    theirs = order.email.casefold() if order is not None else ""
    if order is not None and hmac.compare_digest(theirs.encode(), email.casefold().encode()):
        proof.note_order(conversation=case.conversation, email=email, order=order.number)
        return Granted(order, task)
    if task.knows("_tried"):
        return _unproven(task)
    return _no_match(task.having(_tried=f"{number} {email}"), number, email)


def _no_match(task: Task, number: str, email: str, *, failed: bool = False) -> Ask:
    text = wording.no_match(order=number, email=email)
    return Ask("order", text, buttons=(wording.code_instead(),), task=task, failed=failed)


def _by_code(task: Task, case: Case) -> Granted | Step:
    """Mail a code to the address that was given, and check the one that comes back."""
    email = task.value("email")
    if not email:
        return Ask("email", wording.ask_email_for_code())
    code = task.value("code")
    if task.values.get("_code_to") != email:
        return _send_code(task, case, email)
    if not code:
        return Ask("code", wording.ask_code(email=email), buttons=(wording.another_code(),))
    task = task.without("code")
    match proof.check_code(conversation=case.conversation, email=email, code=code):
        case proof.Checked.RIGHT:
            return _own_order(task.without("order", "_code_to"), case, email)
        case proof.Checked.WRONG:
            return Ask("code", wording.wrong_code(), (), (wording.another_code(),), task)
        case proof.Checked.OVER:
            return _unproven(task)
        case proof.Checked.EXPIRED:
            return _send_code(task, case, email, first=wording.code_expired())


def _send_code(task: Task, case: Case, email: str, first: str = "") -> Step:
    try:
        proof.send_code(case=case, email=email)
    except TooMany:
        return _unproven(task)
    text = " ".join(filter(None, [first, wording.code_sent(email=email)]))
    return Ask(
        "code",
        text,
        buttons=(wording.another_code(),),
        task=task.having(_code_to=email).without("code"),
    )


def _unproven(task: Task) -> Person:
    return Person("unproven", "policy_restriction", wording.not_proven(), "unproven", task)
