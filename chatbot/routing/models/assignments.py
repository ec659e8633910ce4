"""Why a conversation went to a person, and how that ended."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Channel, Conversation
from chatbot.routing.models.people import AgentProfile


class Assignment(models.Model):
    """Why a conversation went to a person, or to nobody yet: with every candidate."""

    class Way(models.TextChoices):
        ROUTED = "routed", _("By routing")
        TAKEN = "taken", _("Taken by the agent")
        ACCEPTED = "accepted", _("As routing had suggested")
        GIVEN = "given", _("Given by a colleague")

    class Ended(models.TextChoices):
        """How it ended for the agent."""

        RESOLVED = "resolved", _("Resolved")
        DECLINED = "declined", _("Declined")
        PASSED_ON = "passed_on", _("Passed on")
        UNANSWERED = "unanswered", _("Not answered in time")
        LEFT = "left", _("The agent left")
        TAKEN_OVER = "taken_over", _("Taken over by a colleague")
        TO_BOT = "to_bot", _("Handed back to the bot")
        SUPERSEDED = "superseded", _("Looked at again")

    class Cause(models.TextChoices):
        """Why an agent declined or passed on."""

        NOT_MINE = "not_mine", _("I cannot help with this")
        COLLEAGUE = "colleague", _("A colleague knows more about it")
        LANGUAGE = "language", _("I do not speak the language well enough")
        BUSY = "busy", _("I have too much to do")
        LEAVING = "leaving", _("I am about to leave")
        OTHER = "other", _("Something else")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="assignments"
    )
    agent = models.ForeignKey(
        AgentProfile,
        on_delete=models.SET_NULL,
        null=True,
        related_name="assignments",
        verbose_name=_("agent"),
    )
    way = models.CharField(_("how"), max_length=10, choices=Way, default=Way.ROUTED)
    strategy = models.CharField(_("strategy"), max_length=20, blank=True)
    needs = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)
    # Who learned routing would have chosen, where something or somebody else did.
    suggested = models.ForeignKey(
        AgentProfile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("suggested"),
    )
    # Working time that was expected of it, by which load is shared fairly.
    expected_minutes = models.FloatField(_("expected minutes"), default=0.0)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    # Until then the agent has to say something; else it goes to the next best.
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended = models.CharField(_("how it ended"), max_length=12, choices=Ended, blank=True)
    cause = models.CharField(_("reason"), max_length=12, choices=Cause, blank=True)
    why = models.CharField(_("in their own words"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["answer_by"],
                condition=models.Q(ended_at=None, answered_at=None, answer_by__isnull=False),
                name="assignment_due",
            ),
            models.Index(fields=["agent", "-created_at"], name="assignment_of_agent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(ended_at=None),
                name="one_assignment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} → {self.agent or '–'}"


class HandoffNotice(models.Model):
    """A line for agents where they are, such as a Slack channel: that a conversation waits."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, default=timezone.now)  # null: sent, or given up
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice for agents")
        verbose_name_plural = _("notices for agents")
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="notice_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.conversation_id}"
