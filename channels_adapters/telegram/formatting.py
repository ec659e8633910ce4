"""Our HTML as the HTML that Telegram knows.

The tags of https://core.telegram.org/bots/api#html-style: b, i, u, s, a, code, pre, blockquote.
Anything else becomes lines and bullets; what is no tag is escaped.
"""

import html
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from chatbot.envelope import Citation

TEXT_UNITS = 4096  # UTF-16 code units of a message's text, without its tags
_SAME = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "del": "s",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "a",
}  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = _HEADINGS | {"p", "div", "ul", "ol", "pre", "blockquote", "table", "section"}
_LINES = frozenset({"li", "tr"})
_SILENT = frozenset({"script", "style", "head", "title"})


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def formatted(text: str, rich: str | None, citations: Sequence[Citation]) -> str:
    """Return a message as Telegram's HTML: from `rich` (HTML) where there is any, else `text`.

    Sources follow on lines of their own where the message stays within Telegram's length.
    """
    body = (telegram_html(rich) if rich else "") or html.escape(text, quote=False)
    if units(visible(body)) > TEXT_UNITS:
        body = html.escape(text, quote=False)
    sources = "\n".join(_source(citation) for citation in citations)
    whole = f"{body}\n\n{sources}" if sources else body
    return whole if units(visible(whole)) <= TEXT_UNITS else body


def plain(text: str, citations: Sequence[Citation]) -> str:
    """Return the same without any formatting."""
    sources = "\n".join(
        f"[{citation.number}] {citation.title} {citation.url or ''}".rstrip()
        for citation in citations
    )
    whole = f"{text}\n\n{sources}" if sources else text
    return whole if units(whole) <= TEXT_UNITS else text


def visible(markup: str) -> str:
    """Return the text that Telegram shows of its HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def telegram_html(rich: str) -> str:
    """Return sanitised HTML with the tags that Telegram knows, well-formed."""
    reader = _Reader()
    reader.feed(rich)
    reader.close()
    return reader.result()


def _source(citation: Citation) -> str:
    title = html.escape(f"[{citation.number}] {citation.title}", quote=False)
    if citation.url and citation.url.startswith(("https://", "http://")):
        return f'<a href="{html.escape(citation.url)}">{title}</a>'
    return title


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[tuple[str, str]] = []  # the tag as read, and as written
        self._lists: list[int | None] = []  # the next number, None for bullets
        self._silent = 0

    def result(self) -> str:
        while self._open:
            self._close()
        text = "".join(self._parts)
        text = re.sub(r"<(\w+)(?: [^>]*)?>(\s*)</\1>", r"\2", text)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _PARAGRAPHS:
            self._break(2 if not self._lists else 1)
        if tag in _LINES:
            self._break(1)
        if tag == "br":
            self._parts.append("\n")
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._parts.append(self._bullet())
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")
        self._begin(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if any(read == tag for read, _written in self._open):
            while self._close() != tag:
                pass
        if tag in _PARAGRAPHS:
            self._break(2 if not self._lists else 1)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if not self._inside("pre"):
            data = re.sub(r"\s+", " ", data)
            if not self._parts or self._parts[-1].endswith(("\n", " ")):
                data = data.lstrip(" ")
        if data:
            self._parts.append(html.escape(data, quote=False))

    def _begin(self, tag: str, attrs: dict[str, str | None]) -> None:
        written = "b" if tag in _HEADINGS else _SAME.get(tag)
        # Within code Telegram allows no other tags, and none of them within itself.
        if written is None or self._inside("pre") or self._inside("code") or self._inside(written):
            return
        if written == "a":
            target = attrs.get("href") or ""
            if not target.startswith(("https://", "http://")):
                return
            self._parts.append(f'<a href="{html.escape(target)}">')
        else:
            self._parts.append(f"<{written}>")
        self._open.append((tag, written))

    def _close(self) -> str:
        read, written = self._open.pop()
        self._parts.append(f"</{written}>")
        return read

    def _inside(self, written: str) -> bool:
        return any(one == written for _read, one in self._open)

    def _bullet(self) -> str:
        if not self._lists or (number := self._lists[-1]) is None:
            return "• "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _break(self, lines: int) -> None:
        """End the line, and leave it empty after itself where `lines` is 2."""
        text = "".join(self._parts[-4:])
        if not text or re.fullmatch(r"• |\d+\. ", self._parts[-1]):
            return
        have = len(text) - len(text.rstrip("\n"))
        self._parts.append("\n" * max(0, lines - have))
