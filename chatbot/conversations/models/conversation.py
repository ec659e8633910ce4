"""Matters of contacts, and who has them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chatbot.conversations.models.channel import Channel
from chatbot.conversations.models.contact import Contact, ContactIdentity


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
    PEOPLE_FIRST = "people_first", _("People answer first here")


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
    REOPENED = "reopened", _("The customer writes again after it was resolved")
    PARTICIPANT = "participant", _("Somebody else wrote in the customer's conversation")
    UNREADABLE = "unreadable", _("A message could not be read; it is attached whole")
    UNOPENED = "unopened", _("A message could not be opened; what is known of it is attached")
    TOO_LARGE = "too_large", _("A mail was too large to be taken over whole")
    LOOP = "loop", _("So many messages in an hour that a machine may be answering")


class Priority(models.TextChoices):
    """How soon a person should look at a conversation."""

    NORMAL = "normal", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")
    URGENT = "urgent", pgettext_lazy("priority", "Urgent")


# What is due next, reply or end, of those of which something is: while one is snoozed nothing runs.
NEXT_DUE = Least(
    Coalesce("reply_due_at", "resolve_due_at"), Coalesce("resolve_due_at", "reply_due_at")
)
HAS_DUE = models.Q(snoozed_until__isnull=True) & (
    models.Q(reply_due_at__isnull=False) | models.Q(resolve_due_at__isnull=False)
)


class Conversation(models.Model):
    """One matter of one contact on one channel, from the first message to its resolution."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    identity = models.ForeignKey(ContactIdentity, on_delete=models.CASCADE)
    # Where the channel has several conversations of one customer side by side: which one.
    thread = models.CharField(max_length=300, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    # Where the customer wrote last, if that is not where they began.
    answer_to = models.ForeignKey(
        ContactIdentity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.BOT)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    language = models.CharField(_("language"), max_length=16, default="en")
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority, default=Priority.NORMAL
    )
    # How much work it will be, 0 to 1: `chatbot.routing.complexity`.
    complexity = models.FloatField(_("complexity"), default=0.5)
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
    # Out of sight until then, or until its customer writes.
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    snoozed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What a service level promises: when the next reply is due, and the end. None: nothing runs.
    reply_due_at = models.DateTimeField(_("reply due"), null=True, blank=True)
    resolve_due_at = models.DateTimeField(_("resolution due"), null=True, blank=True)
    # Agents read this one's messages in that one; what its customer writes next goes there too.
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged"
    )

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "thread"],
                condition=~models.Q(status="resolved"),
                name="one_open_conversation",
            )
        ]
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="conversation_newest"),
            # What inboxes show: the open ones are few among all that were ever closed.
            models.Index(
                fields=["-last_message_at", "-id"],
                condition=~models.Q(status="resolved"),
                name="conversation_open",
            ),
            # By which agents filter what was closed: rare values are found without a walk.
            models.Index(fields=["status", "-last_message_at", "-id"], name="conversation_status"),
            models.Index(fields=["topic", "-last_message_at", "-id"], name="conversation_topic"),
            models.Index(
                fields=["channel", "-last_message_at", "-id"], name="conversation_channel"
            ),
            models.Index(
                fields=["language", "-last_message_at", "-id"], name="conversation_language"
            ),
            models.Index(
                fields=["assignee", "-last_message_at", "-id"],
                condition=models.Q(assignee__isnull=False),
                name="conversation_by_assignee",
            ),
            models.Index(
                fields=["priority", "-last_message_at", "-id"], name="conversation_priority"
            ),
            models.Index(
                fields=["-last_message_at", "-id"],
                condition=models.Q(waiting_since__isnull=False),
                name="conversation_unanswered",
            ),
            models.Index(fields=["status", "handed_off_at"], name="conversation_waiting"),
            models.Index(
                fields=["channel", "thread"],
                condition=~models.Q(thread=""),
                name="conversation_thread",
            ),
            models.Index(fields=["assignee", "status"], name="conversation_assignee"),
            models.Index(
                fields=["snoozed_until"],
                condition=models.Q(snoozed_until__isnull=False),
                name="conversation_snoozed",
            ),
            models.Index(
                fields=["reply_due_at"],
                condition=models.Q(reply_due_at__isnull=False),
                name="conversation_reply_due",
            ),
            models.Index(NEXT_DUE, "id", condition=HAS_DUE, name="conversation_next_due"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.channel}"
