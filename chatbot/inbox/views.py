"""The inbox's pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from chatbot.inbox.payloads import me_part
from chatbot.routing.selectors import profile_of


class InboxLogin(LoginView):
    """The agents' login."""

    template_name = "inbox/login.html"
    redirect_authenticated_user = True


@login_required
def inbox(request: HttpRequest, conversation: int | None = None) -> HttpResponse:
    """The inbox, perhaps with a conversation open; the rest is done over the API."""
    agent = profile_of(request.user)
    if agent is None:
        return render(request, "inbox/forbidden.html", status=403)
    boot: dict[str, Any] = {
        "me": me_part(agent).model_dump(mode="json"),
        "api": "/api/v1/inbox/",
        "ws": f"/ws/inbox/?language={get_language()}",
        "conversation": conversation,
        "language": get_language(),
    }
    return render(request, "inbox/inbox.html", {"boot": boot})
