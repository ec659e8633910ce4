"""How sure the bot is, whether that is so, and what it does not know."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "chatbot.insights"
    label = "insights"
    verbose_name = _("How sure the bot is")

    def ready(self) -> None:
        from chatbot.insights import live

        live.listen()
