"""HTML to sections: what a reader sees of the main content, under its headings."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _
from lxml import etree

from knowledge.sources.documents import (
    CHARACTERS,
    SECTIONS,
    Document,
    Section,
    Unreadable,
    clean,
    language_of,
    squeeze,
)
from knowledge.sources.visibility import Look, look_of

_DROPPED = {
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math"),
    *("canvas", "audio", "video", "form", "button", "select", "textarea", "input", "nav"),
    *("footer", "dialog", "menu", "map", "head", "title"),
}
_DROPPED_ROLES = {
    *("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"),
    *("toolbar", "tooltip", "status", "alert"),
}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"),
    *("div", "dl", "dt", "fieldset", "figcaption", "figure", "header", "hgroup", "hr", "html"),
    *("legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tr", "ul"),
}
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_ATTRIBUTES_OF_A_TAG = 3_000
# The tree's builder compares each attribute of a tag with all others, so that one tag of a
# million would take hours. The attribute's syntax is that of the HTML standard, 13.2.5.32 to 39.
_CROWDED = re.compile(
    r"<[a-zA-Z][^\s/>]*+"
    r"(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+)"
    rf"{{0,{_ATTRIBUTES_OF_A_TAG}}}+(?P<more>[\s/]*+[^\s/>])?+"
)
_HEADING = 200  # characters
_FOLDED = 7  # the level of a question that unfolds its answer: below every heading
_GAP = "\n\n"


def read_html(html: str, *, name: str) -> Document:
    """Return the page's title, language and sections; `name` stands in for a missing title.

    Raises Unreadable for a page that is nested too deeply, too long or empty.
    """
    root = _tree(html)
    reader = _Reader()
    sections: tuple[Section, ...] = ()
    for element in _main_first(root):
        reader = _Reader()
        reader.read(element, _look_within(element))
        sections = reader.sections()
        if sections:
            break
    if not sections:
        raise Unreadable(
            _("The page has no text that can be read; it may need JavaScript to show any.")
        )
    return Document(
        title=reader.title or _title(root) or name,
        language=language_of(root.get("lang") or root.get("xml:lang")),
        sections=sections,
    )


def _tree(html: str) -> "etree._Element":
    if any(tag["more"] for tag in _CROWDED.finditer(html)):
        raise Unreadable(_("The page has a tag with more attributes than any honest page."))
    # The text is decoded already: what the page says of its charset must not be heeded again.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Unreadable(_("The page is nested more deeply than can be read."))
    if root is None:
        raise Unreadable(_("The page is empty."))
    return root


def _title(root: "etree._Element") -> str:
    found = root.find(".//head/title")
    return squeeze(clean(found.text or ""))[:_HEADING] if found is not None else ""


def _main_first(root: "etree._Element") -> "Iterator[etree._Element]":
    """Give the element of the main content, `main` or a lone `article`, and then the body."""
    body = root.find("body")
    body = root if body is None else body
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = [element for element in body.iterfind(path) if _is_open(element)]
        if found and (len(found) == 1 or path != ".//article"):
            yield found[0]
            break
    yield body


def _look_within(element: "etree._Element") -> Look:
    """Return how text in `element` looks, by what stands around it."""
    look = Look()
    for one in reversed([element, *element.iterancestors()]):
        look = look_of(one, look) or look  # a body that scripts show later counts as shown
    return look


def _is_open(element: "etree._Element") -> bool:
    """Return whether no element around is hidden or dropped; pages may hide themselves at first."""
    around = [element, *element.iterancestors()]
    return all(
        one.tag in ("html", "body") or (one.tag not in _DROPPED and look_of(one, Look()))
        for one in around
    )


class _Reader:
    """Collects sections while it walks over the page; depth is bounded by the parser's limit."""

    def __init__(self) -> None:
        self.title = ""
        self._headings: list[tuple[int, str, str | None]] = []
        self._parts: list[str] = []
        self._sections: list[Section] = []
        self._characters = 0

    def sections(self) -> tuple[Section, ...]:
        self._end_section()
        return tuple(self._sections)

    def read(self, element: "etree._Element", look: Look = Look()) -> None:
        """Read what is inside `element`."""
        if look.shows_text():
            self._say(element.text, element)
        number = int(start) if (start := element.get("start", "1")[:6]).isdecimal() else 1
        for child in element:
            if child.tag == "li":
                mark = f"{number}." if element.tag == "ol" else "-"
                number += 1
                self._parts.append(f"\n\x01{mark} \x02")
            self._read_child(child, look)
            if look.shows_text():
                self._say(child.tail, element)

    def _read_child(self, child: "etree._Element", inherited: Look) -> None:
        tag = child.tag
        if not isinstance(tag, str) or _is_dropped(child):
            return
        look = look_of(child, inherited)
        if look is None:
            return
        if tag == "br":
            self._parts.append("\n")
        elif tag in _HEADINGS:
            self._begin_section(child, look, _HEADINGS[tag])
        elif tag == "summary" or (tag == "dt" and _inline(child, look).endswith("?")):
            self._begin_section(child, look, _FOLDED)
        elif tag == "table" and not _is_layout(child):
            self._parts.append(_GAP + "\n".join(_rows(child, look)) + _GAP)
        else:
            before, after = _around(tag)
            self._parts.append(before)
            self.read(child, look)
            self._parts.append(after)
        if tag in ("details", "dl"):
            self._end_section()
            self._close(_FOLDED)

    def _say(self, text: str | None, element: "etree._Element") -> None:
        if not text:
            return
        self._characters += len(text)
        if self._characters > CHARACTERS:
            raise Unreadable(
                _("The page has more than %(most)s characters of text."), most=f"{CHARACTERS:,}"
            )
        text = clean(text)
        if element.tag != "pre":
            text = re.sub(r"\s+", " ", text)
        self._parts.append(text)

    def _begin_section(self, heading: "etree._Element", look: Look, level: int) -> None:
        text = _inline(heading, look)[:_HEADING]
        if not text:
            return
        self._end_section()
        self._close(level)
        self._headings.append((level, text, _anchor(heading)))
        if level == 1 and not self.title:
            self.title = text

    def _close(self, level: int) -> None:
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    def _end_section(self) -> None:
        text = re.sub(r"\x02\s*", "", "".join(self._parts)).replace("\x01", "")
        text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
        text = re.sub(r"\n{3,}", "\n\n", text).strip()
        text = re.sub(r"^(?:-|\d+\.)$\n?", "", text, flags=re.MULTILINE).strip()
        self._parts = []
        if not text:
            return
        if len(self._sections) >= SECTIONS:
            raise Unreadable(_("The page has more than %(most)s sections."), most=f"{SECTIONS:,}")
        anchors = [anchor for _, _, anchor in self._headings if anchor]
        self._sections.append(
            Section(
                path=tuple(heading for _, heading, _ in self._headings),
                text=text,
                anchor=anchors[-1] if anchors else None,
            )
        )


