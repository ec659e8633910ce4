"""Columns that are encrypted. What another key encrypted is as good as not there.

Without that, ciphertext would be taken for what it hides: a token that no service knows, or a
secret that customers' identities are checked with.
"""

import functools
import logging
from typing import Any

from encrypted_fields.fields import EncryptedCharField, EncryptedJSONField

logger = logging.getLogger(__name__)
_FERNET = "gAAAA"  # how its tokens begin: version 128 and a time, in base64


@functools.cache  # once, not at every row
def _tell() -> None:
    logger.error("channels' secrets cannot be read: SVAR_SECRET_KEY is another one than before")


class SealedTexts(EncryptedJSONField):
    """Texts by name; {} where they cannot be read."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        if isinstance(found, dict):
            return found
        _tell()
        return {}


class SealedText(EncryptedCharField):
    """A text, or None where it cannot be read."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        if found is not None and found == value and str(found).startswith(_FERNET):
            _tell()
            return None
        return found
