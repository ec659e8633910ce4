"""What came of conversations in agents' hands, and what was learned from it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Conversation
from chatbot.routing.models.assignments import Assignment
from chatbot.routing.models.people import AgentProfile


class Outcome(models.Model):
    """How a conversation went in one agent's hands: lived here, or imported from a helpdesk."""

    class Source(models.TextChoices):
        LIVED = "lived", _("Here")
        IMPORTED = "imported", _("Imported")

    agent = models.ForeignKey(
        AgentProfile, on_delete=models.CASCADE, related_name="outcomes", verbose_name=_("agent")
    )
    assignment = models.OneToOneField(
        Assignment, on_delete=models.SET_NULL, null=True, blank=True, related_name="outcome"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="outcomes"
    )
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    # Working time from the assignment to the resolution; null: they did not resolve it.
    minutes = models.FloatField(
        _("working minutes"), null=True, blank=True, validators=[MinValueValidator(0.0)]
    )
    solved = models.BooleanField(_("solved at first contact"), null=True, blank=True)
    reopened = models.BooleanField(_("reopened within 7 days"), default=False)
    passed_on = models.BooleanField(_("passed on"), default=False)
    follow_ups = models.PositiveSmallIntegerField(_("follow-ups"), default=0)
    # How many other conversations the agent had when they got it: those cost time too.
    open = models.PositiveSmallIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(
        _("rating"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    source = models.CharField(_("from"), max_length=10, choices=Source, default=Source.LIVED)
    # Of an import: which ticket it was, so that the same file changes nothing when read again.
    external_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="imported_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.topic or '–'}"


class Expertise(models.Model):
    """What was learned of one agent in one topic: `learning.Estimate`, as of `at`."""

    agent = models.ForeignKey(
        AgentProfile, on_delete=models.CASCADE, related_name="expertise", verbose_name=_("agent")
    )
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    cases = models.FloatField(_("cases"))
    minutes = models.FloatField(_("minutes"))
    log_minutes = models.FloatField()
    doubt = models.FloatField()
    solves = models.FloatField(_("solved at first contact"))
    quality = models.FloatField(_("quality"))
    rating = models.FloatField(_("rating"))
    at = models.DateTimeField(_("learned"), default=timezone.now)

    class Meta:
        verbose_name = _("expertise")
        verbose_name_plural = _("expertise")
        constraints = [models.UniqueConstraint(fields=["agent", "topic"], name="expertise_once")]

    def __str__(self) -> str:
        return f"{self.agent}: {self.topic or '–'}"
