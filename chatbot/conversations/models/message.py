"""What is said, the files that come with it, and its way to the customer."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models.channel import Channel, ReceivedEvent
from chatbot.conversations.models.contact import ContactIdentity
from chatbot.conversations.models.conversation import Conversation
from chatbot.conversations.models.files import private_files, private_path


class Message(models.Model):
    """One thing said: by the contact, the bot, an agent, or the system (a notice)."""

    class Author(models.TextChoices):
        CONTACT = "contact", _("Customer")
        BOT = "bot", _("Bot")
        AGENT = "agent", _("Agent")
        SYSTEM = "system", _("System")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NOTICE = "notice", _("Notice")
        NOTE = "note", _("Private note")

    class State(models.TextChoices):
        PENDING = "pending", _("Not yet answered")
        HANDLED = "handled", _("Handled")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    # Of a customer's message: who wrote it, where that is not the conversation's own identity.
    identity = models.ForeignKey(
        ContactIdentity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    external_id = models.CharField(max_length=300, null=True, blank=True)  # noqa: DJ001  NULL is never a duplicate
    author = models.CharField(_("author"), max_length=10, choices=Author)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    author_name = models.CharField(max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    intent = models.CharField(max_length=10, default="message")
    text = models.TextField(_("text"))
    html = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    # What the channel tells besides: see `chatbot.conversations.details`.
    details = models.JSONField(default=dict, blank=True)
    citations = models.JSONField(default=list, blank=True)
    quick_replies = models.JSONField(default=list, blank=True)
    # Of a reply: how sure the bot was. Of a question: how sure of the entry in its evidence.
    confidence = models.FloatField(null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.HANDLED)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    # False from its recording until the rooms above are told of it, in the process that recorded.
    is_announced = True

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="message_once")
        ]
        indexes = [
            models.Index(
                fields=["conversation"],
                condition=models.Q(state="pending"),
                name="message_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_author_display()} {self.pk}"

    @cached_property
    def pictures(self) -> list["Attachment"]:
        """What was sent with it, in order; prefetch `attachments` for many messages."""
        return list(self.attachments.all())

    @cached_property
    def delivery(self) -> "Delivery | None":
        """Its way to where the customer writes; prefetch `deliveries` for many messages."""
        return min(self.deliveries.all(), key=lambda one: one.pk, default=None)


class Attachment(models.Model):
    """A file that came with a message or goes out with one, or is about to."""

    class State(models.TextChoices):
        READY = "ready", _("Here")
        WAITING = "waiting", _("Being fetched")
        FAILED = "failed", _("Could not be fetched")

    # Whose it is: a customer's, or an agent's.
    identity = models.ForeignKey(
        ContactIdentity,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attachments",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=127)
    size = models.PositiveIntegerField()  # bytes
    width = models.PositiveIntegerField(default=0)  # of a picture that may be shown
    height = models.PositiveIntegerField(default=0)
    file = models.FileField(
        storage=private_files, upload_to=private_path, max_length=100, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    reference = models.TextField(blank=True)  # by which the channel's adapter fetches it
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    content_id = models.CharField(max_length=200, blank=True)  # as the message's HTML names it
    # Of an agent's file that is not sent yet: with which conversation's draft it stays.
    kept_for = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Instead of a file: where the customer is, in degrees.
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(message__isnull=True),
                name="attachment_unsent",
            ),
            models.Index(
                fields=["next_at"],
                condition=models.Q(state="waiting"),
                name="attachment_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.pk}"


@receiver(post_delete, sender=Attachment)
@receiver(post_delete, sender=ReceivedEvent)
def _remove_file(instance: Attachment | ReceivedEvent, **_kwargs: Any) -> None:
    # After the commit: a row that is rolled back into being still needs its file.
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))


class Delivery(models.Model):
    """A message's way to its customer on one channel: kept until an adapter has taken it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    identity = models.ForeignKey(ContactIdentity, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    parts_sent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["message", "identity"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="queued"), name="delivery_due"
            ),
            models.Index(
                fields=["-id"], condition=models.Q(state="failed"), name="delivery_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.state}"


class SentPart(models.Model):
    """A part of a message as the service knows it: receipts and answers refer to this."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="sent_parts")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("sent part")
        verbose_name_plural = _("sent parts")
        indexes = [models.Index(fields=["channel", "external_id"], name="sent_part")]

    def __str__(self) -> str:
        return f"{self.delivery_id}"
