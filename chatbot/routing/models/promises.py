"""What service levels promised and what became of it, and what customers are told at the end."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Conversation


class Promise(models.Model):
    """Something that a service level promised and that was done: in time, or late."""

    class Kind(models.TextChoices):
        FIRST_REPLY = "first_reply", _("First reply")
        REPLY = "reply", _("Further reply")
        RESOLUTION = "resolution", _("Resolution")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="promises"
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("promise of a service level")
        verbose_name_plural = _("promises of service levels")

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.kind}"


class Closing(models.Model):
    """A customer is still to be told that their conversation was resolved, and asked how it was.

    It waits a moment: who resolved it may think better of it, and what was told stays told.
    """

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="closing"
    )
    # Whom the question is about; None: nothing is asked.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")

    def __str__(self) -> str:
        return f"{self.conversation_id}"
