"""Strings that can be stored and shown: no NUL, no half surrogate pairs, no control characters."""

import re

SUBJECT_LENGTH = 300
NAME_LENGTH = 100
FILE_NAME_LENGTH = 120
ID_LENGTH = 500

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Marks that let "exe.fdp" read as "pdf.exe" (Unicode TR 36, 3.4).
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
_PATH = re.compile(r"[/\\]")


def clean_text(text: str) -> str:
    """Return text of many lines, which end with a line feed."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", _SURROGATES.sub("\ufffd", text)))


def clean_line(text: str, length: int) -> str:
    """Return text of one line: a subject or a name."""
    shown = _SPACES.sub(" ", clean_text(text[: length * 20]))
    return _DIRECTIONS.sub("", shown).strip()[:length].rstrip()


def clean_file_name(name: str) -> str:
    """Return a file's name without any folder; its ending stays where the name is too long."""
    name = clean_line(_PATH.split(name[:2000])[-1], 2000).strip(". ")
    if len(name) <= FILE_NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:FILE_NAME_LENGTH]
    return f"{stem[: FILE_NAME_LENGTH - len(ending) - 1]}.{ending}"
