"""What agents and admins read of actions: names of slots, actions, systems and outcomes."""

from django.utils.translation import gettext, pgettext


def slot_label(name: str) -> str:
    """Return what agents read beside a collected value."""
    return {
        "order": pgettext("collected", "Order"),
        "placed": pgettext("collected", "Ordered on"),
        "phone": pgettext("collected", "Phone"),
        "email": pgettext("collected", "Email"),
        "product": pgettext("collected", "Product"),
        "lines": pgettext("collected", "Items"),
        "what": pgettext("collected", "What happened"),
        "error": pgettext("collected", "Problem"),
        "system": pgettext("collected", "System"),
        "browser": pgettext("collected", "Browser"),
        "tried": pgettext("collected", "Already tried"),
        "since": pgettext("collected", "Since"),
        "often": pgettext("collected", "How often"),
        "pictures": pgettext("collected", "Pictures"),
        "case": pgettext("collected", "Case"),
        "proof": pgettext("collected", "Proven by"),
        "known": pgettext("collected", "Known problem, did not help"),
    }.get(name, name)


def action_name(name: str) -> str:
    """Return what agents call an action."""
    return {
        "password_reset": gettext("Password reset"),
        "order_status": gettext("Order status"),
        "stock": gettext("Stock"),
        "return_label": gettext("Return label"),
        "complaint": gettext("Complaint"),
        "technical_issue": gettext("Technical issue"),
    }.get(name, name)


def port_name(name: str) -> str:
    """Return what admins call the system behind an action."""
    return {
        "accounts": pgettext("system", "Accounts"),
        "orders": pgettext("system", "Orders"),
        "stock": pgettext("system", "Stock"),
        "returns": pgettext("system", "Returns"),
        "tickets": pgettext("system", "Cases"),
    }.get(name, name)


def outcome(name: str) -> str:
    """Return what came of an action, for admins."""
    return {
        "": pgettext("outcome", "Under way"),
        "told": pgettext("outcome", "Told"),
        "sent": pgettext("outcome", "Sent"),
        "created": pgettext("outcome", "Created"),
        "opened": pgettext("outcome", "Case opened"),
        "solved": pgettext("outcome", "Solved"),
        "refused": pgettext("outcome", "Not possible"),
        "none": pgettext("outcome", "Nothing there"),
        "not_found": pgettext("outcome", "Not found"),
        "unproven": pgettext("outcome", "Not proven"),
        "cancelled": pgettext("outcome", "Left by the customer"),
        "changed": pgettext("outcome", "Something else instead"),
        "gave_up": pgettext("outcome", "Given up"),
        "person": pgettext("outcome", "A person was wanted"),
        "failed": pgettext("outcome", "A system failed"),
    }.get(name, name)
