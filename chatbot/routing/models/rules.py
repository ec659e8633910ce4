"""What an admin decides about routing."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chatbot.conversations.models import Channel, Priority
from knowledge.models import Category

_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Strategy(models.TextChoices):
    """What matters for a kind of conversation: `policy.STRATEGIES`."""

    ROUTINE = "routine", _("Routine: even load")
    COMPLEX = "complex", _("Complex: best match")
    CRITICAL = "critical", _("Critical: soonest")
    VIP = "vip", _("VIP: best rated")


def _weight(
    name: object, default: float, help_text: object = ""
) -> "models.FloatField[float, float]":
    field: models.FloatField[float, float] = models.FloatField(
        cast(Any, name), default=default, validators=_SHARE, help_text=cast(Any, help_text)
    )
    return field


class RoutingSettings(models.Model):
    """How conversations find their person; one row."""

    class Mode(models.TextChoices):
        OBSERVE = "observe", _("Observe: record what it would have done")
        SUGGEST = "suggest", _("Suggest: a person decides")
        AUTOMATIC = "automatic", _("Automatic")

    mode = models.CharField(
        _("learned routing"),
        max_length=10,
        choices=Mode,
        default=Mode.AUTOMATIC,
        help_text=_(
            "While it observes, conversations go by skill, language and free places alone."
        ),
    )
    # Who has room: four shares of one whole.
    open_share = _weight(_("open conversations"), 0.4)
    complexity_share = _weight(_("their complexity"), 0.3)
    availability_share = _weight(_("availability"), 0.2)
    preference_share = _weight(_("preference"), 0.1)
    half_life_days = models.PositiveSmallIntegerField(
        _("half-life in days"),
        default=60,
        validators=[MinValueValidator(1)],
        help_text=_("A case so old counts half."),
    )
    chat_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer a chat"),
        default=2,
        validators=[MinValueValidator(1)],
        help_text=_("Then the conversation goes to the next best."),
    )
    email_minutes = models.PositiveSmallIntegerField(
        _("minutes to answer an email"),
        default=120,
        validators=[MinValueValidator(1)],
        help_text=_("Counted in the agent's working hours."),
    )
    leaving_seconds = models.PositiveSmallIntegerField(
        _("seconds until somebody has left"),
        default=120,
        help_text=_("Whose inbox is closed for so long gives back what is open."),
    )

    class Meta:
        verbose_name = _("routing settings")
        verbose_name_plural = _("routing settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_routing_settings")
        ]

    def __str__(self) -> str:
        return self.get_mode_display()

    def clean(self) -> None:
        """Raise ValidationError where the shares are not one whole."""
        shares = (
            self.open_share,
            self.complexity_share,
            self.availability_share,
            self.preference_share,
        )
        if abs(sum(shares) - 1.0) > 1e-6:
            raise ValidationError(_("The four shares of room must add up to 1."))


class StrategyWeights(models.Model):
    """A strategy's weights, where an admin has changed them."""

    strategy = models.CharField(_("strategy"), max_length=20, choices=Strategy, unique=True)
    language = _weight(_("language"), 1.0, _("More than all others together: it always decides."))
    speed = _weight(_("quick at such cases"), 0.0)
    soonest = _weight(_("done soonest"), 0.0)
    quality = _weight(_("solves such cases well"), 0.0)
    rating = _weight(_("customers' ratings"), 0.0)
    declared = _weight(_("declared level"), 0.0)
    room = _weight(_("has room"), 0.0)
    balance = _weight(_("given little lately"), 0.0)
    exploration = _weight(_("little known of"), 0.0)
    continuity = _weight(_("had it before"), 0.0)

    class Meta:
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")

    def __str__(self) -> str:
        return self.get_strategy_display()


class RoutingRule(models.Model):
    """Which strategy a conversation is routed by: the first rule that fits; else routine."""

    order = models.PositiveSmallIntegerField(_("order"), default=10)
    strategy = models.CharField(_("strategy"), max_length=20, choices=Strategy)
    topics = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("topics")
    )
    channels = models.ManyToManyField(
        Channel, blank=True, related_name="+", verbose_name=_("channels")
    )
    from_priority = models.CharField(
        _("from priority"), max_length=10, choices=Priority, blank=True
    )
    for_vips = models.BooleanField(pgettext_lazy("rule", "for VIPs only"), default=False)
    from_complexity = models.FloatField(
        _("from complexity"), null=True, blank=True, validators=_SHARE
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_strategy_display()}"


class ServiceLevel(models.Model):
    """Within how long a customer is answered and helped: the first one that fits; else none.

    Minutes count while the channel is open. None: not promised.
    """

    order = models.PositiveSmallIntegerField(_("order"), default=10)
    name = models.CharField(_("name"), max_length=80)
    channels = models.ManyToManyField(
        Channel, blank=True, related_name="+", verbose_name=_("channels")
    )
    from_priority = models.CharField(
        _("from priority"), max_length=10, choices=Priority, blank=True
    )
    for_vips = models.BooleanField(pgettext_lazy("rule", "for VIPs only"), default=False)
    first_reply_minutes = models.PositiveIntegerField(
        _("minutes to the first reply"), null=True, blank=True
    )
    next_reply_minutes = models.PositiveIntegerField(
        _("minutes to each further reply"), null=True, blank=True
    )
    resolve_minutes = models.PositiveIntegerField(
        _("minutes to the resolution"), null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name
