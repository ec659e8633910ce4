"""The limits of Block Kit that Slack enforces: docs.slack.dev/reference/block-kit/blocks."""

from typing import Any

SECTIONS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}
STYLES = {"bold", "italic", "strike", "code"}


def problem(blocks: Any) -> str:
    """Return what Slack would refuse, empty if nothing."""
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    if len(blocks) > 50:
        return "invalid_blocks"
    if sum(_length(block) for block in blocks) > 13_000:  # found by many, documented nowhere
        return "msg_blocks_too_long"
    return "" if all(_is_block(block) for block in blocks) else "invalid_blocks"


def _length(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_length, value.values()))
    if isinstance(value, list):
        return sum(map(_length, value))
    return len(value) if isinstance(value, str) else 0


def _is_block(block: Any) -> bool:
    match block:
        case {"type": "section", "text": text}:
            return _is_text(text, 3_000)
        case {"type": "context", "elements": [*elements]}:
            return 1 <= len(elements) <= 10 and all(_is_text(each, 3_000) for each in elements)
        case {"type": "actions", "elements": [*elements]}:
            names = [each.get("action_id") for each in elements]
            return (
                1 <= len(elements) <= 25
                and len(set(names)) == len(names)
                and all(map(_is_button, elements))
            )
        case {"type": "rich_text", "elements": [*elements]}:
            return bool(elements) and all(map(_is_rich, elements))
        case {"type": "divider"}:
            return True
    return False


def _is_text(text: Any, most: int) -> bool:
    return (
        isinstance(text, dict)
        and text.get("type") in ("plain_text", "mrkdwn")
        and isinstance(text.get("text"), str)
        and 1 <= len(text["text"]) <= most
        and not (text["type"] == "mrkdwn" and "emoji" in text)
    )


def _is_button(element: Any) -> bool:
    return (
        element.get("type") == "button"
        and _is_text(element.get("text"), 75)
        and element["text"]["type"] == "plain_text"
        and 1 <= len(element.get("action_id", "")) <= 255
        and len(element.get("value", "")) <= 2_000
        and len(element.get("url", "")) <= 3_000
    )


def _is_rich(element: Any) -> bool:
    match element:
        case {"type": "rich_text_list", "style": "bullet" | "ordered", "elements": [*items]}:
            return (
                bool(items)
                and 0 <= element.get("indent", 0) <= 8
                and all(each["type"] == "rich_text_section" and _is_rich(each) for each in items)
            )
        case {"type": kind, "elements": [*parts]} if kind in SECTIONS:
            return bool(parts) and all(map(_is_part, parts))
    return False


def _is_part(part: Any) -> bool:
    if not set(part.get("style", {})) <= STYLES:
        return False
    match part:
        case {"type": "text", "text": str(text)}:
            return bool(text)
        case {"type": "link", "url": str(url)}:
            return bool(url)
    return False
