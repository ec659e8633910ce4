"""Svar's own shop: what a company keeps here that has no system for it.

Nothing outside `chatbot.systems` reads these rows but the admin: the rest asks the ports.
"""

import re

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_NOTHING = re.compile(r"[\W_]+")


def plain_number(number: str) -> str:
    """Return a number as numbers are compared: "LL-10482" and "ll 10482" are the same one."""
    return _NOTHING.sub("", number).upper()


def plain_email(email: str) -> str:
    """Return `email` as addresses are compared and kept."""
    return email.strip().casefold()


class Account(AbstractBaseUser):
    """A customer's account. It opens nothing of Svar: agents and admins are users."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = plain_email(self.email)

    def save(self, *args, **options) -> None:  # type: ignore[no-untyped-def]  # Django's own
        self.email = plain_email(self.email)
        super().save(*args, **options)


class ShopOrder(models.Model):
    """An order."""

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("order", "Received")
        PACKING = "packing", pgettext_lazy("order", "Being packed")
        SENT = "sent", pgettext_lazy("order", "Sent")
        READY = "ready", pgettext_lazy("order", "Ready to be picked up")
        DELIVERED = "delivered", pgettext_lazy("order", "Delivered")
        CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")
        RETURNED = "returned", pgettext_lazy("order", "Returned")

    number = models.CharField(_("number"), max_length=60, unique=True)
    plain = models.CharField(max_length=60, unique=True, editable=False)
    email = models.EmailField(_("email"), db_index=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, blank=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters: DK, SE, DE.")
    )
    placed_on = models.DateField(_("placed on"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("shop", "order")
        verbose_name_plural = pgettext_lazy("shop", "orders")
        ordering = ["-placed_on", "-id"]

    def __str__(self) -> str:
        return self.number

    def save(self, *args, **options) -> None:  # type: ignore[no-untyped-def]  # Django's own
        self.email = plain_email(self.email)
        self.plain = plain_number(self.number)
        super().save(*args, **options)


class ShopOrderLine(models.Model):
    """A line of an order."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="lines")
    number = models.CharField(_("article number"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    is_returnable = models.BooleanField(_("can be returned"), default=True)

    class Meta:
        verbose_name = pgettext_lazy("order", "line")
        verbose_name_plural = pgettext_lazy("order", "lines")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"


class ShopShipment(models.Model):
    """A parcel of an order."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="shipments")
    carrier = models.CharField(_("carrier"), max_length=60)
    number = models.CharField(_("parcel number"), max_length=60)
    url = models.URLField(_("tracking page"), max_length=500, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.carrier} {self.number}"


class ShopProduct(models.Model):
    """A product; its variants are what can be bought."""

    number = models.CharField(_("number"), max_length=60, unique=True)
    url = models.URLField(_("page"), max_length=500, blank=True)
    also = models.CharField(
        _("also called"),
        max_length=400,
        blank=True,
        help_text=_("Other words that customers use for it, in any language."),
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


class ProductName(models.Model):
    """What a product is called in one language."""

    product = models.ForeignKey(ShopProduct, on_delete=models.CASCADE, related_name="names")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [
            models.UniqueConstraint(fields=["product", "language"], name="product_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ShopVariant(models.Model):
    """A thing that can be bought: a colour, a size. `names` are by language, perhaps none."""

    product = models.ForeignKey(ShopProduct, on_delete=models.CASCADE, related_name="variants")
    number = models.CharField(_("article number"), max_length=60, unique=True)
    names = models.JSONField(
        _("names"),
        default=dict,
        blank=True,
        help_text=_('By language: {"en": "Moss", "da": "Mos"}. Empty where there is but one.'),
    )
    available = models.PositiveIntegerField(_("in stock"), default=0)
    back_on = models.DateField(_("back on"), null=True, blank=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.number


class Return(models.Model):
    """A return that its customer announced; all that is on its label is kept here."""

    class State(models.TextChoices):
        ANNOUNCED = "announced", pgettext_lazy("return", "Announced")
        RECEIVED = "received", pgettext_lazy("return", "Received")
        REFUNDED = "refunded", pgettext_lazy("return", "Refunded")

    number = models.CharField(_("number"), max_length=60, unique=True)
    key = models.CharField(max_length=200, unique=True, editable=False)
    # Empty where the orders are in another system than the returns.
    order = models.ForeignKey(
        ShopOrder,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="returns",
        verbose_name=pgettext_lazy("shop", "order"),
    )
    order_number = models.CharField(_("order number"), max_length=60, db_index=True)
    email = models.EmailField(_("email"), db_index=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    lines = models.JSONField(_("lines"), default=list)  # of {number, name, quantity}
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking = models.CharField(_("parcel number"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ANNOUNCED)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class Case(models.Model):
    """A case that people work on."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    number = models.CharField(_("number"), max_length=60, unique=True)
    key = models.CharField(max_length=200, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=30)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    facts = models.JSONField(_("facts"), default=list, blank=True)  # of [name, value]
    email = models.EmailField(_("email"), blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    conversation = models.BigIntegerField(_("conversation"))  # conversations are a room beside us
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"
