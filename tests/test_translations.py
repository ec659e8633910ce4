"""Every sentence of ours is there in every language, with the same places to fill in."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from tests.world import ROOT

LANGUAGES = ("da", "sv", "de")
SOURCES = ("chatbot", "knowledge", "channels_adapters")
# Django's names for gettext's functions; 'c' marks the context, as in babel's own keywords.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACES = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[#0\- +]*[\d.]*[diouxXeEfFgGcrsa%]|\{\w*\}")

Key = tuple[str | None, str]  # context, and the text in the singular


def catalogue(language: str, domain: str) -> Catalog:
    """Return a catalogue as its translators left it."""
    path = ROOT / "chatbot" / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str, domain: str) -> Iterator[Message]:
    """Yield a catalogue's messages without its header."""
    return (message for message in catalogue(language, domain) if message.id)


def forms(texts: str | Iterable[str]) -> list[str]:
    """Return the singular and the plural, or the one text there is."""
    return [texts] if isinstance(texts, str) else list(texts)


def key(message: Message) -> Key:
    """Return under what gettext looks a message up."""
    return (message.context, forms(message.id)[0])


def places(text: str) -> list[str]:
    """Return the places to fill in, sorted: the order may differ between languages."""
    return sorted(place for place in PLACES.findall(text) if place != "%%")


def found(method: str, source: bytes) -> Iterator[Key]:
    """Yield what a source asks gettext for."""
    options = {"parse_template_string": True}  # of the JavaScript extractor
    for _line, texts, _comments, context in extract(
        method, BytesIO(source), keywords=KEYWORDS, options=options
    ):
        yield (context, forms(texts)[0])


def sources(pattern: str) -> Iterator[Path]:
    """Yield our own files that fit."""
    for room in SOURCES:
        yield from (
            path for path in sorted((ROOT / room).rglob(pattern)) if "migrations" not in path.parts
        )


def in_python() -> Iterator[tuple[Path, Key]]:
    """Yield what Python and templates ask for, with the file."""
    for path in sources("*.py"):
        for asked in found("python", path.read_bytes()):
            yield path, asked
    for path in sources("*.html"):
        # Django's own way: the template as calls of gettext, as makemessages sees it.
        calls = templatize(path.read_text("utf-8"), origin=str(path))
        for asked in found("python", calls.encode()):
            yield path, asked


def in_javascript() -> Iterator[tuple[Path, Key]]:
    """Yield what the inbox's scripts ask for, with the file."""
    for path in sorted((ROOT / "chatbot" / "inbox" / "static" / "inbox").rglob("*.js")):
        for asked in found("javascript", path.read_bytes()):
            yield path, asked


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_in_all_its_forms(language: str, domain: str) -> None:
    translated = catalogue(language, domain)
    for message in messages(language, domain):
        assert not message.fuzzy, message.id
        texts = forms(message.string)
        assert len(texts) == (1 if isinstance(message.id, str) else translated.num_plurals)
        assert all(text.strip() for text in texts), message.id


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_same_places_to_fill(language: str, domain: str) -> None:
    for message in messages(language, domain):
        wanted = [places(text) for text in forms(message.id)]
        for text in forms(message.string):
            # "one minute" may leave the number out, which the plural has.
            assert places(text) in wanted, (message.id, text)
        assert places(forms(message.string)[-1]) == wanted[-1], message.id


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_the_text_does(language: str, domain: str) -> None:
    """A lost full stop, ellipsis or blank shows; a lost line break breaks the layout."""
    for message in messages(language, domain):
        original, text = forms(message.id)[0], forms(message.string)[0]
        for edge in ("\n", " "):
            assert original.startswith(edge) == text.startswith(edge), original
            assert original.endswith(edge) == text.endswith(edge), original
        for sign in (".", "?", ":", "…", "!"):
            assert original.endswith(sign) == text.endswith(sign), (original, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("domain", "asked"), [("django", in_python), ("djangojs", in_javascript)])
def test_no_text_was_forgotten(language: str, domain: str, asked: object) -> None:
    assert callable(asked)
    known = {key(message) for message in messages(language, domain)}
    needed = list(asked())
    assert len(needed) > 50  # or the extraction does not see any
    missing = {(str(path.relative_to(ROOT)), *text) for path, text in needed if text not in known}
    assert not missing


@pytest.mark.parametrize(("domain", "asked"), [("django", in_python), ("djangojs", in_javascript)])
def test_no_translation_is_left_over(domain: str, asked: object) -> None:
    assert callable(asked)
    needed = {text for _path, text in asked()}
    for language in LANGUAGES:
        left = {key(message) for message in messages(language, domain)} - needed
        assert not left, language


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_all_languages_have_the_same_texts(domain: str) -> None:
    first, *others = ({key(message) for message in messages(la, domain)} for la in LANGUAGES)
    assert all(other == first for other in others)


def test_the_languages_are_those_of_the_settings() -> None:
    folders = {path.name for path in (ROOT / "chatbot" / "locale").iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES)
    assert {code for code, _name in settings.LANGUAGES} == {"en", *LANGUAGES}
