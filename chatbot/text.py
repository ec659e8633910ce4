"""Words as all rooms compare them. Standard library only."""

import re
import unicodedata

_NO_WORD = re.compile(r"[^\w]+|_")


def normalise(text: str) -> str:
    """Return `text` in lower case with nothing but letters, digits and single blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return " ".join(_NO_WORD.sub(" ", folded).split())
