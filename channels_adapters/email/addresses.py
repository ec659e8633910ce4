"""Mail addresses: which are ours, and the signed ones that bring a reply to its conversation.

`support+r<token>@shop.example`: whoever has such an address was given it in a mail of that
conversation. The token is the base32 of the conversation's id and of the first 80 bits of an
HMAC over it and the channel's key; base32, since mail servers change the case of addresses.
"""

import base64
import binascii
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from channels_adapters.email.options import options_of
from chatbot.conversations.models import Channel

LOCAL_PART = 64  # octets, RFC 5321, section 4.5.3.1.1
_MARK = "r"
_SIGNATURE = 10  # bytes
_SALT = "channels_adapters.email.reply-address"


def reply_address(channel: Channel, conversation_id: int) -> str:
    """Return the address to which replies in a conversation go.

    It is the plain one where the mailbox has no +tags, or where a tag would not fit.
    """
    options = options_of(channel)
    local, _at, domain = options.address.rpartition("@")
    tagged = f"{local}+{_MARK}{_token(channel, conversation_id)}"
    fits = len(tagged.encode()) <= LOCAL_PART
    if not (options.plus_addressing and conversation_id and fits):
        return options.address
    return f"{tagged}@{domain}"


def conversation_of(channel: Channel, addresses: Iterable[str]) -> int | None:
    """Return the conversation that one of `addresses` was signed for on this channel."""
    own = options_of(channel).address
    for address in addresses:
        tag = _tag(address, own)
        if tag.startswith(_MARK):
            conversation_id = _read(channel, tag.removeprefix(_MARK))
            if conversation_id is not None:
                return conversation_id
    return None


def is_own(address: str, own: str) -> bool:
    """Say whether mail to `address` is mail to `own`, with or without a +tag."""
    address, own = address.strip().lower(), own.lower()
    return bool(own) and (address == own or bool(_tag(address, own)))


def _tag(address: str, own: str) -> str:
    local, _at, domain = address.strip().lower().rpartition("@")
    own_local, _at, own_domain = own.lower().rpartition("@")
    name, _plus, tag = local.rpartition("+")
    return tag if name == own_local and domain == own_domain else ""


def _token(channel: Channel, conversation_id: int) -> str:
    length = max(1, (conversation_id.bit_length() + 7) // 8)
    number = conversation_id.to_bytes(length, "big")
    signature = _signature(channel, number, settings.SECRET_KEY)
    return base64.b32encode(signature + number).decode().rstrip("=").lower()


def _read(channel: Channel, token: str) -> int | None:
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (ValueError, binascii.Error):
        return None
    signature, number = raw[:_SIGNATURE], raw[_SIGNATURE:]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    right = [_signature(channel, number, secret) for secret in secrets]
    if number and any(constant_time_compare(signature, one) for one in right):
        return int.from_bytes(number, "big")
    return None


def _signature(channel: Channel, number: bytes, secret: str) -> bytes:
    value = channel.key.encode() + b"\0" + number
    return salted_hmac(_SALT, value, secret=secret, algorithm="sha256").digest()[:_SIGNATURE]
