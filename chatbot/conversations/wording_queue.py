"""What customers who wait for a person are told, in their language. See `wording`."""

from datetime import datetime, timedelta

from babel.dates import format_date, format_time
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext, pgettext

_NEXT_WEEK = timedelta(days=6)  # from then on a weekday alone could be either
_HOURS_FROM = 90  # minutes


def queue_place(*, position: int, minutes: int) -> str:
    """Return what happens next when all who are at work have their hands full."""
    if position <= 1:
        return gettext("Everyone is busy right now. You are next, in %(wait)s.") % {
            "wait": about(minutes)
        }
    return gettext("Everyone is busy right now. You are number %(position)d in line, %(wait)s.") % {
        "position": position,
        "wait": about(minutes),
    }


def about(minutes: int) -> str:
    """Return a time to wait in words, as in "about 5 minutes"."""
    if minutes < _HOURS_FROM:
        return ngettext("about a minute", "about %(minutes)d minutes", minutes) % {
            "minutes": minutes
        }
    hours = (minutes + 30) // 60
    return ngettext("about %(hours)d hour", "about %(hours)d hours", hours) % {"hours": hours}


# --- While nobody is at work ------------------------------------------------------------------
def nobody_here(*, opens_at: datetime | None) -> str:
    """Return what happens next when nobody is at work."""
    if opens_at is None:
        return gettext(
            "Nobody is at the desk right now. Your question is kept, and we answer here "
            "as soon as somebody is back."
        )
    return gettext(
        "Nobody is at work right now. Your question is kept, and we answer here "
        "when we are back %(when)s."
    ) % {"when": _when(opens_at)}


def back(*, opens_at: datetime) -> str:
    """Stands behind a company's own words on being away: when people are back."""
    return gettext("We are back %(when)s.") % {"when": _when(opens_at)}


def leave_email() -> str:
    """Asked of a visitor of a website whom we could not reach otherwise."""
    return gettext("Leave your email, so that we can reach you when you have left this page.")


# How each language writes a day; Babel's own have the year as well.
_DAYS = {"da": "EEEE 'den' d. MMMM", "de": "EEEE, d. MMMM"}


def _when(moment: datetime) -> str:
    """Return `moment` as in "Monday at 09:00", in the site's zone; farther ahead with its date."""
    language = translation.get_language() or "en"
    locale = "en_GB" if language == "en" else language  # 24 hours, as in the other three
    local = timezone.localtime(moment)
    is_near = local.date() - timezone.localdate() < _NEXT_WEEK
    pattern = "EEEE" if is_near else _DAYS.get(language, "EEEE d MMMM")
    day = format_date(local.date(), pattern, locale=locale)
    time = format_time(local, "short", locale=locale)
    return pgettext("opening", "%(day)s at %(time)s") % {"day": day, "time": time}


# --- People first -----------------------------------------------------------------------------
def people_first() -> str:
    """Said first to a customer whom people answer, and not the bot."""
    return gettext("Thank you for writing.")


def offer(*, bot: str) -> str:
    """Offers the bot to somebody who waits; the buttons stand under it."""
    return gettext(
        "I'm %(bot)s, the bot. You can talk to me now, or keep your place and wait for a colleague."
    ) % {"bot": bot}


def talk_to_bot() -> str:
    """The button with which somebody who waits talks to the bot."""
    return pgettext("to the bot", "Talk to me now")


def keep_place() -> str:
    """The button with which somebody goes on waiting."""
    return gettext("Keep my place")


def place_kept(*, position: int, minutes: int) -> str:
    """Confirms in one line that somebody goes on waiting."""
    if position <= 1:
        return gettext("Your place is kept: you are next, in %(wait)s.") % {"wait": about(minutes)}
    return gettext("Your place is kept: you are number %(position)d in line, %(wait)s.") % {
        "position": position,
        "wait": about(minutes),
    }


def question_kept() -> str:
    """Confirms the same while nobody is at the desk, so that there is no time to tell."""
    return gettext("Your place is kept. We answer here as soon as somebody is back.")
