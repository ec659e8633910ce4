"""Skills, agents, and who gets a conversation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "chatbot.routing"
    label = "routing"
    verbose_name = _("People")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out
        from django.db.models.signals import post_save

        from chatbot.conversations import signals
        from chatbot.routing import moving, outcomes, presence, service_levels, snoozing
        from chatbot.routing.models import Absence

        signals.message_recorded.connect(moving.hear_message, dispatch_uid="routing-message")
        signals.message_recorded.connect(snoozing.hear_message, dispatch_uid="routing-snooze")
        signals.message_recorded.connect(service_levels.hear_message, dispatch_uid="routing-level")
        signals.rating_given.connect(outcomes.hear_rating, dispatch_uid="routing-rating")
        user_logged_out.connect(presence.hear_logout, dispatch_uid="routing-logout")
        post_save.connect(presence.hear_absence, sender=Absence, dispatch_uid="routing-absence")
