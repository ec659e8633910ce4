"""Channels, contacts, conversations, messages and deliveries."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "chatbot.conversations"
    label = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from chatbot.conversations import search_index

        pre_migrate.connect(search_index.before_migrations, sender=self)
        post_migrate.connect(search_index.after_migrations, sender=self)
