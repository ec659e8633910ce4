"""CSV to pairs of question and answer."""

import csv
import io
import re

from django.utils.translation import gettext_noop as _

from knowledge.sources.documents import Document, Pair, Unreadable, clean, language_of, squeeze

ROWS = 20_000
QUESTION = 300  # characters
ANSWER = 10_000
_COLUMNS = {
    "question": {"question", "questions", "q", "spørgsmål", "spørsmål", "fråga", "frage", "fragen"},
    "answer": {"answer", "answers", "a", "reply", "svar", "antwort", "antworten", "besvarelse"},
    "language": {"language", "lang", "locale", "sprog", "språk", "sprache"},
    "category": {"category", "topic", "kategori", "kategorie", "emne", "ämne", "thema"},
}
_LANGUAGES = {
    **dict.fromkeys(("english", "engelsk", "engelska", "englisch"), "en"),
    **dict.fromkeys(("danish", "dansk", "danska", "dänisch"), "da"),
    **dict.fromkeys(("swedish", "svensk", "svenska", "schwedisch"), "sv"),
    **dict.fromkeys(("german", "tysk", "tyska", "deutsch"), "de"),
    **dict.fromkeys(("norwegian", "norsk", "norska", "norwegisch", "bokmål"), "nb"),
}


def read_csv(text: str, *, name: str) -> Document:
    """Return the pairs of a table whose first row names its columns, in any of our languages.

    Columns are parted by semicolon, comma or tab; question and answer are needed, language and
    category may be there, others are left out, and so are empty rows.

    Raises Unreadable that names the row which is wrong, counted as spreadsheets do.
    """
    text = clean(text).lstrip("\n")
    # Excel's own way to say what parts the columns.
    declared = re.match(r"sep=(.)\n", text, re.IGNORECASE)
    first_row = 1
    if declared:
        text, first_row = text[declared.end() :], 2
    delimiter = declared[1] if declared else _delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    pairs: list[Pair] = []
    columns: dict[str, int] = {}
    width, number = 0, first_row - 1
    try:
        for number, row in enumerate(rows, start=first_row):  # told in the error
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns, width = _columns(cells), len(cells)
                continue
            if len(pairs) >= ROWS:
                raise Unreadable(_("The table has more than %(most)s rows."), most=f"{ROWS:,}")
            pairs.append(_pair(cells, columns, width, number))
    except csv.Error as error:
        raise Unreadable(
            _("Row %(row)d cannot be read; a quotation mark may be missing in it (%(reason)s)."),
            row=number + 1,
            reason=str(error),
        ) from error
    if not columns:
        raise Unreadable(_("The table is empty."))
    if not pairs:
        raise Unreadable(_("The table has a first row, but no questions under it."))
    languages = {pair.language for pair in pairs}
    return Document(
        title=name, language=languages.pop() if len(languages) == 1 else "", pairs=tuple(pairs)
    )


def _delimiter(text: str) -> str:
    """Return what parts the columns: that under which the first row names the most of them.

    Looking at names is surer than `csv.Sniffer`, which guesses from the text of the answers.
    """
    first = text.partition("\n")[0]
    return max(";,\t", key=lambda delimiter: len(_named(first.split(delimiter))))


def _named(cells: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for i, cell in enumerate(cells):
        word = squeeze(cell.strip().strip('"')).lower()
        for column, words in _COLUMNS.items():
            if word in words:
                found.setdefault(column, i)
    return found


def _columns(cells: list[str]) -> dict[str, int]:
    found = _named(cells)
    missing = [column for column in ("question", "answer") if column not in found]
    if missing:
        raise Unreadable(
            _(
                "The first row has to name the columns; there is none named %(missing)s. "
                "It says: %(row)s"
            ),
            missing=" / ".join(missing),
            row=", ".join(cells)[:200],
        )
    return found


def _pair(cells: list[str], columns: dict[str, int], width: int, number: int) -> Pair:
    if len(cells) > width and any(cells[width:]):
        raise Unreadable(
            _(
                "Row %(row)d has %(count)d columns and the first row %(width)d: text that holds "
                "the separator has to stand in quotation marks."
            ),
            row=number,
            count=len(cells),
            width=width,
        )
    value = {c: cells[i] if i < len(cells) else "" for c, i in columns.items()}
    question, answer = squeeze(value["question"]), value["answer"]
    if not question:
        raise Unreadable(_("Row %(row)d has no question."), row=number)
    if not answer:
        raise Unreadable(_("Row %(row)d has no answer."), row=number)
    for words, most in ((question, QUESTION), (answer, ANSWER)):
        if len(words) > most:
            raise Unreadable(
                _("Row %(row)d: a question or answer is longer than %(most)s characters."),
                row=number,
                most=f"{most:,}",
            )
    said = value.get("language", "")
    language = _LANGUAGES.get(said.lower()) or language_of(said)
    if said and not language:
        raise Unreadable(_("Row %(row)d: “%(said)s” is no language."), row=number, said=said[:40])
    return Pair(question, answer, language, squeeze(value.get("category", "")), number)
