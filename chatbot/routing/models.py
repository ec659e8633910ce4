"""Who can help with what, who is here, and why a conversation went to whom."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Channel, Conversation
from knowledge.models import Category


class Skill(models.Model):
    """Something that a person can be good at; conversations of its topics need it."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    topics = models.ManyToManyField(
        Category, related_name="skills", blank=True, verbose_name=_("topics")
    )

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentProfile(models.Model):
    """A user who answers customers."""

    class Presence(models.TextChoices):
        ONLINE = "online", _("Online")
        AWAY = "away", _("Away")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent"
    )
    name = models.CharField(_("name"), max_length=60, help_text=_("As customers see it."))
    skills = models.ManyToManyField(
        Skill, related_name="agents", blank=True, verbose_name=_("skills")
    )
    languages = models.JSONField(
        _("languages"), default=list, blank=True, help_text=_('Like ["da", "en"].')
    )
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), default=4, help_text=_("Open conversations at the same time.")
    )
    # What the agent chose; here at all is who also has a live connection.
    presence = models.CharField(
        _("presence"), max_length=10, choices=Presence, default=Presence.ONLINE
    )

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentConnection(models.Model):
    """An open inbox of an agent: presence, and who looks at what. Expires when it goes silent."""

    agent = models.ForeignKey(AgentProfile, on_delete=models.CASCADE, related_name="connections")
    socket = models.CharField(max_length=200, unique=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, related_name="viewers"
    )
    typing_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.socket


class Assignment(models.Model):
    """Why a conversation went to a person, or to nobody yet: with every candidate."""

    class Way(models.TextChoices):
        ROUTED = "routed", _("By routing")
        TAKEN = "taken", _("Taken by the agent")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="assignments"
    )
    agent = models.ForeignKey(
        AgentProfile, on_delete=models.SET_NULL, null=True, related_name="assignments"
    )
    way = models.CharField(_("how"), max_length=10, choices=Way, default=Way.ROUTED)
    needs = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-id"]

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
