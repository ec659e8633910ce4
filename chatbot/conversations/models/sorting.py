"""How a team keeps its conversations in order: labels, and what belongs together."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.models.conversation import Conversation


class Label(models.Model):
    """A word that a team sticks on conversations."""

    class Colour(models.TextChoices):
        GREY = "grey", _("Grey")
        TEAL = "teal", _("Teal")
        BLUE = "blue", _("Blue")
        VIOLET = "violet", _("Violet")
        ROSE = "rose", _("Rose")
        AMBER = "amber", _("Amber")

    name = models.CharField(_("name"), max_length=40, unique=True)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.GREY)
    conversations = models.ManyToManyField(
        Conversation, through="ConversationLabel", related_name="labels"
    )

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ConversationLabel(models.Model):
    """A label on a conversation, and who put it there."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="label_rows"
    )
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="rows")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("label on a conversation")
        verbose_name_plural = _("labels on conversations")
        constraints = [models.UniqueConstraint(fields=["label", "conversation"], name="label_once")]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.label_id}"


class ConversationLink(models.Model):
    """Two conversations that agents say belong together: `first` is the older one."""

    first = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links_later")
    second = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links_earlier")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("linked conversations")
        verbose_name_plural = _("linked conversations")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="link_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="link_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} – {self.second_id}"
