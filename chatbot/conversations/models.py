"""The rows that are the truth: what was said, by whom, and where it still has to go."""

import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """Return a public key for a channel: it names the site and proves nothing."""
    return get_random_string(20)


def new_secret() -> str:
    """Return a secret with which a website signs who its customers are."""
    return get_random_string(48)


class Channel(models.Model):
    """A place where customers write: one website, one bot, one workspace, one mailbox."""

    class Kind(models.TextChoices):
        WEBSITE = "website", _("Website")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.WEBSITE)
    name = models.CharField(_("name"), max_length=100, help_text=_("Shown to customers."))
    key = models.CharField(
        _("key"),
        max_length=64,
        unique=True,
        default=new_key,
        help_text=_("The data-key of the pasted line. It is public."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    bot_name = models.CharField(_("name of the bot"), max_length=60, default="Svar")
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#0f766e",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write it as #rrggbb."))],
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    allowed_origins = models.TextField(
        _("allowed origins"),
        blank=True,
        help_text=_("Websites that may show the widget, one a line: https://shop.example"),
    )
    reply_minutes = models.PositiveSmallIntegerField(
        _("usual reply time in minutes"),
        default=5,
        help_text=_("Promised until enough replies have been measured."),
    )
    opening_hours = models.JSONField(
        _("opening hours"),
        default=dict,
        blank=True,
        help_text=_('By weekday, 0 is Monday: {"0": [["09:00", "17:00"]]}. Empty: always open.'),
    )
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        help_text=_("Answers below this probability go to a person. Empty: the server's own."),
    )
    identity_secret = models.CharField(
        _("secret for signed-in customers"),
        max_length=100,
        blank=True,
        default=new_secret,
        validators=[MinLengthValidator(32)],  # RFC 7518, section 3.2
        help_text=_(
            "Your website's server signs with it who is logged in. Keep it there: whoever has it "
            "can speak for any customer. Empty: nobody is believed."
        ),
    )

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name

    @property
    def origins(self) -> set[str]:
        """The allowed origins, as browsers write them."""
        return {line.strip().rstrip("/").lower() for line in self.allowed_origins.split()}


def unnamed(contact_id: int) -> str:
    """Return what to call a contact of whom nothing is known."""
    return gettext("Visitor %(number)s") % {"number": contact_id}


class Contact(models.Model):
    """A person who writes to us, on one or more channels."""

    name = models.CharField(_("name"), max_length=100, blank=True)
    email = models.EmailField(_("email"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    is_vip = models.BooleanField(
        _("VIP"), default=False, help_text=_("Goes first when a person is needed.")
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return self.name or self.email or unnamed(self.pk)


class ContactIdentity(models.Model):
    """A contact as one channel knows it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=200)
    # Who the website said this is: its word counts until `verified_until`. Whom it named stays,
    # so that another person in the same browser is told apart.
    verified_email = models.EmailField(blank=True)
    verified_id = models.CharField(max_length=200, blank=True)
    verified_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="identity_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}:{self.external_id}"


class Status(models.TextChoices):
    """Who has a conversation."""

    BOT = "bot", _("With the bot")
    QUEUED = "queued", _("Waiting")
    ASSIGNED = "assigned", pgettext_lazy("conversation", "With a person")
    RESOLVED = "resolved", _("Resolved")


class HandoffReason(models.TextChoices):
    """Why the bot brought a person."""

    CUSTOMER_REQUEST = "customer_request", _("The customer asked for a person")
    LOW_CONFIDENCE = "low_confidence", _("The bot was not sure enough")
    MISSING_KNOWLEDGE = "missing_knowledge", _("Nothing is written about this")
    UNSUPPORTED_REQUEST = "unsupported_request", _("The bot cannot do this")
    POLICY_RESTRICTION = "policy_restriction", _("A person has to decide this")
    TOOL_FAILURE = "tool_failure", _("A system did not answer")
    PENDING_CLARIFICATION = "pending_clarification", _("The question stayed unclear")
    ERROR = "error", _("Something went wrong while answering")


class HandoffDetail(models.TextChoices):
    """What the reason leaves open; kept in a conversation's `handoff`."""

    UPSET = "upset", _("The customer is upset")
    ASKED_AGAIN = "asked_again", _("The customer asked the same again after the bot's answer")
    NOT_HELPED = "not_helped", _("The bot's answers did not help")
    NONE_CHOSEN = "none_chosen", _("Nothing that the bot offered was meant")
    ONE_OF_SEVERAL = "one_of_several", _("One of several questions has no sure answer")
    UNPROVEN = "unproven", _("The customer could not prove who they are")
    COMPLAINT = "complaint", _("A complaint, with its case opened")
    TECHNICAL = "technical", _("A technical issue, with its facts collected")


class Priority(models.TextChoices):
    """How soon a person should look at a conversation."""

    NORMAL = "normal", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")
    URGENT = "urgent", pgettext_lazy("priority", "Urgent")


class Conversation(models.Model):
    """One matter of one contact on one channel, from the first message to its resolution."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    identity = models.ForeignKey(ContactIdentity, on_delete=models.CASCADE)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.BOT)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    language = models.CharField(_("language"), max_length=16, default="en")
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority, default=Priority.NORMAL
    )
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    reason = models.CharField(
        _("handed off because"), max_length=30, choices=HandoffReason, blank=True
    )
    # What the bot remembers: `chatbot.answering.dialogue.Dialogue`.
    dialogue = models.JSONField(default=dict, blank=True)
    # The action under way: `chatbot.actions.base.Task`.
    task = models.JSONField(default=dict, blank=True)
    # What the agent needs first: the question and what the bot would have answered.
    handoff = models.JSONField(default=dict, blank=True)
    page_url = models.CharField(_("page"), max_length=2000, blank=True)
    page_title = models.CharField(_("page title"), max_length=300, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    preview_text = models.CharField(max_length=160, blank=True)
    preview_author = models.CharField(max_length=10, default="contact")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    last_message_at = models.DateTimeField(_("last message"), default=timezone.now)
    handed_off_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    seen_id = models.BigIntegerField(default=0)  # the last message its customer has seen

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=~models.Q(status="resolved"),
                name="one_open_conversation",
            )
        ]
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="conversation_newest"),
            models.Index(fields=["status", "handed_off_at"], name="conversation_waiting"),
            models.Index(fields=["assignee", "status"], name="conversation_assignee"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.channel}"


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
    citations = models.JSONField(default=list, blank=True)
    quick_replies = models.JSONField(default=list, blank=True)
    # Of a reply: how sure the bot was. Of a question: how sure of the entry in its evidence.
    confidence = models.FloatField(null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.HANDLED)
    created_at = models.DateTimeField(_("at"), default=timezone.now)

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


def attachment_files() -> FileSystemStorage:
    """Return where customers' files are kept: beside the data, where no address leads."""
    return FileSystemStorage(
        location=settings.ATTACHMENTS_DIR,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def attachment_path(attachment: "Attachment", name: str) -> str:
    """Return a name for a file that says nothing of it."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


class Attachment(models.Model):
    """A picture that a customer sent with a message, or is about to. Its file goes with it."""

    identity = models.ForeignKey(
        ContactIdentity, on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(storage=attachment_files, upload_to=attachment_path, max_length=100)
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
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.pk}"


@receiver(post_delete, sender=Attachment)
def _remove_file(instance: Attachment, **_kwargs: Any) -> None:
    # After the commit: a row that is rolled back into being still needs its file.
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))


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


class Delivery(models.Model):
    """A message's way to its customer: kept until an adapter has taken it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="queued"), name="delivery_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.state}"


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
