"""Telegram's HTML (https://core.telegram.org/bots/api#html-style), as strict as the Bot API."""

import re
from html import unescape
from typing import Any

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote",
}  # fmt: skip
_TOKEN = re.compile(r"<[^>]*>|<|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|[^<&]+|&")


class MarkupError(Exception):
    """What the Bot API says of HTML that it cannot parse."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2


def read_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return text and entities (offsets in UTF-16 code units). Raises MarkupError."""
    text, entities, stack = "", [], []
    offset = 0
    for match in _TOKEN.finditer(source):
        token = match[0]
        if token.startswith("</"):
            name = token[2:-1].strip().lower()
            if not stack:
                raise MarkupError(f"Unexpected end tag at byte offset {offset}")
            opened, begin, extra = stack.pop()
            if name and name != opened:
                raise MarkupError(
                    f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", '
                    f'found "</{name}>"'
                )
            length = units(text) - begin
            if length and (_KINDS[opened] != "text_link" or extra):
                entities.append(
                    {"type": _KINDS[opened], "offset": begin, "length": length, **extra}
                )
        elif token.startswith("<"):
            found = re.fullmatch(r"<([\w-]+)((?:\s+[\w-]+(?:=\"[^\"]*\"|='[^']*')?)*)\s*>", token)
            name = found[1].lower() if found else ""
            if name not in _KINDS:
                raise MarkupError(f'Unsupported start tag "{name}" at byte offset {offset}')
            target = re.search(r"href=[\"']([^\"']*)", found[2]) if found else None
            link = unescape(target[1]) if target else ""
            # A link that is none is dropped without a word.
            good = name == "a" and link.startswith(("http://", "https://", "tg://"))
            stack.append((name, units(text), {"url": link} if good else {}))
        else:
            text += unescape(token) if token.startswith("&") and len(token) > 1 else token
        offset += len(token.encode())
    if stack:
        raise MarkupError(
            f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"',
        )
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def found_entities(text: str) -> list[dict[str, Any]]:
    """Return what Telegram finds by itself: commands, mentions, addresses."""
    patterns = {
        "bot_command": r"(?<![\w/<>])/[A-Za-z0-9_]{1,32}(?:@\w+)?",
        "mention": r"(?<![\w/@])(?<!/\w)@[A-Za-z][\w]{3,31}\b",
        "url": r"https?://[^\s]+",
    }
    found: list[dict[str, Any]] = []
    for kind, pattern in patterns.items():
        for match in re.finditer(pattern, text):
            begin, length = units(text[: match.start()]), units(match[0])
            if not any(e["offset"] <= begin < e["offset"] + e["length"] for e in found):
                found.append({"type": kind, "offset": begin, "length": length})
    return sorted(found, key=lambda entity: entity["offset"])
