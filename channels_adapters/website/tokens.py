"""Visitor tokens: who a browser is, signed by us, out of URLs and logs.

The characters of a token are those of an RFC 7230 token, since it travels as a WebSocket
subprotocol; hence `.` as the separator, where Django's default is `:`.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core import signing

_signer = signing.TimestampSigner(sep=".", salt="visitor")
LIFETIME = timedelta(days=settings.VISITOR_TOKEN_DAYS)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser on one site. `id` is the external id of its identity there."""

    id: str
    channel_id: int
    is_authenticated: ClassVar[bool] = True  # as Django REST framework asks of a user

    @property
    def pk(self) -> str:
        """What throttling counts by."""
        return f"visitor-{self.channel_id}-{self.id}"


class InvalidToken(Exception):
    """A token that is forged, expired, or of no known form."""


def new_visitor(channel_id: int) -> Visitor:
    """Return a visitor whom nobody has seen before."""
    return Visitor(secrets.token_urlsafe(16), channel_id)


def issue(visitor: Visitor) -> tuple[str, datetime]:
    """Return a token for `visitor` and when it expires."""
    token = _signer.sign_object({"v": visitor.id, "c": visitor.channel_id})
    return token, datetime.now(UTC) + LIFETIME


def read(token: str) -> Visitor:
    """Return the visitor of `token`. Raises InvalidToken."""
    try:
        raw = _signer.unsign_object(token, max_age=LIFETIME)
        return Visitor(str(raw["v"]), int(raw["c"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise InvalidToken from error
