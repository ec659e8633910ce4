"""The core as a Django app: management commands, translations, checks."""

from django.apps import AppConfig


class ChatbotConfig(AppConfig):
    name = "chatbot"
    label = "chatbot"
    verbose_name = "Svar"

    def ready(self) -> None:
        from chatbot import checks  # noqa: F401  registers them
