"""What was decided about questions that nobody had an answer to."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Conversation
from knowledge.models import Article


class GapDecision(models.Model):
    """A handed-off question that needs no more looking at: an article is drafted, or it is none.

    A conversation that is handed off again after `created_at` is a gap again.
    """

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="gap")
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("decision about a gap")
        verbose_name_plural = _("decisions about gaps")

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.article_id or '-'}"
