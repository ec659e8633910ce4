"""What helpdesks call the columns of their exports, in four languages."""

import re
from collections.abc import Mapping, Sequence

# A zone that stands in a column's name, as Intercom writes it: "(America/New_York)".
_BRACKETS = re.compile(r"\(([^)]*)\)")

# What a ticket can have, and the columns that hold it: the first that a file has is taken.
# Zendesk, Freshdesk, Intercom, Help Scout and HubSpot, then what others use.
KNOWN: Mapping[str, Sequence[str]] = {
    "id": (
        "id", "ticket id", "ticket number", "ticket no", "conversation id", "number", "ticket",
        "case number", "case id", "sag id", "sagsnummer", "sag", "ærende", "ärende",
        "ärendenummer", "ärende id", "ticketnummer", "vorgangsnummer", "fallnummer", "nummer",
    ),
    "agent": (
        "assignee", "agent", "teammate currently assigned", "assigned to", "ticket owner",
        "owner", "assignee name", "agent name", "assigned agent", "closed by", "resolved by",
        "agent email", "assignee email", "tildelt", "tildelt til", "medarbejder", "sagsbehandler",
        "ansvarlig", "tilldelad", "tilldelad till", "handläggare", "ansvarig", "medarbetare",
        "bearbeiter", "mitarbeiter", "zugewiesen an", "zuständig", "zuständiger mitarbeiter",
    ),
    "topic": (
        "category", "topic", "topics", "contact reason", "issue type", "kategori", "emne type",
        "emneområde", "ärendetyp", "kategorie", "thema", "anliegen", "type", "typ",
    ),
    "tags": (
        "tags", "ticket tags", "conversation tag", "conversation tags", "labels", "etiketter",
        "taggar", "mærker", "schlagwörter", "schlagworte", "stichwörter",
    ),
    "subject": (
        "subject", "ticket name", "title", "conversation title", "summary", "emne", "overskrift",
        "ämne", "ärendemening", "rubrik", "betreff", "titel",
    ),
    "language": (
        "language", "locale", "ticket language", "requester language", "customer language",
        "conversation language",
        "sprog", "språk", "sprache",
    ),
    "channel": (
        "via", "channel", "source", "conversation channel", "kanal", "kilde", "källa", "quelle",
    ),
    "status": (
        "status", "ticket status", "state", "current conversation state", "tilstand", "zustand",
    ),
    "created": (
        "created at", "created time", "created", "create date", "created date", "date created",
        "conversation started at", "conversation created at", "created on", "requested",
        "oprettet", "oprettet den", "oprettelsesdato", "skapad", "skapat", "skapades",
        "erstellt", "erstellt am", "erstellungsdatum", "eingegangen am",
    ),
    "assigned": (
        "assigned at", "assigned time", "initially assigned at", "first assigned at",
        "owner assigned date", "tildelt den", "tilldelades", "zugewiesen am",
    ),
    "solved": (
        "solved at", "resolved time", "resolved at", "conversation last closed at", "solved",
        "resolved", "ticket last resolved", "closed time", "closed at", "close date", "closed",
        "closed on", "closed date", "date closed", "resolution date", "completed at",
        "conversation first closed at", "løst", "løst den", "lukket", "lukket den", "afsluttet",
        "löst", "löst den", "stängd", "stängt", "avslutad", "gelöst", "gelöst am",
        "geschlossen", "geschlossen am", "erledigt am", "abgeschlossen am",
    ),
    "replied": (
        "first reply time in minutes", "initial response time", "conversation first replied at",
        "first reply at", "first response at", "first replied at", "first response time",
        "time to first agent reply", "first agent email response date", "første svar",
        "första svar", "första svaret", "erste antwort",
    ),
    "reopens": (
        "reopens", "reopen count", "reopened", "conversation reopens", "times reopened",
        "number of reopens", "genåbnet", "genåbninger", "återöppnad", "återöppningar",
        "wiedereröffnet", "wiedereröffnungen",
    ),
    "rating": (
        "satisfaction score", "satisfaction rating", "survey results", "conversation rating",
        "last teammate rating", "satisfaction", "csat", "csat score", "rating", "happiness",
        "tilfredshed", "vurdering", "nöjdhet", "betyg", "zufriedenheit", "bewertung",
    ),
    "messages": (
        "customer interactions", "customer messages", "customer replies", "user replies",
        "number of customer messages", "kundebeskeder", "beskeder fra kunden", "kundmeddelanden",
        "meddelanden från kunden", "kundennachrichten", "nachrichten des kunden",
    ),
}  # fmt: skip
FIELDS = tuple(KNOWN)
NEEDED = ("id", "agent", "solved")  # and "created" or "assigned"
DATES = ("created", "assigned", "solved")

# A column that one helpdesk alone has.
_MARKS = {
    "zendesk": {"assignee stations", "group stations", "summation column", "satisfaction score"},
    "freshdesk": {"agent interactions", "initial response time", "survey results"},
    "intercom": {"teammate currently assigned", "current conversation state"},
    "hubspot": {"ticket owner", "ticket name"},
    "helpscout": {"mailbox", "threads"},
}


def plain(name: str) -> str:
    """Return a column's name as it is compared: no case, no brackets, single blanks."""
    return " ".join(re.sub(r"[\s_\-./:]+", " ", _BRACKETS.sub(" ", name)).casefold().split())


def bracketed(name: str) -> str:
    """Return what stands in brackets in a column's name, such as a time zone."""
    found = _BRACKETS.search(name)
    return found[1].strip() if found else ""


def find_columns(header: Sequence[str]) -> dict[str, str]:
    """Return which column of `header` holds each field, as far as the names tell."""
    by_name: dict[str, str] = {}
    for name in header:
        by_name.setdefault(plain(name), name)
    found = {}
    for field, names in KNOWN.items():
        match = next((by_name[name] for name in names if name in by_name), None)
        if match is not None:
            found[field] = match
    return found


def helpdesk_of(header: Sequence[str]) -> str:
    """Return which helpdesk wrote this header: its name, or "tickets"."""
    names = {plain(name) for name in header}
    return next((desk for desk, marks in _MARKS.items() if names & marks), "tickets")
