"""People, as we know them and as channels do."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models.channel import Channel


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
    # What a blocked contact writes is kept, resolved at once, and answered by nobody.
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(is_vip=True), name="contact_vip"),
            models.Index(
                fields=["id"], condition=models.Q(blocked_at__isnull=False), name="contact_blocked"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or unnamed(self.pk)


class ContactIdentity(models.Model):
    """A contact as one channel knows it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=254)
    # As the channel shows them: the contact's own name may be another.
    name = models.CharField(_("name"), max_length=100, blank=True)
    # Why nothing reaches them there any more, such as a blocked bot.
    unreachable = models.CharField(_("cannot be reached"), max_length=200, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)  # of website visitors
    # Who the website said this is: its word counts until `verified_until`. Whom it named stays,
    # so that another person in the same browser is told apart.
    verified_email = models.EmailField(blank=True)
    verified_id = models.CharField(max_length=200, blank=True)
    # The address that they proved by a code here.
    proven_email = models.EmailField(blank=True)
    verified_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="identity_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}:{self.external_id}"


class ContactMerge(models.Model):
    """Two contacts that turned out to be one person; kept so that it can be undone."""

    class Way(models.TextChoices):
        PROVEN = "proven", _("Proven identity")
        AGENT = "agent", _("Agent")

    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    # The contact that went into it, and what was moved: enough to take them apart again.
    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    is_vip = models.BooleanField(default=False)
    since = models.DateTimeField()
    before = models.JSONField(default=dict)  # of the kept contact: fields that were filled in
    identities = models.JSONField(default=list)  # primary keys
    merges = models.JSONField(default=list)  # that it had itself: primary keys
    way = models.CharField(_("how"), max_length=10, choices=Way)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(_("at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("merged contact")
        verbose_name_plural = _("merged contacts")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kept_id}: {self.way}"
