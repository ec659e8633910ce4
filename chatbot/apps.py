"""The core as a Django app: management commands, translations, checks."""

from django.apps import AppConfig


class ChatbotConfig(AppConfig):
    name = "chatbot"
    label = "chatbot"
    verbose_name = "Svar"
