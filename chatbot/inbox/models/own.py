"""What belongs to one agent."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chatbot.conversations.models import Conversation, Message
from chatbot.routing.models import AgentProfile


class SavedView(models.Model):
    """A filter of the list under a name: somebody's own, or shared by the team."""

    # None: shared by all.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose"),
        help_text=_("Empty: shared by the team."),
    )
    name = models.CharField(_("name"), max_length=60)
    # `chatbot.inbox.filters.Filters` as JSON.
    filters = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What an agent has begun to write in a conversation."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REPLY)
    text = models.TextField(_("text"))
    # Grows with each change: of two tabs the later one wins, and the other is told.
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["user", "conversation", "kind"], name="draft_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.conversation_id}"


class Mention(models.Model):
    """A colleague who was named in a note."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mention_once")]
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(seen_at__isnull=True), name="mention_unseen"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.user_id}"


class Preferences(models.Model):
    """How an agent wants the inbox: its look, and how it calls."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the computer")
        LIGHT = "light", pgettext_lazy("theme", "Light")
        DARK = "dark", pgettext_lazy("theme", "Dark")

    agent = models.OneToOneField(AgentProfile, on_delete=models.CASCADE, related_name="inbox")
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    sound = models.BooleanField(_("sound"), default=True)
    desktop = models.BooleanField(_("notifications of the browser"), default=False)
    # Whether notifications of the browser, which others may see, say what the customer wrote.
    words = models.BooleanField(_("words in notifications"), default=False)
    # What they are not told of: names of events, see `chatbot.inbox.preferences`.
    quiet = models.JSONField(default=list, blank=True)
    # Empty: as the browser asks for it.
    language = models.CharField(
        _("language"), max_length=16, blank=True, default="", choices=settings.LANGUAGES
    )

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return f"{self.agent_id}"
