"""The inbox's pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_info

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
        "translates": bool(settings.LANGUAGE_MODEL),
        "languages": [
            {"slug": code, "name": get_language_info(code)["name_local"].capitalize()}
            for code, _name in settings.LANGUAGES
        ],
    }
    # As the pages about knowledge ask, which are elsewhere: `chatbot.insights.access.may_draft`.
    drafts_articles = request.user.is_staff and request.user.has_perms(
        ["knowledge.change_article", "knowledge.add_article"]
    )
    return render(request, "inbox/inbox.html", {"boot": boot, "drafts_articles": drafts_articles})
