"""Where an order is: its state, what is in it, its parcels, and when it is expected."""

from datetime import date

from chatbot.actions import access, wording
from chatbot.actions.access import Granted
from chatbot.actions.base import Action, Case, Done, Step, Task
from chatbot.actions.slots import CODE, EMAIL, ORDER, PLACED
from chatbot.systems import connected
from chatbot.systems.ports import Order, OrderState, Shipment, SystemFailure, Tracked, TrackedState
from chatbot.systems.tracking_pages import tracking_url

_NOT_SENT = (OrderState.RECEIVED, OrderState.PACKING)


class OrderStatus(Action):
    name = "order_status"
    port = "orders"
    slots = (ORDER, PLACED, EMAIL, CODE)

    def step(self, task: Task, case: Case) -> Step:
        found = access.order_for(task, case)
        if not isinstance(found, Granted):
            return found
        text, is_late = told(found.order, case)
        return Done("told", text, offers_person=is_late, asks_person=is_late, task=found.task)

    def answered(self, task: Task, text: str, case: Case) -> Task | None:
        return access.answered(task, text)


def told(order: Order, case: Case) -> tuple[str, bool]:
    """Return what is known of an order, and whether it is late."""
    followed = [(shipment, _follow(shipment, case.language)) for shipment in order.shipments]
    lines = [wording.order_state(order=order, today=case.today)]
    if order.lines:
        lines.append(wording.order_items(order=order))
    for shipment, found in followed:
        url = shipment.url or tracking_url(shipment.carrier, shipment.number, case.language)
        lines.append(wording.parcel(shipment=shipment, url=url))
        if found is not None and order.state == OrderState.SENT:
            lines.append(wording.tracked(found=found))
    arrived = all(found and found.state == TrackedState.DELIVERED for _, found in followed)
    if order.state not in (*_NOT_SENT, OrderState.SENT) or (followed and arrived):
        return "\n".join(lines), False
    on = max(
        (day for day in (order.expected_on, *(_expected(*one) for one in followed)) if day),
        default=None,
    )
    if on is None:
        return "\n".join(lines), False
    is_late = on < case.today
    if not is_late:
        lines.append(wording.expected(on=on, today=case.today))
    elif order.state in _NOT_SENT:
        lines.append(wording.late_unsent(on=on))
    else:
        lines.append(wording.late(on=on, today=case.today))
    return "\n".join(lines), is_late


def _expected(shipment: Shipment, found: Tracked | None) -> date | None:
    return (found.expected_on if found else None) or shipment.expected_on


def _follow(shipment: Shipment, language: str) -> Tracked | None:
    """Ask the carrier; what it does not tell is left out, for the shop's own word still holds."""
    carrier = connected.tracking(shipment.carrier)
    if carrier is None or not shipment.number:
        return None
    try:
        return carrier.follow(shipment.number, language)
    except SystemFailure:
        return None
