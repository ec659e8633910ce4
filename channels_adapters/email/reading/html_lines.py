"""HTML to lines, with the marks by which mail programs show what they quote or sign with."""

import re
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from .lines import MOST_DEPTH, Line, Mark, squeeze

_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|"
    r"font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|opacity\s*:\s*0\s*(?:;|!|$)",
    re.IGNORECASE,
)
_SKIPPED = frozenset(
    {"head", "script", "style", "title", "template", "svg", "math", "object", "embed", "iframe",
     "select", "textarea", "noframes", "audio", "video", "canvas", "applet", "map"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
     "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
     "table", "tbody", "tfoot", "thead", "tr", "ul"}
)  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl"})

_CUTS = frozenset(
    {"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "stoptspan",
     "ms-outlook-mobile-reference-message", "olk_src_body_section", "replyabovethisline",
     "zwchr", "isforwardcontent", "isreplycontent", "hmmessagehistory"}
)  # fmt: skip
_ATTRIBUTIONS = frozenset(
    {"gmail_attr", "moz-cite-prefix", "gmail_attribution", "moz-email-headers-table"}
)
# Parts that are a quotation as a whole, whatever stands in them.
_QUOTATIONS = frozenset(
    {"yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "gmx_quote",
     "messagereplysection", "quoted-content", "front-blockquote", "yahooquoted", "qtdseparatebr",
     "sh-quoted-content", "quoted-text", "quoted_text", "__quoted_text__", "replied-message",
     "gmail_extra_quote", "skiptranslate-quote", "wlmail-quote", "wr_quote", "mailquote"}
)  # fmt: skip
_SIGNATURES = frozenset(
    {"gmail_signature", "gmail_signature_prefix", "moz-signature", "applemailsignature",
     "ms-outlook-mobile-signature", "protonmail_signature_block", "signature",
     "messagesignaturesection", "composer_signature", "mobile-signature", "tutanota-signature",
     "ymail_android_signature", "lineBreakAtBeginningOfSignature".lower(), "mail-signature",
     "x_signature", "outlook-signature", "mailsignature", "zm_signature"}
)  # fmt: skip
_INDENT = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
# What classic Outlook and Windows Mail draw above the header block of what they quote.
_BORDER = re.compile(
    r"border-top\s*:\s*(?:solid|[#\w.]+\s+solid)|border-top-style\s*:\s*solid", re.I
)


def read_html(html: str) -> tuple[list[Line], bool]:
    """Return the lines of an HTML body, and whether its mail program marked what it quotes."""
    reader = _Reader()
    # lxml gives str to a target; its stubs want bytes too.
    parser = etree.HTMLParser(target=cast(Any, reader), huge_tree=True, no_network=True)
    try:
        parser.feed(html)
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        reader.flush()
    return reader.lines, reader.is_marked


def is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an element is not shown.

    Neither is what stands in it read, or a bot would be told what no person can see.
    """
    if tag in _SKIPPED or "hidden" in attributes:
        return True
    style = attributes.get("style", "")
    return bool(style) and _HIDDEN.search(style[:1000]) is not None


@dataclass(slots=True)
class _Open:
    tag: str
    skips: bool
    depth: int
    mark: Mark
    pre: bool
    href: str
    at: int  # how much of the line stood before it


class _Reader:
    """The parser tells it of tags and text in their order; no tree is built, however deep."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.is_marked = False
        self._open: list[_Open] = []
        self._pieces: list[str] = []
        self._skipping = 0
        self._depth = 0
        self._mark: Mark = ""
        self._next: Mark = ""
        self._pre = False
        self._lists: list[int] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        hides = is_hidden(tag, attributes)
        href = attributes.get("href", "") if tag == "a" else ""
        if tag in _BLOCKS or tag == "br":
            self.flush(blank=tag in _SPACED, even_empty=tag == "br")
        opened = _Open(tag, hides, self._depth, self._mark, self._pre, href, len(self._pieces))
        self._open.append(opened)
        self._skipping += hides
        if hides:
            return
        self._structure(tag, attributes)
        self._pre = self._pre or tag == "pre" or "pre-wrap" in attributes.get("style", "")
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._pieces.append(self._bullet())
        elif tag in ("td", "th"):
            self._pieces.append(" ")
        elif tag == "img":
            alt = attributes.get("alt", "").strip()
            if 0 < len(alt) <= 8 and not alt.isascii():
                self._pieces.append(alt)  # an emoji that is a picture

    def end(self, tag: str) -> None:
        if not self._open:
            return
        opened = self._open.pop()
        self._skipping -= opened.skips
        if opened.href and not self._skipping:
            self._link(opened)
        if opened.tag in _BLOCKS:
            self.flush(blank=opened.tag in _SPACED)
        if opened.tag in ("ul", "ol") and self._lists and not opened.skips:
            self._lists.pop()
        self._depth, self._mark, self._pre = opened.depth, opened.mark, opened.pre

    def data(self, text: str) -> None:
        if self._skipping:
            return
        if self._pre:
            first, *others = text.split("\n")
            self._pieces.append(first)
            for other in others:
                self.flush(even_empty=True)
                self._pieces.append(other)
        else:
            self._pieces.append(_SPACES.sub(" ", text))

    def comment(self, text: str) -> None:
        pass

    def pi(self, target: str, data: str | None = None) -> None:
        pass

    def close(self) -> None:
        self.flush()

    def flush(self, *, blank: bool = False, even_empty: bool = False) -> None:
        """End the line; `blank` leaves a line empty after it, `even_empty` makes one of nothing."""
        text = squeeze("".join(self._pieces))
        self._pieces.clear()
        text = text if self._pre else _SPACES.sub(" ", text).strip()
        if text or even_empty:
            self.lines.append(Line(text, self._depth, self._next or self._mark))
            self._next = ""
        if blank and self.lines and self.lines[-1].text:
            self.lines.append(Line("", self._depth, self._mark))

    def _structure(self, tag: str, attributes: dict[str, str]) -> None:
        names = _names(attributes)
        style = attributes.get("style", "")[:1000]
        if names & _CUTS:
            self._next, self.is_marked = "cut", True
        elif tag == "blockquote":
            cited = attributes.get("type") == "cite" or "cite" in attributes
            cited = cited or any("quote" in name for name in names)
            if cited or not _INDENT.search(style):
                self._depth = min(self._depth + 1, MOST_DEPTH)
            self.is_marked = self.is_marked or cited
        elif names & _QUOTATIONS or any(name.startswith("yahoo_quoted") for name in names):
            self._depth = min(self._depth + 1, MOST_DEPTH)
            self.is_marked = True
        elif names & _ATTRIBUTIONS:
            self._mark, self.is_marked = "attribution", True
        elif names & _SIGNATURES and not self._depth:
            self._mark = "signature"
        elif tag in ("div", "hr", "p", "table") and _BORDER.search(style):
            self._next = self._next or "border"

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] < 0:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _link(self, opened: _Open) -> None:
        href = opened.href.strip()
        shown = "".join(self._pieces[opened.at :]).strip()
        if not shown or not href.lower().startswith(("http://", "https://")) or len(href) > 500:
            return
        if _bare(href) != _bare(shown):
            self._pieces.append(f" <{href}>")  # as RFC 3986, appendix C, wants it


def _names(attributes: dict[str, str]) -> set[str]:
    given = " ".join(
        attributes.get(name, "")[:300] for name in ("class", "id", "name", "data-marker")
    )
    return {name.removeprefix("x_") for name in given.lower().split()} if given.strip() else set()


def _bare(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|^www\.", "", url.strip().lower()).rstrip("/")
