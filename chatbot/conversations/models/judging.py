"""What people say of the bot's answers and guesses, and what is learned from it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models.channel import Channel
from chatbot.conversations.models.contact import Contact
from chatbot.conversations.models.conversation import Conversation, Priority
from chatbot.conversations.models.message import Message


class Verdict(models.Model):
    """Whether what the bot had for a customer's question was right: said once it is known."""

    class Source(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        REPLY = "reply", _("A colleague's reply")  # which said what the bot would have
        AGENT = "agent", _("Agent")

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, related_name="verdict", verbose_name=_("question")
    )
    right = models.BooleanField(_("right"))
    source = models.CharField(_("said by"), max_length=10, choices=Source)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")

    def __str__(self) -> str:
        return f"{self.message_id}: {self.right}"


class Classification(models.Model):
    """What an agent says a conversation is about, where the bot had said something else."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="classifications"
    )
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority)
    topic_before = models.CharField(max_length=60, blank=True)
    priority_before = models.CharField(max_length=10, choices=Priority)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("classification")
        verbose_name_plural = _("classifications")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.topic}"


class SiteConfidence(models.Model):
    """How a site's own outcomes move the shipped confidence: see `answering.refitting`.

    `labels` is 0 where a person went back to the shipped model.
    """

    channel = models.ForeignKey(
        Channel,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("channel"),
        help_text=_("Empty: all channels that have none of their own."),
    )
    shift = models.FloatField()
    slope = models.FloatField()
    shipped = models.CharField(max_length=64)  # of the model that it moves, and no other
    labels = models.PositiveIntegerField(default=0)
    loss_before = models.FloatField(null=True, blank=True)
    loss_after = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=False)
    user = models.ForeignKey(  # null: by itself
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("confidence of a site")
        verbose_name_plural = _("confidences of sites")
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=models.Q(is_active=True), name="one_confidence"
            ),
            models.UniqueConstraint(
                fields=["is_active"],
                condition=models.Q(is_active=True, channel__isnull=True),
                name="one_confidence_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel or '*'} {self.created_at:%Y-%m-%d}"


class Rating(models.Model):
    """What a customer says of how a person helped: asked once for each conversation."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="rating"
    )
    # Whom it is about: who resolved it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    score = models.PositiveSmallIntegerField(
        _("rating"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    comment = models.TextField(_("comment"), blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # The message that asked, to which buttons and numbers refer.
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.score or '–'}"


class Recommendation(models.Model):
    """Whether a customer would recommend the company, 0 to 10 (Net Promoter Score)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="recommendations")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    score = models.PositiveSmallIntegerField(
        _("recommends"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["contact", "-asked_at"], name="recommendation_newest")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.score if self.score is not None else '–'}"
