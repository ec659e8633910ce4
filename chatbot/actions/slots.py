"""The slots that several actions share."""

from django.utils import timezone

from chatbot.actions import reading
from chatbot.actions.base import Slot

ORDER = Slot("order", lambda text, asked: reading.order_in(text, asked=asked), is_optional=True)
EMAIL = Slot("email", lambda text, _asked: reading.email_in(text))
PLACED = Slot("placed", lambda text, _asked: _day(text))
CODE = Slot("code", lambda text, asked: reading.code_in(text) if asked else None)
PHONE = Slot("phone", lambda text, _asked: reading.phone_in(text))
SYSTEM = Slot("system", lambda text, _asked: reading.system_in(text), is_optional=True)
BROWSER = Slot("browser", lambda text, _asked: reading.browser_in(text), is_optional=True)


def _day(text: str) -> str | None:
    found = reading.date_in(text, today=timezone.localdate())
    return found.isoformat() if found else None


def words(name: str, *, is_optional: bool = False) -> Slot:
    """Return a slot that any words fill."""
    return Slot(name, None, is_optional)
