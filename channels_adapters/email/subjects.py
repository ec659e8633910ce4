"""Subjects of mails: what mail programs put before them, and what goes out."""

import re

LENGTH = 300  # characters that the core keeps

# Re and Fwd in English, Danish, Norwegian, Swedish, German, Finnish, Dutch, Icelandic, French,
# Spanish, Portuguese, Italian, Polish and Czech, with counters as in Re[2]: and Re(2):.
_PREFIX = re.compile(
    r"\s*(?:re|r|sv|svar|vs|antw|antwort|aw|odp|ref|res|rif|"
    r"fwd?|vb|vl|videresendt|vidarebefordrat|wg|doorst|fs|tr|rv|enc|i|pd)"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]",
    re.IGNORECASE,
)


def bare_subject(subject: str) -> str:
    """Return a subject without any Re:, Sv:, AW:, Fwd: and the like before it."""
    rest = subject
    while (found := _PREFIX.match(rest)) is not None:
        rest = rest[found.end() :]
    return " ".join(rest.split())[:LENGTH]


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: one `Re:`, which programs of all languages know."""
    return f"Re: {bare_subject(subject)}"
