"""The demo shop: a website to try Svar on."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "chatbot.demo"
    label = "demo"
