"""What a message's text must be, whichever door it comes through."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

# C0 and C1 control characters but tab, newline and carriage return, and lone surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class InvalidText(ValueError):
    """A text that is refused; `code` is the protocol's error code, the message is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def clean_text(text: str) -> str:
    """Return `text` without surrounding blanks.

    Raises InvalidText when nothing is left, when it is longer than `settings.MAX_TEXT`
    characters, or when it holds control characters.
    """
    cleaned = text.strip()
    if len(cleaned) > settings.MAX_TEXT:
        raise InvalidText(
            "too_long", _("A message may have %d characters at most.") % settings.MAX_TEXT
        )
    if _CONTROL.search(cleaned):
        raise InvalidText("control_characters", _("The message has characters we cannot show."))
    if not cleaned:
        raise InvalidText("empty", _("The message is empty."))
    return cleaned
