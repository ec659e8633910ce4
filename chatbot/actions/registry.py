"""What the bot can do: one line for each action."""

import functools
from collections.abc import Mapping

from django.utils.module_loading import import_string

from chatbot.actions.base import Action
from chatbot.systems import connected

ACTIONS = (
    "chatbot.actions.password_reset.PasswordReset",
    "chatbot.actions.order_status.OrderStatus",
    "chatbot.actions.stock.CheckStock",
    "chatbot.actions.return_label.ReturnLabel",
    "chatbot.actions.complaint.Complaint",
    "chatbot.actions.technical_issue.TechnicalIssue",
)


@functools.cache
def actions() -> Mapping[str, Action]:
    """Return the actions by name."""
    made: list[Action] = [import_string(path)() for path in ACTIONS]
    return {action.name: action for action in made}


def can_do(name: str) -> bool:
    """Return whether there is such an action, and a system behind it."""
    action = actions().get(name)
    if action is None:
        return False
    return not action.port or getattr(connected, action.port)() is not None
