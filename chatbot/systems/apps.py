"""The company's own systems, and Svar's tables for those that it has not."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SystemsConfig(AppConfig):
    name = "chatbot.systems"
    label = "systems"
    verbose_name = _("Shop")

    def ready(self) -> None:
        from chatbot.systems import checks  # noqa: F401  registers the check
