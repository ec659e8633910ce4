"""What a button carries, so that the press of it can be read without a memory of ours.

Telegram gives back `callback_data`, 1 to 64 bytes of UTF-8
(https://core.telegram.org/bots/api#inlinekeyboardbutton): the intent, the number of the button
and, where it fits, its text. Longer texts are read from the keyboard of the message.
"""

import re

from chatbot.envelope import Intent, QuickReply

_LENGTH = 64  # bytes
_DATA = re.compile(r"([mh])[0-9]+(?::(.+))?", re.DOTALL)


def callback_data(number: int, reply: QuickReply) -> str:
    """Return what the button of `reply` carries; `number` tells it from its neighbours."""
    short = f"{reply.intent[0]}{number}"
    whole = f"{short}:{reply.text}"
    return whole if len(whole.encode()) <= _LENGTH else short


def pressed(data: str) -> tuple[Intent, str]:
    """Return intent and text of a button; no text where it did not fit, or is not ours."""
    match = _DATA.fullmatch(data)
    if match is None:
        return "message", ""
    return ("human" if match[1] == "h" else "message"), match[2] or ""
