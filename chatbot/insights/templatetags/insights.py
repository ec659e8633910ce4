"""Numbers as the pages show them."""

from django import template
from django.conf import settings
from django.utils.translation import gettext

from chatbot.conversations.wording import our_language
from chatbot.insights import words

register = template.Library()


@register.filter
def probability(value: float) -> str:
    """Write a probability: 0.80."""
    return words.number(value)


@register.filter
def percent(value: float) -> float:
    """Write a share as an attribute of a picture wants it, 0 to 100."""
    return round(100 * min(max(value, 0.0), 1.0), 1)


@register.filter
def language_name(code: str) -> str:
    """Write a language's name in the reader's."""
    names = {name: str(label) for name, label in settings.LANGUAGES} | {"nb": gettext("Norwegian")}
    return names.get(code) or names.get(our_language(code), code)
