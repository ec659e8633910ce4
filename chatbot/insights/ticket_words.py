"""What a ticket has, by its name in the reader's language."""

from django.utils.translation import gettext_lazy as _

FIELD_NAMES = {
    "id": _("number"),
    "agent": _("agent"),
    "topic": _("category"),
    "tags": _("tags"),
    "subject": _("subject"),
    "language": _("language"),
    "channel": _("channel"),
    "status": _("status"),
    "created": _("created"),
    "assigned": _("given to the agent"),
    "solved": _("solved"),
    "replied": _("first reply"),
    "reopens": _("reopened how often"),
    "rating": _("satisfaction"),
    "messages": _("messages of the customer"),
}
