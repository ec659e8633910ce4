"""What customers type where a number or an address is asked for, before it goes to a system.

A search of a system may be fuzzy, or read operators in what is typed. So what cannot be a number
or an address is never sent, and what comes back counts only if it is what was asked for.
"""

import re

_NUMBER = re.compile(r"[\w./:+ -]{1,64}")
_ADDRESS = re.compile(
    r"[^\s@\"'(),:;<>\[\\\]*]{1,64}@[^\s@\"'(),:;<>\[\\\]*&/]+\.[^\s@.\"'&*/]{2,63}"
)


def number_asked(typed: str) -> str:
    """Return the number in `typed` without its "#"; empty if it is none."""
    number = typed.strip().removeprefix("#").strip()
    if not _NUMBER.fullmatch(number) or not number.isprintable():
        return ""
    if any(char not in "./:+ -" for char in number) and not climbs(number):
        return number
    return ""


def climbs(value: str) -> bool:
    """Return whether a server that decodes `value` within a path may leave its folder by it."""
    return any(part.strip() in (".", "..") for part in re.split(r"[/\\]", value))


def address_asked(typed: str) -> str:
    """Return the email address in `typed`; empty if it is none."""
    address = typed.strip()
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        return ""
    return address


def is_same_number(found: str, asked: str) -> bool:
    """Return whether two numbers are the same but for case and "#"."""
    return _plain(found) == _plain(asked) != ""


def is_same_address(found: str, asked: str) -> bool:
    """Return whether two email addresses are the same in any case."""
    return found.strip().casefold() == asked.strip().casefold() != ""


def words_to_try(words: str) -> list[str]:
    """Return `words`, then what to search for where a system finds nothing by them.

    Shops' own searches forgive no typo; the beginnings of the longest words often are right.
    """
    plain = " ".join("".join(char if char.isprintable() else " " for char in words).split())[:100]
    long_words = sorted(
        (word for word in re.findall(r"\w+", plain) if len(word) >= 4 and word.isalpha()),
        key=len,
        reverse=True,
    )
    beginnings = (word[: max(4, len(word) - 3)] for word in long_words[:2])
    return list(dict.fromkeys(word for word in (plain, *beginnings) if re.search(r"\w", word)))


def _plain(number: str) -> str:
    return number.strip().removeprefix("#").strip().casefold()
