"""HTML that people may look at: nothing runs, nothing is loaded, nothing hides.

The rewriting only moves what nh3 would drop; nh3 has the last word.
"""

import re
from html import escape
from typing import Any, cast

import nh3
from lxml import etree

from .html_lines import is_hidden

MOST_CHARACTERS = 500_000
_MOST_DEPTH = 100  # nh3 takes quadratic time by it

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div",
    "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol",
    "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"alt", "width", "height", "data-remote", "data-cid"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "*": {"dir", "lang"},
}
_NUMBERS = {"width": 2000, "height": 2000, "colspan": 50, "rowspan": 500}
_VOID = {"br", "hr", "img"}
_AS_DIV = {"article", "aside", "body", "footer", "form", "header", "main", "section"}
_REMOTE = re.compile(r"https?://[^\s\"'<>]{1,2000}", re.IGNORECASE)
_CID = re.compile(r"[^\s\"'<>]{1,200}")
_WORD = re.compile(r"[A-Za-z0-9-]{1,35}")


def clean_html(html: str) -> str:
    """Return sanitised HTML; pictures keep their place but have no src."""
    if not html.strip():
        return ""
    rewriter = _Rewriter()
    # lxml gives str to a target; its stubs want bytes too.
    parser = etree.HTMLParser(target=cast(Any, rewriter), huge_tree=True, no_network=True)
    try:
        parser.feed(html[:MOST_CHARACTERS])
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        pass  # what was read until here stays
    return nh3.clean(
        "".join(rewriter.pieces),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in _NUMBERS:
        is_number = value.isascii() and value.isdigit() and len(value) <= 4
        return value if is_number and int(value) <= _NUMBERS[name] else None
    if name == "data-remote":
        return value if _REMOTE.fullmatch(value) else None
    if name == "data-cid":
        return value if _CID.fullmatch(value) else None
    if name in ("dir", "lang"):
        return value if _WORD.fullmatch(value) else None
    return value[:2000]


class _Rewriter:
    """Writes what the parser reads again, with pictures disarmed and what is hidden left out."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool]] = []  # tag (empty: not written), whether it hides
        self._hidden = 0
        self._depth = 0
        self._left = MOST_CHARACTERS

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        hides = is_hidden(tag, attributes)
        tag = "div" if tag in _AS_DIV else tag
        self._hidden += hides
        is_written = (
            not self._hidden and tag in _TAGS and self._depth < _MOST_DEPTH and self._left > 0
        )
        self._open.append((tag if is_written else "", hides))
        if not is_written:
            return
        given = dict(attributes)
        if tag == "img":
            source = given.pop("src", "").strip()
            given.pop("data-remote", None)
            given.pop("data-cid", None)
            if source.lower().startswith("cid:"):
                given["data-cid"] = source[4:]
            elif source:
                given["data-remote"] = f"https:{source}" if source.startswith("//") else source
        allowed = _ATTRIBUTES["*"] | _ATTRIBUTES.get(tag, set())
        written = [f' {name}="{escape(value)}"' for name, value in given.items() if name in allowed]
        self._write(f"<{tag}{''.join(written)}>")
        self._depth += tag not in _VOID

    def end(self, tag: str) -> None:
        if not self._open:
            return
        opened, hides = self._open.pop()
        self._hidden -= hides
        if opened and opened not in _VOID:
            self.pieces.append(f"</{opened}>")
            self._depth -= 1

    def data(self, text: str) -> None:
        if not self._hidden and self._left > 0:
            self._write(escape(text, quote=False))

    def _write(self, piece: str) -> None:
        self.pieces.append(piece)
        self._left -= len(piece)

    def comment(self, text: str) -> None:
        pass

    def pi(self, target: str, data: str | None = None) -> None:
        pass

    def close(self) -> None:
        pass
