"""Problems that belong to no topic yet."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Conversation
from knowledge.models import Category


class NewProblem(models.Model):
    """Cases that are alike and far from every topic: a supervisor says what they are."""

    class State(models.TextChoices):
        OPEN = "open", _("To be looked at")
        ACCEPTED = "accepted", _("Made a topic")
        DISMISSED = "dismissed", _("Dismissed")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    topic = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("topic"),
    )
    centre = models.JSONField(default=list)  # the mean of its cases' vectors, of unit length
    # What a language model would call it, by language; without a model, empty.
    names = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("new kind of problem")
        verbose_name_plural = _("new kinds of problems")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.pk}"


class CaseVector(models.Model):
    """What a handed-off conversation was about, so that later ones like it are found."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, primary_key=True, related_name="case_vector"
    )
    vector = models.BinaryField()  # as the embeddings gave it: little-endian float32, unit length
    language = models.CharField(max_length=16, blank=True)
    made_by = models.CharField(max_length=64)  # of which embeddings: others' are not comparable
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("question of a handed-off conversation")
        verbose_name_plural = _("questions of handed-off conversations")

    def __str__(self) -> str:
        return f"{self.conversation_id}"


class UnknownCase(models.Model):
    """A conversation that was handed off far from all topics."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="unknown_case"
    )
    problem = models.ForeignKey(
        NewProblem, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    question = models.TextField(_("question"))
    vector = models.JSONField(default=list)  # of the question, of unit length
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("unknown case")
        verbose_name_plural = _("unknown cases")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.conversation_id}"
