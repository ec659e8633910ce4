"""The pages on routing: what the team can and lacks, and how it goes where routing is followed."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chatbot.conversations.models import Channel
from chatbot.insights import routing_words as words
from chatbot.insights.access import page
from chatbot.insights.routing_access import may_see_routing, show, topic_names
from chatbot.routing.gaps import Known, Team, team
from chatbot.routing.models import RoutingSettings
from chatbot.routing.reports import Pair, suggested_and_actual
from chatbot.routing.service_levels import kept_promises

_PERIODS = (30, 90, 365)
_FOLLOWED, _OTHER = "#0d9488", "#b45309"


# --- What the team can and lacks --------------------------------------------------------------
@page(may_see_routing)
@require_GET
def competence_page(request: HttpRequest) -> HttpResponse:
    """Gaps by what they cost, who can what, and a table of agents by topics."""
    days = _days(request.GET.get("days"), 30)
    found = team(days=days)
    names = topic_names()
    return show(
        request,
        "competence",
        _("Competence"),
        days=days,
        periods=_PERIODS,
        gaps=[
            (
                gap,
                words.gap(gap, days=days, topic=names.get(gap.topic, gap.topic)),
                words.cost(gap),
            )
            for gap in found.gaps
        ],
        topics=[(names.get(topic.slug, topic.slug), topic) for topic in found.topics],
        columns=[names.get(slug, slug) for slug in found.columns],
        rows=_table(found),
        promises=kept_promises(since=timezone.now() - timedelta(days=days)),
    )


def _table(found: Team) -> list[tuple[str, list[tuple[Known, str] | None]]]:
    """Return a row for each agent of whom anything was learned, with how its cells are coloured."""
    rows = []
    for agent, name in found.agents:
        known = [found.known.get((agent, slug)) for slug in found.columns]
        if any(known):
            rows.append((name, [(one, _shade(one)) if one else None for one in known]))
    return rows


def _shade(known: Known) -> str:
    """Return how a cell looks, from much quicker than the team to much slower."""
    for shade, limit in (("quickest", 0.7), ("quick", 0.9), ("usual", 1.15), ("slow", 1.5)):
        if known.against_usual <= limit:
            return shade
    return "slowest"


# --- What was suggested and what was done -------------------------------------------------------
@page(may_see_routing)
@require_GET
def suggestions_page(request: HttpRequest) -> HttpResponse:
    """How conversations went whose agent was the suggested one, beside the others."""
    days = _days(request.GET.get("days"), 90)
    chosen = request.GET.get("channel", "")
    channel = (
        Channel.objects.filter(pk=chosen).first() if re.fullmatch(r"[0-9]{1,15}", chosen) else None
    )
    report = suggested_and_actual(days=days, channel_id=channel.pk if channel else None)
    names = topic_names()
    topics = [(names.get(slug, slug) or _("No topic"), pair) for slug, pair in report.topics]
    weeks = [(_week(monday), pair) for monday, pair in report.weeks]
    settings = RoutingSettings.objects.first() or RoutingSettings()
    return show(
        request,
        "suggestions",
        _("Suggested and actual"),
        days=days,
        periods=_PERIODS,
        channels=Channel.objects.order_by("pk"),
        channel=channel,
        mode=settings.get_mode_display(),
        report=report,
        lines=words.lines(report),
        within=report.minutes or report.escalated or report.rating,
        weeks=weeks,
        topics=topics,
        weeks_chart=_chart(weeks, {"pointRadius": 4, "borderWidth": 2, "spanGaps": True}),
        topics_chart=_chart(topics, {"maxBarThickness": 22, "borderRadius": 3}),
        options=json.dumps({**_OPTIONS, "scales": _scales(_("minutes"))}),
    )


def _days(chosen: str | None, usual: int) -> int:
    return next((days for days in _PERIODS if str(days) == chosen), usual)


def _week(monday: date) -> str:
    return date_format(monday, "SHORT_DATE_FORMAT")


_OPTIONS: Mapping[str, Any] = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": True, "position": "top", "align": "end"}},
}


def _scales(unit: str) -> dict[str, Any]:
    return {
        "x": {"grid": {"display": False}},
        "y": {"beginAtZero": True, "grid": {}, "title": {"display": True, "text": unit}},
    }


def _chart(rows: Sequence[tuple[str, Pair]], look: Mapping[str, Any]) -> str:
    """Return the data of a picture of Chart.js: both groups' median minutes, with their n."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 1)

    return json.dumps(
        {
            "labels": [f"{name} ({pair.followed_n} / {pair.other_n})" for name, pair in rows],
            "datasets": [
                {
                    "label": _("As suggested"),
                    "data": [rounded(pair.followed) for _name, pair in rows],
                    "borderColor": _FOLLOWED,
                    "backgroundColor": _FOLLOWED,
                    "pointStyle": "circle",
                    **look,
                },
                {
                    "label": _("Otherwise"),
                    "data": [rounded(pair.other) for _name, pair in rows],
                    "borderColor": _OTHER,
                    "backgroundColor": _OTHER,
                    "borderDash": [6, 4],
                    "pointStyle": "rect",
                    **look,
                },
            ],
        }
    )
