"""Any system with a JSON API, by options alone: see docs/systems.md."""

from chatbot.systems.rest.orders import RestOrders
from chatbot.systems.rest.stock import RestStock
from chatbot.systems.rest.tracking import RestTracking
from chatbot.systems.rest.writes import RestAccounts, RestReturns, RestTexts, RestTickets

__all__ = [
    "RestAccounts",
    "RestOrders",
    "RestReturns",
    "RestStock",
    "RestTexts",
    "RestTickets",
    "RestTracking",
]
