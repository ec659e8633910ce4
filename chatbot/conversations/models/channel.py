"""Places where customers write, how they fare, and what came in there."""

from typing import Any

from django.conf import settings
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models.files import private_files, private_path
from chatbot.conversations.models.sealed import SealedText, SealedTexts


def new_key() -> str:
    """Return a public key for a channel: it names the site and proves nothing."""
    return get_random_string(20)


def new_secret() -> str:
    """Return a secret with which a website signs who its customers are."""
    return get_random_string(48)


WEBSITE = "website"
EMAIL = "email"


def kinds() -> list[tuple[str, Any]]:
    """Return the kinds of channels that there are adapters for, with their names."""
    return [(kind, import_string(path).label) for kind, path in settings.CHANNEL_ADAPTERS.items()]


class Channel(models.Model):
    """A place where customers write: one website, one bot, one workspace, one mailbox."""

    kind = models.CharField(_("kind"), max_length=20, choices=kinds, default=WEBSITE)
    name = models.CharField(_("name"), max_length=100, help_text=_("Shown to customers."))
    key = models.CharField(
        _("key"),
        max_length=64,
        unique=True,
        default=new_key,
        help_text=_("Names the channel in addresses and in the pasted line. It is public."),
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
    holidays = models.CharField(
        _("public holidays of"),
        max_length=10,
        blank=True,
        help_text=_("A country, with its region where it matters: DK, SE, DE-SH. Empty: none."),
    )
    closed_days = models.JSONField(
        _("closed on"),
        default=list,
        blank=True,
        help_text=_('Further days on which nobody is at work: ["2026-12-24"].'),
    )
    away_messages = models.JSONField(
        _("away messages"),
        default=dict,
        blank=True,
        help_text=_("Said while it is closed, by language. Empty: when you are back."),
    )
    people_first = models.PositiveSmallIntegerField(
        _("people first"),
        default=0,
        help_text=_(
            "So many conversations at once go to people before the bot says anything. 0: the bot "
            "answers first."
        ),
    )
    offer_bot_seconds = models.PositiveSmallIntegerField(
        _("offer the bot from seconds"),
        default=30,
        help_text=_("With people first: where one would wait longer, the bot offers to help."),
    )
    asks_rating = models.BooleanField(
        _("asks how it was"),
        default=True,
        help_text=_("Once for each conversation that a person resolved: 1 to 5, and a word."),
    )
    nps_days = models.PositiveSmallIntegerField(
        _("asks for a recommendation every days"),
        default=0,
        help_text=_("0 to 10, at most once in so many days for each customer. 0: never."),
    )
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        help_text=_("Answers below this probability go to a person. Empty: the server's own."),
    )
    # What the service itself calls this bot, workspace or mailbox.
    account = models.CharField(_("account"), max_length=254, blank=True)
    # The fields of its adapter's form: those that anybody who administers may read, and the rest.
    config = models.JSONField(default=dict, blank=True)
    secrets: Any = SealedTexts(default=dict, blank=True)  # texts alone
    mailbox = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"kind": EMAIL},
        verbose_name=_("goes on by email through"),
        help_text=_(
            "Answers that a visitor who has left has not seen go out through this mailbox."
        ),
    )
    identity_secret: Any = SealedText(  # empty is kept as NULL
        _("secret for signed-in customers"),
        max_length=100,
        null=True,
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


class ChannelHealth(models.Model):
    """How a channel fares, at a glance; and which process listens to it."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="health")
    last_in_at = models.DateTimeField(_("last in"), null=True, blank=True)
    last_out_at = models.DateTimeField(_("last out"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    listener = models.CharField(max_length=64, blank=True)
    listens_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("health of a channel")
        verbose_name_plural = _("health of channels")

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.last_error or 'ok'}"


class ReceivedEvent(models.Model):
    """What a service sent, as it was. Its content goes once it was read; that it came stays.

    The row is what makes a repeated event known, and what a crash cannot lose.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be read")
        READ = "read", _("Read")
        UNREADABLE = "unreadable", _("Could not be read")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    event_id = models.CharField(max_length=300)
    order = models.FloatField(default=0.0)
    payload = models.BinaryField(blank=True)
    file = models.FileField(storage=private_files, upload_to=private_path, max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(_("error"), max_length=300, blank=True)
    received_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        constraints = [models.UniqueConstraint(fields=["channel", "event_id"], name="event_once")]
        indexes = [
            models.Index(
                fields=["channel", "order", "id"],
                condition=models.Q(state="waiting"),
                name="event_waiting",
            ),
            models.Index(fields=["received_at"], name="event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.state}"
