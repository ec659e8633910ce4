"""Who is logged in on the host website, by its own signature (docs/identity.md).

Two forms: a JSON Web Token (RFC 7519, HS256), and an address or id with its HMAC (RFC 2104).
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from chatbot.events import Proof, SignedPerson

LONGEST = timedelta(hours=24)  # from now to `exp`
HMAC_LASTS = timedelta(hours=12)  # from when it was presented, as it says nothing itself
_LEEWAY = 60  # seconds by which the website's clock may be ahead
_SHORTEST_SECRET = 32  # bytes; RFC 7518, section 3.2


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as their website names them; an email, an id there, or both."""

    email: str
    external_id: str
    name: str
    until: datetime


class Refused(Exception):
    """A proof that proves nothing; the reason says which rule it broke, and no more."""


def read(proof: Proof, *, secret: str, now: datetime) -> Person:
    """Return the person whom `proof` proves with the channel's `secret`. Raises Refused."""
    if len(secret.encode()) < _SHORTEST_SECRET:
        raise Refused("the channel has no secret")
    if isinstance(proof, SignedPerson):
        return _read_hmac(proof, secret, now)
    return _read_jwt(proof, secret, now)


def named(proof: Proof) -> tuple[str, str]:
    """Return the email and the id that `proof` names, proven or not: to tell people apart by."""
    if isinstance(proof, SignedPerson):
        return proof.email.strip(), proof.user_id.strip()
    try:
        claims = jwt.decode(proof, options={"verify_signature": False})
        return _text(claims.get("email")), _text(claims.get("sub"))
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        return "", ""


def _read_jwt(token: str, secret: str, now: datetime) -> Person:
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            leeway=_LEEWAY,
            # `sub` is a number on many websites, and `aud` their own affair.
            options={"require": ["exp"], "verify_sub": False, "verify_aud": False},
        )
        until = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, OSError) as error:
        raise Refused(type(error).__name__) from error
    if until <= now:  # the leeway is for clocks that are ahead, not for what has ended
        raise Refused("expired")
    if until > now + LONGEST:
        raise Refused("exp is too far ahead")
    email = "" if claims.get("email_verified") is False else _text(claims.get("email"))
    return _person(email, _text(claims.get("sub")), _text(claims.get("name")), until)


def _read_hmac(proof: SignedPerson, secret: str, now: datetime) -> Person:
    email, external_id = proof.email.strip(), proof.user_id.strip()
    if email and external_id:
        raise Refused("a hash proves one of them alone")
    signed = hmac.new(secret.encode(), (email or external_id).encode(), hashlib.sha256)
    if not hmac.compare_digest(signed.hexdigest().encode(), proof.hash.lower().encode()):
        raise Refused("wrong hash")
    return _person(email, external_id, "", now + HMAC_LASTS)


def _person(email: str, external_id: str, name: str, until: datetime) -> Person:
    if not email and not external_id:
        raise Refused("it names nobody")
    if len(external_id) > 200 or not external_id.isprintable():
        raise Refused("not an id")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refused("not an address") from error
    shown = " ".join("".join(filter(str.isprintable, name)).split())[:100]
    return Person(email, external_id, shown, until)


def _text(claim: Any) -> str:
    if isinstance(claim, bool) or not isinstance(claim, str | int):
        return ""
    return str(claim).strip()
