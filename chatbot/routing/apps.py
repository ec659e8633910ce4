"""Skills, agents, and who gets a conversation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "chatbot.routing"
    label = "routing"
    verbose_name = _("People")
