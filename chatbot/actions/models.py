"""What was done, who proved to be whom, and what has still to be sent."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Conversation


class ActionRun(models.Model):
    """One action from its beginning to what came of it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="runs", verbose_name=_("conversation")
    )
    action = models.CharField(_("action"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True)  # empty: under way
    values = models.JSONField(_("collected"), default=dict, blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    turns = models.PositiveSmallIntegerField(_("turns"), default=0)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions that ran")
        ordering = ["-id"]
        indexes = [models.Index(fields=["action", "outcome"], name="run_outcome")]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class Proof(models.Model):
    """What a customer has proven in a conversation: an address, or one order."""

    class Kind(models.TextChoices):
        CODE = "code", _("Code by email")
        ORDER = "order", _("Order number and email")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=10, choices=Kind)
    email = models.EmailField()
    order = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class OneTimeCode(models.Model):
    """A code that was mailed, kept as a hash, for one conversation and one address."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="codes")
    email = models.EmailField()
    digest = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField(default=3)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """Something of which only so much is allowed, counted by a keyed hash of whom it is about."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=64)
    key = models.CharField(max_length=100)  # one try at one message counts once
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "key"], name="attempt_once")
        ]
        indexes = [models.Index(fields=["kind", "subject", "at"], name="attempt_recent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Errand(models.Model):
    """Something to be sent or asked for behind the reply, until it is done or has failed.

    What it was about is forgotten then.
    """

    class Kind(models.TextChoices):
        RESET = "reset", _("Link for a new password")
        CODE = "code", _("One-time code")
        LABEL = "label", _("Return label")
        TEXT = "text", _("Text message")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="errands")
    key = models.CharField(max_length=100, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    last_error = models.CharField(_("last error"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="errand_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
