"""Texts and steps at hand, and what was done to many conversations at once."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CannedReply(models.Model):
    """A text at hand, in the languages in which it was written: typed as `/shortcut`."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose"),
        help_text=_("Empty: shared by the team."),
    )
    shortcut = models.CharField(
        _("shortcut"),
        max_length=30,
        validators=[
            RegexValidator(
                r"^[\w-]+\Z", _("Letters, digits, - and _ only: it is typed after a slash.")
            )
        ],
    )
    title = models.CharField(_("title"), max_length=80)
    # By language: {"da": "Hej {{customer.first_name}} ..."}.
    texts = models.JSONField(_("texts"), default=dict)
    used = models.PositiveIntegerField(_("used"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["shortcut", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "shortcut"], name="shortcut_once"),
            models.UniqueConstraint(
                fields=["shortcut"],
                condition=models.Q(owner__isnull=True),
                name="shared_shortcut_once",
            ),
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class Macro(models.Model):
    """Several steps under one name: a reply, labels, a priority, who gets it, its end."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose"),
        help_text=_("Empty: shared by the team."),
    )
    name = models.CharField(_("name"), max_length=80)
    # In order, `chatbot.inbox.macro_steps.Step` as JSON.
    steps = models.JSONField(_("steps"), default=list)
    used = models.PositiveIntegerField(_("used"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class BulkDeed(models.Model):
    """Something done to one or many conversations, with what they were before, to be undone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bulk_deeds"
    )
    deed = models.CharField(max_length=20)
    values = models.JSONField(default=dict)
    # By conversation: what it was, enough to bring it back where nobody changed it since.
    before = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("deed")
        verbose_name_plural = _("deeds")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.deed}"
