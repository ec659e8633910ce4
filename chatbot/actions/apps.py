"""What the bot can do besides answering."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    name = "chatbot.actions"
    label = "actions"
    verbose_name = _("What the bot does")
