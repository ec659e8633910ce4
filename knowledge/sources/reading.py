"""Reads a document of any of the media types that we know into sections or pairs."""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes
from django.utils.translation import gettext_noop as _
from markdown_it import MarkdownIt

from knowledge.sources.documents import (
    CHARACTERS,
    CSV,
    HTML,
    MARKDOWN,
    PDF,
    Document,
    Section,
    Unreadable,
    clean,
    language_of,
    media_type_of,
    squeeze,
    unwrap,
)

BYTES = 20 * 1024 * 1024
MARKDOWN_CHARACTERS = (
    300_000  # its parser reads 200,000 a second, but hostile ones ten times slower
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# HTML standard, 13.2.3.2: a declaration within the first 1,024 bytes counts.
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
# What Windows and old servers write in our languages. With all its candidates, a few words of
# Danish in windows-1252 are taken for a charset of another continent.
_LIKELY = ["cp1252", "mac_roman", "cp865", "utf_16_le", "utf_16_be"]
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_SETTING = re.compile(r"^(title|lang|language|locale):[ \t]*(.+?)[ \t]*$", re.MULTILINE)


def read(content: bytes, media_type: str, *, name: str, charset: str = "") -> Document:
    """Return the document in `content`.

    `media_type` and `charset` are as declared, if they are; `name` is a file's name or an
    address's path: its suffix helps where the declaration is vague, and it is the title of
    documents without one. `language` in the result is what the document declares.

    Raises Unreadable, with a sentence for the person who added the document.
    """
    known = media_type_of(media_type, name)
    if known is None:
        raise Unreadable(
            _("%(name)s: only HTML, Markdown, PDF, text and CSV can be read."), name=name
        )
    if len(content) > BYTES:
        raise Unreadable(
            _("%(name)s is larger than %(most)d MB."), name=name, most=BYTES // 1024**2
        )
    title = squeeze(clean(name.rstrip("/").rpartition("/")[2]))[:200] or squeeze(clean(name))
    if known == PDF:
        from knowledge.sources.pdfs import read_pdf

        return read_pdf(content, name=title)
    if known == HTML:
        from knowledge.sources.webpages import read_html

        found = _META.search(content[:1024])
        inside = found[1].decode("ascii", "ignore") if found else ""
        return read_html(decode(content, charset, inside), name=title)
    text = decode(content, charset)
    if len(text) > CHARACTERS:
        raise Unreadable(
            _("%(name)s has more than %(most)s characters."), name=name, most=f"{CHARACTERS:,}"
        )
    if known == CSV:
        from knowledge.sources.tables import read_csv

        return read_csv(text, name=title)
    return _read_markdown(text, title) if known == MARKDOWN else _read_text(text, title)


def decode(content: bytes, *declared: str) -> str:
    """Return `content` as text: by its byte order mark, as declared, as UTF-8, or as guessed.

    Raises Unreadable for what is no text.
    """
    for mark, charset in _BOMS:
        if content.startswith(mark):
            return content.decode(charset, "replace")
    for charset in (*_usable(declared), "utf-8"):
        try:
            return _texty(content.decode(charset))
        except UnicodeDecodeError:
            continue
    guess = from_bytes(content, cp_isolation=_LIKELY).best()
    return _texty(str(guess) if guess is not None else content.decode("cp1252", "replace"))


def _usable(declared: Iterable[str]) -> Iterable[str]:
    for charset in declared:
        try:
            known = codecs.lookup(charset.strip()).name
        except (LookupError, ValueError):
            continue
        # WHATWG's Encoding standard: pages that say latin-1 mean windows-1252. Python's own
        # "charsets", such as one that decompresses, are none.
        if known in ("iso8859-1", "ascii"):
            yield "cp1252"
        elif re.match(r"(utf-|cp|windows|iso8859|mac|koi8|gb|big5|euc|shift)", known):
            yield known


def _texty(text: str) -> str:
    if "\x00" in text[:10_000]:
        raise Unreadable(_("The file holds no text, but something else."))
    return text


def _read_markdown(text: str, name: str) -> Document:
    """Read Markdown by way of the HTML that it stands for, so that one reader knows all rules."""
    from knowledge.sources.webpages import read_html

    if len(text) > MARKDOWN_CHARACTERS:
        raise Unreadable(
            _("%(name)s has more than %(most)s characters."),
            name=name,
            most=f"{MARKDOWN_CHARACTERS:,}",
        )
    text = clean(text)
    settings: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        settings = {key: value.strip("\"'") for key, value in _SETTING.findall(front[1])}
        text = text[front.end() :]
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    try:
        document = read_html(f"<main>{html}</main>", name=name)
    except Unreadable:
        if text.strip():
            raise
        raise Unreadable(_("%(name)s is empty."), name=name) from None
    language = settings.get("lang") or settings.get("language") or settings.get("locale")
    return Document(
        title=squeeze(settings.get("title", "")) or document.title,
        language=language_of(language),
        sections=document.sections,
    )


def _read_text(text: str, name: str) -> Document:
    text = unwrap(clean(text).replace("\t", " "))
    if not text:
        raise Unreadable(_("%(name)s is empty."), name=name)
    return Document(title=name, language="", sections=(Section(path=(), text=text),))
