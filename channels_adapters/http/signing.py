"""Signatures of Standard Webhooks: https://www.standardwebhooks.com, "Signature scheme".

`webhook-signature` has one or more `v1,<base64>` apart by spaces, each the HMAC-SHA256 of
`<webhook-id>.<webhook-timestamp>.<body>`.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping

TOLERANCE = 300.0  # seconds, either way
_PREFIX = "whsec_"


class BadSignature(ValueError):
    """What is signed wrongly, too old, or not at all."""


def new_secret() -> str:
    """Return a secret of 32 bytes as Standard Webhooks writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """Return the key of a secret as it is written: base64, behind `whsec_` or alone.

    Raises BadSignature for one that is none, or shorter than 24 bytes.
    """
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("the secret is not base64") from error
    if len(key) < 24:
        raise BadSignature("the secret is too short")
    return key


def sign(key: str, body: bytes, secret: bytes, *, now: float) -> dict[str, str]:
    """Return the headers that sign `body` under the id `key` at the time `now` (Unix seconds)."""
    stamp = str(int(now))
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(key, stamp, body, secret)}",
    }


def check(headers: Mapping[str, str], body: bytes, secret: bytes, *, now: float) -> None:
    """Raise BadSignature unless `headers` (names in lower case) sign `body`, not long ago."""
    key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not key or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise BadSignature("webhook-id or webhook-timestamp is missing")
    if abs(now - int(stamp)) > TOLERANCE:
        raise BadSignature("webhook-timestamp is too far from now")
    expected = _signature(key, stamp, body, secret)
    for given in headers.get("webhook-signature", "").split():
        version, _comma, signature = given.partition(",")
        if version == "v1" and hmac.compare_digest(signature.encode(), expected.encode()):
            return
    raise BadSignature("the signature is not right")


def _signature(key: str, stamp: str, body: bytes, secret: bytes) -> str:
    signed = b".".join((key.encode("latin-1", "replace"), stamp.encode(), body))
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