def _around(tag: str) -> tuple[str, str]:
    """Return what parts the text of an element from what is before and after it."""
    if tag not in _BLOCKS or tag == "li":  # an item's line has begun with its mark
        return "", ""
    return ("" if tag == "dd" else _GAP), ("\n" if tag in ("dt", "dd") else _GAP)


def _is_dropped(element: "etree._Element") -> bool:
    if element.tag in _DROPPED or element.get("role", "").lower() in _DROPPED_ROLES:
        return True
    if element.tag not in ("header", "aside"):
        return False
    inside = next(element.iterancestors("main", "article"), None) is not None
    return not inside and (element.tag == "aside" or element.find(".//h1") is None)


def _inline(element: "etree._Element", look: Look) -> str:
    """Return the visible text of `element` on one line."""
    return squeeze(clean("".join(_pieces(element, look))))


def _pieces(element: "etree._Element", look: Look) -> Iterator[str]:
    if look.shows_text():
        yield element.text or ""
    for child in element:
        seen = None
        if isinstance(child.tag, str) and not _is_dropped(child):
            seen = look_of(child, look)
        if seen is not None:
            apart = " " if child.tag == "br" or child.tag in _BLOCKS else ""
            yield apart
            yield from _pieces(child, seen)
            yield apart
        if look.shows_text():
            yield child.tail or ""


def _anchor(heading: "etree._Element") -> str | None:
    """Return the fragment that leads to `heading`: its id, one inside, or its section's."""
    around = heading.getparent()
    named = [heading, *heading.iter("a", "span")]
    if around is not None and around.tag in ("section", "div", "article", "details"):
        named += [around] if around[0] is heading else []
    for element in named:
        name = element.get("id") or (element.get("name") if element.tag == "a" else None)
        if name and len(name) <= 200 and not re.search(r"\s", name) and clean(name) == name:
            return name
    return None


def _is_layout(table: "etree._Element") -> bool:
    return (
        table.get("role") in ("presentation", "none")
        or any(True for _ in table.iter("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "article"))
        or len(list(table.iter("table"))) > 1
    )


def _rows(table: "etree._Element", inherited: Look) -> list[str]:
    """Return the table's rows as lines; under headings each cell is named, to stand alone."""
    lines: list[str] = []
    names: list[str] = []
    for row in table.iter("caption", "tr"):
        look = look_of(row, inherited)
        if look is None:
            continue
        if row.tag == "caption":
            lines.append(_inline(row, look))
            continue
        cells = [(cell, look_of(cell, look)) for cell in row.iterchildren("td", "th")]
        texts = [_inline(cell, seen) if seen else "" for cell, seen in cells]
        if not names and len(cells) > 1 and all(cell.tag == "th" for cell, _ in cells):
            names = texts
        elif names and len(names) == len(texts):
            pairs = zip(names, texts, strict=True)
            lines.append("; ".join(f"{n}: {t}" if n else t for n, t in pairs if t))
        else:
            lines.append(" | ".join(filter(None, texts)))
    return [line for line in lines if line]
