"""Taking closed tickets of a helpdesk over: a file, how it is understood, and then its tickets.

Between the pages the file is kept beside the data, where no address leads, and is gone once it was
taken over, or after a day.
"""

import re
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminFileFieldWidget

from chatbot.conversations.models import private_files
from chatbot.insights.access import page
from chatbot.insights.routing_access import may_import_tickets, show, topic_names
from chatbot.insights.ticket_words import FIELD_NAMES
from chatbot.routing.importing import (
    MOST_BYTES,
    Choices,
    Unknown,
    Unreadable,
    helpdesks,
    look,
    take_back,
    take_over,
)
from chatbot.routing.models import AgentProfile
from chatbot.routing.tickets.columns import FIELDS

_FOLDER = "imports"
_KEPT = timedelta(days=1)
_MOST_NAMES = 100  # that are asked about on one page
gettext_noop("Choose file to upload")  # unfold's own, which it has in English only
SUBJECTS = 500  # newest tickets whose topic is read from their subject: about ten seconds


class FileForm(forms.Form):
    """The file, as large as it may be."""

    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={
            name: gettext_lazy("Choose a CSV file with tickets in it.")
            for name in ("required", "missing", "empty", "invalid")
        },
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Return the file. Raises ValidationError where it is too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            most = {"most": MOST_BYTES // 1024**2}
            raise ValidationError(_("The file is larger than %(most)d MB.") % most)
        return file


@page(may_import_tickets)
@require_http_methods(["GET", "POST"])
def tickets_page(request: HttpRequest) -> HttpResponse:
    """Where a file is chosen; and what was taken over before, which can be taken back."""
    if request.method == "POST" and "take_back" in request.POST:
        count = take_back(helpdesk=request.POST["take_back"][:100])
        messages.success(
            request,
            ngettext(
                "%(count)d ticket was taken back.", "%(count)d tickets were taken back.", count
            )
            % {"count": count},
        )
        return redirect("insights-tickets")
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        _keep(request, form.cleaned_data["file"])
        return redirect("insights-tickets-check")
    return show(
        request,
        "tickets",
        _("Import closed tickets"),
        form=form,
        most=MOST_BYTES // 1024**2,
        helpdesks=helpdesks(),
    )


@page(may_import_tickets)
@require_http_methods(["GET", "POST"])
def tickets_check_page(request: HttpRequest) -> HttpResponse:
    """How the file is understood, to be corrected, and then taken over."""
    kept = request.session.get("tickets")
    if not isinstance(kept, dict) or not private_files().exists(str(kept.get("file"))):
        messages.info(request, _("Choose the file again: it is kept for a day."))
        return redirect("insights-tickets")
    choices = _choices(request) if request.method == "POST" else Choices(subjects=SUBJECTS)
    context: dict[str, Any] = {"file": kept["name"]}
    with private_files().open(kept["file"]) as opened:
        file = cast(BinaryIO, opened.file)
        try:
            if request.POST.get("do") == "take":
                context["summary"] = take_over(file=file, choices=choices)
            else:
                context |= _shown(file, choices)
        except Unreadable as error:
            messages.error(request, str(error))
            return redirect("insights-tickets")
        except Unknown as error:
            messages.error(request, str(error))
            context |= _shown(file, Choices(subjects=SUBJECTS))
    if "summary" in context:
        _forget(request)
        return show(request, "tickets_done", _("Import closed tickets"), **context)
    return show(request, "tickets_check", _("Import closed tickets"), **context)


def _shown(file: BinaryIO, choices: Choices) -> dict[str, Any]:
    found = look(file=file, choices=choices)
    names = topic_names()
    agents = AgentProfile.objects.select_related("user").order_by("name")
    people = {agent.pk: agent.name for agent in agents}
    return {
        "look": found,
        "fields": [(name, FIELD_NAMES[name], found.columns.get(name, "")) for name in FIELDS],
        "missing": [FIELD_NAMES[name] for name in found.missing],
        # What was chosen before stays to be seen, and to be changed.
        "names": [
            *((name, "", choices.agents[name]) for name in choices.agents),
            *((name, count, None) for name, count in found.agents[:_MOST_NAMES]),
        ],
        "words": [
            *((word, "", choices.topics[word]) for word in choices.topics),
            *((word, count, None) for word, count in found.topics[:_MOST_NAMES]),
        ],
        "more_names": max(0, len(found.agents) - _MOST_NAMES),
        "more_words": max(0, len(found.topics) - _MOST_NAMES),
        "people": [(agent.user.get_username(), agent.name) for agent in agents],
        "topics": sorted(names.items(), key=lambda item: item[1]),
        "shown": [
            (ticket, people.get(ticket.agent, ""), names.get(ticket.topic, ticket.topic))
            for ticket in found.shown
        ],
        "order": choices.order or "",
        "usual_zone": settings.TIME_ZONE,
        "subjects": choices.subjects,
        "most_subjects": SUBJECTS,
    }


def _choices(request: HttpRequest) -> Choices:
    """Return what the form says; names stand beside what they mean."""
    sent = request.POST
    order = sent.get("order")
    return Choices(
        columns={name: sent[f"column_{name}"][:500] for name in FIELDS if f"column_{name}" in sent},
        agents=_said(sent.getlist("agent_name"), sent.getlist("agent_is")),
        topics=_said(sent.getlist("topic_word"), sent.getlist("topic_is")),
        helpdesk=sent.get("helpdesk", "")[:60],
        order="day" if order == "day" else "month" if order == "month" else None,
        zone=sent.get("zone", "").strip()[:60],
        subjects=SUBJECTS if sent.get("subjects") else 0,
    )


def _said(names: list[str], meant: list[str]) -> dict[str, str]:
    """Return what each name means: "-" nobody or nothing, empty not decided."""
    pairs = zip(names, meant, strict=False)
    return {name[:200]: "" if what == "-" else what[:200] for name, what in pairs if what}


# --- The file -------------------------------------------------------------------------------------
def _keep(request: HttpRequest, file: UploadedFile[Any]) -> None:
    _forget(request)
    _forget_old()
    kept = private_files().save(f"{_FOLDER}/{secrets.token_hex(16)}", file)
    name = re.sub(r"[^\w .()-]", "", file.name or "")[:100]
    request.session["tickets"] = {"file": kept, "name": name or "CSV"}


def _forget(request: HttpRequest) -> None:
    kept = request.session.pop("tickets", None)
    if isinstance(kept, dict):
        private_files().delete(str(kept["file"]))


def _forget_old() -> None:
    """Drop the files that somebody left without deciding."""
    storage = private_files()
    with suppress(FileNotFoundError):
        for name in storage.listdir(_FOLDER)[1]:
            path = f"{_FOLDER}/{name}"
            if storage.get_modified_time(path) < timezone.now() - _KEPT:
                storage.delete(path)
