"""Agents: what they can, when they are at work, and whether they are here now."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models import Channel, Conversation, Priority
from knowledge.models import Category

USUAL_LEVEL = 3


def site_zone() -> str:
    """Return the time zone of the site."""
    return str(settings.TIME_ZONE)


def check_zone(name: str) -> None:
    """Raise ValidationError where there is no such time zone."""
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone: Europe/Copenhagen is one."))


class Skill(models.Model):
    """Something that a person can be good at.

    A conversation needs one skill out of those of its topic, one of those of its channel, and so
    on: of each kind of condition below by which any skill is meant for it.
    """

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    topics = models.ManyToManyField(
        Category, related_name="skills", blank=True, verbose_name=_("topics")
    )
    channels = models.ManyToManyField(
        Channel,
        related_name="skills",
        blank=True,
        verbose_name=_("channels"),
        help_text=_("Conversations there need this skill."),
    )
    languages = models.JSONField(
        _("languages"),
        default=list,
        blank=True,
        help_text=_('Conversations in these need this skill, like ["de"].'),
    )
    from_priority = models.CharField(
        _("from priority"),
        max_length=10,
        choices=Priority,
        blank=True,
        help_text=_("Conversations of this priority and above need this skill."),
    )
    for_vips = models.BooleanField(
        _("for VIPs"), default=False, help_text=_("Conversations of VIPs need this skill.")
    )
    weight = models.PositiveSmallIntegerField(
        _("priority"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_(
            "1 to 9. Where several are needed that nobody here has, the lowest is let go first."
        ),
    )
    patience_minutes = models.PositiveSmallIntegerField(
        _("needed for minutes"),
        default=10,
        null=True,
        blank=True,
        help_text=_(
            "Where nobody here has it, a conversation waits so long for it and then goes to "
            "somebody without it. Empty: it waits until somebody comes."
        ),
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
        Skill,
        through="AgentSkill",
        related_name="agents",
        blank=True,
        verbose_name=_("skills"),
    )
    languages = models.JSONField(
        _("languages"), default=list, blank=True, help_text=_('Like ["da", "en"].')
    )
    preferences = models.ManyToManyField(
        Category,
        related_name="preferred_by",
        blank=True,
        verbose_name=_("prefers"),
        help_text=_("Topics that this person likes to work on."),
    )
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), default=4, help_text=_("Open conversations at the same time.")
    )
    hours = models.JSONField(
        _("working hours"),
        default=dict,
        blank=True,
        help_text=_(
            'By weekday, 0 is Monday: {"0": [["09:00", "17:00"]]}. Empty: whenever they are here.'
        ),
    )
    zone = models.CharField(
        _("time zone"), max_length=60, default=site_zone, validators=[check_zone]
    )
    # What the agent chose; here at all is who also has a live connection.
    presence = models.CharField(
        _("presence"), max_length=10, choices=Presence, default=Presence.ONLINE
    )

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name"]
        permissions = [("supervise", _("May supervise the team"))]

    def __str__(self) -> str:
        return self.name

    def local(self, moment: datetime) -> datetime:
        """Return an aware moment in the agent's own zone."""
        return moment.astimezone(ZoneInfo(self.zone))


class AgentSkill(models.Model):
    """How well an agent says, or is said, to know something."""

    agent = models.ForeignKey(
        AgentProfile, on_delete=models.CASCADE, db_column="agentprofile_id", verbose_name=_("agent")
    )
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(
        _("level"),
        default=USUAL_LEVEL,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 a beginner, 5 an expert. Matters until their own cases say more."),
    )

    class Meta:
        db_table = "routing_agentprofile_skills"  # it was a table without levels
        verbose_name = _("skill of an agent")
        verbose_name_plural = _("skills of agents")
        unique_together = (("agent", "skill"),)

    def __str__(self) -> str:
        return f"{self.agent}: {self.skill} {self.level}"


class Absence(models.Model):
    """Days on which an agent is not at work."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        SICK = "sick", _("Sick")
        OTHER = "other", _("Something else")

    agent = models.ForeignKey(
        AgentProfile, on_delete=models.CASCADE, related_name="absences", verbose_name=_("agent")
    )
    kind = models.CharField(_("why"), max_length=10, choices=Kind, default=Kind.HOLIDAY)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    stand_in = models.ForeignKey(
        AgentProfile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stands_in",
        verbose_name=_("stand-in"),
        help_text=_("Empty: whoever is best at each conversation."),
    )

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-first"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="absence_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.first} – {self.last}"

    def covers(self, moment: datetime) -> bool:
        """Return whether the agent is off at an aware moment: days are meant in their zone."""
        return self.first <= self.agent.local(moment).date() <= self.last

    def clean(self) -> None:
        """Raise ValidationError for days in the wrong order, or a stand-in for oneself."""
        if self.first and self.last and self.last < self.first:
            raise ValidationError({"last": _("The last day is before the first.")})
        if self.stand_in_id is not None and self.stand_in_id == self.agent_id:
            raise ValidationError({"stand_in": _("Nobody stands in for themselves.")})


class Shift(models.Model):
    """When an agent was here: from the first open inbox to the last one closed."""

    agent = models.ForeignKey(AgentProfile, on_delete=models.CASCADE, related_name="shifts")
    began_at = models.DateTimeField(_("came"), default=timezone.now)
    ended_at = models.DateTimeField(_("left"), null=True, blank=True)

    class Meta:
        verbose_name = _("time at work")
        verbose_name_plural = _("times at work")
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["ended_at"], name="shift_ended")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=models.Q(ended_at=None), name="one_shift"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.began_at:%Y-%m-%d %H:%M}"


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
