"""The pages where customers follow their parcels, by carrier."""

import re
from urllib.parse import quote

_GLS_PAGES = {
    "da": "https://gls-group.com/DK/da/find-pakke?match={number}",
    "de": "https://gls-group.com/DE/de/paketverfolgung/?match={number}",
}
_PAGES = {
    "bring": "https://tracking.bring.com/tracking/{number}?lang={language}",
    "budbee": "https://tracking.budbee.com/{number}",
    "dao": "https://www.dao.as/privat/find-din-pakke?stregkode={number}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
    "instabee": "https://track.instabee.com/{number}",
    "postnord": "https://portal.postnord.com/tracking/details/{number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
}
_ALIASES = {"instabox": "instabee", "posten": "bring", "dao365": "dao"}


def plain_carrier(carrier: str) -> str:
    """Return the short name of a carrier as shops write it: postnord for "PostNord Sverige AB"."""
    words = re.split(r"[^a-z0-9]+", carrier.strip().lower())
    return _ALIASES.get(words[0], words[0])


def tracking_url(carrier: str, number: str, language: str) -> str:
    """Return the carrier's page for the parcel; empty for a carrier that is not known here."""
    name = plain_carrier(carrier)
    short = language.lower()[:2] if language.isascii() and language[:2].isalpha() else "en"
    if name == "gls":
        page = _GLS_PAGES.get(
            short, "https://gls-group.com/GROUP/en/parcel-tracking/?match={number}"
        )
    else:
        page = _PAGES.get(name, "")
    parcel = number.strip()
    if not page or not parcel:
        return ""
    return page.format(
        number=quote(parcel, safe="", errors="replace").replace(".", "%2E"), language=short
    )
