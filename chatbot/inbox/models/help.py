"""What the bot does for agents."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Message


class Suggestion(models.Model):
    """A reply that the bot drafted to a customer's message, and what the agent made of it."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Sent as it was")
        EDITED = "edited", _("Sent with changes")
        DISCARDED = "discarded", _("Discarded")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="suggestion")
    text = models.TextField(_("text"))
    # As a message's citations.
    sources = models.JSONField(default=list)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OFFERED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    reply = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How much of it was left in what was sent, 0 to 1.
    kept = models.FloatField(_("kept"), null=True, blank=True)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("drafted reply")
        verbose_name_plural = _("drafted replies")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.state}"


class Translation(models.Model):
    """A message in another language, by the model that is set: kept, so that it is asked once."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=16)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["message", "language"], name="translation_once")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.language}"
