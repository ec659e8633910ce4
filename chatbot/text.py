"""Words as all rooms compare them. Standard library only."""

import re
import unicodedata

_NO_WORD = re.compile(r"[^\w]+|_")


def normalise(text: str) -> str:
    """Return `text` in lower case with nothing but letters, digits and single blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return " ".join(_NO_WORD.sub(" ", folded).split())


_PARTICULARS = re.compile(
    r"(?:\b(?:my|min|mit|mein\w*)\s+)?\b(?:e-?mail|mail|mejl|e-?post)\w*\s*(?:address|adresse|adress)?"
    r"\s*(?:is|er|är|ist|:)?\s*[\w.+%-]+@[\w.-]+|"
    r"[\w.+%-]+@[\w.-]+|#?\b[A-Za-z]{0,4}-?\d{4,}\b|\b\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?\b"
)


def without_particulars(text: str) -> str:
    """Return `text` without numbers of orders, dates and addresses: no entry is about those.

    As it is where little else is said.
    """
    if "@" not in text and not any(character.isdigit() for character in text):
        return text
    bare = " ".join(_PARTICULARS.sub(" ", text).split())
    return bare if len(normalise(bare).split()) >= 2 else text
