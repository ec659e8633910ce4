"""Text and HTML of our messages as Slack's rich text, in which no character means formatting.

Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'’)\]}»]")
_STYLES = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "code": "code"}
_STYLES |= {"s": "strike", "del": "strike", "h1": "bold", "h2": "bold", "h3": "bold", "h4": "bold"}
_STYLES |= {"h5": "bold", "h6": "bold"}
_PARAGRAPHS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset({"script", "style", "template"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")

Element = dict[str, Any]  # one of Slack's, as it goes out


def of_text(text: str) -> list[Element]:
    """Return plain text: addresses become links, and nothing else is read into it."""
    elements: list[Element] = []
    done = 0
    for found in _URL.finditer(text):
        elements += _text(text[done : found.start()])
        elements.append({"type": "link", "url": found[0]})
        done = found.end()
    elements += _text(text[done:])
    return [{"type": "rich_text_section", "elements": elements}] if elements else []


def of_html(html: str) -> list[Element]:
    """Return HTML: paragraphs, lists, bold, italic, code, links, quotes; other tags' text alone."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    writer.end_part()
    return writer.parts


@dataclass
class _List:
    style: str
    start: int = 1
    items: list[Element] = field(default_factory=list)


class _Writer(HTMLParser):
    """Collects `parts`, the elements of a rich_text block, from an HTML fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Element] = []
        self._inline: list[Element] = []
        self._styles: list[str] = []
        self._href = ""
        self._lists: list[_List] = []
        self._in = ""  # quote or preformatted
        self._unseen = 0
        self._gap = ""  # what is due before the next text

    # --- Tags ---------------------------------------------------------------------------------
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._add("\n")
        elif tag in ("ul", "ol"):
            self.end_part()
            style = "ordered" if tag == "ol" else "bullet"
            start = given.get("start") or "1"
            self._lists.append(_List(style, int(start) if start.isdecimal() else 1))
        elif tag == "li":
            self.end_part()
        elif tag in ("blockquote", "pre"):
            self.end_part()
            self._in = "quote" if tag == "blockquote" else "preformatted"
        elif tag == "a":
            url = given.get("href") or ""
            self._href = url if url.startswith(("https://", "http://", "mailto:")) else ""
        elif tag in _PARAGRAPHS:
            self._paragraph()
        if tag in _STYLES:
            self._styles.append(_STYLES[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in _STYLES and _STYLES[tag] in self._styles:
            self._styles.remove(_STYLES[tag])
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("ul", "ol") and self._lists:
            self.end_part()
            self._lists.pop()
        elif tag == "li":
            self.end_part()
        elif tag in ("blockquote", "pre"):
            self.end_part()
            self._in = ""
        elif tag == "a":
            self._href = ""
        elif tag in _PARAGRAPHS:
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._in != "preformatted":
            data = _BLANKS.sub(" ", data)
            if not self._inline or self._gap or self._ends_in_break():
                data = data.lstrip(" ")
        if data:
            self._add(data)

    # --- What they become ---------------------------------------------------------------------
    def end_part(self) -> None:
        """Put what was collected into an element of its own."""
        self._gap = ""
        inline, self._inline = _stripped(self._inline), []
        if not inline:
            return
        if self._in == "preformatted":
            self.parts.append({"type": "rich_text_preformatted", "elements": _unstyled(inline)})
        elif self._in == "quote":
            self.parts.append({"type": "rich_text_quote", "elements": inline})
        elif self._lists:
            self._end_item({"type": "rich_text_section", "elements": inline})
        else:
            self.parts.append({"type": "rich_text_section", "elements": inline})

    def _end_item(self, item: Element) -> None:
        current = self._lists[-1]
        indent = min(len(self._lists) - 1, 8)  # Slack's limit
        last = self.parts[-1] if self.parts else {}
        if last.get("elements") is current.items:
            current.items.append(item)
            return
        # A new list, or one that goes on after a list within it.
        offset = current.start - 1
        if current.items and current.style == "ordered":
            offset += len(current.items)
            current.start += len(current.items)
        current.items = [item]
        part: Element = {"type": "rich_text_list", "style": current.style, "indent": indent}
        if current.style == "ordered" and offset:
            part["offset"] = offset
        self.parts.append({**part, "elements": current.items})

    def _paragraph(self) -> None:
        if self._inline:
            self._gap = "\n\n"

    def _add(self, text: str) -> None:
        if self._gap:
            self._inline.append({"type": "text", "text": self._gap})
            self._gap = ""
        styles = dict.fromkeys(self._styles, True)
        if self._href and text.strip():
            self._inline.append(_styled({"type": "link", "url": self._href, "text": text}, styles))
        else:
            self._inline.append(_styled({"type": "text", "text": text}, styles))

    def _ends_in_break(self) -> bool:
        return bool(self._inline) and str(self._inline[-1]["text"]).endswith("\n")


def _text(text: str) -> list[Element]:
    return [{"type": "text", "text": text}] if text else []


def _styled(element: Element, styles: dict[str, bool]) -> Element:
    return {**element, "style": styles} if styles else element


def _unstyled(elements: list[Element]) -> list[Element]:
    return [{name: value for name, value in each.items() if name != "style"} for each in elements]


def _stripped(elements: list[Element]) -> list[Element]:
    """Return elements without white space at either end; Slack refuses empty ones."""
    kept = list(elements)
    while kept and not str(kept[0]["text"]).strip():
        kept.pop(0)
    while kept and not str(kept[-1]["text"]).strip():
        kept.pop()
    if kept:
        kept[0] = {**kept[0], "text": str(kept[0]["text"]).lstrip("\n ")}
        kept[-1] = {**kept[-1], "text": str(kept[-1]["text"]).rstrip()}
    return kept
